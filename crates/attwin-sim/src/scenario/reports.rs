//! What the broker saw, and whether it is what a scenario expects of it.

use std::collections::VecDeque;
use std::fmt::Write;

use attwin_core::mqtt::packet::QoS;

use super::ast::{Report, ReportKind};
use super::escape::Quoted;
use super::template::{Names, Template, Values};
use crate::broker::{BrokerEvent, Message};

/// Most events kept; the oldest goes first.
const MAX_EVENTS: usize = 4_096;

/// Events no line of the scenario claimed yet, oldest first.
#[derive(Debug, Default)]
pub(super) struct Reports {
    events: VecDeque<BrokerEvent>,
}

impl Reports {
    pub(super) fn push(&mut self, event: BrokerEvent) {
        if kind(&event).is_none() {
            return;
        }
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Takes the oldest event that is as expected out; returns whether there
    /// is one.
    pub(super) fn claim(&mut self, expected: &Report, values: &Values) -> bool {
        let found = self.find(expected, values);
        found.is_some_and(|at| self.events.remove(at).is_some())
    }

    /// The oldest event that is as expected, for people.
    pub(super) fn peek(&self, expected: &Report, values: &Values) -> Option<String> {
        self.find(expected, values).map(|at| show(&self.events[at]))
    }

    /// What was not claimed of a kind, for people.
    pub(super) fn unclaimed(&self, expected: &Report) -> Vec<String> {
        let same = |event: &&BrokerEvent| kind(event) == Some(expected.kind);
        self.events.iter().filter(same).map(show).collect()
    }

    fn find(&self, expected: &Report, values: &Values) -> Option<usize> {
        self.events
            .iter()
            .position(|event| fits(expected, event, values))
    }
}

/// An expectation for people, as it would be written.
pub(super) fn show_expected(report: &Report, values: &Values, names: &Names) -> String {
    let word = ReportKind::ALL
        .iter()
        .find(|(_, kind)| *kind == report.kind);
    let mut text = word.map_or_else(String::new, |(word, _)| (*word).to_owned());
    let mut quoted = |label: &str, template: &Option<Template>| {
        if let Some(template) = template {
            let value = template.show(values, names);
            // Writing to a string cannot fail.
            let _ = write!(text, " {label}{}", Quoted(&value));
        }
    };
    quoted("", &report.subject);
    quoted("", &report.payload);
    quoted("user ", &report.user);
    quoted("from ", &report.from);
    let mut word = |present: bool, value: String| {
        if present {
            text.push(' ');
            text.push_str(&value);
        }
    };
    word(
        report.qos.is_some(),
        report
            .qos
            .map_or_else(String::new, |q| format!("qos {}", level(q))),
    );
    word(report.retain, "retain".into());
    word(report.dup, "dup".into());
    word(
        report.code.is_some(),
        report
            .code
            .map_or_else(String::new, |code| format!("code {}", code as u8)),
    );
    word(
        report.keep_alive.is_some(),
        report
            .keep_alive
            .map_or_else(String::new, |s| format!("keepalive {s}")),
    );
    word(report.clean == Some(true), "clean".into());
    word(report.clean == Some(false), "persistent".into());
    word(report.resumed == Some(true), "resumed".into());
    word(report.resumed == Some(false), "new".into());
    text
}

fn fits(expected: &Report, event: &BrokerEvent, values: &Values) -> bool {
    if kind(event) != Some(expected.kind) {
        return false;
    }
    let is = |template: &Option<Template>, value: Option<&str>| match template {
        None => true,
        Some(template) => value.is_some_and(|v| template.insert(values).as_ref() == v.as_bytes()),
    };
    let message_fits = |message: &Message, from: &str| {
        is(&expected.subject, Some(message.topic()))
            && is(&expected.from, Some(from))
            && expected.qos.is_none_or(|qos| qos == message.qos())
            // A bare `not received` is about every message.
            && (expected.subject.is_none() || expected.retain == message.retain())
            && expected
                .payload
                .as_ref()
                .is_none_or(|p| p.insert(values).as_ref() == message.payload().as_ref())
    };
    match event {
        BrokerEvent::Received {
            client_id,
            dup,
            message,
            ..
        } => {
            message_fits(message, client_id) && (expected.subject.is_none() || expected.dup == *dup)
        }
        BrokerEvent::WillPublished { client_id, message }
        | BrokerEvent::Delivered {
            client_id, message, ..
        } => message_fits(message, client_id),
        BrokerEvent::Subscribed {
            client_id,
            filter,
            granted,
        } => {
            is(&expected.subject, Some(filter))
                && is(&expected.from, Some(client_id))
                && expected.qos.is_none_or(|qos| *granted == Some(qos))
        }
        BrokerEvent::Unsubscribed { client_id, filter } => {
            is(&expected.subject, Some(filter)) && is(&expected.from, Some(client_id))
        }
        BrokerEvent::Connected {
            client_id,
            username,
            clean_session,
            keep_alive,
            session_present,
            ..
        } => {
            is(&expected.subject, Some(client_id))
                && is(&expected.user, username.as_deref())
                && expected.clean.is_none_or(|clean| clean == *clean_session)
                && expected
                    .keep_alive
                    .is_none_or(|seconds| seconds == *keep_alive)
                && expected
                    .resumed
                    .is_none_or(|resumed| resumed == *session_present)
        }
        BrokerEvent::Refused {
            client_id, code, ..
        } => {
            is(&expected.subject, client_id.as_deref())
                && expected.code.is_none_or(|expected| expected == *code)
        }
        BrokerEvent::Disconnected { client_id, .. } => is(&expected.subject, client_id.as_deref()),
        _ => false,
    }
}

fn kind(event: &BrokerEvent) -> Option<ReportKind> {
    Some(match event {
        BrokerEvent::Received { .. } => ReportKind::Received,
        BrokerEvent::WillPublished { .. } => ReportKind::Will,
        BrokerEvent::Delivered { .. } => ReportKind::Delivered,
        BrokerEvent::Subscribed { .. } => ReportKind::Subscribed,
        BrokerEvent::Unsubscribed { .. } => ReportKind::Unsubscribed,
        BrokerEvent::Connected { .. } => ReportKind::Connected,
        BrokerEvent::Refused { .. } => ReportKind::Refused,
        BrokerEvent::Disconnected { .. } => ReportKind::Disconnected,
        _ => return None,
    })
}

/// An event the way a scenario would expect it.
fn show(event: &BrokerEvent) -> String {
    let message = |word: &str, message: &Message, dup: bool, from: &str| {
        format!(
            "{word} {} qos {}{}{} {} from {}",
            Quoted(message.topic().as_bytes()),
            level(message.qos()),
            if message.retain() { " retain" } else { "" },
            if dup { " dup" } else { "" },
            Quoted(message.payload()),
            Quoted(from.as_bytes()),
        )
    };
    match event {
        BrokerEvent::Received {
            client_id,
            dup,
            message: m,
            ..
        } => message("received", m, *dup, client_id),
        BrokerEvent::WillPublished {
            client_id,
            message: m,
        } => message("will", m, false, client_id),
        BrokerEvent::Delivered {
            client_id,
            message: m,
            ..
        } => message("delivered", m, false, client_id),
        BrokerEvent::Subscribed {
            client_id,
            filter,
            granted,
        } => match granted {
            Some(qos) => format!(
                "subscribed \"{filter}\" qos {} from \"{client_id}\"",
                level(*qos)
            ),
            None => format!("subscribed \"{filter}\" (refused) from \"{client_id}\""),
        },
        BrokerEvent::Unsubscribed { client_id, filter } => {
            format!("unsubscribed \"{filter}\" from \"{client_id}\"")
        }
        BrokerEvent::Connected {
            client_id,
            username,
            clean_session,
            keep_alive,
            session_present,
            ..
        } => {
            let user = username
                .as_ref()
                .map_or_else(String::new, |u| format!(" user \"{u}\""));
            format!(
                "connected \"{client_id}\"{user} keepalive {keep_alive} {} {}",
                if *clean_session {
                    "clean"
                } else {
                    "persistent"
                },
                if *session_present { "resumed" } else { "new" },
            )
        }
        BrokerEvent::Refused {
            client_id, code, ..
        } => format!(
            "refused \"{}\" code {}",
            client_id.as_deref().unwrap_or_default(),
            *code as u8
        ),
        BrokerEvent::Disconnected {
            client_id, reason, ..
        } => format!(
            "disconnected \"{}\" ({reason})",
            client_id.as_deref().unwrap_or_default()
        ),
        _ => String::new(),
    }
}

fn level(qos: QoS) -> u8 {
    match qos {
        QoS::Level0 => 0,
        QoS::Level1 => 1,
        QoS::Level2 => 2,
    }
}
