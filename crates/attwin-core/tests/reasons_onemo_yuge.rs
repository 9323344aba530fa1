//! Every refusal and every failure of the OneMO and Yuge modules goes out with
//! a reason that names what is at fault.

use std::time::Duration;

use attwin_core::{
    CloseReason, Config, Input, Instant, LinkId, Modem, NetCommand, NetError, NetEvent, Output,
    RadioEvent, SerialKind, Timing, Trace, find_module,
};

/// A module without echo, and what it said last, with reasons.
struct Bench {
    modem: Modem,
    now: Instant,
    said: Vec<(SerialKind, String, Option<String>)>,
    links: Vec<LinkId>,
    notes: Vec<String>,
}

impl Bench {
    fn new(module: &str) -> Self {
        let mut config = Config::new(find_module(module).expect("a module"));
        config.timing = Timing::Fast;
        let mut bench = Self {
            modem: Modem::new(config),
            now: Instant::ZERO,
            said: Vec::new(),
            links: Vec::new(),
            notes: Vec::new(),
        };
        bench.input(Input::Radio(RadioEvent::PowerOn));
        bench.lines(&["ATE0"]);
        bench
    }

    fn input(&mut self, input: Input<'_>) {
        self.modem.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.modem.poll_output() {
            match output {
                Output::Serial {
                    kind,
                    bytes,
                    reason,
                } => {
                    let text = String::from_utf8_lossy(&bytes);
                    let text = text.trim_matches(['\r', '\n']).to_string();
                    self.said
                        .push((kind, text, reason.map(|reason| reason.to_string())));
                }
                Output::Network {
                    link,
                    command: NetCommand::Open { .. },
                } => self.links.push(link),
                Output::Network {
                    link,
                    command: NetCommand::Send(bytes),
                } => {
                    let event = NetEvent::Sent(bytes.len());
                    self.modem.handle(self.now, Input::Network { link, event });
                }
                Output::Trace(Trace::Note(note)) => self.notes.push(note),
                _ => {}
            }
        }
    }

    fn lines(&mut self, lines: &[&str]) {
        for line in lines {
            self.input(Input::Serial(format!("{line}\r").as_bytes()));
            self.run(Duration::from_millis(50));
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.modem.poll_timeout().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.modem.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// Something happens on the link that was opened last.
    fn network(&mut self, event: NetEvent<'_>) {
        let link = *self.links.last().expect("a link");
        self.input(Input::Network { link, event });
    }

    /// The link opens and the server answers CONNECT with this return code.
    fn connack(&mut self, code: u8) {
        self.network(NetEvent::Opened);
        self.network(NetEvent::Received(&[0x20, 2, 0, code]));
    }

    /// The line of this text, and why.
    fn why(&self, line: &str) -> &str {
        let said = self.said.iter().rev().find(|(_, text, _)| text == line);
        let (_, _, reason) = said.unwrap_or_else(|| panic!("{line} in {:?}", self.said));
        reason
            .as_deref()
            .unwrap_or_else(|| panic!("{line} has no reason"))
    }

    /// Whatever was refused had a reason.
    fn check(&self) {
        for (kind, text, reason) in &self.said {
            if *kind == SerialKind::Final && text != "OK" {
                assert!(reason.is_some(), "{text} in {:?}", self.said);
            }
        }
    }
}

/// What is refused in which state, and what the reason has to name.
fn refused(module: &str, cases: &[(&[&str], &str, &str)]) {
    for (before, line, names) in cases {
        let mut bench = Bench::new(module);
        bench.lines(before);
        bench.said.clear();
        bench.lines(&[line]);
        bench.check();
        let last = bench.said.last().expect("an answer");
        let reason = last.2.as_deref().unwrap_or_default();
        assert!(
            reason.contains(names),
            "{module}: {before:?} {line}: {last:?}"
        );
    }
}

const ML302: &[&str] = &["AT+MQTTCFG=\"h\",1883,\"id\",60,\"\",\"\",1"];
const OPEN: &str = "AT+MQTTOPEN=0,0,0,0,0,\"\",\"\"";

#[test]
fn an_ml302_says_why_it_refuses() {
    refused(
        "onemo-ml302",
        &[
            (&[], OPEN, "no client is configured; AT+MQTTCFG comes first"),
            (&[], "AT+MQTTDISC", "no client is configured"),
            (
                &[],
                "AT+MQTTSUB=\"t\",1",
                "AT+MQTTCFG and AT+MQTTOPEN come first",
            ),
            (
                ML302,
                "AT+MQTTSUB=\"t\",1",
                "the client is configured and not connected",
            ),
            (
                ML302,
                "AT+MQTTPUB=\"t/#\",0,0,0,\"x\"",
                "\"t/#\" has a wildcard",
            ),
            (
                ML302,
                "AT+MQTTOPEN=1,0,0,0,0,\"\",\"\"",
                "<usrFlag> is 1 and AT+MQTTCFG set no user",
            ),
            (
                ML302,
                "AT+MQTTOPEN=0,1,0,0,0,\"\",\"\"",
                "<pwdFlag> is 1 and AT+MQTTCFG set no pass",
            ),
            (
                ML302,
                "AT+MQTTOPEN=0,0,1,0,0,\"\",\"\"",
                "<will-topic> is empty",
            ),
            (ML302, "AT+MQTTDISC", "there is nothing to disconnect"),
            (
                &[ML302[0], "AT+CGATT=0"],
                OPEN,
                "detached from packet service",
            ),
            (&[ML302[0], "AT+CFUN=4"], OPEN, "the radio is off"),
            (
                &[ML302[0], "AT+CGACT=0,1"],
                OPEN,
                "PDP context 1 is not active",
            ),
            (
                &[],
                "AT+MQTTCFG=\"h\",1883,\"id\",60,\"\",\"\",1,\"\",1",
                "<encrypt> is 1 and <version> is empty",
            ),
            (&[], "AT+MQTTSTAT=?", "the command has no such form"),
            (&[], "ATD*99#", "there is no dial-up"),
        ],
    );
}

#[test]
fn an_ml302_says_why_it_failed() {
    let begin = |code| {
        let mut bench = Bench::new("onemo-ml302");
        bench.lines(&[ML302[0], OPEN]);
        if let Some(code) = code {
            bench.connack(code);
        }
        bench
    };
    let mut refused = begin(Some(5));
    assert!(refused.why("+CME ERROR: 614").contains("return code 5"));
    refused.check();
    let mut unknown = begin(None);
    unknown.network(NetEvent::Failed(NetError::Dns));
    assert!(
        unknown
            .why("+CME ERROR: 603")
            .contains("the name h does not resolve")
    );
    unknown.run(Duration::from_secs(9));
    assert!(unknown.why("+MQTTREC: 0").contains("does not resolve"));
    let mut silent = begin(None);
    silent.network(NetEvent::Opened);
    silent.run(Duration::from_secs(11));
    for line in ["+MQTTTO:1", "+CME ERROR: 604"] {
        assert!(
            silent
                .why(line)
                .contains("no CONNACK came in time, AT+MQTTTO is 10 s")
        );
    }
    let mut connected = begin(Some(0));
    connected.lines(&["AT+MQTTSUB=\"t\",1"]);
    connected.network(NetEvent::Received(&[0x90, 3, 0, 1, 128]));
    assert!(
        connected
            .why("+CME ERROR: 605")
            .contains("the server refused the subscription")
    );
    connected.lines(&["AT+MQTTUNSUB=\"t\""]);
    assert!(
        connected
            .why("+CME ERROR: 621")
            .contains("\"t\" is not subscribed")
    );
    connected.lines(&["AT+MQTTPUB=\"t\",1,0,0,\"x\""]);
    connected.network(NetEvent::Closed(CloseReason::Reset));
    assert!(
        connected
            .why("+CME ERROR: 608")
            .contains("the server reset the connection")
    );
    connected.lines(&[OPEN]);
    assert!(
        connected
            .why("+CME ERROR: 603")
            .contains("connecting again by itself")
    );
    connected.check();
    refused.lines(&["AT+MQTTREC=0", OPEN]);
    refused.connack(0);
    refused.network(NetEvent::Closed(CloseReason::Finished));
    assert!(
        refused
            .why("+MQTTDISC: OK")
            .contains("the server closed the connection")
    );
    let mut malformed = begin(Some(0));
    malformed.network(NetEvent::Received(&[0x36, 0]));
    assert!(malformed.why("+CME ERROR: 609").contains("no MQTT packet"));
}

const MN316: &[&str] = &["AT+MQTTCFG=\"h\",1883,\"id\",60,\"\",\"\",1"];

#[test]
fn an_mn316_says_why_it_refuses() {
    refused(
        "onemo-mn316",
        &[
            (&[], "AT+MQTTCFG?", "no client is configured"),
            (MN316, MN316[0], "AT+MQTTDEL comes first"),
            (
                MN316,
                "AT+MQTTPUB=t,1,0,0,0,x",
                "configured and not connected",
            ),
            (
                MN316,
                "AT+MQTTPUB=t,1,0,0,2,414",
                "<msg_len> is 2 and 3 digits follow",
            ),
            (MN316, "AT+MQTTPUB=t,1,0,0,1,4x", "not hexadecimal"),
            (&[MN316[0], "AT+CGATT=0"], "AT+MQTTOPEN=0,0,0", "detached"),
            (MN316, "AT+MQTTDISC", "nothing to disconnect"),
            (&[], "AT+MQTTDEL", "no client is configured"),
            (
                &[],
                "AT+CPSMS=1,,,0010,00000101",
                "\"0010\" is not 8 binary digits",
            ),
            (&[], "AT+NBAND=7", "no band 7"),
            (&[], "AT+CGAUTH=3,0", "PDP context 3 is not defined"),
            (&[], "ATD*99#", "there is no dial-up"),
        ],
    );
}

#[test]
fn an_mn316_says_why_it_failed() {
    let mut bench = Bench::new("onemo-mn316");
    bench.lines(&[MN316[0], "AT+MQTTOPEN=0,0,0"]);
    bench.network(NetEvent::Failed(NetError::Refused));
    let fail = bench.why("+MQTTOPEN:FAIL");
    assert!(
        fail.contains("h refused the connection to port 1883"),
        "{fail}"
    );
    bench.run(Duration::from_secs(4));
    bench.connack(4);
    assert!(bench.why("+MQTTOPEN:FAIL").contains("return code 4"));
    assert!(bench.why("+MQTTDISC:OK").contains("return code 4"));
    bench.lines(&["AT+MQTTOPEN=0,0,0"]);
    bench.connack(0);
    bench.lines(&["AT+MQTTSUB=t,1"]);
    bench.network(NetEvent::Received(&[0x90, 3, 0, 1, 128]));
    assert!(
        bench
            .why("+MQTTSUBACK:1,128,t")
            .contains("refused the subscription")
    );
    bench.lines(&["AT+MQTTPUB=t,1,0,0,0,x"]);
    bench.run(Duration::from_secs(11));
    assert!(
        bench
            .why("+MQTTTO:2")
            .contains("no PUBACK, PUBREC or PUBCOMP came in time")
    );
    for _ in 0..3 {
        bench.run(Duration::from_secs(16));
        if bench.links.len() > 2 {
            bench.network(NetEvent::Failed(NetError::Unreachable));
        }
    }
    assert!(bench.why("+MQTTREC:0").contains("AT+MQTTTO is 10 s"));
    bench.check();
}

const CLM920: &[&str] = &["AT+IMQTTADDR=h,1883,id"];

#[test]
fn a_clm920_says_why_it_refuses() {
    let device = "AT+IMQTTAUTH=pk,dn,ds";
    refused(
        "yuge-clm920",
        &[
            (
                &[],
                "AT+IMQTTCONN",
                "AT+IMQTTMODE is 2 and AT+IMQTTADDR names no server",
            ),
            (
                &[device],
                "AT+IMQTTCONN",
                "the device of AT+IMQTTAUTH connects with AT+IMQTTMODE=1",
            ),
            (
                &["AT+IMQTTMODE=1,0"],
                "AT+IMQTTCONN",
                "AT+IMQTTMODE is 1, AT+IMQTTAUTH names no device",
            ),
            (
                CLM920,
                "AT+IMQTTPUB=t,0,x",
                "there is no MQTT connection; AT+IMQTTCONN comes first",
            ),
            (CLM920, "AT+IMQTTDISCONN", "no MQTT connection to end"),
            (
                &[CLM920[0], "AT+IMQTTCONN"],
                "AT+IMQTTCONN",
                "a connection is being made already",
            ),
            (
                &[CLM920[0], "AT+IMQTTCONN"],
                "AT+IMQTTSUB=t,0",
                "still being made",
            ),
            (&[], "AT+IMQTTDYNREG=0,1,pk,dn,ps", "AT+IMQTTMODE is 2"),
            (
                &["AT+IMQTTMODE=1,0", "AT+IMQTTDYNREG=0,1,pk,dn,ps"],
                "AT+IMQTTDISCONN",
                "a registration is under way",
            ),
            (
                &[],
                "AT+IMQTTPARA=KEEPALIVE,59",
                "KEEPALIVE cannot be \"59\"; it is 60 to 180",
            ),
            (&[], "AT+IMQTTPARA=SPEED,1", "no parameter \"SPEED\""),
            (&[], "AT+IMQTTPARA=CLEAN,1,CLEAN,0", "CLEAN stands twice"),
            (&[], "AT+IMQTTADDR=h,0,id", "<port> is 0"),
            (&[], "AT+IMQTTADDR=\"\",1,id", "<addr> is empty"),
            (&[], "AT+IMQTTADDR=\"\",0,id", "<clientId> is not"),
            (&[], "AT+IMQTTLWTBIN=t,0,616", "3 digits"),
            (&[], "AT+IMQTTLWTBIN=t,0,6g", "not hexadecimal"),
            (&[], "AT+IMQTTLWT=t/+,0,x", "no topic to publish to"),
            (CLM920, "AT+IMQTTSUB=t/#/u,0", "no topic filter"),
            (&[], "ATD*99#", "there is no dial-up"),
        ],
    );
}

#[test]
fn a_clm920_says_why_it_failed() {
    let mut bench = Bench::new("yuge-clm920");
    bench.lines(&[CLM920[0], "AT+IMQTTCONN"]);
    bench.network(NetEvent::Failed(NetError::TimedOut));
    assert!(
        bench
            .why("+IMQTTCONN:-1")
            .contains("did not answer in time")
    );
    bench.lines(&["AT+IMQTTCONN"]);
    bench.connack(2);
    let refused = bench.why("+IMQTTCONN:-1");
    assert!(
        refused.contains("an empty one needs clean session 1"),
        "{refused}"
    );
    bench.lines(&["AT+IMQTTCONN"]);
    bench.connack(0);
    bench.lines(&["AT+IMQTTCONN"]);
    assert!(bench.why("+IMQTTCONN:1").contains("a connection already"));
    bench.lines(&["AT+IMQTTPUB=t,1,x"]);
    bench.run(Duration::from_secs(3));
    assert!(
        bench
            .why("+IMQTTPUB:2,1")
            .contains("no PUBACK or PUBREC came within TIMEOUT")
    );
    bench.lines(&["AT+IMQTTSUB=t,1"]);
    bench.network(NetEvent::Received(&[0x90, 3, 0, 3, 128]));
    assert!(
        bench
            .why("+IMQTTSUB:3,128")
            .contains("refused the subscription")
    );
    bench.lines(&["AT+IMQTTUNSUB=t"]);
    bench.lines(&["AT+CGATT=0"]);
    for line in ["+IMQTTUNSUB:4,-1", "+IMQTTCONN:-1"] {
        assert!(bench.why(line).contains("detached"), "{}", bench.why(line));
    }
    bench.check();
}

/// A PUBLISH at QoS 1 with a payload of so many bytes.
fn publish(payload: usize) -> Vec<u8> {
    let mut packet = vec![0x32];
    let mut length = payload + 5;
    while length > 0 {
        let more = if length > 127 { 0x80 } else { 0 };
        packet.push(u8::try_from(length & 127).expect("seven bits") | more);
        length >>= 7;
    }
    packet.extend(b"\0\x01t\0\x07");
    packet.resize(packet.len() + payload, b'x');
    packet
}

#[test]
fn a_message_that_is_too_large_is_acknowledged_and_noted() {
    for (module, lines) in [
        ("onemo-ml302", [ML302[0], OPEN]),
        ("onemo-mn316", [MN316[0], "AT+MQTTOPEN=0,0,0"]),
        ("yuge-clm920", [CLM920[0], "AT+IMQTTCONN"]),
    ] {
        let mut bench = Bench::new(module);
        bench.lines(&lines);
        bench.connack(0);
        bench.said.clear();
        bench.network(NetEvent::Received(&publish(65_536)));
        assert_eq!(bench.said, [], "{module}");
        let noted = bench
            .notes
            .iter()
            .any(|note| note.contains("a message is dropped"));
        assert!(noted, "{module}: {:?}", bench.notes);
        bench.network(NetEvent::Received(&publish(65_535)));
        assert_eq!(bench.said.len(), 1, "{module}: one that fits is shown");
    }
}
