//! Who subscribed to what: a tree with one node per topic level.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use attwin_core::mqtt::packet::QoS;

use super::ids::SessionKey;
use super::topic;

/// All subscriptions of all sessions.
///
/// Wildcards are ordinary children under their own character: a topic name can
/// contain neither, so they never collide with a level. A filter of more than
/// [`DEPTH`] levels stands in a list, so that the tree is never deep.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    root: Node,
    deep: BTreeMap<(Box<str>, SessionKey), QoS>,
}

/// Most levels of a filter in the tree.
const DEPTH: usize = 200;

#[derive(Debug, Default)]
struct Node {
    children: BTreeMap<Box<str>, Self>,
    here: BTreeMap<SessionKey, QoS>,
}

impl Subscriptions {
    /// Adds a subscription or replaces its QoS.
    pub(super) fn insert(&mut self, filter: &str, session: SessionKey, qos: QoS) {
        if topic::levels(filter) > DEPTH {
            self.deep.insert((filter.into(), session), qos);
            return;
        }
        let mut node = &mut self.root;
        for level in filter.split('/') {
            if !node.children.contains_key(level) {
                node.children.insert(level.into(), Node::default());
            }
            // Inserted above if it was missing.
            node = node.children.get_mut(level).expect("the child exists");
        }
        node.here.insert(session, qos);
    }

    /// Removes a subscription if there is one, and the nodes no other needs.
    pub(super) fn remove(&mut self, filter: &str, session: SessionKey) {
        if topic::levels(filter) > DEPTH {
            self.deep.remove(&(filter.into(), session));
            return;
        }
        self.root.remove(filter.split('/'), session);
    }

    /// The sessions a message on `topic` goes to, in their order, each once
    /// with the highest QoS among its matching subscriptions ([MQTT-3.3.5-1]).
    pub(super) fn matching(&self, topic: &str) -> Vec<(SessionKey, QoS)> {
        let mut found = Vec::new();
        self.collect(topic, &mut found);
        let deep = self.deep.iter();
        let deep = deep.filter(|((filter, _), _)| topic::matches(filter, topic));
        found.extend(deep.map(|((_, session), qos)| (*session, *qos)));
        found.sort_unstable_by_key(|&(session, qos)| (session, Reverse(qos)));
        found.dedup_by_key(|&mut (session, _)| session);
        found
    }

    fn collect(&self, topic: &str, found: &mut Vec<(SessionKey, QoS)>) {
        let internal = topic.starts_with('$');
        let mut frontier = vec![&self.root];
        let mut next = Vec::new();
        for (depth, level) in topic.split('/').enumerate() {
            let wildcards = depth > 0 || !internal;
            for node in frontier.drain(..) {
                if wildcards {
                    node.append_multi_level(found);
                    next.extend(node.children.get("+"));
                }
                next.extend(node.children.get(level));
            }
            std::mem::swap(&mut frontier, &mut next);
            if frontier.is_empty() {
                return;
            }
        }
        for node in frontier {
            found.extend(node.here.iter().map(|(&session, &qos)| (session, qos)));
            node.append_multi_level(found);
        }
    }
}

impl Node {
    /// Returns whether the node is of no more use.
    fn remove<'a>(
        &mut self,
        mut levels: impl Iterator<Item = &'a str>,
        session: SessionKey,
    ) -> bool {
        match levels.next() {
            None => {
                self.here.remove(&session);
            }
            Some(level) => {
                if self
                    .children
                    .get_mut(level)
                    .is_some_and(|child| child.remove(levels, session))
                {
                    self.children.remove(level);
                }
            }
        }
        self.here.is_empty() && self.children.is_empty()
    }

    fn append_multi_level(&self, found: &mut Vec<(SessionKey, QoS)>) {
        if let Some(rest) = self.children.get("#") {
            found.extend(rest.here.iter().map(|(&session, &qos)| (session, qos)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::topic;
    use super::*;

    fn qos() -> impl Strategy<Value = QoS> {
        prop_oneof![Just(QoS::Level0), Just(QoS::Level1), Just(QoS::Level2)]
    }

    proptest! {
        /// The tree finds what comparing every filter finds, also after some
        /// were removed, and is empty when all are.
        #[test]
        fn tree_agrees_with_the_matcher(
            added in proptest::collection::vec(
                ("(\\+|[ab$]{1,2})(/(\\+|[ab]{0,1})){0,3}(/#)?|#", 0u64..4, qos()), 0..20),
            removed in proptest::collection::vec(any::<prop::sample::Index>(), 0..10),
            name in "[ab$]{1,2}(/[ab]{0,1}){0,3}",
        ) {
            let mut tree = Subscriptions::default();
            let mut flat = BTreeMap::new();
            for (filter, session, qos) in &added {
                tree.insert(filter, SessionKey(*session), *qos);
                flat.insert((filter.as_str(), *session), *qos);
            }
            for index in removed.iter().filter(|_| !added.is_empty()) {
                let (filter, session, _) = &added[index.index(added.len())];
                tree.remove(filter, SessionKey(*session));
                flat.remove(&(filter.as_str(), *session));
            }
            let mut expected = BTreeMap::new();
            for (&(filter, session), &qos) in &flat {
                if topic::matches(filter, &name) {
                    let best = expected.entry(SessionKey(session)).or_insert(qos);
                    *best = qos.max(*best);
                }
            }
            prop_assert_eq!(tree.matching(&name), expected.into_iter().collect::<Vec<_>>());
            for (filter, session) in flat.into_keys() {
                tree.remove(filter, SessionKey(session));
            }
            prop_assert!(tree.root.children.is_empty() && tree.root.here.is_empty());
        }
    }
}
