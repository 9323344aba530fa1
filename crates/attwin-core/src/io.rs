//! What goes into a [`Modem`](crate::Modem) and what comes out: plain values,
//! no sockets, no clocks.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;
use core::time::Duration;

use bytes::Bytes;

use crate::coverage::{Registration, Signal};
use crate::reason::Reason;
use crate::tls::TlsSettings;

/// Identifies one network connection (or name look-up) of a modem.
///
/// The modem chooses the number when it emits [`NetCommand::Open`] or
/// [`NetCommand::Resolve`] and never reuses it, so an event that arrives late
/// for a link the modem has already given up is recognised and ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link {}", self.0)
    }
}

/// Something that happens to the modem.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Input<'a> {
    /// Bytes the host (DTE) sent.
    Serial(&'a [u8]),
    /// The host's side of the serial line appeared or vanished.
    Host(HostEvent),
    /// Something happened on a network link.
    Network {
        /// The link it happened on.
        link: LinkId,
        /// What happened.
        event: NetEvent<'a>,
    },
    /// The value of this key could not be kept as the last
    /// [`Output::Store`] asked: it is as it was before, and the command that
    /// wanted it fails. To be said before anything else happens, polling
    /// included; without it, what was polled counts as kept.
    StoreFailed {
        /// The key.
        key: &'a str,
    },
    /// The operator's side: power, SIM, radio.
    Radio(RadioEvent),
    /// The wall clock now reads this many milliseconds since the Unix epoch.
    ///
    /// Optional: the modem counts on from
    /// [`Config::wall_clock_ms`](crate::Config::wall_clock_ms) by itself.
    WallClock(i64),
}

/// The host's side of the serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostEvent {
    /// A host opened the line.
    Attached,
    /// The host closed the line (DTR dropped). What it did not take is lost, as
    /// on a UART.
    Detached,
    /// The host does not take what is said: until [`Ready`](Self::Ready) or
    /// [`Detached`](Self::Detached) no serial output comes, no further command
    /// line is begun, and the network has to wait once enough is held back.
    Stalled,
    /// The host takes output again.
    Ready,
}

/// Something that happened on a network link.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetEvent<'a> {
    /// The connection is up, TLS handshake included.
    Opened,
    /// The connection could not be made; the link is gone.
    Failed(NetError),
    /// Bytes from the peer.
    Received(&'a [u8]),
    /// This many more bytes of what [`NetCommand::Send`] carried were handed
    /// to the network.
    Sent(usize),
    /// The connection ended; the link is gone.
    Closed(CloseReason),
    /// The name resolved; the link is gone.
    Resolved(&'a [IpAddr]),
}

/// Why a connection could not be made or a name not be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NetError {
    /// The host name does not resolve.
    Dns,
    /// The peer refused the connection.
    Refused,
    /// No route to the peer.
    Unreachable,
    /// The peer did not answer in time.
    TimedOut,
    /// The TLS handshake failed, or its settings cannot be served.
    Tls,
    /// A local resource is missing: no socket, no port.
    Local,
}

impl NetError {
    /// A few words, for logs and traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed out",
            Self::Tls => "tls",
            Self::Local => "local",
        }
    }
}

/// Why an established connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The peer closed it in an orderly way (FIN, TLS close_notify).
    Finished,
    /// The peer reset it (RST) or broke the TLS protocol.
    Reset,
    /// Writing failed on this side.
    WriteFailed,
    /// The peer vanished: time-out or no route.
    TimedOut,
}

impl CloseReason {
    /// A few words, for logs and traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Reset => "reset",
            Self::WriteFailed => "write failed",
            Self::TimedOut => "timed out",
        }
    }
}

/// The operator's and the bench's side of the module.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RadioEvent {
    /// Power is applied and the module boots; ignored when it is on.
    PowerOn,
    /// Power is cut without warning; nothing more is said.
    PowerCut,
    /// The module restarts by itself, as after a watchdog.
    Reboot,
    /// The SIM is taken out.
    SimRemoved,
    /// The SIM is put in; it is ready unless a PIN is configured.
    SimInserted,
    /// The network gives the module another registration status. Leaving
    /// [`Home`](Registration::Home) and [`Roaming`](Registration::Roaming)
    /// drops every PDP context.
    Registration(Registration),
    /// The network detaches the module from packet service.
    Detach,
    /// The network attaches the module again.
    Attach,
    /// The network deactivates this PDP context.
    PdpLost(u8),
    /// The signal is this strong from now on.
    Signal(Signal),
}

/// Something the driver has to do. One that it does not know it may ignore.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Bytes for the host.
    Serial {
        /// What the bytes are.
        kind: SerialKind,
        /// The bytes, to be written as they are.
        bytes: Bytes,
        /// Why, where they say that something was refused or failed.
        reason: Option<Reason>,
    },
    /// A command for a network link.
    Network {
        /// The link concerned.
        link: LinkId,
        /// What to do.
        command: NetCommand,
    },
    /// Something that must survive a power cycle.
    Store(StoreCommand),
    /// For the log and the trace; no action needed.
    Trace(Trace),
}

/// What a piece of serial output is, for traces and for fault injection from
/// outside; a host sees only the bytes.
///
/// It is matched exhaustively on purpose: what stands between a module and its
/// host must know every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SerialKind {
    /// The host's own bytes, echoed.
    Echo,
    /// A line of information text.
    Information,
    /// A final result code.
    Final,
    /// An unsolicited result code.
    Urc,
    /// A data prompt, `CONNECT`, or an acknowledgement within a transfer.
    Prompt,
    /// Raw data, as in a file download.
    Data,
}

/// A command for a network link.
///
/// It is matched exhaustively on purpose: a driver must carry out every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetCommand {
    /// Resolve `host`, connect to it, and perform the TLS handshake if asked.
    /// Answered by [`NetEvent::Opened`] or [`NetEvent::Failed`].
    Open {
        /// Host name or IP literal as the host gave it.
        host: String,
        /// TCP port.
        port: u16,
        /// TLS settings, `None` for plain TCP.
        tls: Option<alloc::boxed::Box<TlsSettings>>,
        /// How long TCP may take to connect, without name resolution and
        /// handshake.
        connect_timeout: Duration,
    },
    /// Send these bytes. Answered by [`NetEvent::Sent`], in parts or whole.
    Send(Bytes),
    /// Send what is still queued, then close. No event follows: the link is
    /// gone for the modem.
    Close,
    /// Drop the connection at once, as when the radio goes away: the peer is
    /// told nothing in the MQTT sense. No event follows.
    Abort,
    /// Stop reading from the peer until [`NetCommand::Resume`]: the modem has
    /// more to say to its host than the host takes.
    Pause,
    /// Read again.
    Resume,
    /// Resolve this name only. Answered by [`NetEvent::Resolved`] or
    /// [`NetEvent::Failed`].
    Resolve(String),
}

/// What must survive a power cycle: a small key-value store. Keys are made of
/// `a-z 0-9 / . _ -` and percent-escapes, values are opaque.
///
/// It is matched exhaustively on purpose: a driver must carry out every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreCommand {
    /// Store or replace a value.
    Put {
        /// Key.
        key: String,
        /// Value.
        value: Bytes,
    },
    /// Forget a value.
    Delete {
        /// Key.
        key: String,
    },
}

impl StoreCommand {
    /// The key it is about.
    pub fn key(&self) -> &str {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key,
        }
    }
}

/// State changes and diagnoses a person may want to see; never needed for
/// correct operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trace {
    /// The module was powered on or off.
    Power(bool),
    /// An MQTT client of the module changed state.
    Client {
        /// Client index as the dialect counts it.
        index: u8,
        /// Name of the new state.
        state: &'static str,
    },
    /// A PDP context was activated or deactivated.
    Pdp {
        /// Context id.
        cid: u8,
        /// Whether it is active now.
        active: bool,
    },
    /// A sentence that explains something the wire cannot say.
    Note(String),
}

/// Values kept across a power cycle, as handed back at creation.
pub type Stored = Vec<(String, Bytes)>;
