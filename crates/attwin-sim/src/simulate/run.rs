//! One run: takes its steps, and sees to it that everything is checked.

use std::collections::VecDeque;
use std::fmt::Write as _;

use attwin_core::{Config, Duration, HostEvent, Instant, Modem, Module, RadioEvent, Stored};

use super::Options;
use super::conversation::{self, Conversation};
use super::environment::{Change, Environment};
use super::event::{Event, What};
use super::failure::{Broken, Failure, Invariant, Report};
use super::family;
use super::grammar::Grammar;
use super::host::{Action, Host};
use super::model::{Link, Model, Reported};
use super::probe::Probe;
use super::random::Rng;
use super::wire::Wire;
use crate::broker::BrokerConfig;
use crate::device::Device;
use crate::world::World;

/// Lines of a failure's trace.
const TAIL: usize = 60;
/// Connections a module may have at one time: its clients, and those that are
/// just being given up.
const MOST_LINKS: usize = 16;
/// Steps the end of a run may take until everything is answered.
const MOST_LAST_STEPS: u32 = 2_000;

pub(super) fn run<D: Device>(
    module: &'static Module,
    seed: u64,
    options: Options,
    wrap: impl FnMut(Modem) -> D,
) -> Result<Report, Failure> {
    let model = family::of(module);
    let on_panic = NameOnPanic {
        module: module.id,
        seed,
    };
    let mut run = Run::new(module, seed, options, model, wrap);
    let result = match run.play() {
        Ok(()) => Ok(run.report()),
        Err(broken) => Err(run.failure(seed, broken)),
    };
    drop(on_panic);
    result
}

/// Says which run it was if it panics.
struct NameOnPanic {
    module: &'static str,
    seed: u64,
}

impl Drop for NameOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "the simulation of {}, seed {}, panicked",
                self.module, self.seed
            );
        }
    }
}

struct Run<D, W> {
    module: &'static Module,
    options: Options,
    wrap: W,
    world: World<Probe<D>>,
    rng: Rng,
    model: Box<dyn Model>,
    host: Host,
    environment: Environment,
    talk: Conversation,
    wire: Wire,
    step: u32,
    powered: bool,
    /// It was never switched on: a module that is found on boots in no time.
    is_new: bool,
    /// Until then it does not hear the host.
    deaf_until: Instant,
    /// The host sends garbage, and only what the probe sees is checked.
    unchecked: bool,
    report: Report,
    tail: VecDeque<Event>,
}

impl<D: Device, W: FnMut(Modem) -> D> Run<D, W> {
    fn new(
        module: &'static Module,
        seed: u64,
        options: Options,
        model: Box<dyn Model>,
        mut wrap: W,
    ) -> Self {
        let mut rng = Rng::new(seed);
        let chance = rng.next();
        let modem = Modem::new(config(module, chance, Stored::new()));
        let probe = Probe::new(wrap(modem));
        Self {
            module,
            options,
            wrap,
            world: World::with_device(probe, chance, Stored::new(), BrokerConfig::default()),
            host: Host::new(rng.fork(), Grammar::new(module, model.profile())),
            model,
            environment: Environment::new(rng.fork()),
            rng,
            talk: Conversation::default(),
            wire: Wire::default(),
            step: 0,
            powered: false,
            is_new: true,
            deaf_until: Instant::ZERO,
            unchecked: false,
            report: Report::default(),
            tail: VecDeque::new(),
        }
    }

    fn play(&mut self) -> Result<(), Broken> {
        self.world.radio(RadioEvent::PowerOn);
        self.pass(Duration::from_secs(3))?;
        while self.step < self.options.steps {
            self.step += 1;
            self.happen()?;
            self.act(false)?;
            self.check()?;
        }
        self.finish()
    }

    /// Lets everything come to an end, then asks how it is.
    fn finish(&mut self) -> Result<(), Broken> {
        Environment::clear(&mut self.world);
        self.observe()?;
        for _ in 0..MOST_LAST_STEPS {
            self.act(true)?;
            self.check()?;
            if self.host.is_idle() && self.talk.lines.is_empty() {
                break;
            }
        }
        self.pass(Duration::from_secs(200))?;
        self.check()?;
        for query in self.model.queries() {
            if self.powered {
                let call = self.model.query(query);
                self.host.ask(call);
                self.act(true)?;
                self.pass(Duration::from_secs(3))?;
            }
        }
        self.check()
    }

    /// The surroundings change, or not.
    fn happen(&mut self) -> Result<(), Broken> {
        match self.environment.change(&mut self.world) {
            Change::Nothing => return Ok(()),
            Change::Noted(text) => self.note(text),
            Change::BrokerForgot(text) => {
                self.note(text);
                self.observe()?;
                self.wire.broker_forgot();
            }
            Change::PowerCut => self.power_cycle(false)?,
            Change::Garbage => self.send_garbage()?,
        }
        self.observe()
    }

    /// The host does the next thing it wants to do.
    fn act(&mut self, finishing: bool) -> Result<(), Broken> {
        let now = self.world.now();
        if !self.powered {
            // Whatever it was that switched it off, somebody notices.
            self.pass(Duration::from_secs(5))?;
            self.world.radio(RadioEvent::PowerOn);
            return self.pass(Duration::from_secs(3));
        }
        if now < self.deaf_until {
            return self.call_in_vain();
        }
        match self
            .host
            .act(now, &mut self.talk, &mut *self.model, finishing)
        {
            Action::Wait(span) => self.pass(span),
            Action::Reattach => {
                self.host.forget();
                self.world.host(HostEvent::Detached);
                self.world.host(HostEvent::Attached);
                self.observe()
            }
            Action::Send(bytes, line) => {
                self.talk.lines.extend(line);
                self.world.send(&bytes);
                self.observe()
            }
        }
    }

    /// The host does not know that the module boots, or waits until it has.
    fn call_in_vain(&mut self) -> Result<(), Broken> {
        if self.rng.per_mille(500) {
            let lost = self.host.garbage(&*self.model);
            self.world.send(&lost);
            return self.pass(Duration::from_millis(300));
        }
        let rest = self.deaf_until.since(self.world.now());
        self.pass(rest)
    }

    /// What must hold between steps.
    fn check(&mut self) -> Result<(), Broken> {
        let now = self.world.now();
        self.talk.overdue(now)?;
        self.wire.is_alive(now)?;
        if self.wire.links() > MOST_LINKS {
            let detail = format!("{} connections", self.wire.links());
            return Err(Broken::new(Invariant::Bounds, detail));
        }
        if self.host.is_idle() && self.talk.is_quiet(now) {
            self.wire.settled(&*self.model)?;
            if let Some(detail) = self.model.overdue(now) {
                return Err(Broken::new(Invariant::Results, detail));
            }
        }
        Ok(())
    }

    /// Power fails; later a new module finds what the old one stored, unless
    /// the flash was `erased`.
    fn power_cycle(&mut self, erased: bool) -> Result<(), Broken> {
        self.world.radio(RadioEvent::PowerCut);
        Environment::clear_network(&mut self.world);
        self.observe()?;
        self.unchecked = false;
        let off_time = self.environment.off_time();
        self.pass(off_time)?;
        let stored = if erased {
            self.model.erased();
            Stored::new()
        } else {
            self.world.stored()
        };
        let seed = self.rng.next();
        let modem = Modem::new(config(self.module, seed, stored.clone()));
        let probe = Probe::new((self.wrap)(modem));
        self.world.exchange(probe, seed, stored);
        self.is_new = true;
        self.world.radio(RadioEvent::PowerOn);
        self.pass(Duration::from_secs(3))
    }

    /// The host sends garbage for a while. Nobody can say what should follow,
    /// so it ends with a power cut; meanwhile the module must just go on.
    fn send_garbage(&mut self) -> Result<(), Broken> {
        self.note("the host sends garbage".into());
        self.unchecked = true;
        for _ in 0..5 + self.rng.below(30) {
            let garbage = self.host.garbage(&*self.model);
            self.world.send(&garbage);
            let pause = *self.rng.pick(&[0, 5, 50, 2_000, 70_000]);
            self.pass(Duration::from_millis(pause))?;
        }
        self.power_cycle(true)
    }

    fn pass(&mut self, span: Duration) -> Result<(), Broken> {
        self.world.run_for(span);
        self.observe()
    }

    /// Looks at everything that happened since the last time.
    fn observe(&mut self) -> Result<(), Broken> {
        self.world.heard();
        self.world.take_traces();
        self.world.take_packets();
        for event in self.world.take_broker_events() {
            self.wire.broker(&event);
        }
        // Everything is traced, whatever is judged of it.
        let events = self.world.modem_mut().take_log();
        let seen = events.iter().try_for_each(|event| self.see(event));
        for event in events {
            self.trace(event);
        }
        seen?;
        match self.world.modem_mut().take_broken() {
            Some(broken) => Err(broken),
            None => Ok(()),
        }
    }

    fn see(&mut self, event: &Event) -> Result<(), Broken> {
        let model = &mut *self.model;
        match &event.what {
            What::Typed(_) if event.at < self.deaf_until => {}
            What::Typed(bytes) => self.talk.typed(event.at, bytes, model),
            What::Power(on) => self.power(event.at, *on),
            What::Said(..) if self.unchecked => {}
            What::Said(kind, bytes) => match self.talk.said(event.at, *kind, bytes, model)? {
                Reported::Nothing => {}
                Reported::Published(candidates) => {
                    self.wire.done(&candidates)?;
                    self.report.published += 1;
                }
                Reported::Message(client) => {
                    let line = conversation::text(bytes).unwrap_or(bytes);
                    self.wire.shown(client, line, model)?;
                    self.report.shown += 1;
                }
            },
            What::Opening(link, host) => {
                if let Some(client) = model.client_of(host) {
                    self.wire.opening(*link, client);
                    model.link(event.at, client, Link::Opening);
                }
            }
            What::Sent(link, bytes) => {
                let sent = self.wire.sent(event.at, *link, bytes, model);
                if !self.unchecked {
                    sent?;
                }
            }
            What::Got(link, bytes) => self.wire.got(event.at, *link, bytes, model),
            What::Gone(link, why) => {
                if let Some(client) = self.wire.gone(*link, model) {
                    if let Some(why) = why {
                        model.link(event.at, client, Link::Ended(*why));
                    }
                    model.link(event.at, client, Link::Gone);
                }
            }
            What::Environment(_) => {}
        }
        Ok(())
    }

    fn power(&mut self, at: Instant, on: bool) {
        self.powered = on;
        if on {
            if !std::mem::take(&mut self.is_new) {
                self.deaf_until = at + self.model.deaf();
            }
            return;
        }
        self.report.restarts += 1;
        self.talk.forget();
        self.host.forget();
        self.model.restarted();
        self.wire.powered_off();
    }

    fn note(&mut self, text: String) {
        let (at, what) = (self.world.now(), What::Environment(text));
        self.trace(Event { at, what });
    }

    fn trace(&mut self, event: Event) {
        if self.options.trace {
            // Writing to a string cannot fail.
            let _ = writeln!(self.report.trace, "{event}");
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(event);
    }

    fn report(self) -> Report {
        Report {
            steps: self.step,
            virtual_time: self.world.now().since(Instant::ZERO),
            commands: self.talk.answered,
            ..self.report
        }
    }

    fn failure(&self, seed: u64, broken: Broken) -> Failure {
        let trace_tail = if self.options.trace {
            self.report.trace.clone()
        } else {
            let tail: Vec<String> = self.tail.iter().map(Event::to_string).collect();
            tail.join("\n")
        };
        Failure {
            module: self.module.id,
            seed,
            step: self.step,
            invariant: broken.invariant,
            detail: broken.detail,
            trace_tail,
        }
    }
}

fn config(module: &'static Module, seed: u64, stored: Stored) -> Config {
    let mut config = Config::new(module);
    (config.seed, config.stored) = (seed, stored);
    config
}
