//! The family's own configuration switches (docs/spec/simcom.md 13.1).

use crate::quirks::{Millis, quirk_words, quirks};

quirk_words! {
    /// Name before the card identity that AT+CICCID answers.
    pub(crate) enum CardIdentity {
        /// SIM7028.
        Ciccid = "CICCID",
        /// Siblings.
        Iccid = "ICCID",
    }
}

impl CardIdentity {
    /// As it is printed.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ciccid => "+CICCID",
            Self::Iccid => "+ICCID",
        }
    }
}

quirk_words! {
    /// Protocol level of CONNECT.
    pub(crate) enum MqttLevel {
        /// MQTT 3.1, `MQIsdp`.
        V31 = "3",
        /// MQTT 3.1.1, `MQTT`.
        V311 = "4",
    }
}

quirks! {
    /// What only this family's handlers read.
    pub(crate) struct Knobs {
        /// Most payload bytes behind one `+CMQTTRXPAYLOAD`, 0 for no limit
        /// (docs/spec/simcom.md 5.4).
        rx_payload_chunk: usize = 1500,
        /// Most topic bytes behind one `+CMQTTRXTOPIC`, 0 for no limit
        /// (docs/spec/simcom.md 5.4).
        rx_topic_chunk: usize = 1024,
        /// Whether topic and payload stand on their header lines, as M5Stack's
        /// MicroPython driver for SIM7028 reads them: with it, switch this on
        /// (docs/spec/simcom.md 5.6).
        rx_inline: bool = false,
        /// Whether a CONNECT whose TCP connection fails is answered with its
        /// code and ERROR instead of OK, as on A7670E (docs/spec/simcom.md 3.8).
        connect_sync_errors: bool = false,
        /// Whether `+CMQTTSTART` precedes OK and a second START is answered
        /// with code 23, as on SIM7600 (docs/spec/simcom.md 3.1).
        start_urc_first: bool = false,
        /// Whether a client command before AT+CMQTTSTART is answered ERROR
        /// alone, as the manual has it, instead of code 9 and ERROR
        /// (docs/spec/simcom.md 2.7).
        stopped_error_alone: bool = false,
        /// Whether messages that a subscription brings, retained or queued
        /// ones, come before its `+CMQTTSUB` (docs/spec/simcom.md 5.5).
        messages_before_suback: bool = false,
        /// Whether `+CMQTTNONET` follows a loss of the network
        /// (docs/spec/simcom.md 5.1).
        nonet_urc: bool = false,
        /// Whether payloads and will messages have to be UTF-8 too
        /// (docs/spec/simcom.md 3.17).
        utf8_check_payload: bool = false,
        /// Protocol level of CONNECT, 3 for MQTT 3.1 or 4 for 3.1.1
        /// (docs/spec/simcom.md 7).
        mqtt_level: MqttLevel = MqttLevel::V311,
        /// Silence after which data entry is given up, in seconds, 0 for never
        /// (docs/spec/simcom.md 4).
        data_timeout_s: u32 = 120,
        /// Time from the CR of a data-entry command to its prompt, in
        /// milliseconds (docs/spec/simcom.md 4).
        prompt_delay_ms: Millis = Millis(5),
        /// Time from OK to the result of what needs no answer from outside, in
        /// milliseconds (docs/spec/simcom.md 6).
        urc_delay_ms: Millis = Millis(5),
        /// Name before the card identity that AT+CICCID answers
        /// (docs/spec/simcom.md 1).
        iccid_prefix: CardIdentity = CardIdentity::Ciccid,
        /// Whether the server certificate's name is compared with the host's
        /// (docs/spec/simcom.md 9.1).
        tls_verify_name: bool = false,
        /// Whether a server certificate that fits the host name by a wildcard
        /// is refused with code 32 after 20 s, as one series of reports of a
        /// SIM7022 has it, cause unconfirmed; needs a real network
        /// (docs/spec/simcom.md 9.1).
        tls_refuse_wildcard: bool = false,
    }
}
