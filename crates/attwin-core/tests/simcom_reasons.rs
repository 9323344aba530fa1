//! A SIM7028 that refuses something, or says that it failed, says why: the cause
//! that is the case, and what to do (docs/spec/simcom.md 2.7, 3.0).

use std::time::Duration;

use attwin_core::{
    CloseReason, Config, Input, Instant, LinkId, Modem, NetCommand, NetError, NetEvent, Output,
    RadioEvent, Timing, Trace, find_module,
};

/// A module, what it says with its reasons, and a server that answers as told.
struct Bench {
    modem: Modem,
    now: Instant,
    link: Option<LinkId>,
    said: Vec<(String, Option<String>)>,
}

impl Bench {
    fn new() -> Self {
        let mut config = Config::new(find_module("simcom-sim7028").expect("a module"));
        config.timing = Timing::Fast;
        let mut bench = Self {
            modem: Modem::new(config),
            now: Instant::ZERO,
            link: None,
            said: Vec::new(),
        };
        bench.input(Input::Radio(RadioEvent::PowerOn));
        bench.send("ATE0");
        bench
    }

    fn input(&mut self, input: Input<'_>) {
        self.modem.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.modem.poll_output() {
            match output {
                Output::Serial { bytes, reason, .. } => {
                    let line = String::from_utf8_lossy(&bytes).trim().to_owned();
                    self.said
                        .push((line, reason.map(|reason| reason.to_string())));
                }
                Output::Network { link, command } => {
                    if matches!(command, NetCommand::Open { .. } | NetCommand::Resolve(_)) {
                        self.link = Some(link);
                    }
                }
                _ => {}
            }
        }
    }

    fn send(&mut self, line: &str) {
        self.input(Input::Serial(format!("{line}\r").as_bytes()));
    }

    fn network(&mut self, event: NetEvent<'_>) {
        let link = self.link.expect("a link");
        self.input(Input::Network { link, event });
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.modem.poll_timeout().filter(|at| *at <= end) {
            self.now = at;
            self.modem.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    /// The last line that carries a reason, and the reason.
    #[track_caller]
    fn why(&mut self, line: &str, words: &[&str]) {
        let (said, reason) = self.said.last().cloned().expect("something was said");
        assert_eq!(said, line);
        let reason = reason.unwrap_or_else(|| panic!("{line} has no reason"));
        for word in words {
            assert!(reason.contains(word), "{reason:?} lacks {word:?}");
        }
        self.said.clear();
    }

    #[track_caller]
    fn refuses(&mut self, line: &str, words: &[&str]) {
        self.send(line);
        self.why("ERROR", words);
    }

    fn started(mut self) -> Self {
        self.send("AT+CMQTTSTART");
        self
    }

    fn acquired(self) -> Self {
        let mut bench = self.started();
        bench.send("AT+CMQTTACCQ=0,\"dev-1\"");
        bench
    }

    fn connecting(self) -> Self {
        let mut bench = self.acquired();
        bench.send("AT+CMQTTCONNECT=0,\"tcp://broker.example:1883\",60,1");
        bench
    }

    fn connected(self) -> Self {
        let mut bench = self.connecting();
        bench.network(NetEvent::Opened);
        bench.network(NetEvent::Received(b"\x20\x02\0\0"));
        bench
    }
}

#[test]
fn before_the_service() {
    let mut bench = Bench::new();
    for line in [
        "AT+CMQTTACCQ=0,\"x\"",
        "AT+CMQTTDISC=0,60",
        "AT+CMQTTCONNECT?",
        "AT+CMQTTCFG=\"optimeout\",0,24",
        "AT+CMQTTSSLCFG=0,0",
    ] {
        bench.refuses(
            line,
            &["AT+CMQTT", "service is not started", "AT+CMQTTSTART"],
        );
    }
    bench.refuses("AT+CMQTTSTOP", &["not started"]);
}

#[test]
fn states_of_the_service_and_of_a_client() {
    let mut bench = Bench::new().started();
    bench.refuses("AT+CMQTTSTART", &["started already"]);
    bench.refuses(
        "AT+CMQTTREL=0",
        &["client 0 is not acquired", "AT+CMQTTACCQ"],
    );
    let mut bench = Bench::new().acquired();
    bench.refuses("AT+CMQTTACCQ=0,\"x\"", &["acquired already", "AT+CMQTTREL"]);
    bench.refuses("AT+CMQTTSTOP", &["client 0 is not released", "AT+CMQTTREL"]);
    bench.refuses(
        "AT+CMQTTTOPIC=0,4",
        &["client 0 is not connected", "AT+CMQTTCONNECT"],
    );
    let mut bench = Bench::new().connecting();
    bench.refuses(
        "AT+CMQTTREL=0",
        &["busy connecting", "+CMQTTCONNECT: 0,<err>"],
    );
    bench.refuses("AT+CMQTTDISC=0", &["still connecting"]);
    bench.refuses(
        "AT+CMQTTSSLCFG=0,1",
        &["connected, or busy", "AT+CMQTTCONNECT"],
    );
    let mut bench = Bench::new().connected();
    bench.refuses("AT+CMQTTREL=0", &["connected", "AT+CMQTTDISC"]);
    bench.refuses("AT+CMQTTWILLTOPIC=0,4", &["connected", "AT+CMQTTDISC"]);
    bench.refuses(
        "AT+CMQTTPUB=0,1,60",
        &["no topic is stored", "AT+CMQTTTOPIC"],
    );
    bench.refuses("AT+CMQTTSUB=0", &["no topic is stored", "AT+CMQTTSUBTOPIC"]);
    bench.refuses(
        "AT+CMQTTUNSUB=0",
        &["no topic is stored", "AT+CMQTTUNSUBTOPIC"],
    );
    bench.send("AT+CMQTTSUB=0,1,0");
    bench.input(Input::Serial(b"t"));
    bench.refuses(
        "AT+CMQTTTOPIC=0,1",
        &["waiting for the result", "+CMQTTSUB: 0,<err>"],
    );
}

#[test]
fn values() {
    let mut bench = Bench::new().acquired();
    bench.refuses("AT+CMQTTREL=1", &["<client_index>"]);
    bench.refuses("AT+CMQTTWILLTOPIC=0,1025", &["<req_length>", "1-1024"]);
    let connect = "AT+CMQTTCONNECT=0,\"mqtt://h\",60,1";
    bench.refuses(connect, &["\"mqtt://h\"", "tcp://host[:port]"]);
    let connect = "AT+CMQTTCONNECT=0,\"tcp://h\",60,1,\"\",\"secret\"";
    bench.refuses(connect, &["password and no user name"]);
    bench.refuses("AT+CMQTTDISC=0,30", &["30 is neither 0 nor 60 to 180"]);
    bench.refuses("AT+CCERTDOWN=\"a.crt\",5", &["\"a.crt\"", ".pem"]);
    bench.refuses("AT+CCERTDELE=\"a.pem\"", &["no file \"a.pem\""]);
    bench.refuses("AT+CSSLCFG=\"cacert\",0,\"a.crt\"", &["\"a.crt\"", ".pem"]);
    bench.refuses("AT+CNMP=13", &["network mode 13", "38"]);
    bench.refuses("AT+CPSMS=1,,,\"0000000x\"", &["8 binary digits"]);
    bench.refuses("AT+CEDRXS=1,5,\"00x0\"", &["4 binary digits"]);
    bench.refuses("ATD*99#", &["no PPP"]);
    bench.refuses("AT+CGACT=1,1", &["context 1 is not defined"]);
    bench.send("AT+CGDCONT=1,\"IP\",\"x\"");
    bench.refuses("AT+CGACT=1,1", &["no second one", "context 0"]);
    bench.refuses("AT+CIPMODE=1", &["<mode>"]);
    bench.refuses("AT+CNTP", &["no time server is set", "AT+CNTP="]);
    bench.refuses("AT+IPADDR", &["not open", "AT+NETOPEN"]);
    bench.send("AT+CMQTTWILLTOPIC=0,1");
    bench.input(Input::Serial(b"\xff"));
    bench.why("ERROR", &["topic of the will", "checkUTF8"]);
    bench.send("AT+CMQTTWILLTOPIC=0,5");
    bench.input(Input::Serial(b"ab"));
    bench.run(Duration::from_secs(121));
    bench.why("ERROR", &["fewer bytes", "120 s"]);
}

#[test]
fn connecting_fails() {
    let failures: [(NetError, &str, &[&str]); 6] = [
        (
            NetError::Dns,
            "25",
            &["\"broker.example\" does not resolve"],
        ),
        (NetError::Refused, "3", &["port 1883 refused"]),
        (NetError::Unreachable, "3", &["no route"]),
        (NetError::TimedOut, "3", &["did not answer", "optimeout"]),
        (NetError::Tls, "32", &["handshake", "AT+CSSLCFG?"]),
        (NetError::Local, "4", &["no socket"]),
    ];
    for (error, code, words) in failures {
        let mut bench = Bench::new().connecting();
        bench.network(NetEvent::Failed(error));
        bench.why(&format!("+CMQTTCONNECT: 0,{code}"), words);
    }
    let mut bench = Bench::new().connecting();
    bench.network(NetEvent::Opened);
    bench.network(NetEvent::Received(b"\x20\x02\0\x05"));
    bench.why("+CMQTTCONNECT: 0,31", &["return code 5", "user name"]);
    let mut bench = Bench::new().connecting();
    bench.network(NetEvent::Opened);
    bench.network(NetEvent::Closed(CloseReason::Finished));
    bench.why(
        "+CMQTTCONNECT: 0,26",
        &["closed the connection before CONNACK"],
    );
    let mut bench = Bench::new().connecting();
    bench.network(NetEvent::Opened);
    bench.run(Duration::from_secs(121));
    bench.why("+CMQTTCONNECT: 0,17", &["no CONNACK"]);
    let mut bench = Bench::new().acquired();
    bench.send("AT+CGACT=0,0");
    bench.send("AT+CMQTTCONNECT=0,\"tcp://h\",60,1");
    bench.why(
        "+CMQTTCONNECT: 0,7",
        &["context 0 is not active", "AT+CGACT=1,0"],
    );
    bench.send("AT+CFUN=0");
    bench.send("AT+CMQTTCONNECT=0,\"tcp://h\",60,1");
    bench.why("+CMQTTCONNECT: 0,7", &["AT+CFUN is 0", "AT+CFUN=1"]);
    let mut bench = Bench::new().started();
    bench.send("AT+CSSLCFG=\"authmode\",0,1");
    bench.send("AT+CMQTTACCQ=0,\"x\",1");
    bench.send("AT+CMQTTCONNECT=0,\"tcp://h\",60,1");
    bench.why(
        "+CMQTTCONNECT: 0,33",
        &["\"cacert\", which is not set", "AT+CCERTDOWN"],
    );
}

#[test]
fn what_a_loss_takes_with_it() {
    let mut bench = Bench::new().connected();
    bench.network(NetEvent::Closed(CloseReason::Reset));
    bench.why("+CMQTTCONNLOST: 0,2", &["reset"]);
    let mut bench = Bench::new().connected();
    bench.send("AT+CMQTTSUB=0,1,0");
    bench.input(Input::Serial(b"t"));
    bench.input(Input::Radio(RadioEvent::PdpLost(0)));
    let lost = bench.said.pop();
    bench.why("+CMQTTSUB: 0,6", &["lost meanwhile", "context 0 went down"]);
    let (line, reason) = lost.expect("a loss");
    assert_eq!(line, "+CMQTTCONNLOST: 0,3");
    assert_eq!(reason.as_deref(), Some("the data context 0 went down"));
    let mut bench = Bench::new().connected();
    bench.send("AT+CMQTTSUB=0,1,0");
    bench.input(Input::Serial(b"t"));
    bench.network(NetEvent::Received(b"\x90\x03\0\x01\x80"));
    bench.why("+CMQTTSUB: 0,1", &["the server refused \"t\""]);
}

#[test]
fn a_message_that_is_too_large_is_said_to_be_dropped() {
    let mut bench = Bench::new().connected();
    let mut publish = b"\x30\x83\x08\x04\x01".to_vec();
    publish.resize(publish.len() + 1025, b't');
    let link = bench.link.expect("a link");
    let event = NetEvent::Received(&publish);
    bench
        .modem
        .handle(bench.now, Input::Network { link, event });
    let outputs = core::iter::from_fn(|| bench.modem.poll_output());
    let notes: Vec<String> = outputs
        .filter_map(|output| match output {
            Output::Trace(Trace::Note(note)) => Some(note),
            _ => None,
        })
        .collect();
    let [note] = &notes[..] else {
        panic!("{notes:?}");
    };
    assert!(
        note.contains("QoS 0") && note.contains("dropped"),
        "{note:?}"
    );
}

#[test]
fn a_wildcard_certificate_is_refused_late() {
    let mut bench = Bench::new();
    bench
        .modem
        .set_quirk("tls_refuse_wildcard", "on")
        .expect("a quirk");
    bench.send("AT+CMQTTSTART");
    bench.send("AT+CMQTTACCQ=0,\"x\",1");
    let connect = b"AT+CMQTTCONNECT=0,\"tcp://h\",60,1\r";
    bench.modem.handle(bench.now, Input::Serial(connect));
    let mut refuses = None;
    while let Some(output) = bench.modem.poll_output() {
        if let Output::Network {
            command: NetCommand::Open { tls, .. },
            ..
        } = output
        {
            refuses = tls.and_then(|tls| tls.refuse_wildcard);
        }
    }
    // Fast timing: at once.
    assert_eq!(refuses, Some(Duration::ZERO));
}
