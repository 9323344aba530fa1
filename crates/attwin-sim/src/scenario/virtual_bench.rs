//! Plays scenarios against a whole [`World`] in virtual time.

use attwin_core::{Config, Duration, Module, NetError, QuirkError, RadioEvent, Trace};

use super::actions::{Action, BrokerAction};
use super::ast::Scenario;
use super::diagnose::Failure;
use super::player::{Manner, Player, Step};
use crate::fault::meant;
use crate::link::Opening;
use crate::{Said, World};

/// A module, a network and a broker in virtual time, made as a scenario's
/// header asks. The network takes no time, so that what the module does is
/// exact to the millisecond.
pub struct VirtualBench<'a> {
    world: World,
    player: Player<'a>,
    listener: Option<Box<Listener<'a>>>,
}

/// Listens to what the module says.
type Listener<'a> = dyn FnMut(&Said) + 'a;

/// Plays a scenario with each of its modules; returns the first failure.
pub fn run(scenario: &Scenario) -> Result<(), Box<Failure>> {
    for module in &scenario.header.modules {
        VirtualBench::new(scenario, module)?.play()?;
    }
    Ok(())
}

impl<'a> VirtualBench<'a> {
    /// A bench for one run; fails if the header asks for an unknown quirk.
    pub fn new(scenario: &'a Scenario, module: &'static Module) -> Result<Self, Box<Failure>> {
        let header = &scenario.header;
        let mut config = Config::new(module);
        config.seed = header.seed;
        config.timing = header.timing;
        // Broker and module have the same clock.
        let origin = u64::try_from(config.wall_clock_ms).unwrap_or(0);
        let broker = header.broker(Duration::from_millis(origin));
        let mut world = World::with_broker(config, broker);
        world.network.latency = Duration::ZERO;
        let player = Player::new(scenario, module, Manner::VIRTUAL);
        for (name, value, span) in &header.quirks {
            if let Err(error) = world.modem_mut().set_quirk(name, value) {
                let names = world.modem().quirks().into_iter().map(|quirk| quirk.name);
                let close = match error {
                    QuirkError::Unknown { .. } => meant(name, names),
                    _ => None,
                };
                let hint =
                    close.map_or_else(String::new, |close| format!("; did you mean {close}?"));
                return Err(player.impossible(world.now(), format!("{error}{hint}"), *span));
            }
        }
        Ok(Self {
            world,
            player,
            listener: None,
        })
    }

    /// With a listener for all output of the module.
    #[must_use]
    pub fn with_listener(mut self, listener: impl FnMut(&Said) + 'a) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Plays the scenario to its end.
    pub fn play(mut self) -> Result<(), Box<Failure>> {
        self.run()
    }

    /// The same, for those who want to know more of it afterwards.
    pub fn run(&mut self) -> Result<(), Box<Failure>> {
        loop {
            let now = self.world.now();
            match self.player.poll(now) {
                Step::Send(bytes) => self.world.send(&bytes),
                Step::Act(action) => {
                    if let Err(reason) = self.act(action) {
                        self.player.refuse(now, reason);
                    }
                }
                Step::Wait(until) => self.world.run_until_news(until),
                Step::Done => return Ok(()),
                Step::Failed(mut failure) => {
                    let idle = self.world.faults().never_acted();
                    failure
                        .faults
                        .extend(idle.map(|name| format!("{name} never acted")));
                    return Err(failure);
                }
            }
            self.report();
        }
    }

    /// Whether the module asked for TLS, which has no content in virtual time.
    pub fn asked_for_tls(&self) -> bool {
        self.world.asked_for_tls()
    }

    /// Reports new output and events to the player.
    fn report(&mut self) {
        for said in self.world.heard() {
            if let Some(listener) = &mut self.listener {
                listener(&said);
            }
            self.player.heard(said.at, &said.bytes);
            if let Some(reason) = said.reason {
                self.player.explained(reason.to_string());
            }
        }
        for trace in self.world.take_traces() {
            if let Trace::Note(note) = trace {
                self.player.explained(note);
            }
        }
        for act in self.world.take_acts() {
            self.player.acted(act.to_string());
        }
        for event in self.world.take_broker_events() {
            self.player.seen(event);
        }
        // They are not used, and a scenario may last for days.
        self.world.take_packets();
    }

    fn act(&mut self, action: Action) -> Result<(), String> {
        let world = &mut self.world;
        match action {
            Action::Boot => world.boot(),
            Action::PowerOn => world.radio(RadioEvent::PowerOn),
            Action::Fault(fault) => world.fault(fault),
            Action::Broker(action) => operate(world, action)?,
        }
        Ok(())
    }
}

fn operate(world: &mut World, action: BrokerAction) -> Result<(), String> {
    match action {
        BrokerAction::Publish(message) => {
            world.operate(|broker, now| broker.publish(now, message));
        }
        BrokerAction::Push { client, message } => {
            if !world.operate(|broker, now| broker.push(now, &client, message)) {
                return Err(format!("the broker knows no client \"{client}\""));
            }
        }
        BrokerAction::Drop { client } => {
            world.operate(|broker, now| broker.disconnect(now, &client));
        }
        BrokerAction::Refuse { code, count } => {
            world.operate(|broker, _| broker.refuse_next(code, count));
        }
        BrokerAction::Stop => {
            world.operate(|broker, now| broker.restart(now, true));
            world.network.opening = Opening::Fails(NetError::Refused);
        }
        BrokerAction::Start => world.network.opening = Opening::Succeeds,
        BrokerAction::Restart { keep } => {
            world.operate(|broker, now| broker.restart(now, keep));
        }
        BrokerAction::Forget => world.operate(|broker, _| broker.forget_sessions()),
    }
    Ok(())
}
