//! Retained messages (MQTT 3.1.1 section 3.3.1.3).

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::message::Message;
use super::topic;

/// The last retained message of each topic, within two limits.
#[derive(Debug)]
pub(super) struct Retained {
    messages: BTreeMap<Arc<str>, Message>,
    bytes: usize,
    max_messages: usize,
    max_bytes: usize,
}

impl Retained {
    pub(super) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self {
            messages: BTreeMap::new(),
            bytes: 0,
            max_messages,
            max_bytes,
        }
    }

    /// Stores a message published with RETAIN; an empty payload deletes its
    /// topic's. Returns false if a limit is reached: what was stored for the
    /// topic is then deleted, so that no stale value is handed out.
    #[must_use]
    pub(super) fn store(&mut self, message: &Message) -> bool {
        if let Some(old) = self.messages.remove(message.topic()) {
            self.bytes -= old.size();
        }
        if message.payload().is_empty() {
            return true;
        }
        let bytes = self.bytes + message.size();
        if self.messages.len() >= self.max_messages || bytes > self.max_bytes {
            return false;
        }
        self.bytes = bytes;
        self.messages
            .insert(message.shared_topic(), message.clone());
        true
    }

    /// The messages `filter` matches, in the order of their topics.
    #[cfg(test)]
    pub(super) fn matching<'a>(&'a self, filter: &'a str) -> impl Iterator<Item = &'a Message> {
        let prefix = topic::literal_prefix(filter);
        self.messages
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(name, _)| name.starts_with(prefix))
            .filter(move |(name, _)| topic::matches(filter, name))
            .map(|(_, message)| message)
    }

    /// The first message `filter` matches whose topic comes after `after`.
    pub(super) fn next_matching(&self, filter: &str, after: Option<&str>) -> Option<&Message> {
        let prefix = topic::literal_prefix(filter);
        let from = match after {
            Some(after) => Bound::Excluded(after),
            None => Bound::Included(prefix),
        };
        self.messages
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(prefix))
            .find(|(name, _)| topic::matches(filter, name))
            .map(|(_, message)| message)
    }

    pub(super) fn clear(&mut self) {
        self.messages.clear();
        self.bytes = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use attwin_core::mqtt::packet::QoS;
    use proptest::prelude::*;

    use super::*;

    fn message(topic: &str, payload: &str) -> Message {
        Message::new(topic, payload.to_owned(), QoS::Level1, true).expect("valid")
    }

    #[test]
    fn limits_count_topics_and_bytes() {
        let mut retained = Retained::new(2, 10);
        assert!(retained.store(&message("a", "1")));
        assert!(retained.store(&message("b", "1")));
        assert!(!retained.store(&message("c", "1")), "a third topic");
        assert!(
            retained.store(&message("a", "1234567")),
            "replacing is not a new topic"
        );
        assert!(
            !retained.store(&message("a", "12345678")),
            "11 bytes in all"
        );
        assert_eq!(
            retained.matching("#").count(),
            1,
            "the value that was replaced is gone"
        );
        assert!(retained.store(&message("b", "")));
        assert_eq!((retained.len(), retained.bytes()), (0, 0));
    }

    proptest! {
        #[test]
        fn range_search_agrees_with_the_matcher(
            topics in proptest::collection::btree_set("[ab$]{1,2}(/[ab]{0,1}){0,3}", 0..20),
            filter in "(\\+|[ab$]{1,2})(/(\\+|[ab]{0,1})){0,3}(/#)?|#",
        ) {
            let mut retained = Retained::new(100, 10_000);
            for topic in &topics {
                prop_assert!(retained.store(&message(topic, "x")));
            }
            let found: Vec<_> = retained.matching(&filter).map(Message::topic).collect();
            let expected: Vec<_> =
                topics.iter().map(String::as_str).filter(|t| topic::matches(&filter, t)).collect();
            prop_assert_eq!(&found, &expected);
            let mut one_by_one: Vec<&str> = Vec::new();
            while let Some(next) = retained.next_matching(&filter, one_by_one.last().copied()) {
                one_by_one.push(next.topic());
            }
            prop_assert_eq!(one_by_one, expected);
        }
    }
}
