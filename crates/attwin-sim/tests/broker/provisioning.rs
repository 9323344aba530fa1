//! Connections that exist for what the broker sends over them.

use attwin_sim::broker::{Authenticate, Credentials, Provisioning, Verdict};

use crate::common::*;

/// Serves everybody the same.
struct Office(Provisioning);

impl Authenticate for Office {
    fn check(&mut self, _: Instant, _: &Credentials<'_>) -> Verdict {
        Verdict::Provision(self.0.clone())
    }
}

fn world(messages: &[(u64, QoS)], time_limit: u64) -> World {
    let at = |&(after, qos): &(u64, QoS)| {
        let text = format!("after {after}");
        (secs(after), message("desk", &text, qos, false))
    };
    let provisioning = Provisioning {
        messages: messages.iter().map(at).collect(),
        time_limit: secs(time_limit),
    };
    World::with(BrokerConfig {
        authenticate: Box::new(Office(provisioning)),
        ..BrokerConfig::default()
    })
}

#[test]
fn messages_come_unasked_and_in_time() {
    let mut world = world(&[(0, Level0), (0, Level1), (6, Level0)], 10);
    let connection = world.client("c");
    assert_eq!(world.payloads(connection), ["after 0", "after 0"]);
    world.advance(secs(6) - Duration::from_millis(1));
    assert!(world.recv(connection).is_none());
    world.advance(Duration::from_millis(1));
    assert_eq!(world.payloads(connection), ["after 6"]);
}

#[test]
fn a_client_that_stays_is_put_out() {
    let mut world = world(&[], 10);
    let connection = world.client("c");
    world.advance(secs(9));
    world.send(connection, &PINGREQ);
    assert!(matches!(world.recv(connection), Some(Packet::Pingresp)));
    world.advance(secs(1));
    assert_eq!(
        world.why_closed(connection),
        DisconnectReason::ProvisioningEnded
    );
}

#[test]
fn no_time_closes_after_connack() {
    let mut world = world(&[], 0);
    let connection = world.client("c");
    assert_eq!(
        world.why_closed(connection),
        DisconnectReason::ProvisioningEnded
    );
}

#[test]
fn a_client_may_leave() {
    let mut world = world(&[], 10);
    let connection = world.client("c");
    world.send(connection, &DISCONNECT);
    assert_eq!(world.why_closed(connection), DisconnectReason::Requested);
}

#[test]
fn requests_are_ignored() {
    let mut world = world(&[], 10);
    let connection = world.client("c");
    world.send(connection, &subscribe(&[("#", Level1)]));
    world.publish(connection, Level1, 1, "t");
    assert!(world.recv(connection).is_none());
    assert_eq!(world.broker.usage().subscriptions, 0);
    assert!(
        !world
            .events()
            .iter()
            .any(|event| matches!(event, BrokerEvent::Received { .. }))
    );
}

#[test]
fn the_session_ends_with_the_connection() {
    let mut world = world(&[(0, Level1)], 10);
    let connection = world.resume("c");
    world.drop_link(connection);
    assert_eq!(world.broker.usage().sessions, 0);
}
