//! What every dialect relies on, whatever it says of it.

use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::*;
use crate::io::{CloseReason, NetCommand};
use crate::mqtt::packet::{ConnectFields, Level, QoS};
use crate::mqtt::session::Rules;

const CONNACK: &[u8] = &[0x20, 2, 0, 0];
const RETRY: Retry = Retry {
    timeout: Duration::from_secs(5),
    retries: 0,
    whole_exchange: false,
};
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_secs(30);

/// A client whose requests are known by a letter.
#[derive(Default)]
struct Bench {
    now: Instant,
    links: Links,
    client: Client<char>,
}

impl Bench {
    fn opening(host: &str) -> Self {
        let mut bench = Self::default();
        bench.open(host);
        bench
    }

    fn connected() -> Self {
        let mut bench = Self::opening("a");
        bench.connect();
        bench
    }

    fn open(&mut self, host: &str) {
        let route = Route {
            server: (host.into(), 1883),
            tls: None,
            connect_timeout: LIMIT,
            limit: LIMIT,
        };
        self.client.open(self.now, &mut self.links, route);
    }

    fn connect(&mut self) {
        let events = self.network(&NetEvent::Opened);
        assert!(matches!(events[..], [Event::Opened]), "{events:?}");
        let options = Options {
            connect: ConnectFields {
                level: Level::V311,
                clean_session: false,
                keep_alive: 0,
                client_id: Bytes::from_static(b"c"),
                will: None,
                username: None,
                password: None,
            },
            connack_timeout: LIMIT,
            rules: Rules {
                write_timeout: Some(WRITE_TIMEOUT),
                ..Rules::default()
            },
        };
        self.client.connect(self.now, options).expect("fits");
        self.events();
        let sent = self.network(&NetEvent::Sent(usize::MAX));
        assert!(matches!(sent[..], [Event::ConnectWritten]), "{sent:?}");
        let events = self.network(&NetEvent::Received(CONNACK));
        assert!(matches!(events[..], [Event::Connected { .. }]));
    }

    fn publish(&mut self, request: char) {
        let ask = Ask::Publish {
            qos: QoS::Level1,
            retain: false,
            dup: false,
            topic: b"t",
            payload: b"x",
        };
        let id = PacketId::Next;
        let made = self.client.request(self.now, id, ask, RETRY, request);
        made.expect("accepted");
        self.events();
    }

    fn network(&mut self, event: &NetEvent<'_>) -> Vec<Event<char>> {
        self.client.network(self.now, &mut self.links, event);
        self.events()
    }

    fn after(&mut self, time: Duration) -> Vec<Event<char>> {
        self.now += time;
        self.client.handle_timeout(self.now, &self.links);
        self.events()
    }

    fn events(&mut self) -> Vec<Event<char>> {
        core::iter::from_fn(|| self.client.poll_event(self.now, &mut self.links)).collect()
    }

    fn abort(&mut self) -> Vec<char> {
        let unfinished = self.client.abort(&mut self.links);
        unfinished.into_iter().map(|u| u.request).collect()
    }

    fn commands(&mut self) -> Vec<NetCommand> {
        core::iter::from_fn(|| self.links.poll().map(|(_, command)| command)).collect()
    }
}

#[test]
fn a_link_that_is_not_up_in_time_failed() {
    let mut bench = Bench::opening("a");
    assert_eq!(bench.client.poll_timeout(), Some(Instant::ZERO + LIMIT));
    let events = bench.after(LIMIT);
    assert!(matches!(
        events[..],
        [Event::OpenFailed(NetError::TimedOut)]
    ));
    assert_eq!(bench.client.phase(), Phase::Opening);
    bench.abort();
    assert_eq!(bench.client.phase(), Phase::Closed);
    assert!(matches!(
        bench.commands()[..],
        [NetCommand::Open { .. }, NetCommand::Abort]
    ));
}

#[test]
fn a_lost_connection_hands_back_its_requests_in_order() {
    let mut bench = Bench::connected();
    for request in ['a', 'b', 'c'] {
        bench.publish(request);
    }
    let events = bench.network(&NetEvent::Received(&[0x40, 2, 0, 2]));
    assert!(matches!(
        events[..],
        [Event::Finished {
            id: 2,
            request: 'b',
            ..
        }]
    ));
    let events = bench.network(&NetEvent::Closed(CloseReason::Reset));
    assert!(matches!(events[..], [Event::Closed(CloseReason::Reset)]));
    assert_eq!(bench.client.phase(), Phase::Connected);
    assert_eq!(bench.abort(), ['a', 'c']);
    assert_eq!(bench.client.poll_timeout(), None);
}

/// What is sent again was answered at the end of its first connection.
#[test]
fn a_session_goes_on_at_its_own_server_and_without_results() {
    for (server, again) in [("a", 1), ("b", 0)] {
        let mut bench = Bench::connected();
        bench.publish('a');
        bench.abort();
        bench.open(server);
        bench.connect();
        assert_eq!(bench.client.unacknowledged(), again);
        assert_eq!(
            bench.network(&NetEvent::Received(&[0x40, 2, 0, 1])).len(),
            0
        );
        assert_eq!(bench.client.unacknowledged(), 0);
    }
}

#[test]
fn a_disconnect_without_a_limit_has_the_write_timeout() {
    let mut bench = Bench::connected();
    bench.client.disconnect(bench.now, None);
    assert!(bench.events().is_empty());
    let events = bench.after(WRITE_TIMEOUT);
    assert!(matches!(events[..], [Event::Failed(Failure::WriteStalled)]));
}

#[test]
fn a_disconnect_with_a_limit_has_nothing_else() {
    let mut bench = Bench::connected();
    bench.client.disconnect(bench.now, Some(LIMIT));
    assert!(bench.events().is_empty());
    assert!(bench.after(WRITE_TIMEOUT).is_empty());
    let events = bench.after(LIMIT - WRITE_TIMEOUT);
    assert!(matches!(events[..], [Event::Expired]), "{events:?}");
}

#[test]
fn leaving_says_disconnect_first() {
    let mut bench = Bench::connected();
    bench.commands();
    bench.client.leave(bench.now, &mut bench.links);
    let disconnect = NetCommand::Send(Bytes::from_static(&[0xe0, 0]));
    assert_eq!(bench.commands(), vec![disconnect, NetCommand::Close]);
}
