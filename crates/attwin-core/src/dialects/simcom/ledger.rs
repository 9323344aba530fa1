//! The module's unsolicited result codes, and what it leaves out.

use crate::command::Origin;
use crate::ledger::{Gap, Ledger, Urc};

pub(crate) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &[],
};

const BASE: &str = "docs/spec/simcom.md 10";

/// A result code of docs/spec/simcom.md 10, seen in the field or in siblings' manuals.
const fn base(shape: &'static str, when: &'static str) -> Urc {
    Urc::manual(shape, BASE, when).origin(Origin::Field)
}

static URCS: [Urc; 25] = [
    Urc::manual(
        "+CMQTTSTART: <err>",
        "docs/spec/simcom.md 3.1",
        "the service was started, or not",
    ),
    Urc::manual(
        "+CMQTTSTOP: <err>",
        "docs/spec/simcom.md 3.2",
        "the service was stopped",
    ),
    Urc::manual(
        "+CMQTTCONNECT: <client_index>,<err>",
        "docs/spec/simcom.md 3.8",
        "connecting ended",
    ),
    Urc::manual(
        "+CMQTTDISC: <client_index>,<err>",
        "docs/spec/simcom.md 3.9",
        "disconnecting ended",
    ),
    Urc::manual(
        "+CMQTTPUB: <client_index>,<err>",
        "docs/spec/simcom.md 3.12",
        "a publish is done, or failed",
    ),
    Urc::manual(
        "+CMQTTSUB: <client_index>,<err>",
        "docs/spec/simcom.md 3.13",
        "a subscription is done, or failed",
    ),
    Urc::manual(
        "+CMQTTUNSUB: <client_index>,<err>",
        "docs/spec/simcom.md 3.15",
        "a subscription is given up, or not",
    ),
    Urc::manual(
        "+CMQTTCONNLOST: <client_index>,<cause>",
        "docs/spec/simcom.md 5.1",
        "the connection was lost: 1 closed passively, 2 reset, 3 network closed",
    ),
    Urc::manual(
        "+CMQTTRXSTART: <client_index>,<topic_total_len>,<payload_total_len>\r\n\
         +CMQTTRXTOPIC: <client_index>,<sub_topic_len>\r\n<sub_topic>\r\n\
         +CMQTTRXPAYLOAD: <client_index>,<sub_payload_len>\r\n<sub_payload>\r\n\
         +CMQTTRXEND: <client_index>",
        "docs/spec/simcom.md 5.2",
        "a message came",
    ),
    Urc::manual(
        "+CMQTTRXSTART: <client_index>,<topic_total_len>,0\r\n\
         +CMQTTRXTOPIC: <client_index>,<sub_topic_len>\r\n<sub_topic>\r\n\r\n\
         +CMQTTRXEND: <client_index>",
        "docs/spec/simcom.md 5.3",
        "a message without payload came",
    )
    .origin(Origin::Field),
    Urc::manual(
        "+CMQTTRXSTART: <client_index>,<topic_total_len>,<payload_total_len>\r\n\
         +CMQTTRXTOPIC: <client_index>,<sub_topic_len>,<sub_topic>\r\n\
         +CMQTTRXPAYLOAD: <client_index>,<sub_payload_len>,<sub_payload>\r\n\
         +CMQTTRXEND: <client_index>",
        "docs/spec/simcom.md 5.6",
        "the same with quirk rx_inline",
    )
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
    base("+CNTP: <err>", "a time server answered, or did not"),
    base("+CSNTP: <time>", "a time server answered AT+CSNTPSTART"),
    base("+NETOPEN: <err>", "the socket service was opened, or not"),
    base("+NETCLOSE: <err>", "the socket service was closed"),
];

static GAPS: [Gap; 10] = [
    Gap {
        what: "<err> 5, 8 and 9",
        section: "docs/spec/simcom.md 3.0",
        why: "the manual names them and the specification gives no condition under which they occur: closing a \
              socket and a network cannot fail here (5, 8), CMQTT commands before START are ERROR alone (9)",
    },
    Gap {
        what: "<err> 23",
        section: "docs/spec/simcom.md 3.1",
        why: "only with quirk start_urc_first, as on SIM7600",
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
        what: "AT+CNTP, AT+CSNTPSTART",
        section: BASE,
        why: "the name is resolved for real; the time is that of the computer",
    },
    Gap {
        what: "AT+CESQ, AT+CPSI, AT+QCBAND?",
        section: BASE,
        why: "sample values",
    },
    Gap {
        what: "AT+CPSMS, AT+CEDRXS, AT+CSCLK, AT+ICF, AT+QCLEDMODE, AT+CGAUTH, AT+CIP…",
        section: BASE,
        why: "accepted without effect: the module never sleeps, and its line is no UART",
    },
    Gap {
        what: "SSL 3.0, TLS 1.0 and 1.1",
        section: "docs/spec/simcom.md 9.1",
        why: "the TLS library has none of them: the handshake fails with code 32 and the log says why",
    },
];
