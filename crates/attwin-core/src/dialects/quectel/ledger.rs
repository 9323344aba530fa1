//! The family's unsolicited result codes, and what it leaves out.

use crate::command::Origin;
use crate::ledger::{Gap, Ledger, Urc};

pub(crate) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &[],
};

const BASE: &str = "docs/spec/quectel.md 10";
const EVENTS: &str = "docs/spec/quectel.md 7.3";

/// A result code of docs/spec/quectel.md 10, all of which were seen in the field.
const fn base(shape: &'static str, when: &'static str) -> Urc {
    Urc::manual(shape, BASE, when).origin(Origin::Field)
}

static URCS: [Urc; 33] = [
    Urc::manual(
        "+QMTOPEN: <client_idx>,<result>",
        "docs/spec/quectel.md 3.2",
        "opening ended",
    ),
    Urc::manual(
        "+QMTCLOSE: <client_idx>,<result>",
        "docs/spec/quectel.md 3.3",
        "the host closed a connection",
    ),
    Urc::manual(
        "+QMTCONN: <client_idx>,<result>,<ret_code>",
        "docs/spec/quectel.md 3.4",
        "CONNACK came",
    ),
    Urc::manual(
        "+QMTCONN: <client_idx>,<result>",
        "docs/spec/quectel.md 3.4",
        "no CONNACK came",
    ),
    Urc::manual(
        "+QMTDISC: <client_idx>,<result>",
        "docs/spec/quectel.md 3.5",
        "DISCONNECT was written, or could not be",
    ),
    Urc::manual(
        "+QMTSUB: <client_idx>,<msgid>,<result>,<value>",
        "docs/spec/quectel.md 3.6",
        "SUBACK came, or another try",
    ),
    Urc::manual(
        "+QMTSUB: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.6",
        "no SUBACK came",
    ),
    Urc::manual(
        "+QMTUNS: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.7",
        "UNSUBACK came, or another try or the end of patience",
    ),
    Urc::manual(
        "+QMTPUBEX: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.8",
        "a publish is done, was sent again or given up",
    ),
    Urc::manual(
        "+QMTPUB: <client_idx>,<msgid>,<result>",
        "docs/spec/quectel.md 3.9",
        "the same",
    )
    .origin(Origin::Field),
    Urc::manual(
        "+QMTRECV: <client_idx>,<msgid>,\"<topic>\",\"<payload>\"",
        "docs/spec/quectel.md 5.1",
        "a message came",
    ),
    Urc::manual(
        "+QMTRECV: <client_idx>,<msgid>,\"<topic>\",<payload_len>,\"<payload>\"",
        "docs/spec/quectel.md 5.1",
        "a message came, with its length",
    ),
    Urc::manual(
        "+QMTRECV: <client_idx>,<recv_id>",
        "docs/spec/quectel.md 5.2",
        "a message fills a slot",
    ),
    Urc::manual(
        "+QMTSTAT: <client_idx>,<err_code>",
        EVENTS,
        "a connection ended",
    ),
    Urc::manual(
        "+QMTPING: <client_idx>,<result>",
        "docs/spec/quectel.md 7.5",
        "the server does not answer",
    ),
    base("RDY", "the module has booted"),
    base("+CFUN: <fun>", "the module has booted"),
    base("+CPIN: <code>", "the SIM is ready, gone, or wants its PIN"),
    base("+QUSIM: <type>", "the SIM is ready"),
    base("+QIND: PB DONE", "the phone book is ready"),
    base("+QIND: SMS DONE", "messages are ready"),
    base("POWERED DOWN", "the module has switched off"),
    base("+CREG: <stat>", "registration changed, AT+CREG=1"),
    base(
        "+CREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CREG=2",
    ),
    base("+CGREG: <stat>", "registration changed, AT+CGREG=1"),
    base(
        "+CGREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CGREG=2",
    ),
    base("+CEREG: <stat>", "registration changed, AT+CEREG=1"),
    base(
        "+CEREG: <stat>,\"<tac>\",\"<ci>\",<AcT>",
        "registration changed, AT+CEREG=2",
    ),
    base(
        "+QIURC: \"pdpdeact\",<contextID>",
        "the network took a PDP context down",
    ),
    base("+QIURC: \"dnsgip\",<result>", "a name was looked up"),
    base("+QNTP: <err>,\"<time>\"", "a time server answered"),
    base("+QNTP: <err>", "a time server did not answer"),
    base("+QPING: <result>", "an echo came back, and the summary"),
];

static GAPS: [Gap; 5] = [
    Gap {
        what: "AT+QINDCFG, AT+QIURC, AT+CTZR, AT+QSCLK",
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
