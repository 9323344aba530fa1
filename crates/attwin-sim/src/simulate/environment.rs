//! Everything around the module that is not its host: the broker and its
//! other clients, the network, the radio, and the power supply.

use attwin_core::mqtt::packet::{ConnectReturnCode, QoS};
use attwin_core::{CloseReason, Duration, NetError, RadioEvent, Registration, Signal};

use super::payload::Payloads;
use super::random::Rng;
use crate::broker::Message;
use crate::device::Device;
use crate::fault::{FaultInfo, FaultSpec, Place, catalogue};
use crate::link::Opening;

/// A signal that is hardly there.
const WEAK: Signal = Signal::new(3, 7).expect("in range");
use crate::world::World;

/// Topics other clients publish to.
const TOPICS: [&str; 5] = ["t/a", "t/b", "t/c", "in", "t/ä b"];

/// What changed.
pub(super) enum Change {
    /// Nothing worth a line.
    Nothing,
    /// As described.
    Noted(String),
    /// The broker forgot its sessions.
    BrokerForgot(String),
    /// Power was cut, and has to come back.
    PowerCut,
    /// The host sends garbage until power is cut.
    Garbage,
}

/// The surroundings, and where disturbances come from.
pub(super) struct Environment {
    rng: Rng,
    payloads: Payloads,
    /// How many of the disturbances that could come do, in thousandths.
    disturbed: u32,
}

impl Environment {
    pub(super) fn new(mut rng: Rng) -> Self {
        Self {
            payloads: Payloads::new('b'),
            disturbed: *rng.pick(&[30, 100, 300, 1_000]),
            rng,
        }
    }

    /// No disturbances from now on.
    pub(super) fn clear<D: Device>(world: &mut World<D>) {
        Self::clear_network(world);
        for event in [
            RadioEvent::SimInserted,
            RadioEvent::Registration(Registration::Home),
            RadioEvent::Attach,
        ] {
            world.radio(event);
        }
    }

    /// A network as it should be.
    pub(super) fn clear_network<D: Device>(world: &mut World<D>) {
        world.network.half_open = false;
        world.network.opening = Opening::Succeeds;
        world.clear_faults();
        world.unstall();
    }

    /// Lets something happen, or not.
    pub(super) fn change<D: Device>(&mut self, world: &mut World<D>) -> Change {
        let rng = &mut self.rng;
        let choice = rng.below(1_000);
        if (150..236).contains(&choice) && !rng.per_mille(self.disturbed) {
            return Change::Nothing;
        }
        let text = match choice {
            0..=149 => return self.publish(world),
            150..=159 => {
                world.network.latency = rng.millis(0, 800);
                format!("latency {:?}", world.network.latency)
            }
            160..=189 => self.fault(world),
            190..=194 => {
                let code = ConnectReturnCode::from_u8(1 + rng.next().to_le_bytes()[0] % 5)
                    .unwrap_or(ConnectReturnCode::NotAuthorized);
                world.operate(|broker, _| broker.refuse_next(code, 1));
                format!("the next CONNECT is refused: {code:?}")
            }
            195..=202 => {
                let client = format!("dev-{}", rng.below(3));
                world.operate(|broker, now| broker.disconnect(now, &client));
                format!("the broker disconnects {client}")
            }
            203..=206 => {
                let keep = rng.per_mille(500);
                world.operate(|broker, now| broker.restart(now, keep));
                let text = format!("the broker restarts, sessions kept: {keep}");
                return if keep {
                    Change::Noted(text)
                } else {
                    Change::BrokerForgot(text)
                };
            }
            207..=211 => {
                world.network.opening = *rng.pick(&[
                    Opening::Fails(NetError::Dns),
                    Opening::Fails(NetError::Refused),
                    Opening::Fails(NetError::TimedOut),
                    Opening::Fails(NetError::Tls),
                    Opening::Hangs,
                ]);
                format!("opening: {:?}", world.network.opening)
            }
            212..=215 => {
                world.network.stalled = true;
                "the network takes nothing".into()
            }
            216..=219 => {
                world.network.half_open = true;
                "the connections are half open".into()
            }
            220..=225 => {
                let reasons = [
                    CloseReason::Finished,
                    CloseReason::Reset,
                    CloseReason::WriteFailed,
                    CloseReason::TimedOut,
                ];
                let reason = *rng.pick(&reasons);
                world.cut(reason);
                format!("every connection ends: {reason:?}")
            }
            226..=233 => self.radio(world),
            234 => return Change::PowerCut,
            235 => return Change::Garbage,
            236..=255 => {
                Self::clear(world);
                "everything works again".into()
            }
            _ => return Change::Nothing,
        };
        Change::Noted(text)
    }

    /// Another client publishes, now and then several messages at once.
    fn publish<D: Device>(&mut self, world: &mut World<D>) -> Change {
        let rng = &mut self.rng;
        let count = if rng.per_mille(50) { rng.below(12) } else { 1 };
        let mut sizes = Vec::new();
        for _ in 0..count {
            let len = *rng.pick(&[0, 8, 20, 100, 2_000]);
            let payload = if rng.per_mille(300) {
                self.payloads.binary(rng, len)
            } else {
                self.payloads.text(rng, len)
            };
            let qos = *rng.pick(&[QoS::Level0, QoS::Level1, QoS::Level2]);
            sizes.push(payload.len());
            // The topics are valid, so is the message.
            let topic: &str = rng.pick::<&str>(&TOPICS);
            if let Ok(message) = Message::new(topic, payload, qos, rng.per_mille(50)) {
                world.operate(|broker, now| broker.publish(now, message));
            }
        }
        Change::Noted(format!("messages of {sizes:?} bytes are published"))
    }

    /// A fault of the catalogue, of those that leave the serial line alone and
    /// the packets whole: with any other an innocent module would break an
    /// invariant.
    fn fault<D: Device>(&mut self, world: &mut World<D>) -> String {
        const PACKETS: [&str; 10] = [
            "connack",
            "publish",
            "puback",
            "pubrec",
            "pubrel",
            "pubcomp",
            "suback",
            "unsuback",
            "pingresp",
            "subscribe",
        ];
        let rng = &mut self.rng;
        let usable = |info: &&FaultInfo| {
            !matches!(info.place, Place::Serial | Place::Preset)
                && !matches!(info.name, "corrupt" | "replace")
        };
        let usable: Vec<_> = catalogue().iter().filter(usable).collect();
        let words: Vec<&str> = rng.pick(&usable).example.split(' ').collect();
        let mut text = words
            .into_iter()
            .map(|word| {
                if PACKETS.contains(&word) {
                    *rng.pick(&PACKETS)
                } else {
                    word
                }
            })
            .collect::<Vec<_>>()
            .join(" ");
        for (key, unit, most) in [("after", "", 6), ("in", "s", 30), ("for", "s", 60)] {
            if rng.per_mille(250) && !text.contains(key) {
                text += &format!(" {key}={}{unit}", rng.between(1, most));
            }
        }
        if rng.per_mille(500) {
            // Where the data of some modules runs.
            text = text.replace("pdp-loss 1", "pdp-loss 0");
        }
        // Not every modifier goes with every form.
        match text.parse::<FaultSpec>() {
            Ok(fault) => world.fault(fault),
            Err(_) => return format!("no fault: {text}"),
        }
        format!("fault {text}")
    }

    fn radio<D: Device>(&mut self, world: &mut World<D>) -> String {
        let event = self.rng.pick(&[
            RadioEvent::PdpLost(1),
            RadioEvent::PdpLost(0),
            RadioEvent::Detach,
            RadioEvent::Attach,
            RadioEvent::Registration(Registration::Searching),
            RadioEvent::Registration(Registration::Roaming),
            RadioEvent::SimRemoved,
            RadioEvent::Signal(WEAK),
            RadioEvent::Reboot,
        ]);
        world.radio(event.clone());
        format!("{event:?}")
    }

    /// How long the module stays off: long enough for whatever its
    /// connections left in the network to arrive nowhere.
    pub(super) fn off_time(&mut self) -> Duration {
        self.rng.millis(130_000, 200_000)
    }
}
