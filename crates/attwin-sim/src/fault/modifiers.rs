//! `key=value` behind a fault: how often, how long, from when.

use attwin_core::Duration;
use bytes::Bytes;

use super::catalogue;
use super::names::one_of;
use super::parse::Reader;
use super::spec::{Count, Event, Kind, NetworkFault, SerialFault, Trigger};
use super::words::{SPAN, SpecError, Word, decimal, parse_span};

/// Shortest `every=`.
const SHORTEST_PERIOD: Duration = Duration::from_millis(1);
/// Parts per million in a probability of 1.
const CERTAIN: u64 = 1_000_000;
const COUNT: &str = "a number from 1, or `all`";
const NUMBER: &str = "a number";

impl Reader {
    /// Reads `key=value` to the end, as far as `kind` takes them.
    pub(super) fn modifiers(&mut self, mut kind: Kind) -> Result<Kind, SpecError> {
        let allowed = allowed(&kind);
        while let Some((word, offered)) = self.words.rest() {
            let Some(key) = word.key.as_deref().filter(|key| allowed.contains(key)) else {
                let offered = offered.into_iter().map(str::to_owned);
                let keys = allowed.iter().map(|name| format!("{name}="));
                return Err(word.unexpected(one_of(offered.chain(keys))));
            };
            let value = word.text_value();
            let wrong = |expected: &str| word.unexpected(format!("{key}= and {expected}"));
            let span = || parse_span(value).ok_or_else(|| wrong(SPAN));
            match key {
                "count" => {
                    self.when.count = Some(parse_count(value).ok_or_else(|| wrong(COUNT))?);
                }
                "after" => self.when.after = value.parse().map_err(|_| wrong(NUMBER))?,
                "probability" => {
                    let millionths = decimal(value, CERTAIN).filter(|p| *p <= CERTAIN);
                    self.when.probability = Some(
                        millionths
                            .and_then(|p| u32::try_from(p).ok())
                            .ok_or_else(|| wrong("a decimal number from 0 to 1"))?,
                    );
                }
                "for" => self.when.lasting = Some(span()?),
                "in" => self.when.starting = Some(span()?),
                "every" => {
                    let period = Some(span()?).filter(|span| *span >= SHORTEST_PERIOD);
                    self.when.every = Some(period.ok_or_else(|| wrong("at least 1ms"))?);
                }
                "gap" => self.gap = span()?,
                "within" => self.within = span()?,
                "once" if value == "connected" => self.when.once_connected = true,
                "once" => return Err(wrong("`connected`")),
                _ => self.topic = Some(Bytes::from(word.value.clone())),
            }
        }
        match &mut kind {
            Kind::Serial(SerialFault::Fragment { gap, .. }) => *gap = self.gap,
            Kind::Serial(SerialFault::Join { within } | SerialFault::Move { within, .. }) => {
                *within = self.within;
            }
            Kind::Event {
                event: Event::Message { topic, .. },
                ..
            } => *topic = self.topic.take(),
            _ => {}
        }
        Ok(kind)
    }
}

/// Modifiers a fault takes.
fn allowed(kind: &Kind) -> Vec<&'static str> {
    let mut keys = match kind {
        Kind::Preset(_) => return vec!["in", "once"],
        Kind::Event {
            trigger: Trigger::Now,
            ..
        } => vec!["in", "every", "count", "probability", "once"],
        Kind::Event { .. } => vec!["in", "count", "after", "probability", "once"],
        Kind::Network(NetworkFault::Stall(_)) => return vec!["in", "for", "once"],
        _ => vec!["in", "count", "after", "probability", "for", "once"],
    };
    match kind {
        Kind::Serial(SerialFault::Fragment { .. }) => keys.push("gap"),
        Kind::Serial(SerialFault::Join { .. } | SerialFault::Move { .. }) => keys.push("within"),
        Kind::Event { event, .. } => match event {
            Event::Message { .. } => keys.push("topic"),
            Event::Detach | Event::SimRemove | Event::Registration(_) => keys.push("for"),
            _ => {}
        },
        _ => {}
    }
    debug_assert!(keys.iter().all(|key| catalogue::is_modifier(key)));
    keys
}

pub(super) fn count(word: &Word) -> Option<Count> {
    parse_count(word.plain())
}

fn parse_count(text: &str) -> Option<Count> {
    match text {
        "all" => Some(Count::All),
        n => n.parse().ok().filter(|n| *n > 0).map(Count::Times),
    }
}
