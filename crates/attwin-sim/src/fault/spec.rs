//! What a fault is, as plain data.

use attwin_core::{Duration, Registration, Signal};
use bytes::Bytes;

use super::like::Pattern;
use super::preset::Preset;

/// One fault, or a [preset](Preset) of several: what goes wrong, and when.
///
/// It is written and read as text; [`catalogue`](super::catalogue()) lists
/// every form, and the [module's page](super) the modifiers they share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultSpec {
    pub(super) kind: Kind,
    /// Which lines it is aimed at; `None` is all of its kind.
    pub(super) like: Option<Pattern>,
    pub(super) when: When,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Serial(SerialFault),
    Packet(PacketFault),
    Network(NetworkFault),
    /// Something that happens at a moment.
    Event {
        event: Event,
        trigger: Trigger,
    },
    /// These lines come in place of what a command would answer.
    Answer {
        to: Pattern,
        lines: Vec<Bytes>,
    },
    Preset(&'static Preset),
}

/// How often, how long and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct When {
    pub(super) count: Option<Count>,
    /// Opportunities let pass first.
    pub(super) after: u32,
    /// Chance of each opportunity, in millionths.
    pub(super) probability: Option<u32>,
    /// How long it lasts.
    pub(super) lasting: Option<Duration>,
    /// How long after its injection it starts.
    pub(super) starting: Option<Duration>,
    /// How long after one occurrence the next follows.
    pub(super) every: Option<Duration>,
    /// Whether it starts only when a client is connected.
    pub(super) once_connected: bool,
}

/// How often a fault acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Times(u32),
    All,
}

/// What goes wrong on the serial line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SerialFault {
    /// Output comes in pieces of this many bytes.
    Fragment {
        size: u32,
        gap: Duration,
    },
    /// Output comes at this baud rate, ten bits a byte.
    Pace {
        baud: u32,
    },
    /// What follows waits as well.
    Delay {
        part: Part,
        by: Duration,
    },
    /// What follows overtakes it.
    Hold {
        part: Part,
        by: Duration,
    },
    Drop(Part),
    Duplicate(Part),
    Corrupt(Part),
    /// A final result waits this long for a URC to be read with.
    Join {
        within: Duration,
    },
    /// A URC waits this long for a place where it must not be.
    Move {
        place: Place,
        within: Duration,
    },
    Silence,
    /// Data of the host is kept back until it ends with CR LF.
    StrictCrlf,
}

/// A part of what passes the serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Echo,
    Information,
    Final,
    Urc,
    Prompt,
    Data,
    /// Information, a final result or a URC.
    Line,
    /// Any piece the module says.
    Output,
    /// One byte the module says.
    Byte,
    /// One byte the host sends.
    HostByte,
    /// One byte the host sends behind a prompt.
    Entry,
    /// What the host sends in one write.
    Input,
    /// The host attaching and detaching, as DTR shows it.
    Dtr,
}

/// A place in the module's output where a URC does not belong, or in the
/// host's command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Between a command and what answers it.
    BeforeResponse,
    /// Between two lines of a response.
    BetweenLines,
    /// In the middle of a line of a response.
    MidResponse,
    /// While the host is sending a command line.
    MidCommand,
}

/// What goes wrong with MQTT control packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PacketFault {
    pub(super) packets: Packets,
    pub(super) act: PacketAct,
}

/// Packets of a type on their way in a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packets {
    /// Type number of MQTT 3.1.1 section 2.2.1; `None` is any.
    pub(super) kind: Option<u8>,
    pub(super) direction: Direction,
}

pub(super) use crate::link::Direction;

/// What happens to a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PacketAct {
    Drop,
    /// Later packets of its direction wait as well.
    Delay(Duration),
    Duplicate,
    /// One bit flips.
    Corrupt,
    Replace(Bytes),
    /// CONNACK carries this code instead, then the broker closes.
    Refuse(u8),
}

/// What goes wrong on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NetworkFault {
    /// An attempt to connect or to resolve fails, this long after it began.
    Fail {
        failure: Failure,
        after: Option<Duration>,
    },
    /// Bytes wait.
    Stall(Direction),
    /// `None` is both directions.
    Latency {
        by: Duration,
        direction: Option<Direction>,
    },
    /// In bits a second.
    Bandwidth {
        rate: u32,
        direction: Option<Direction>,
    },
}

/// How an attempt to connect fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    Dns,
    Refused,
    Unreachable,
    Timeout,
    Tls,
}

/// Something that happens at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The broker's side ends the connection in an orderly way.
    Close,
    /// The connection is reset.
    Reset,
    /// The peer has not answered for so long that the connection counts as
    /// dead (ETIMEDOUT).
    Lost,
    /// From now on bytes vanish both ways, and neither end is notified.
    HalfOpen,
    /// The broker publishes at QoS 0.
    Message {
        payload: Bytes,
        topic: Option<Bytes>,
    },
    /// The module says a URC of its own.
    Urc(Bytes),
    Detach,
    Attach,
    PdpLoss(u8),
    SimRemove,
    SimInsert,
    Signal(Signal),
    Registration(Registration),
    /// The supply dips, the module restarts after this long.
    BrownOut(Option<Duration>),
    /// Power is off for this long.
    PowerCycle(Option<Duration>),
    Reboot,
}

/// When an event happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trigger {
    Now,
    Before(Packets),
    After(Packets),
    At(Place),
    /// The host has sent such a command line, and it is not carried out yet.
    Command(Pattern),
}

impl FaultSpec {
    /// How often it acts; `None` is without end. What is a condition rather
    /// than an incident does, unless specified otherwise; so does what has a span
    /// or a chance instead of a number.
    pub(super) fn times(&self) -> Option<u32> {
        match self.when.count {
            Some(Count::Times(n)) => Some(n),
            Some(Count::All) => None,
            None if self.when.every.is_some() || self.is_condition() => None,
            None if self.is_event() => Some(1),
            None if self.when.lasting.is_some() || self.when.probability.is_some() => None,
            None => Some(1),
        }
    }

    pub(super) fn is_event(&self) -> bool {
        matches!(self.kind, Kind::Event { .. })
    }

    /// Whether it happens by itself, without waiting for anything on the wire.
    pub(super) fn is_immediate(&self) -> bool {
        matches!(
            self.kind,
            Kind::Event {
                trigger: Trigger::Now,
                ..
            }
        )
    }

    pub(super) fn is_condition(&self) -> bool {
        match &self.kind {
            Kind::Serial(fault) => matches!(
                fault,
                SerialFault::Fragment { .. }
                    | SerialFault::Pace { .. }
                    | SerialFault::Silence
                    | SerialFault::StrictCrlf
                    | SerialFault::Drop(Part::Dtr)
            ),
            Kind::Network(fault) => !matches!(fault, NetworkFault::Fail { .. }),
            Kind::Packet(_) | Kind::Event { .. } | Kind::Answer { .. } | Kind::Preset(_) => false,
        }
    }
}

impl Packets {
    /// Whether a packet with this first byte on its way in `direction` is one.
    pub(super) fn include(self, direction: Direction, first: u8) -> bool {
        self.direction == direction && self.kind.is_none_or(|kind| kind == first >> 4)
    }
}
