//! Every command in every state (docs/spec/quectel.md 7.2).

use attwin_core::mqtt::packet::PacketType;
use attwin_sim::link::{Direction, Opening};

use super::bench::{Bench, millis};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Opening,
    Open,
    Connecting,
    Connected,
    Disconnecting,
}
use State::{Closed, Connected, Connecting, Disconnecting, Open, Opening as Opens};

const STATES: [State; 6] = [Closed, Opens, Open, Connecting, Connected, Disconnecting];

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

/// A bench whose client 0 is in this state.
fn bench_in(state: State) -> Bench {
    let mut b = Bench::new();
    match state {
        Closed => {}
        Opens => {
            b.network.opening = Opening::Hangs;
            b.ok("AT+QMTOPEN=0,\"broker.example\",1883");
        }
        Open => b.open(0),
        Connecting => {
            b.open(0);
            b.lose(Direction::ToModule, PacketType::Connack);
            b.ok("AT+QMTCONN=0,\"dev-0\"");
        }
        Connected => b.connect(0),
        Disconnecting => {
            b.connect(0);
            b.lose(Direction::ToBroker, PacketType::Disconnect);
            b.ok("AT+QMTDISC=0");
            b.then("\r\n+QMTDISC: 0,0\r\n");
        }
    }
    b
}

impl Bench {
    /// The state as the read forms tell it.
    fn state(&mut self) -> Option<State> {
        let listed = self.at("AT+QMTOPEN?") != OK;
        let state = match self.at("AT+QMTCONN?").as_str() {
            OK => None,
            "\r\n+QMTCONN: 0,1\r\n\r\nOK\r\n" => Some(Open),
            "\r\n+QMTCONN: 0,2\r\n\r\nOK\r\n" => Some(Connecting),
            "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n" => Some(Connected),
            "\r\n+QMTCONN: 0,4\r\n\r\nOK\r\n" => Some(Disconnecting),
            other => panic!("{other}"),
        };
        assert_eq!(listed, state.is_some(), "the two read forms agree");
        state
    }
}

/// What is expected of a command: the host's lines, the module's whole answer
/// within 100 ms, and the state it leaves behind as the read forms tell it
/// (closed and opening are not listed).
fn expected(command: &str, state: State) -> (&'static str, State) {
    match (command, state) {
        ("AT+QMTCFG=\"version\",0,3", Closed | Opens | Open) => (OK, state),
        ("AT+QMTOPEN=0,\"broker.example\",1883", Closed) => {
            ("\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n", Open)
        }
        ("AT+QMTOPEN=0,\"broker.example\",1883", _) => ("\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n", state),
        ("AT+QMTCONN=0,\"c\"", Open) => ("\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n", Connected),
        ("AT+QMTSUB=0,1,\"t\",1", Connected) => ("\r\nOK\r\n\r\n+QMTSUB: 0,1,0,1\r\n", Connected),
        ("AT+QMTUNS=0,1,\"t\"", Connected) => ("\r\nOK\r\n\r\n+QMTUNS: 0,1,0\r\n", Connected),
        ("AT+QMTPUB=0,1,1,0,\"t\",\"m\"", Connected) => {
            ("\r\nOK\r\n\r\n+QMTPUB: 0,1,0\r\n", Connected)
        }
        ("AT+QMTPUBEX=0,1,1,0,\"t\",\"m\"", Connected) => {
            ("\r\nOK\r\n\r\n+QMTPUBEX: 0,1,0\r\n", Connected)
        }
        ("AT+QMTPUBEX=0,1,1,0,\"t\",0" | "AT+QMTPUB=0,1,1,0,\"t\",0", Connected) => {
            ("\r\n> \r\nOK\r\n", Connected)
        }
        ("AT+QMTRECV=0" | "AT+QMTRECV=0,0", Connected) => (OK, Connected),
        ("AT+QMTDISC=0", Connected) => (
            "\r\nOK\r\n\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n",
            Closed,
        ),
        ("AT+QMTCLOSE=0", Open | Connecting | Connected | Disconnecting) => {
            ("\r\nOK\r\n\r\n+QMTCLOSE: 0,0\r\n", Closed)
        }
        _ => (ERROR, state),
    }
}

const COMMANDS: [&str; 13] = [
    "AT+QMTCFG=\"version\",0,3",
    "AT+QMTOPEN=0,\"broker.example\",1883",
    "AT+QMTCONN=0,\"c\"",
    "AT+QMTSUB=0,1,\"t\",1",
    "AT+QMTUNS=0,1,\"t\"",
    "AT+QMTPUB=0,1,1,0,\"t\",\"m\"",
    "AT+QMTPUB=0,1,1,0,\"t\",0",
    "AT+QMTPUBEX=0,1,1,0,\"t\",\"m\"",
    "AT+QMTPUBEX=0,1,1,0,\"t\",0",
    "AT+QMTRECV=0",
    "AT+QMTRECV=0,0",
    "AT+QMTDISC=0",
    "AT+QMTCLOSE=0",
];

#[test]
fn commands_and_states() {
    for state in STATES {
        for command in COMMANDS {
            let mut b = bench_in(state);
            let (answer, next) = expected(command, state);
            b.line(command);
            // Acknowledgements of a publish by data come after 30 ms.
            let heard = b.within(millis(30));
            assert_eq!(heard, answer, "{command} in {state:?}");
            let listed = (!matches!(next, Closed | Opens)).then_some(next);
            assert_eq!(b.state(), listed, "after {command} in {state:?}");
        }
    }
}

/// Test forms, read forms and queries do not depend on the state.
#[test]
fn test_and_read_forms_work_in_every_state() {
    for state in STATES {
        let mut b = bench_in(state);
        for command in [
            "CFG", "OPEN", "CLOSE", "CONN", "DISC", "SUB", "UNS", "PUBEX", "PUB", "RECV",
        ] {
            let heard = b.at(&format!("AT+QMT{command}=?"));
            assert!(heard.ends_with(OK), "{command} in {state:?}: {heard}");
        }
        for command in ["OPEN", "CONN", "RECV"] {
            let heard = b.at(&format!("AT+QMT{command}?"));
            assert!(heard.ends_with(OK), "{command} in {state:?}: {heard}");
        }
        b.expect(
            "AT+QMTCFG=\"keepalive\",0",
            "\r\n+QMTCFG: \"keepalive\",120\r\n\r\nOK\r\n",
        );
    }
}

#[test]
fn other_clients_are_not_concerned() {
    for state in STATES {
        let mut b = bench_in(state);
        b.network.opening = Opening::Succeeds;
        b.ok("AT+QMTCFG=\"version\",5,4");
        b.error("AT+QMTCLOSE=5");
        b.open(5);
        b.close(5);
    }
}
