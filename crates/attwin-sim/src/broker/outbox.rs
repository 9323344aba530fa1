//! The queue between a broker and its driver.

use std::collections::VecDeque;

use bytes::Bytes;

use super::event::{BrokerEvent, BrokerOutput};
use super::ids::ConnectionId;

/// Outputs in order. Events are limited in number, packets by each
/// connection's own accounting.
#[derive(Debug)]
pub(super) struct Outbox {
    outputs: VecDeque<BrokerOutput>,
    events: usize,
    max_events: usize,
    lost_events: u64,
}

impl Outbox {
    pub(super) fn new(max_events: usize) -> Self {
        Self {
            outputs: VecDeque::new(),
            events: 0,
            max_events,
            lost_events: 0,
        }
    }

    pub(super) fn send(&mut self, connection: ConnectionId, bytes: Bytes) {
        self.outputs
            .push_back(BrokerOutput::Send { connection, bytes });
    }

    pub(super) fn close(&mut self, connection: ConnectionId) {
        self.outputs.push_back(BrokerOutput::Close { connection });
    }

    pub(super) fn event(&mut self, event: BrokerEvent) {
        if self.events >= self.max_events {
            self.lost_events += 1;
            return;
        }
        if self.lost_events > 0 {
            let lost = BrokerEvent::EventsLost(std::mem::take(&mut self.lost_events));
            self.events += 1;
            self.outputs.push_back(BrokerOutput::Event(lost));
        }
        self.events += 1;
        self.outputs.push_back(BrokerOutput::Event(event));
    }

    pub(super) fn poll(&mut self) -> Option<BrokerOutput> {
        let output = self.outputs.pop_front();
        if matches!(output, Some(BrokerOutput::Event(_))) {
            self.events -= 1;
        }
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_beyond_the_limit_are_counted() {
        let mut outbox = Outbox::new(2);
        let event = || BrokerEvent::NotRetained { topic: "t".into() };
        for _ in 0..5 {
            outbox.event(event());
        }
        assert_eq!(outbox.poll(), Some(BrokerOutput::Event(event())));
        outbox.event(event());
        assert_eq!(outbox.poll(), Some(BrokerOutput::Event(event())));
        assert_eq!(
            outbox.poll(),
            Some(BrokerOutput::Event(BrokerEvent::EventsLost(3)))
        );
        assert_eq!(outbox.poll(), Some(BrokerOutput::Event(event())));
        assert_eq!(outbox.poll(), None);
    }
}
