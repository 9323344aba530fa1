//! From [`FaultSpec`] to the text that reads back as it.

use std::fmt;

use super::like::Pattern;
use super::names::{
    DIRECTIONS, FAILURES, FRAGMENT_GAP, PACKETS, PARTS, PLACES, PacketName, WITHIN, name_of,
};
use super::spec::{
    Count, Direction, Event, FaultSpec, Kind, NetworkFault, PacketAct, PacketFault, Packets, Part,
    SerialFault, Trigger, When,
};
use super::words::{quote, show_span};
use attwin_core::Duration;

impl fmt::Display for FaultSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Serial(fault) => write!(f, "{}", Aimed(fault, self.like.as_ref()))?,
            Kind::Packet(fault) => write!(f, "{fault}")?,
            Kind::Network(fault) => write!(f, "{fault}")?,
            Kind::Event { event, trigger } => {
                write!(f, "{event}{trigger}")?;
                if let Event::Message {
                    topic: Some(topic), ..
                } = event
                {
                    write!(f, " topic={}", quote(topic))?;
                }
            }
            Kind::Answer { to, lines } => {
                write!(f, "answer {to}")?;
                for line in lines {
                    write!(f, " {}", quote(line))?;
                }
            }
            Kind::Preset(preset) => write!(f, "preset {}", preset.name)?,
        }
        write!(f, "{}", self.when)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            Some(Count::Times(n)) => write!(f, " count={n}")?,
            Some(Count::All) => f.write_str(" count=all")?,
            None => {}
        }
        if self.after > 0 {
            write!(f, " after={}", self.after)?;
        }
        if let Some(p) = self.probability {
            let (whole, fraction) = (p / 1_000_000, format!("{:06}", p % 1_000_000));
            let fraction = fraction.trim_end_matches('0');
            let dot = if fraction.is_empty() { "" } else { "." };
            write!(f, " probability={whole}{dot}{fraction}")?;
        }
        let spans = [
            ("for", self.lasting),
            ("in", self.starting),
            ("every", self.every),
        ];
        for (key, span) in spans {
            if let Some(span) = span {
                write!(f, " {key}={}", show_span(span))?;
            }
        }
        if self.once_connected {
            f.write_str(" once=connected")?;
        }
        Ok(())
    }
}

/// A fault of the serial line, and the lines it is aimed at.
struct Aimed<'a>(&'a SerialFault, Option<&'a Pattern>);

impl fmt::Display for Aimed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use SerialFault as S;
        let like = self
            .1
            .map_or_else(String::new, |like| format!(" like {like}"));
        match self.0 {
            S::Fragment { size, gap } if *gap == FRAGMENT_GAP => write!(f, "fragment {size}"),
            S::Fragment { size, gap } => write!(f, "fragment {size} gap={}", show_span(*gap)),
            S::Pace { baud } => write!(f, "pace {baud}"),
            S::Delay { part, by } => write!(f, "delay {part}{like} {}", show_span(*by)),
            S::Hold { part, by } => write!(f, "hold {part}{like} {}", show_span(*by)),
            S::Drop(part) => write!(f, "drop {part}{like}"),
            S::Duplicate(part) => write!(f, "duplicate {part}{like}"),
            S::Corrupt(part) => write!(f, "corrupt {part}{like}"),
            S::Join { within } => write!(f, "join{}", Within(*within)),
            S::Move { place, within } => {
                let place = name_of(&PLACES, place);
                write!(f, "move urc{like} {place}{}", Within(*within))
            }
            S::Silence => f.write_str("silence"),
            S::StrictCrlf => f.write_str("strict-crlf"),
        }
    }
}

struct Within(Duration);

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == WITHIN {
            return Ok(());
        }
        write!(f, " within={}", show_span(self.0))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostByte => f.write_str("byte to-module"),
            part => f.write_str(name_of(&PARTS, part)),
        }
    }
}

impl fmt::Display for Packets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.towards(f)
    }
}

impl Packets {
    fn row(self) -> PacketName {
        let row = PACKETS.iter().find(|(_, kind, _)| *kind == self.kind);
        row.copied().unwrap_or(PACKETS[PACKETS.len() - 1])
    }

    fn name(self) -> &'static str {
        self.row().0
    }

    /// The direction, where it is not the one meant anyway.
    fn towards(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.row().2[0] == self.direction {
            return Ok(());
        }
        write!(f, " {}", name_of(&DIRECTIONS, &self.direction))
    }
}

impl fmt::Display for PacketFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packets = self.packets;
        match &self.act {
            PacketAct::Drop => write!(f, "drop {packets}"),
            PacketAct::Duplicate => write!(f, "duplicate {packets}"),
            PacketAct::Corrupt => write!(f, "corrupt {packets}"),
            PacketAct::Delay(by) => {
                write!(f, "delay {} {}", packets.name(), show_span(*by))?;
                packets.towards(f)
            }
            PacketAct::Replace(bytes) => {
                write!(f, "replace {} {}", packets.name(), quote(bytes))?;
                packets.towards(f)
            }
            PacketAct::Refuse(code) => write!(f, "refuse connect {code}"),
        }
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self {
            Self::Fail { failure, after } => {
                f.write_str(name_of(&FAILURES, failure))?;
                return after.map_or(Ok(()), |span| write!(f, " {}", show_span(span)));
            }
            Self::Stall(Direction::ToBroker) => return f.write_str("stall"),
            Self::Stall(direction) => {
                f.write_str("stall")?;
                Some(*direction)
            }
            Self::Latency { by, direction } => {
                write!(f, "latency {}", show_span(*by))?;
                *direction
            }
            Self::Bandwidth { rate, direction } => {
                write!(f, "bandwidth {rate}")?;
                *direction
            }
        };
        direction.map_or(Ok(()), |d| write!(f, " {}", name_of(&DIRECTIONS, &d)))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close => f.write_str("close"),
            Self::Reset => f.write_str("reset"),
            Self::Lost => f.write_str("lost"),
            Self::HalfOpen => f.write_str("half-open"),
            Self::Message { payload, .. } => write!(f, "message {}", quote(payload)),
            Self::Urc(text) => write!(f, "urc {}", quote(text)),
            Self::Detach => f.write_str("detach"),
            Self::Attach => f.write_str("attach"),
            Self::PdpLoss(cid) => write!(f, "pdp-loss {cid}"),
            Self::SimRemove => f.write_str("sim-remove"),
            Self::SimInsert => f.write_str("sim-insert"),
            Self::Signal(signal) => write!(f, "signal {}", signal.rssi()),
            Self::Registration(status) => write!(f, "registration {}", status.stat()),
            Self::BrownOut(None) => f.write_str("brown-out"),
            Self::BrownOut(Some(span)) => write!(f, "brown-out {}", show_span(*span)),
            Self::PowerCycle(None) => f.write_str("power-cycle"),
            Self::PowerCycle(Some(span)) => write!(f, "power-cycle {}", show_span(*span)),
            Self::Reboot => f.write_str("reboot"),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => Ok(()),
            Self::Before(packets) => write!(f, " before {packets}"),
            Self::After(packets) => write!(f, " after {packets}"),
            Self::At(place) => write!(f, " {}", name_of(&PLACES, place)),
            Self::Command(pattern) => write!(f, " at {pattern}"),
        }
    }
}
