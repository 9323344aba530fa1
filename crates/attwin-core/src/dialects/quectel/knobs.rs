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
        /// Shortest time between `OK` and the result URC of an asynchronous
        /// command, in milliseconds (docs/spec/quectel.md 2.8).
        result_urc_delay_ms: Millis = Millis(300),
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
        /// `timestamp=` of `aliauth` in Unix seconds, or none for the module's
        /// clock (docs/spec/quectel.md section 8).
        aliauth_timestamp: Option<u64> = None,
        /// Signing method of `aliauth` (docs/spec/quectel.md section 8).
        aliauth_method: SignMethod = SignMethod::HmacSha1,
        /// Whether the start-up URCs are printed (docs/spec/quectel.md section 10).
        boot_urcs: bool = true,
    }
}
