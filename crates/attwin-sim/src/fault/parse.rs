//! From text to [`FaultSpec`]: verb, what, value, direction or moment,
//! modifiers.

use std::str::FromStr;

use attwin_core::{Duration, Registration, Signal};
use bytes::Bytes;

use super::catalogue::CATALOGUE;
use super::like::Pattern;
use super::meant::meant;
use super::modifiers::count;
use super::names::{
    DIRECTIONS, FAILURES, FRAGMENT_GAP, PACKETS, PARTS, PLACES, PacketName, WITHIN, named, one_of,
};
use super::preset::{self, PRESETS, Preset};
use super::spec::{
    Direction, Event, FaultSpec, Kind, NetworkFault, PacketAct, PacketFault, Packets, Part,
    SerialFault, Trigger, When,
};
use super::words::{SPAN, SpecError, Word, Words, parse_span};

const TEXT: &str = "a text in quotation marks";
const PATTERN: &str = "a text in quotation marks, or a regular expression between slashes";

impl FromStr for FaultSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let mut words = Words::new(text)?;
        let verb = words.next("the name of a fault")?;
        let mut reader = Reader {
            words,
            when: When::default(),
            gap: FRAGMENT_GAP,
            within: WITHIN,
            topic: None,
            like: None,
        };
        let kind = reader.kind(&verb)?;
        let kind = reader.modifiers(kind)?;
        Ok(Self {
            kind,
            like: reader.like,
            when: reader.when,
        })
    }
}

pub(super) struct Reader {
    pub(super) words: Words,
    pub(super) when: When,
    pub(super) gap: Duration,
    pub(super) within: Duration,
    pub(super) topic: Option<Bytes>,
    like: Option<Pattern>,
}

impl Reader {
    fn kind(&mut self, verb: &Word) -> Result<Kind, SpecError> {
        if let Some(failure) = named(&FAILURES, verb.plain()) {
            let after = self.words.take("SPAN", |w| parse_span(w.plain()));
            return Ok(Kind::Network(NetworkFault::Fail { failure, after }));
        }
        if let Some(event) = self.event(verb)? {
            let trigger = self.trigger()?;
            return Ok(Kind::Event { event, trigger });
        }
        Ok(match verb.plain() {
            "preset" => Kind::Preset(self.preset()?),
            "answer" => self.answer()?,
            "fragment" => Kind::Serial(SerialFault::Fragment {
                size: self.positive("a number of bytes from 1")?,
                gap: self.gap,
            }),
            "pace" => Kind::Serial(SerialFault::Pace {
                baud: self.positive("a baud rate from 1")?,
            }),
            "join" => Kind::Serial(SerialFault::Join {
                within: self.within,
            }),
            "move" => self.movement()?,
            "hold" => self.hold()?,
            "silence" => Kind::Serial(SerialFault::Silence),
            "strict-crlf" => Kind::Serial(SerialFault::StrictCrlf),
            "drop" => self.filter(&Part::names(), SerialFault::Drop, PacketAct::Drop)?,
            "duplicate" => self.filter(
                &Part::spoken_names(),
                SerialFault::Duplicate,
                PacketAct::Duplicate,
            )?,
            "corrupt" => self.filter(
                &Part::corruptible_names(),
                SerialFault::Corrupt,
                PacketAct::Corrupt,
            )?,
            "delay" => self.delay()?,
            "replace" => self.replace()?,
            "refuse" => self.refuse()?,
            "stall" => Kind::Network(NetworkFault::Stall(
                self.direction().unwrap_or(Direction::ToBroker),
            )),
            "latency" => Kind::Network(NetworkFault::Latency {
                by: self.span()?,
                direction: self.direction(),
            }),
            "bandwidth" => Kind::Network(NetworkFault::Bandwidth {
                rate: self.positive("a number of bits a second from 1")?,
                direction: self.direction(),
            }),
            _ => return Err(unknown(verb)),
        })
    }

    fn event(&mut self, verb: &Word) -> Result<Option<Event>, SpecError> {
        Ok(Some(match verb.plain() {
            "close" => Event::Close,
            "reset" => Event::Reset,
            "lost" => Event::Lost,
            "half-open" => Event::HalfOpen,
            "message" => Event::Message {
                payload: self.quotation()?,
                topic: None,
            },
            "urc" => Event::Urc(self.quotation()?),
            "detach" => Event::Detach,
            "attach" => Event::Attach,
            "pdp-loss" => Event::PdpLoss(self.within_range(0, 24, "a context id from 0 to 24")?),
            "sim-remove" => Event::SimRemove,
            "sim-insert" => Event::SimInsert,
            "signal" => {
                let expected = "a signal strength from 0 to 31, or 99";
                let signal = |rssi| Signal::new(rssi, Signal::UNKNOWN.ber());
                Event::Signal(
                    self.words
                        .require(expected, |w| number(w).and_then(signal))?,
                )
            }
            "registration" => {
                let expected = "a registration status from 0 to 5";
                let status = |w: &Word| number(w).and_then(Registration::from_stat);
                Event::Registration(self.words.require(expected, status)?)
            }
            "brown-out" => Event::BrownOut(self.words.take("SPAN", |w| parse_span(w.plain()))),
            "power-cycle" => Event::PowerCycle(self.words.take("SPAN", |w| parse_span(w.plain()))),
            "reboot" => Event::Reboot,
            _ => return Ok(None),
        }))
    }

    /// `answer PATTERN "TEXT"… [N]`.
    fn answer(&mut self) -> Result<Kind, SpecError> {
        let to = self.pattern()?;
        let mut lines = vec![self.quotation()?];
        let line = |w: &Word| w.is_quoted().then(|| Bytes::from(w.value.clone()));
        while let Some(more) = self.words.take(TEXT, line) {
            lines.push(more);
        }
        self.when.count = self.words.take("N", count);
        Ok(Kind::Answer { to, lines })
    }

    /// `"TEXT"` or `/REGEX/`.
    fn pattern(&mut self) -> Result<Pattern, SpecError> {
        let word = self.words.next(PATTERN)?;
        if let Some(source) = word.expression() {
            let column = word.column;
            return Pattern::regex(source).ok_or(SpecError::Expression { column });
        }
        if word.is_quoted() && !word.value.is_empty() {
            return Ok(Pattern::text(Bytes::from(word.value)));
        }
        Err(word.unexpected(PATTERN))
    }

    /// `like PATTERN`, where lines are aimed at.
    fn like(&mut self) -> Result<(), SpecError> {
        let like = |w: &Word| (w.plain() == "like").then_some(());
        if self.words.take("like", like).is_some() {
            self.like = Some(self.pattern()?);
        }
        Ok(())
    }

    /// `now`, `before PACKET`, `after PACKET`, `at PATTERN`, or a place in the
    /// output.
    fn trigger(&mut self) -> Result<Trigger, SpecError> {
        let Some(word) = self.words.peek().filter(|w| w.key.is_none()).cloned() else {
            return Ok(Trigger::Now);
        };
        let expected = || {
            let places = PLACES.iter().map(|(name, _)| *name);
            one_of(
                ["now", "before PACKET", "after PACKET", "at PATTERN"]
                    .into_iter()
                    .chain(places),
            )
        };
        let trigger = word.plain().to_owned();
        self.words.next("a moment")?;
        Ok(match &*trigger {
            "now" => Trigger::Now,
            "before" => Trigger::Before(self.packets()?),
            "after" => Trigger::After(self.packets()?),
            "at" => Trigger::Command(self.pattern()?),
            place => Trigger::At(named(&PLACES, place).ok_or_else(|| word.unexpected(expected()))?),
        })
    }

    /// `drop`, `duplicate` and `corrupt`: of a part of the serial line, or of
    /// packets; then how many.
    fn filter(
        &mut self,
        parts: &[&'static str],
        serial: fn(Part) -> SerialFault,
        act: PacketAct,
    ) -> Result<Kind, SpecError> {
        let kind = match self.subject(parts)? {
            Subject::Part(part) => {
                self.aim(part)?;
                Kind::Serial(serial(part))
            }
            Subject::Packets => Kind::Packet(PacketFault {
                packets: self.packets()?,
                act,
            }),
        };
        // A part of the serial line has its number behind it as well.
        if self.when.count.is_none() {
            self.when.count = self.words.take("N", count);
        }
        Ok(self.towards_module(kind))
    }

    /// `byte to-module` is the host's; so may be the number before it.
    fn towards_module(&mut self, kind: Kind) -> Kind {
        let is_towards = |w: &Word| (w.plain() == "to-module").then_some(());
        match kind {
            Kind::Serial(SerialFault::Drop(Part::Byte))
                if self.words.take("to-module", is_towards).is_some() =>
            {
                Kind::Serial(SerialFault::Drop(Part::HostByte))
            }
            Kind::Serial(SerialFault::Corrupt(Part::Byte))
                if self.words.take("to-module", is_towards).is_some() =>
            {
                Kind::Serial(SerialFault::Corrupt(Part::HostByte))
            }
            kind => kind,
        }
    }

    fn delay(&mut self) -> Result<Kind, SpecError> {
        match self.subject(&Part::delayable_names())? {
            Subject::Part(part) => {
                self.aim(part)?;
                let by = self.span()?;
                Ok(Kind::Serial(SerialFault::Delay { part, by }))
            }
            Subject::Packets => {
                let kind = self.packet_kind()?;
                let by = self.span()?;
                let packets = self.packets_towards(&kind)?;
                let act = PacketAct::Delay(by);
                Ok(Kind::Packet(PacketFault { packets, act }))
            }
        }
    }

    fn hold(&mut self) -> Result<Kind, SpecError> {
        let names = Part::spoken_names();
        let expected = one_of(names.iter().copied());
        let part = self.words.require(&expected, |w| {
            named(&PARTS, w.plain()).filter(|_| names.contains(&w.plain()))
        })?;
        self.aim(part)?;
        let by = self.span()?;
        Ok(Kind::Serial(SerialFault::Hold { part, by }))
    }

    /// Lines of what the module says can be aimed at.
    fn aim(&mut self, part: Part) -> Result<(), SpecError> {
        match part {
            Part::Byte | Part::HostByte | Part::Entry | Part::Input | Part::Dtr => Ok(()),
            _ => self.like(),
        }
    }

    fn movement(&mut self) -> Result<Kind, SpecError> {
        self.words
            .require("`urc`", |w| (w.plain() == "urc").then_some(()))?;
        self.aim(Part::Urc)?;
        let expected = one_of(PLACES.iter().map(|(name, _)| *name));
        let place = self
            .words
            .require(&expected, |w| named(&PLACES, w.plain()))?;
        let within = self.within;
        Ok(Kind::Serial(SerialFault::Move { place, within }))
    }

    fn replace(&mut self) -> Result<Kind, SpecError> {
        let kind = self.packet_kind()?;
        let act = PacketAct::Replace(self.quotation()?);
        let packets = self.packets_towards(&kind)?;
        Ok(Kind::Packet(PacketFault { packets, act }))
    }

    fn refuse(&mut self) -> Result<Kind, SpecError> {
        self.words
            .require("`connect`", |w| (w.plain() == "connect").then_some(()))?;
        let code = self
            .words
            .require("a CONNACK return code from 1 to 255", |w| {
                number(w).filter(|code| *code > 0)
            })?;
        Ok(Kind::Packet(PacketFault {
            packets: Packets {
                kind: Some(2),
                direction: Direction::ToModule,
            },
            act: PacketAct::Refuse(code),
        }))
    }

    fn preset(&mut self) -> Result<&'static Preset, SpecError> {
        let names = || PRESETS.iter().map(|preset| preset.name);
        let word = self.words.next("the name of a preset")?;
        preset::find(word.plain()).ok_or_else(|| match meant(word.plain(), names()) {
            Some(name) => SpecError::Unknown {
                word: word.text.clone(),
                column: word.column,
                meant: format!("preset {name}"),
            },
            None => word.unexpected(one_of(names())),
        })
    }

    /// What a filter is about; packets are left to be read.
    fn subject(&mut self, parts: &[&'static str]) -> Result<Subject, SpecError> {
        let packets = PACKETS.iter().map(|(name, ..)| *name);
        let expected = one_of(parts.iter().copied().chain(packets));
        let is_packet = |w: &Word| PACKETS.iter().any(|(name, ..)| *name == w.plain());
        if self.words.peek().is_some_and(is_packet) {
            return Ok(Subject::Packets);
        }
        self.words.require(&expected, |w| {
            named(&PARTS, w.plain())
                .filter(|_| parts.contains(&w.plain()))
                .map(Subject::Part)
        })
    }

    /// `PACKET [N] [to-broker|to-module]`.
    fn packets(&mut self) -> Result<Packets, SpecError> {
        let kind = self.packet_kind()?;
        self.when.count = self.words.take("N", count);
        self.packets_towards(&kind)
    }

    fn packet_kind(&mut self) -> Result<PacketName, SpecError> {
        let expected = one_of(PACKETS.iter().map(|(name, ..)| *name));
        self.words.require(&expected, |w| {
            PACKETS
                .iter()
                .find(|(name, ..)| *name == w.plain())
                .copied()
        })
    }

    fn packets_towards(&mut self, (_, kind, ways): &PacketName) -> Result<Packets, SpecError> {
        let word = self.words.peek().cloned();
        let direction = match (self.direction(), word) {
            (Some(direction), Some(word)) if !ways.contains(&direction) => {
                let possible = DIRECTIONS.iter().filter(|(_, d)| ways.contains(d));
                return Err(word.unexpected(one_of(possible.map(|(name, _)| *name))));
            }
            (Some(direction), _) => direction,
            (None, _) => ways[0],
        };
        Ok(Packets {
            kind: *kind,
            direction,
        })
    }

    fn direction(&mut self) -> Option<Direction> {
        self.words
            .take("to-broker, to-module", |w| named(&DIRECTIONS, w.plain()))
    }

    fn span(&mut self) -> Result<Duration, SpecError> {
        self.words.require(SPAN, |w| parse_span(w.plain()))
    }

    fn positive(&mut self, expected: &str) -> Result<u32, SpecError> {
        self.words
            .require(expected, |w| number(w).filter(|n| *n > 0))
    }

    fn within_range(&mut self, from: u8, to: u8, expected: &str) -> Result<u8, SpecError> {
        self.words
            .require(expected, |w| number(w).filter(|n| (from..=to).contains(n)))
    }

    fn quotation(&mut self) -> Result<Bytes, SpecError> {
        self.words.require(TEXT, |w| {
            w.is_quoted().then(|| Bytes::from(w.value.clone()))
        })
    }
}

enum Subject {
    Part(Part),
    Packets,
}

impl Part {
    fn names() -> Vec<&'static str> {
        PARTS.iter().map(|(name, _)| *name).collect()
    }

    /// What the module says, in pieces.
    fn spoken_names() -> Vec<&'static str> {
        Self::without(&[Self::Byte, Self::Entry, Self::Input, Self::Dtr])
    }

    fn delayable_names() -> Vec<&'static str> {
        Self::without(&[Self::Byte, Self::Entry, Self::Dtr])
    }

    fn corruptible_names() -> Vec<&'static str> {
        Self::without(&[Self::Dtr])
    }

    fn without(parts: &[Self]) -> Vec<&'static str> {
        let kept = PARTS.iter().filter(|(_, part)| !parts.contains(part));
        kept.map(|(name, _)| *name).collect()
    }
}

/// The first word is no fault: what it may have been.
fn unknown(verb: &Word) -> SpecError {
    let mut names = Vec::new();
    for name in CATALOGUE.iter().map(|info| info.name).chain(["preset"]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let presets = PRESETS.iter().map(|preset| preset.name);
    let meant = match meant(verb.plain(), names.iter().copied().chain(presets)) {
        Some(name) if names.contains(&name) => name.to_owned(),
        Some(preset) => format!("preset {preset}"),
        None => return verb.unexpected(one_of(names.into_iter())),
    };
    SpecError::Unknown {
        word: verb.text.clone(),
        column: verb.column,
        meant,
    }
}

fn number<T: FromStr>(word: &Word) -> Option<T> {
    word.plain().parse().ok()
}
