//! The names of things in a fault's text, for reading and for showing.

use attwin_core::Duration;

use super::spec::{Direction, Failure, Part, Place};

/// Gap between fragments unless the fault names one.
pub(super) const FRAGMENT_GAP: Duration = Duration::from_millis(1);
/// How long `join` and `move` wait unless the fault says so.
pub(super) const WITHIN: Duration = Duration::from_secs(10);

pub(super) const PARTS: [(&str, Part); 12] = [
    ("echo", Part::Echo),
    ("information", Part::Information),
    ("final", Part::Final),
    ("urc", Part::Urc),
    ("prompt", Part::Prompt),
    ("data", Part::Data),
    ("line", Part::Line),
    ("output", Part::Output),
    ("byte", Part::Byte),
    ("entry", Part::Entry),
    ("input", Part::Input),
    ("dtr", Part::Dtr),
];

pub(super) const PLACES: [(&str, Place); 4] = [
    ("before-response", Place::BeforeResponse),
    ("between-lines", Place::BetweenLines),
    ("mid-response", Place::MidResponse),
    ("mid-command", Place::MidCommand),
];

/// Packet types by name and number, and the directions they go; of two, the
/// first is meant unless the other is named.
pub(super) const PACKETS: [PacketName; 15] = {
    use Direction::{ToBroker, ToModule};
    [
        ("connect", Some(1), &[ToBroker]),
        ("connack", Some(2), &[ToModule]),
        ("publish", Some(3), &[ToBroker, ToModule]),
        ("puback", Some(4), &[ToModule, ToBroker]),
        ("pubrec", Some(5), &[ToModule, ToBroker]),
        ("pubrel", Some(6), &[ToBroker, ToModule]),
        ("pubcomp", Some(7), &[ToModule, ToBroker]),
        ("subscribe", Some(8), &[ToBroker]),
        ("suback", Some(9), &[ToModule]),
        ("unsubscribe", Some(10), &[ToBroker]),
        ("unsuback", Some(11), &[ToModule]),
        ("pingreq", Some(12), &[ToBroker]),
        ("pingresp", Some(13), &[ToModule]),
        ("disconnect", Some(14), &[ToBroker]),
        ("packet", None, &[ToBroker, ToModule]),
    ]
};

pub(super) const FAILURES: [(&str, Failure); 5] = [
    ("dns-failure", Failure::Dns),
    ("refused", Failure::Refused),
    ("unreachable", Failure::Unreachable),
    ("timeout", Failure::Timeout),
    ("tls-failure", Failure::Tls),
];

pub(super) const DIRECTIONS: [(&str, Direction); 2] = [
    ("to-broker", Direction::ToBroker),
    ("to-module", Direction::ToModule),
];

/// A packet type's name and number, and the directions it goes.
pub(super) type PacketName = (&'static str, Option<u8>, &'static [Direction]);

pub(super) fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
}

pub(super) fn name_of<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(_, v)| v == value)
        .map_or("", |(n, _)| n)
}

pub(super) fn one_of<S: AsRef<str>>(names: impl Iterator<Item = S>) -> String {
    let names: Vec<S> = names.collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [name] => (*name).to_owned(),
        names => format!("one of {}", names.join(", ")),
    }
}
