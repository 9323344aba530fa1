//! Every form a fault can have: what `attwin faults` and the documentation are
//! made of.

/// One form of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultInfo {
    /// Its first word.
    pub name: &'static str,
    /// Where it acts.
    pub place: Place,
    /// Its form; words in capitals stand for [`placeholders`], brackets for
    /// what may be left out. [`modifiers`] may follow.
    pub syntax: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// One that can be tried as it is.
    pub example: &'static str,
}

/// Where a fault acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// On the serial line between module and host.
    Serial,
    /// Among the MQTT control packets between module and broker.
    Mqtt,
    /// On the network below them.
    Network,
    /// On the operator's side: supply, SIM, radio.
    Radio,
    /// Wherever the faults act that it combines.
    Preset,
}

/// A word of a syntax, or a modifier behind a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The word, or the key and what its value stands for.
    pub syntax: &'static str,
    /// What it means.
    pub summary: &'static str,
}

/// Every form of fault, by place.
pub fn catalogue() -> &'static [FaultInfo] {
    &CATALOGUE
}

/// Every word in capitals, and what it stands for.
pub fn placeholders() -> &'static [Term] {
    &PLACEHOLDERS
}

/// Every modifier.
pub fn modifiers() -> &'static [Term] {
    &MODIFIERS
}

pub(super) fn is_modifier(key: &str) -> bool {
    let keys = MODIFIERS.iter().filter_map(|m| m.syntax.split_once('='));
    keys.into_iter().any(|(name, _)| name == key)
}

const fn info(
    place: Place,
    name: &'static str,
    syntax: &'static str,
    example: &'static str,
    summary: &'static str,
) -> FaultInfo {
    FaultInfo {
        name,
        place,
        syntax,
        summary,
        example,
    }
}

use Place::{Mqtt, Network, Radio, Serial};

#[rustfmt::skip]
pub(super) static CATALOGUE: [FaultInfo; 48] = [
    info(Serial, "drop", "drop PART [like PATTERN] [N]", "drop urc like \"+QMTPUBEX\"",
        "what the module says is lost"),
    info(Serial, "drop", "drop byte [N] [to-module]", "drop byte 2 to-module after=5",
        "single bytes are lost, of the module's or of the host's"),
    info(Serial, "drop", "drop entry [N]", "drop entry",
        "bytes the host sends after a prompt are lost"),
    info(Serial, "drop", "drop input [N]", "drop input",
        "what the host sends in one write is lost"),
    info(Serial, "drop", "drop dtr", "drop dtr",
        "the module does not notice that the host comes or goes"),
    info(Serial, "duplicate", "duplicate PART [like PATTERN] [N]", "duplicate information like /^\\+CSQ/ 2",
        "the module says it twice"),
    info(Serial, "corrupt", "corrupt PART [like PATTERN]|input [N]", "corrupt output for=2s",
        "every byte of it is garbage, as at a wrong baud rate"),
    info(Serial, "corrupt", "corrupt byte [N] [to-module]", "corrupt byte probability=0.01",
        "one bit of a byte flips"),
    info(Serial, "corrupt", "corrupt entry [N]", "corrupt entry 3",
        "one bit flips in a byte the host sends after a prompt"),
    info(Serial, "delay", "delay PART [like PATTERN]|input SPAN", "delay final 20s",
        "it comes later, and what follows behind it"),
    info(Serial, "hold", "hold PART [like PATTERN] SPAN", "hold final 3m",
        "it comes later, and what follows overtakes it"),
    info(Serial, "fragment", "fragment BYTES [gap=SPAN]", "fragment 1 gap=2ms",
        "output comes in pieces of this many bytes"),
    info(Serial, "pace", "pace BAUD", "pace 9600",
        "output comes no faster than this baud rate lets it"),
    info(Serial, "join", "join [within=SPAN]", "join within=1s",
        "a final result waits for the next URC and comes in one piece with it"),
    info(Serial, "move", "move urc [like PATTERN] PLACE [within=SPAN]", "move urc between-lines within=30s",
        "a URC waits for a place where it must not stand"),
    info(Serial, "urc", "urc \"TEXT\" [MOMENT]", "urc \"RING\" mid-command",
        "the module says a URC of this text"),
    info(Serial, "answer", "answer PATTERN \"TEXT\"... [N]",
        "answer \"AT+QMTOPEN\" \"+CME ERROR: 3\"",
        "the module answers such a command line with these lines instead of carrying it out"),
    info(Serial, "silence", "silence", "silence for=30s",
        "nothing the module says reaches the host"),
    info(Serial, "strict-crlf", "strict-crlf", "strict-crlf",
        "data after a prompt is taken only once the host ends it with CR LF"),
    info(Mqtt, "drop", "drop PACKET [N] [DIRECTION]", "drop puback 2",
        "a packet is lost"),
    info(Mqtt, "delay", "delay PACKET SPAN [DIRECTION]", "delay publish 3s to-module",
        "a packet comes later, and what follows behind it"),
    info(Mqtt, "duplicate", "duplicate PACKET [N] [DIRECTION]", "duplicate pubrec",
        "a packet comes twice"),
    info(Mqtt, "corrupt", "corrupt PACKET [N] [DIRECTION]", "corrupt suback",
        "one bit of a packet's body flips, or of its header if it has no body"),
    info(Mqtt, "replace", "replace PACKET \"BYTES\" [DIRECTION]", "replace puback \"@\\x02\\x00\\x09\"",
        "these bytes come in a packet's place"),
    info(Mqtt, "refuse", "refuse connect CODE", "refuse connect 5",
        "CONNACK carries this return code, then the connection is closed"),
    info(Mqtt, "message", "message \"PAYLOAD\" [MOMENT] [topic=\"TOPIC\"]",
        "message \"hello\" after publish topic=\"down/1\"",
        "the broker publishes at QoS 0"),
    info(Mqtt, "close", "close [MOMENT]", "close after publish",
        "the broker's side closes the connection"),
    info(Network, "reset", "reset [MOMENT]", "reset before puback",
        "the connection is reset"),
    info(Network, "lost", "lost [MOMENT]", "lost after publish",
        "the connection counts as dead because the peer does not answer (ETIMEDOUT)"),
    info(Network, "half-open", "half-open [MOMENT]", "half-open",
        "bytes on the present connections vanish both ways and neither end is notified"),
    info(Network, "stall", "stall [DIRECTION]", "stall for=20s",
        "bytes wait until it is over, then come"),
    info(Network, "latency", "latency SPAN [DIRECTION]", "latency 800ms",
        "bytes arrive this much later"),
    info(Network, "bandwidth", "bandwidth BITS [DIRECTION]", "bandwidth 2400",
        "at most this many bits per second pass"),
    info(Network, "dns-failure", "dns-failure [SPAN]", "dns-failure 60s",
        "a name does not resolve; SPAN is how long the attempt takes, here and below"),
    info(Network, "refused", "refused [SPAN]", "refused count=all",
        "the broker's host refuses the connection"),
    info(Network, "unreachable", "unreachable [SPAN]", "unreachable",
        "there is no route to the broker's host"),
    info(Network, "timeout", "timeout [SPAN]", "timeout",
        "connecting gets no answer; SPAN is the module's own time-out unless given"),
    info(Network, "tls-failure", "tls-failure [SPAN]", "tls-failure 2s",
        "the TLS handshake of a connection fails, if it has one"),
    info(Radio, "detach", "detach [MOMENT] [for=SPAN]", "detach for=30s",
        "the network detaches the module, and with `for` attaches it again"),
    info(Radio, "attach", "attach [MOMENT]", "attach in=30s",
        "the network attaches the module"),
    info(Radio, "pdp-loss", "pdp-loss CID [MOMENT]", "pdp-loss 1",
        "the network deactivates a PDP context"),
    info(Radio, "sim-remove", "sim-remove [MOMENT] [for=SPAN]", "sim-remove for=5s",
        "the SIM is taken out, and with `for` put in again"),
    info(Radio, "sim-insert", "sim-insert [MOMENT]", "sim-insert in=5s", "the SIM is put in"),
    info(Radio, "signal", "signal RSSI [MOMENT]", "signal 3",
        "the signal strength of AT+CSQ changes"),
    info(Radio, "registration", "registration STAT [MOMENT] [for=SPAN]", "registration 2 for=1m",
        "the registration status changes, with `for` back to 1"),
    info(Radio, "brown-out", "brown-out [SPAN] [MOMENT]", "brown-out before publish",
        "the supply dips and the module boots after SPAN, 500 ms unless given"),
    info(Radio, "power-cycle", "power-cycle [SPAN] [MOMENT]", "power-cycle 10s",
        "power is off for SPAN, 10 s unless given"),
    info(Radio, "reboot", "reboot [MOMENT]", "reboot mid-response",
        "the module restarts by itself"),
];

#[rustfmt::skip]
static PLACEHOLDERS: [Term; 9] = [
    Term { syntax: "PART",
        summary: "what the module says: echo, information, final, urc, prompt, data, \
                  line (information, final or urc) or output (any)" },
    Term { syntax: "PACKET",
        summary: "an MQTT packet type by its name, such as puback, or `packet` for any" },
    Term { syntax: "DIRECTION",
        summary: "to-broker or to-module; unless given, the one a publishing module sees" },
    Term { syntax: "MOMENT",
        summary: "now (unless given), before PACKET, after PACKET, a PLACE, or at PATTERN: when the \
                  host has sent such a command line and it is not carried out yet" },
    Term { syntax: "PATTERN",
        summary: "\"TEXT\": what a line begins with, of a command the whole name at least; \
                  or /REGEX/: a regular expression that matches it" },
    Term { syntax: "PLACE",
        summary: "before-response, between-lines, mid-response or mid-command" },
    Term { syntax: "SPAN", summary: "a time such as 500ms, 1.5s, 10m, 2h or 1d" },
    Term { syntax: "N", summary: "how often; the same as count=N" },
    Term { syntax: "TEXT", summary: "bytes in quotation marks, with \\r \\n \\t \\\\ \\\" \\xHH; so are \
                  BYTES, PAYLOAD and TOPIC" },
];

#[rustfmt::skip]
static MODIFIERS: [Term; 10] = [
    Term { syntax: "count=N|all",
        summary: "acts this many times; 1 unless it is a condition or has `for` or `probability`" },
    Term { syntax: "after=N", summary: "lets the first N opportunities pass" },
    Term { syntax: "probability=P", summary: "takes each opportunity with chance P, 0 to 1" },
    Term { syntax: "for=SPAN", summary: "ends after SPAN" },
    Term { syntax: "in=SPAN", summary: "starts SPAN from now" },
    Term { syntax: "once=connected",
        summary: "starts when an MQTT client is connected, at once if one is" },
    Term { syntax: "every=SPAN", summary: "happens again every SPAN" },
    Term { syntax: "gap=SPAN", summary: "time between fragments, 1 ms unless given" },
    Term { syntax: "within=SPAN", summary: "longest wait, 10 s unless given" },
    Term { syntax: "topic=\"TOPIC\"", summary: "topic of the message, `fault` unless given" },
];
