//! The MQTT packets that pass between the module and the broker.

use attwin_core::{LinkId, NetCommand, NetEvent};
use tokio::sync::mpsc;

use crate::trace::packets::{Conversation, Direction, Shown};
use crate::watch::{Observer, Seen};

/// A packet and its way.
pub(super) struct OnTheWire {
    pub(super) direction: Direction,
    pub(super) packet: Shown,
}

/// Sends on the MQTT packets of a twin.
pub(super) struct PacketWatch {
    packets: mpsc::UnboundedSender<OnTheWire>,
    link: Option<LinkId>,
    conversation: Conversation,
}

impl PacketWatch {
    pub(super) fn new(packets: mpsc::UnboundedSender<OnTheWire>) -> Self {
        Self {
            packets,
            link: None,
            conversation: Conversation::default(),
        }
    }

    fn push(&mut self, link: LinkId, direction: Direction, bytes: &[u8]) {
        if self.link != Some(link) {
            self.link = Some(link);
            self.conversation = Conversation::default();
        }
        let packets = &self.packets;
        self.conversation.push(direction, bytes, |packet, _| {
            // There is no receiver once the session is over.
            let _ = packets.send(OnTheWire { direction, packet });
        });
    }
}

impl Observer for PacketWatch {
    fn observe(&mut self, seen: &Seen<'_>) {
        match seen {
            Seen::Command {
                link,
                command: NetCommand::Send(bytes),
                ..
            } => self.push(*link, Direction::ToBroker, bytes),
            Seen::Event {
                link,
                event: NetEvent::Received(bytes),
                ..
            } => self.push(*link, Direction::FromBroker, bytes),
            _ => {}
        }
    }
}
