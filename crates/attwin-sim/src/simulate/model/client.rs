//! What the host knows of one client.

use std::collections::BTreeMap;

use attwin_core::Instant;

use super::request::Requests;
use super::table::verdict;
use super::{ANY, Answer, Explained, Family, Setting, Verdict};
use crate::simulate::call::Call;
use crate::simulate::shape::fill;

/// Names of values in a line of a setting.
const PLACES: &str = "0123456789";

/// One client of a module.
pub(crate) struct Client<F: Family> {
    pub(crate) index: u8,
    pub(crate) state: F::State,
    /// By when something follows on the state.
    pub(crate) due: Option<Instant>,
    pub(crate) requests: Requests,
    /// Topics and the QoS they were granted.
    pub(crate) subscribed: Vec<(Vec<u8>, u32)>,
    settings: BTreeMap<&'static str, Vec<Vec<u8>>>,
    /// The identifier the next packet takes, where modules count.
    pub(crate) next_id: u32,
    /// How often the module forgot its session other than by a restart and by
    /// what MQTT says of it.
    pub(crate) sessions: u32,
    /// Something failed for want of a network.
    pub(crate) lacks_network: bool,
    /// The call the module is busy with.
    pub(crate) running: Option<Running>,
    /// An answer against the rules, which something the host is still to be
    /// told of has to explain, and when it came.
    pub(super) unexplained: Option<(Instant, String)>,
    /// When a connection came or went last, where that explains answers: of
    /// two things at one moment nobody can say which was first.
    pub(super) linked: Instant,
    /// What only this family has.
    pub(crate) own: F,
}

/// A call the module is busy with.
pub(crate) struct Running {
    pub(crate) call: Call,
    pub(crate) began: Instant,
    /// How it may be answered, as of its begin.
    pub(crate) verdict: Verdict,
    /// A connection came or went at the moment of its begin.
    pub(super) is_unsure: bool,
}

impl<F: Family> Client<F> {
    pub(super) fn new(index: u8) -> Self {
        let values = |s: &Setting| {
            let values = s.initial.into_iter().flat_map(|initial| initial.split(','));
            values.map(|value| value.as_bytes().to_vec()).collect()
        };
        let settings = F::tables().settings.iter();
        Self {
            index,
            state: F::State::default(),
            due: None,
            requests: Requests::default(),
            subscribed: Vec::new(),
            settings: settings.map(|s| (s.name, values(s))).collect(),
            next_id: 1,
            sessions: 0,
            lacks_network: false,
            running: None,
            unexplained: None,
            linked: Instant::ZERO,
            own: F::default(),
        }
    }

    /// The module forgets the client: all but what `own` keeps.
    pub(crate) fn forget(&mut self, own: F) {
        *self = Self {
            sessions: self.sessions,
            running: self.running.take(),
            unexplained: self.unexplained.take(),
            linked: self.linked,
            own,
            ..Self::new(self.index)
        };
    }

    /// The module restarted.
    pub(super) fn restart(&mut self) {
        (self.running, self.unexplained) = (None, None);
        self.forget(self.own.restarted());
    }

    pub(crate) fn moves(&mut self, state: F::State) {
        (self.state, self.due) = (state, None);
    }

    pub(crate) fn begins(&mut self, state: F::State, due: Instant) {
        (self.state, self.due) = (state, Some(due));
    }

    /// The identifier of the next packet, which is taken.
    pub(crate) fn takes_id(&mut self) -> u32 {
        let next = self.next_id % 65_535 + 1;
        std::mem::replace(&mut self.next_id, next)
    }

    /// Stores what a command sets.
    pub(crate) fn store<const N: usize>(&mut self, name: &'static str, values: [Vec<u8>; N]) {
        self.settings.insert(name, values.into());
    }

    /// Stores what a command sets, and keeps what it leaves out.
    pub(crate) fn update(&mut self, name: &'static str, values: Vec<Option<Vec<u8>>>) {
        for (at, value) in values.into_iter().enumerate() {
            if let Some(value) = value {
                self.set(name, at, value);
            }
        }
    }

    pub(crate) fn clear(&mut self, name: &'static str) {
        self.settings.remove(name);
    }

    /// Stores one of the values of a command.
    pub(crate) fn set(&mut self, name: &'static str, at: usize, value: Vec<u8>) {
        if let Some(stored) = self.settings.get_mut(name).and_then(|s| s.get_mut(at)) {
            *stored = value;
        }
    }

    pub(crate) fn setting(&self, name: &str, at: usize) -> &[u8] {
        let stored = self.settings.get(name).and_then(|s| s.get(at));
        stored.map_or(&[], Vec::as_slice)
    }

    pub(crate) fn number(&self, name: &str, at: usize) -> u32 {
        let text = std::str::from_utf8(self.setting(name, at));
        text.ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// The line a query prints of what was set, if anything was.
    pub(crate) fn line(&self, name: &str) -> Option<Vec<u8>> {
        let setting = F::tables().settings.iter().find(|s| s.name == name)?;
        let values = self
            .settings
            .get(name)
            .filter(|values| !values.is_empty())?;
        Some(fill(setting.line, PLACES, values))
    }

    /// Whether a topic is subscribed to.
    pub(crate) fn has_subscribed(&self, topic: &[u8]) -> bool {
        self.subscribed.iter().any(|(known, _)| known == topic)
    }

    /// Whether a URC now explains an answer that did not fit.
    pub(super) fn explains(&mut self) -> bool {
        F::tables().explained == Explained::ByUrc && self.unexplained.take().is_some()
    }

    /// The call is answered: how it might have been, and what is not wrong
    /// because of something else at the same moment.
    pub(super) fn ends(&mut self, call: &Call) -> (Verdict, Verdict) {
        let Some(running) = self.running.take() else {
            let verdict = verdict(self, call);
            return (verdict, verdict);
        };
        match running.is_unsure {
            true => (running.verdict, ANY),
            false => (running.verdict, running.verdict),
        }
    }

    /// An answer the verdict does not allow: wrong, or to be explained.
    pub(super) fn wrong(
        &mut self,
        answer: &Answer<'_>,
        shown: &str,
        verdict: Verdict,
    ) -> Result<(), String> {
        let text = String::from_utf8_lossy(&answer.call.text);
        let state = self.state;
        let why = format!("AT{text} is answered {shown} while {state:?}, expected {verdict:?}");
        if F::tables().explained == Explained::Never {
            return Err(why);
        }
        self.unexplained = Some((answer.now, why));
        Ok(())
    }

    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        if let Some((_, why)) = &self.unexplained {
            return Some(why.clone());
        }
        if self.due.is_some_and(|due| due < now) {
            return Some(format!("nothing follows on {:?}", self.state));
        }
        F::overdue(self, now).or_else(|| self.requests.overdue(now))
    }
}
