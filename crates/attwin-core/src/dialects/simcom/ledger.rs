//! The module's unsolicited result codes, and what it leaves out.

use super::base::{power, registration, sockets, time};
use super::code;
use crate::command::{Field, Meaning, Origin};
use crate::handler::shared::meaning::errors;
use crate::ledger::{Gap, Ledger, Urc};

pub(crate) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &ERRORS,
};

const BASE: &str = "docs/spec/simcom.md 10";

/// A result code of docs/spec/simcom.md 10, seen in the field or in siblings' manuals.
const fn base(shape: &'static str, when: &'static str) -> Urc {
    Urc::manual(shape, BASE, when).origin(Origin::Field)
}

static RX: [Field; 7] = [
    Field::new("client_index", "the client; 0 is the only one"),
    Field::new("topic_total_len", "bytes of the topic"),
    Field::new("payload_total_len", "bytes of the payload"),
    Field::new("sub_topic_len", "bytes of the piece of topic that follows"),
    Field::new("sub_topic", "a piece of the topic, bytes as they came"),
    Field::new(
        "sub_payload_len",
        "bytes of the piece of payload that follows",
    ),
    Field::new("sub_payload", "a piece of the payload, bytes as they came"),
];
static NTP: [Field; 1] = [Field::new("err", "how it ended").values(&time::ERRORS)];
static NET: [Field; 1] = [Field::new("err", "how it ended").values(&sockets::RESULTS)];

/// Error numbers under AT+CMEE=1; commands of MQTT, TLS and certificates have
/// none (docs/spec/simcom.md 2.7).
static ERRORS: [Meaning; 9] = [
    errors::NOT_ALLOWED,
    errors::SIM_NOT_INSERTED,
    errors::SIM_PIN_REQUIRED,
    errors::SIM_PUK_REQUIRED,
    errors::SIM_FAILURE,
    errors::SIM_BUSY,
    errors::INCORRECT_PASSWORD,
    errors::NO_NETWORK_SERVICE,
    errors::INCORRECT_PARAMETERS,
];

static URCS: [Urc; 28] = [
    Urc::manual(
        "+CMQTTSTART: <err>",
        "docs/spec/simcom.md 3.1",
        "the service was started, or not",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTSTOP: <err>",
        "docs/spec/simcom.md 3.2",
        "the service was stopped",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTCONNECT: <client_index>,<err>",
        "docs/spec/simcom.md 3.8",
        "connecting ended",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTDISC: <client_index>,<err>",
        "docs/spec/simcom.md 3.9",
        "disconnecting ended",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTPUB: <client_index>,<err>",
        "docs/spec/simcom.md 3.12",
        "a publish is done, or failed",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTSUB: <client_index>,<err>",
        "docs/spec/simcom.md 3.13",
        "a subscription is done, or failed",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTUNSUB: <client_index>,<err>",
        "docs/spec/simcom.md 3.15",
        "a subscription is given up, or not",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTCONNLOST: <client_index>,<cause>",
        "docs/spec/simcom.md 5.1",
        "the connection was lost",
    )
    .fields(&code::FIELDS),
    Urc::manual(
        "+CMQTTRXSTART: <client_index>,<topic_total_len>,<payload_total_len>\r\n\
         +CMQTTRXTOPIC: <client_index>,<sub_topic_len>\r\n<sub_topic>\r\n\
         +CMQTTRXPAYLOAD: <client_index>,<sub_payload_len>\r\n<sub_payload>\r\n\
         +CMQTTRXEND: <client_index>",
        "docs/spec/simcom.md 5.2",
        "a message came",
    )
    .fields(&RX),
    Urc::manual(
        "+CMQTTRXSTART: <client_index>,<topic_total_len>,0\r\n\
         +CMQTTRXTOPIC: <client_index>,<sub_topic_len>\r\n<sub_topic>\r\n\r\n\
         +CMQTTRXEND: <client_index>",
        "docs/spec/simcom.md 5.3",
        "a message without payload came",
    )
    .fields(&RX)
    .origin(Origin::Field),
    Urc::manual(
        "+CMQTTRXSTART: <client_index>,<topic_total_len>,<payload_total_len>\r\n\
         +CMQTTRXTOPIC: <client_index>,<sub_topic_len>,<sub_topic>\r\n\
         +CMQTTRXPAYLOAD: <client_index>,<sub_payload_len>,<sub_payload>\r\n\
         +CMQTTRXEND: <client_index>",
        "docs/spec/simcom.md 5.6",
        "the same with quirk rx_inline, for M5Stack's driver",
    )
    .fields(&RX)
    .origin(Origin::Field),
    Urc::manual(
        "+CMQTTNONET",
        "docs/spec/simcom.md 5.1",
        "the network is gone, with quirk nonet_urc",
    )
    .origin(Origin::Field),
    Urc::manual("RDY", "docs/spec/simcom.md 1", "the module has booted").origin(Origin::Field),
    Urc::manual(
        "+CPIN: <code>",
        "docs/spec/simcom.md 1",
        "the SIM is ready, or wants its PIN",
    )
    .origin(Origin::Field),
    Urc::manual(
        "NORMAL POWER DOWN",
        "docs/spec/simcom.md 1",
        "the module switches off",
    )
    .origin(Origin::Field),
    base("+CREG: <stat>", "registration changed, AT+CREG=1").fields(&registration::FIELDS),
    base(
        "+CREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CREG=2",
    )
    .fields(&registration::FIELDS),
    base("+CGREG: <stat>", "registration changed, AT+CGREG=1").fields(&registration::FIELDS),
    base(
        "+CGREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CGREG=2",
    )
    .fields(&registration::FIELDS),
    base("+CEREG: <stat>", "registration changed, AT+CEREG=1 and up").fields(&registration::FIELDS),
    base(
        "+CEREG: <stat>,\"<tac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CEREG=2 and up",
    )
    .fields(&registration::FIELDS),
    base(
        "+CEREG: <stat>,,,,<cause_type>,<reject_cause>",
        "registration was denied, AT+CEREG=3 and 5",
    )
    .fields(&registration::FIELDS)
    .origin(Origin::Decision),
    base(
        "+CEREG: <stat>,\"<tac>\",\"<ci>\",<AcT>,,,\"<Active-Time>\",\"<Periodic-TAU>\"",
        "registration changed, AT+CEREG=4 and 5, with power saving mode on",
    )
    .fields(&registration::FIELDS)
    .origin(Origin::Decision),
    Urc::manual(
        "+CEDRXP: <AcT-type>,\"<requested_value>\",\"<NW_value>\",\"<PTW>\"",
        "docs/spec/simcom.md 10.1",
        "the network granted eDRX, AT+CEDRXS=2",
    )
    .fields(&power::EDRX_FIELDS)
    .origin(Origin::Decision),
    base("+CNTP: <err>", "a time server answered, or did not").fields(&NTP),
    base("+CSNTP: <time>", "a time server answered AT+CSNTPSTART"),
    base("+NETOPEN: <err>", "the socket service was opened, or not").fields(&NET),
    base("+NETCLOSE: <err>", "the socket service was closed").fields(&NET),
];

static GAPS: [Gap; 16] = [
    Gap {
        what: "<err> 5 and 8",
        section: "docs/spec/simcom.md 3.0",
        why: "the manual names them and the specification gives no condition under which they occur: closing a \
              socket and a network cannot fail here",
    },
    Gap {
        what: "<err> 23",
        section: "docs/spec/simcom.md 3.1",
        why: "only with quirk start_urc_first, as on SIM7600",
    },
    Gap {
        what: "publishes after a reconnect with clean_session 0",
        section: "docs/spec/simcom.md 7",
        why: "nothing is sent again: a publish whose result was 6 or 17 is the host's to repeat. What the server \
              kept for the client it delivers as usual",
    },
    Gap {
        what: "messages with a topic beyond 1024 bytes or a payload beyond 10240",
        section: "docs/spec/simcom.md 5.4",
        why: "acknowledged and dropped, and the log says so",
    },
    Gap {
        what: "data on the header lines of a message",
        section: "docs/spec/simcom.md 5.6",
        why: "as M5Stack's MicroPython driver for SIM7028 reads it, against the manual: only with quirk rx_inline",
    },
    Gap {
        what: "wildcard certificates refused by the module",
        section: "docs/spec/simcom.md 9.1",
        why: "one series of reports, cause unconfirmed: only with quirk tls_refuse_wildcard",
    },
    Gap {
        what: "+CMQTTPING",
        section: "docs/spec/simcom.md 5.1",
        why: "siblings only",
    },
    Gap {
        what: "DUP of AT+CMQTTSUB and AT+CMQTTUNSUB",
        section: "docs/spec/simcom.md 3.13",
        why: "accepted without effect: SUBSCRIBE and UNSUBSCRIBE have no DUP at MQTT 3.1.1",
    },
    Gap {
        what: "AT+CMQTTSUB? beyond 16 KiB",
        section: "docs/spec/simcom.md 3.13",
        why: "what is subscribed to beyond that is not listed; the manual names no limit",
    },
    Gap {
        what: "AT+CIPOPEN, AT+CCH…, AT+CHTTP… and other services",
        section: "docs/spec/simcom.md 9.1",
        why: "outside the MQTT interface; only the settings hosts send on their way are answered",
    },
    Gap {
        what: "ATD, AT+CGDATA and PPP",
        section: BASE,
        why: "outside the MQTT interface: ERROR, and the log says so",
    },
    Gap {
        what: "AT+CNTP, AT+CSNTPSTART",
        section: BASE,
        why: "the name is resolved for real; the time is that of the computer",
    },
    Gap {
        what: "AT+QCBAND, AT+CNMP, AT+CMNB, AT+CGAUTH",
        section: BASE,
        why: "kept, without effect: the network is there on every band and lets everyone in; the cell AT+CPSI \
              names is a sample",
    },
    Gap {
        what: "AT+CSCLK, AT+ICF, AT+QCLEDMODE, AT+CIP…",
        section: BASE,
        why: "accepted or kept, without effect: a twin's line is no UART and is never switched off",
    },
    Gap {
        what: "power saving mode switches the serial line off",
        section: "docs/spec/simcom.md 10.1",
        why: "any command wakes the module here; a real one is woken with PWRKEY or by its own update",
    },
    Gap {
        what: "SSL 3.0, TLS 1.0 and 1.1",
        section: "docs/spec/simcom.md 9.1",
        why: "the TLS library has none of them: the handshake fails with code 32 and the log says why",
    },
];
