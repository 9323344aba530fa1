//! Field problems of real firmware, by name.

/// A named combination of faults.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name, as in `preset nat-drop`.
    pub name: &'static str,
    /// The field problem it reproduces.
    pub reproduces: &'static str,
    /// The faults, as text.
    pub faults: &'static [&'static str],
}

/// Every preset.
pub fn presets() -> &'static [Preset] {
    &PRESETS
}

pub(super) fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

const fn preset(
    name: &'static str,
    faults: &'static [&'static str],
    reproduces: &'static str,
) -> Preset {
    Preset {
        name,
        reproduces,
        faults,
    }
}

#[rustfmt::skip]
pub(super) static PRESETS: [Preset; 44] = [
    preset("ok-and-urc-in-one-read", &["join within=500ms count=all"],
        "OK and the URC after it arrive in one read; a host that parses reads loses the URC"),
    preset("urc-before-response", &[r#"urc "RING" before-response"#],
        "a URC comes between a command and its response and is taken for the response"),
    preset("urc-between-lines", &[r#"urc "RING" between-lines"#],
        "a URC comes between two lines of a response"),
    preset("urc-mid-command", &[r#"urc "RING" mid-command"#],
        "a URC comes while the host is still sending its command, in the middle of the echo"),
    preset("line-feed-in-payload", &[r#"message "first\r\nsecond" once=connected"#],
        "a payload holds a line end; a host that reads lines loses half the message"),
    preset("comma-in-payload", &[r#"message "a,b,,c" once=connected"#],
        "a payload holds commas; a host that splits at commas counts wrong"),
    preset("quote-in-payload", &[r#"message "say \"hi\"" once=connected"#],
        "a payload holds quotation marks; a host that looks for the closing one stops early"),
    preset("ok-in-payload", &[r#"message "\r\nOK\r\n" once=connected"#],
        "a payload holds a final result, and ends a command that is still running"),
    preset("terminator-in-payload", &[r#"message "a\x1Ab" once=connected"#],
        "a payload holds 0x1A, the byte that ends a data entry"),
    preset("message-during-publish", &[r#"message "meanwhile" after publish"#],
        "a message arrives between a publish and its acknowledgement"),
    preset("message-before-suback", &[r#"hold urc like /SUB|SUBACK/ 1s"#],
        "a retained message comes before the result of the subscription that brought it"),
    preset("late-ok", &["hold final 3m once=connected"],
        "OK comes minutes late, after the host gave up and after the URC it should precede"),
    preset("stall-then-late-urc", &["stall for=15s once=connected", "delay urc 15s once=connected"],
        "the network stalls, and the result URC comes when it is no longer expected"),
    preset("data-entry-never-completed", &["drop entry"],
        "the host's UART loses a byte of a payload; the module waits for it forever"),
    preset("strict-crlf", &["strict-crlf"],
        "a firmware revision takes data only when CR LF follows it"),
    preset("nat-drop", &["half-open once=connected"],
        "a carrier's NAT forgets an idle connection; both ends believe it is up"),
    preset("daily-detach", &["detach for=30s every=1d once=connected"],
        "the operator detaches every module once a day"),
    preset("sms-drops-pdp", &[r#"urc "+CMTI: \"SM\",1" once=connected"#, "pdp-loss 1 in=200ms once=connected"],
        "an SMS arrives and takes the PDP context with it"),
    preset("radio-loss-unsent", &["registration 2 before publish for=1m"],
        "the radio is lost at the moment a message should leave"),
    preset("state-outlives-host", &["drop dtr"],
        "the host resets and the module does not notice: echo, connections, even an open prompt stay"),
    preset("not-ready-at-boot", &["drop input count=all for=15s", "silence for=15s"],
        "the module takes long to boot and hears nothing meanwhile"),
    preset("brown-out-on-transmit", &["brown-out before publish"],
        "the current of a transmission pulls the supply down and the module restarts"),
    preset("dns-stall", &["dns-failure 60s"],
        "name resolution takes a minute, then fails"),
    preset("tls-failure", &["tls-failure count=all"],
        "the TLS handshake fails, as with an expired certificate"),
    preset("single-bytes", &["fragment 1"],
        "output arrives byte by byte; a host that parses reads never sees a whole line"),
    preset("slow-uart", &["pace 9600"],
        "output takes as long as at 9600 baud"),
    preset("duplicate-urc", &["duplicate urc once=connected"],
        "a URC is said twice, and a host that counts results counts one too many"),
    preset("baud-garbage", &["corrupt output for=2s"],
        "the module starts at a wrong baud rate; its first words are garbage"),
    preset("slow-detach", &["stall for=1m once=connected", "stall to-module for=1m once=connected", "detach in=1m once=connected"],
        "the network lets go slowly: nothing passes for a minute before the module is told"),
    preset("disconnect-on-receive", &["close after publish to-module"],
        "the connection breaks as a message arrives"),
    preset("broker-refuses", &["refuse connect 5 count=all"],
        "the broker refuses the login"),
    preset("broker-unavailable", &["refuse connect 3 count=all"],
        "the broker is up but serves nobody"),
    preset("broker-disappears", &["reset once=connected", "refused count=all once=connected"],
        "the broker dies, and nobody listens at its address"),
    preset("client-id-taken-over", &["close once=connected"],
        "another client connects with the same client id, and the broker closes this one"),
    preset("client-id-fight", &["close every=10s once=connected"],
        "two clients with one client id take turns, each disconnecting the other"),
    preset("puback-lost", &["drop puback"],
        "an acknowledgement is lost; the publish is retransmitted or reported as failed"),
    preset("pingresp-lost", &["drop pingresp count=all"],
        "the broker answers no ping"),
    preset("weak-signal", &["signal 2", "latency 2s", "bandwidth 4800"],
        "a module at the edge of its cell: all is slow, and nothing breaks"),
    preset("sim-contact", &["sim-remove for=2s once=connected"],
        "the SIM loses contact for a moment, as with vibration"),
    preset("reboot-mid-response", &["reboot mid-response"],
        "the watchdog restarts the module in the middle of a response"),
    preset("qos2-cut-at-publish", &["reset before publish"],
        "a QoS 2 handshake breaks before PUBLISH arrives"),
    preset("qos2-cut-at-pubrec", &["reset before pubrec"],
        "a QoS 2 handshake breaks before PUBREC arrives"),
    preset("qos2-cut-at-pubrel", &["reset before pubrel"],
        "a QoS 2 handshake breaks before PUBREL arrives"),
    preset("qos2-cut-at-pubcomp", &["reset before pubcomp"],
        "a QoS 2 handshake breaks before PUBCOMP arrives"),
];
