//! The family's unsolicited result codes, and what it leaves out.

use super::base::RESULTS;
use super::codes::{self, INDEX};
use super::file;
use crate::command::{Field, Meaning, Origin};
use crate::handler::shared::meaning::{self, errors};
use crate::ledger::{Gap, Ledger, Urc};

pub(crate) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &ERRORS,
};

const BASE: &str = "docs/spec/quectel.md 10";
const EVENTS: &str = "docs/spec/quectel.md 7.3";

/// A result code of docs/spec/quectel.md 10, all of which were seen in the field.
const fn base(shape: &'static str, when: &'static str) -> Urc {
    Urc::manual(shape, BASE, when).origin(Origin::Field)
}

static URCS: [Urc; 41] = [
    Urc::manual(
        "+QMTOPEN: <client_idx>,<result>",
        "docs/spec/quectel.md 3.2",
        "opening ended",
    )
    .fields(&OPENED),
    Urc::manual(
        "+QMTCLOSE: <client_idx>,<result>",
        "docs/spec/quectel.md 3.3",
        "the host closed a connection",
    )
    .fields(&DONE),
    Urc::manual(
        "+QMTCONN: <client_idx>,<result>,<ret_code>",
        "docs/spec/quectel.md 3.4",
        "CONNACK came",
    )
    .fields(&CONNECTED),
    Urc::manual(
        "+QMTCONN: <client_idx>,<result>",
        "docs/spec/quectel.md 3.4",
        "no CONNACK came",
    )
    .fields(&CONNECTED),
    Urc::manual(
        "+QMTDISC: <client_idx>,<result>",
        "docs/spec/quectel.md 3.5",
        "DISCONNECT was written, or could not be",
    )
    .fields(&DONE),
    Urc::manual(
        "+QMTSUB: <client_idx>,<msgid>,<result>,<value>",
        "docs/spec/quectel.md 3.6",
        "SUBACK came, or another try",
    )
    .fields(&REQUESTED),
    Urc::manual(
        "+QMTSUB: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.6",
        "no SUBACK came",
    )
    .fields(&REQUESTED),
    Urc::manual(
        "+QMTUNS: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.7",
        "UNSUBACK came, or another try or the end of patience",
    )
    .fields(&REQUESTED),
    Urc::manual(
        "+QMTUNS: <client_idx>,<msgid>,<result>,<count>",
        "docs/spec/quectel.md 3.7",
        "the packet was sent again",
    )
    .fields(&REQUESTED),
    Urc::manual(
        "+QMTPUBEX: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.8",
        "a publish is done, was sent again or given up",
    )
    .fields(&REQUESTED),
    Urc::manual(
        "+QMTPUBEX: <client_idx>,<msgid>,<result>,<count>",
        "docs/spec/quectel.md 3.8",
        "the packet was sent again",
    )
    .fields(&REQUESTED),
    Urc::manual(
        "+QMTPUB: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.9",
        "the same, of AT+QMTPUB and of a message in the line of AT+QMTPUBEX",
    )
    .fields(&REQUESTED)
    .origin(Origin::Field),
    Urc::manual(
        "+QMTPUB: <client_idx>,<msgid>,<result>,<count>",
        "docs/spec/quectel.md 3.9",
        "the packet was sent again",
    )
    .fields(&REQUESTED)
    .origin(Origin::Field),
    Urc::manual(
        "+QMTRECV: <client_idx>,<msgid>,\"<topic>\",\"<payload>\"",
        "docs/spec/quectel.md 5.1",
        "a message came",
    )
    .fields(&MESSAGE),
    Urc::manual(
        "+QMTRECV: <client_idx>,<msgid>,\"<topic>\",<payload_len>,\"<payload>\"",
        "docs/spec/quectel.md 5.1",
        "a message came, with its length",
    )
    .fields(&MESSAGE),
    Urc::manual(
        "+QMTRECV: <client_idx>,<recv_id>",
        "docs/spec/quectel.md 5.2",
        "a message fills a slot",
    )
    .fields(&MESSAGE),
    Urc::manual(
        "+QMTSTAT: <client_idx>,<err_code>",
        EVENTS,
        "a connection ended",
    )
    .fields(&STAT),
    Urc::manual(
        "+QMTPING: <client_idx>,<result>",
        "docs/spec/quectel.md 7.5",
        "the server does not answer",
    )
    .fields(&PING),
    base("RDY", "the module has booted"),
    base("+CFUN: <fun>", "the module has booted").fields(&FUNCTIONALITY),
    base("+CPIN: <code>", "the SIM is ready, gone, or wants its PIN").fields(&PIN_CODE),
    base("+QUSIM: <type>", "the SIM is ready").fields(&SIM_TYPE),
    base(
        "+QSIMSTAT : <enable>,<inserted_status>",
        "the SIM was taken out or put in, AT+QSIMSTAT=1",
    )
    .fields(&SLOT),
    base("+QIND: PB DONE", "the phone book is ready"),
    base("+QIND: SMS DONE", "messages are ready"),
    base("POWERED DOWN", "the module has switched off"),
    base("+CREG: <stat>", "registration changed, AT+CREG=1").fields(&REGISTRATION),
    base(
        "+CREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CREG=2",
    )
    .fields(&REGISTRATION),
    base("+CGREG: <stat>", "registration changed, AT+CGREG=1").fields(&REGISTRATION),
    base(
        "+CGREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CGREG=2",
    )
    .fields(&REGISTRATION),
    base("+CEREG: <stat>", "registration changed, AT+CEREG=1").fields(&REGISTRATION),
    base(
        "+CEREG: <stat>,\"<tac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CEREG=2",
    )
    .fields(&REGISTRATION),
    base(
        "+QIURC: \"pdpdeact\",<contextID>",
        "the network took a PDP context down",
    ),
    base(
        "+QIURC: \"dnsgip\",<err>,<IP_count>,<DNS_ttl>",
        "a name was looked up",
    )
    .fields(&LOOKED_UP),
    base("+QIURC: \"dnsgip\",<err>", "a name could not be looked up").fields(&LOOKED_UP),
    base(
        "+QIURC: \"dnsgip\",\"<hostIPaddr>\"",
        "an address of the name",
    ),
    base("+QNTP: <err>,\"<time>\"", "a time server answered").fields(&LOOKED_UP),
    base("+QNTP: <err>", "a time server did not answer").fields(&LOOKED_UP),
    base(
        "+QPING: <err>,\"<IP_address>\",<bytes>,<time>,<ttl>",
        "an echo came back",
    )
    .fields(&LOOKED_UP),
    base(
        "+QPING: <err>,<sent>,<rcvd>,<lost>,<min>,<max>,<avg>",
        "all echoes came back",
    )
    .fields(&LOOKED_UP),
    base(
        "+QPING: <err>",
        "the name was not found, or the context went down",
    )
    .fields(&LOOKED_UP),
];

static OPENED: [Field; 2] = [
    INDEX,
    Field::new("result", "how opening ended").values(&codes::OPEN),
];
static DONE: [Field; 2] = [
    INDEX,
    Field::new("result", "how it ended").values(&codes::DONE),
];
static CONNECTED: [Field; 3] = [
    INDEX,
    Field::new("result", "whether CONNACK came").values(&codes::CONNECT),
    Field::new("ret_code", "what CONNACK said").values(&codes::CONNACK),
];
static REQUESTED: [Field; 5] = [
    INDEX,
    Field::new("msgid", "message id of the command"),
    Field::new("result", "how it ended").values(&codes::REQUEST),
    Field::new(
        "value",
        "with result 0, the QoS granted for each filter, 128 for refused; with 1, how often it was sent again",
    ),
    Field::new("count", "how often it was sent again"),
];
static MESSAGE: [Field; 4] = [
    INDEX,
    Field::new("msgid", "packet identifier, 0 at QoS 0"),
    Field::new("payload_len", "bytes of the payload"),
    Field::new(
        "recv_id",
        "slot of the message, 0 to 4; AT+QMTRECV reads it",
    ),
];
static STAT: [Field; 2] = [INDEX, Field::new("err_code", "why").values(&codes::STAT)];
static PING: [Field; 2] = [
    INDEX,
    Field::new("result", "how it ended").values(&codes::PING),
];
static FUNCTIONALITY: [Field; 1] =
    [Field::new("fun", "how much is on").values(&meaning::FUNCTIONALITY)];
static PIN_CODE: [Field; 1] = [Field::new("code", "the SIM").values(&meaning::PIN_CODES)];
static SIM_TYPE: [Field; 1] = [Field::new("type", "kind of card").values(&SIM_TYPES)];
static SIM_TYPES: [Meaning; 2] = [Meaning::new("0", "SIM"), Meaning::new("1", "USIM")];
static SLOT: [Field; 2] = [
    Field::new("enable", "AT+QSIMSTAT"),
    Field::new("inserted_status", "the slot").values(&SLOTS),
];
static SLOTS: [Meaning; 2] = [
    Meaning::new("0", "the SIM was taken out"),
    Meaning::new("1", "a SIM was put in"),
];
static REGISTRATION: [Field; 2] = [meaning::STATUS, meaning::ACT];
static LOOKED_UP: [Field; 1] = [Field::new("err", "result").values(&RESULTS)];

/// Error numbers of `+CME ERROR:`.
static ERRORS: [Meaning; 24] = [
    errors::NOT_ALLOWED,
    errors::SIM_NOT_INSERTED,
    errors::SIM_PIN_REQUIRED,
    errors::SIM_PUK_REQUIRED,
    errors::SIM_FAILURE,
    errors::SIM_BUSY,
    errors::INCORRECT_PASSWORD,
    errors::NO_NETWORK_SERVICE,
    errors::INCORRECT_PARAMETERS,
    file::MEANINGS[0],
    file::MEANINGS[1],
    file::MEANINGS[2],
    file::MEANINGS[3],
    file::MEANINGS[4],
    file::MEANINGS[5],
    file::MEANINGS[6],
    file::MEANINGS[7],
    file::MEANINGS[8],
    file::MEANINGS[9],
    file::MEANINGS[10],
    file::MEANINGS[11],
    file::MEANINGS[12],
    Meaning::new("504", "positioning is on already").remedy("AT+QGPSEND switches it off"),
    Meaning::new("505", "positioning is off").remedy("AT+QGPS=1 switches it on"),
];

static GAPS: [Gap; 8] = [
    Gap {
        what: "AT+QINDCFG, AT+QIURC, AT+CTZR, AT+QSCLK, AT+QCFG",
        section: BASE,
        why: "the values are kept and read back, and have no further effect: the module never sleeps \
              and has no such events",
    },
    Gap {
        what: "AT+QPING, AT+QNTP",
        section: BASE,
        why: "the name is resolved for real; round-trip times are sample values, and the time is that \
              of the computer",
    },
    Gap {
        what: "short messages and calls",
        section: BASE,
        why: "outside the MQTT interface; only the settings drivers send first are answered",
    },
    Gap {
        what: "ATD, AT+CGDATA",
        section: "docs/spec/quectel.md 10.2",
        why: "ERROR, and the log says why: the module makes no calls and speaks no PPP",
    },
    Gap {
        what: "AT+QGPS, AT+QTEMP, AT+CSUB",
        section: "docs/spec/quectel.md 10.2",
        why: "positioning is switched on and off and finds no position; temperatures and the edition \
              are sample values",
    },
    Gap {
        what: "AT+QMTCFG \"hwauth\", \"hwprodid\" (EG25-G)",
        section: "docs/spec/quectel.md 3.1",
        why: "kept and read back; CONNECT carries what AT+QMTCONN says",
    },
    Gap {
        what: "AT+IPR, AT+IFC, AT&C, AT&D on a pseudo-terminal or a socket",
        section: BASE,
        why: "kept and read back; such a line has no speed, no flow control and no modem lines",
    },
    Gap {
        what: "SSL 3.0, TLS 1.0 and 1.1, suites with RSA key exchange or CBC, PSK",
        section: "docs/spec/quectel.md 9.1",
        why: "the TLS library has none of them: the handshake fails with the module's own code and the \
              log says why",
    },
];
