//! The family's own configuration switches (docs/spec/quectel.md section 0).

use alloc::string::String;

use crate::cloud::aliyun::SignMethod;
use crate::quirks::{Factor, Millis, QuirkType, quirks};

impl QuirkType for SignMethod {
    const WANTED: &'static str = "one of: hmacsha1 hmacsha256 hmacmd5";

    fn read(text: &str) -> Option<Self> {
        Self::find(text.as_bytes())
    }

    fn show(&self) -> String {
        self.name().into()
    }
}

quirks! {
    /// What only this family's handlers read.
    pub(crate) struct Knobs {
        /// Whether the first line of a buffered read starts with CR LF
        /// (docs/spec/quectel.md 5.4).
        recv_read_leading_crlf: bool = false,
        /// Whether retransmission lines print msgid 0 (docs/spec/quectel.md 6.3).
        retx_msgid_zero: bool = false,
        /// Whether `+QMTSTAT: i,5` follows a server's close after our
        /// DISCONNECT (docs/spec/quectel.md 3.5).
        disc_stat5: bool = true,
        /// `+QMTSTAT` code when no CONNACK arrives (docs/spec/quectel.md 7.3).
        connack_timeout_code: u8 = 4,
        /// Shortest time between `OK` and any result URC of an asynchronous
        /// command, in milliseconds; none leaves each command its own
        /// (docs/spec/quectel.md 2.8).
        result_urc_delay_ms: Option<Millis> = None,
        /// Shortest time from `OK` to `+QMTOPEN` (docs/spec/quectel.md 2.8).
        open_result_ms: Millis = Millis(300),
        /// Shortest time from `OK` to `+QMTCONN` (docs/spec/quectel.md 2.8).
        connect_result_ms: Millis = Millis(300),
        /// Shortest time from `OK` to `+QMTDISC` (docs/spec/quectel.md 2.8).
        disconnect_result_ms: Millis = Millis(0),
        /// Shortest time from the `OK` of AT+QMTDISC to `+QMTSTAT: i,5`
        /// (docs/spec/quectel.md 2.8).
        disconnect_stat_ms: Millis = Millis(500),
        /// Shortest time from `OK` to `+QMTCLOSE` (docs/spec/quectel.md 2.8).
        close_result_ms: Millis = Millis(0),
        /// Shortest time from `OK` to `+QMTSUB` and `+QMTUNS`
        /// (docs/spec/quectel.md 2.8).
        subscribe_result_ms: Millis = Millis(300),
        /// Shortest time from `OK` to `+QMTPUBEX` and `+QMTPUB`
        /// (docs/spec/quectel.md 2.8).
        publish_result_ms: Millis = Millis(300),
        /// Shortest time from `OK` to the results of AT+QIDNSGIP, AT+QNTP and
        /// AT+QPING (docs/spec/quectel.md 2.8).
        lookup_result_ms: Millis = Millis(300),
        /// How long after SUBACK `+QMTSUB` is said; messages that come
        /// meanwhile stand before it. 0 keeps them behind it
        /// (docs/spec/quectel.md 5.9).
        late_suback_ms: Millis = Millis(0),
        /// Time from the CR of a data-entry command to its prompt, in
        /// milliseconds (docs/spec/quectel.md 4.1).
        prompt_delay_ms: Millis = Millis(10),
        /// Silence that ends the discarding of surplus data, in milliseconds
        /// (docs/spec/quectel.md 4.3).
        extra_drain_ms: Millis = Millis(20),
        /// Silence after which data entry is given up, in seconds
        /// (docs/spec/quectel.md 4.5).
        data_idle_timeout_s: u32 = 60,
        /// Multiple of the keep-alive after which a silent server is declared
        /// dead (docs/spec/quectel.md 7.5).
        ping_deadline_factor: Factor = Factor { thousandths: 1500 },
        /// Whether a QoS 1 message that finds no free slot is acknowledged
        /// (docs/spec/quectel.md 5.5).
        qos1_ack_when_full: bool = false,
        /// Whether AT+QNWINFO prints the operator in quotes
        /// (docs/spec/quectel.md 10.2).
        qnwinfo_quoted: bool = true,
        /// `timestamp=` of `aliauth` in Unix seconds, or none for the module's
        /// clock (docs/spec/quectel.md section 8).
        aliauth_timestamp: Option<u64> = None,
        /// Signing method of `aliauth` (docs/spec/quectel.md section 8).
        aliauth_method: SignMethod = SignMethod::HmacSha1,
        /// Whether the start-up URCs are printed (docs/spec/quectel.md section 10).
        boot_urcs: bool = true,
    }
}

impl Knobs {
    /// The distance a result keeps from its `OK`, whose command has `own`.
    pub(super) fn result_delay(&self, own: Millis) -> Millis {
        self.result_urc_delay_ms.unwrap_or(own)
    }
}
