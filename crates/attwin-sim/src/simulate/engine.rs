//! Takes the steps of a run.

use std::collections::VecDeque;
use std::fmt::Write as _;

use attwin_core::{Config, Duration, HostEvent, Instant, Modem, Module, RadioEvent, Stored};

use super::Options;
use super::conversation::Conversation;
use super::dialect::{self, Dialect, Link, Told};
use super::event::{Event, What};
use super::failure::{Broken, Failure, Invariant, Report};
use super::grammar::Grammar;
use super::host::{Action, Host};
use super::probe::Probe;
use super::random::Rng;
use super::weather::{Happening, Weather};
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
    let dialect = dialect::of(module);
    let witness = Witness {
        module: module.id,
        seed,
    };
    let mut run = Run::new(module, seed, options, dialect, wrap);
    let result = match run.play() {
        Ok(()) => Ok(run.report()),
        Err(broken) => Err(run.failure(seed, broken)),
    };
    drop(witness);
    result
}

/// Says which run it was if it panics.
struct Witness {
    module: &'static str,
    seed: u64,
}

impl Drop for Witness {
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
    dialect: Box<dyn Dialect>,
    host: Host,
    weather: Weather,
    talk: Conversation,
    wire: Wire,
    step: u32,
    powered: bool,
    /// The host sends rubbish, and only what the probe sees is checked.
    mad: bool,
    report: Report,
    tail: VecDeque<Event>,
}

impl<D: Device, W: FnMut(Modem) -> D> Run<D, W> {
    fn new(
        module: &'static Module,
        seed: u64,
        options: Options,
        dialect: Box<dyn Dialect>,
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
            host: Host::new(rng.fork(), Grammar::new(module, dialect.profile())),
            dialect,
            weather: Weather::new(rng.fork()),
            rng,
            talk: Conversation::default(),
            wire: Wire::default(),
            step: 0,
            powered: false,
            mad: false,
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
        Weather::clear(&mut self.world);
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
        for call in self.dialect.queries() {
            if self.powered {
                self.host.ask(call);
                self.act(true)?;
                self.pass(Duration::from_secs(3))?;
            }
        }
        self.check()
    }

    /// The surroundings change, or not.
    fn happen(&mut self) -> Result<(), Broken> {
        match self.weather.change(&mut self.world) {
            Happening::Nothing => return Ok(()),
            Happening::Told(text) => self.note(text),
            Happening::BrokerForgot(text) => {
                self.note(text);
                self.observe()?;
                self.wire.broker_forgot();
            }
            Happening::PowerCut => self.power_cycle(false)?,
            Happening::Madness => self.go_mad()?,
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
        match self
            .host
            .act(now, &mut self.talk, &mut *self.dialect, finishing)
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

    /// What must hold between steps.
    fn check(&mut self) -> Result<(), Broken> {
        let now = self.world.now();
        self.talk.overdue(now)?;
        if self.wire.links() > MOST_LINKS {
            let detail = format!("{} connections", self.wire.links());
            return Err(Broken::new(Invariant::Bounds, detail));
        }
        if self.host.is_idle() && self.talk.is_quiet(now) {
            self.wire.settled(&*self.dialect)?;
            if let Some(detail) = self.dialect.overdue(now) {
                return Err(Broken::new(Invariant::Results, detail));
            }
        }
        Ok(())
    }

    /// Power fails; later a new module finds what the old one stored, unless
    /// the flash was `erased`.
    fn power_cycle(&mut self, erased: bool) -> Result<(), Broken> {
        self.world.radio(RadioEvent::PowerCut);
        Weather::clear_network(&mut self.world);
        self.observe()?;
        self.mad = false;
        let darkness = self.weather.darkness();
        self.pass(darkness)?;
        let stored = if erased {
            Stored::new()
        } else {
            self.world.stored()
        };
        let seed = self.rng.next();
        let modem = Modem::new(config(self.module, seed, stored.clone()));
        let probe = Probe::new((self.wrap)(modem));
        self.world.exchange(probe, seed, stored);
        self.world.radio(RadioEvent::PowerOn);
        self.pass(Duration::from_secs(3))
    }

    /// The host sends rubbish for a while. Nobody can say what should follow,
    /// so it ends with a power cut; meanwhile the module must just go on.
    fn go_mad(&mut self) -> Result<(), Broken> {
        self.note("the host goes mad".into());
        self.mad = true;
        for _ in 0..5 + self.rng.below(30) {
            let rubbish = self.host.rave(&*self.dialect);
            self.world.send(&rubbish);
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
        // Everything is traced before anything is judged.
        let events = self.world.modem_mut().take_log();
        for event in &events {
            self.trace(event);
        }
        for event in events {
            self.see(event)?;
        }
        match self.world.modem_mut().take_broken() {
            Some(broken) => Err(broken),
            None => Ok(()),
        }
    }

    fn see(&mut self, event: Event) -> Result<(), Broken> {
        let dialect = &mut *self.dialect;
        match event.what {
            What::Typed(bytes) => self.talk.typed(event.at, &bytes, dialect),
            What::Power(on) => self.power(on),
            What::Said(..) if self.mad => {}
            What::Said(kind, bytes) => {
                let (told, line) = self.talk.said(event.at, kind, &bytes, dialect)?;
                match told {
                    Told::Nothing => {}
                    Told::Published(candidates) => {
                        self.wire.done(&candidates)?;
                        self.report.published += 1;
                    }
                    Told::Message(client) => {
                        self.wire.shown(client, &line, dialect)?;
                        self.report.shown += 1;
                    }
                }
            }
            What::Opening(link, host) => {
                if let Some(client) = dialect.client_of(&host) {
                    self.wire.opening(link, client);
                    dialect.link(event.at, client, Link::Opening);
                }
            }
            What::Sent(link, bytes) => self.wire.sent(link, &bytes, dialect)?,
            What::Got(link, bytes) => self.wire.got(event.at, link, &bytes, dialect),
            What::Gone(link) => {
                if let Some(client) = self.wire.gone(link, dialect) {
                    dialect.link(event.at, client, Link::Gone);
                }
            }
            What::Weather(_) => {}
        }
        Ok(())
    }

    fn power(&mut self, on: bool) {
        self.powered = on;
        if on {
            return;
        }
        self.report.restarts += 1;
        self.talk.forget();
        self.host.forget();
        self.dialect.restarted();
        self.wire.powered_off();
    }

    fn note(&mut self, text: String) {
        let (at, what) = (self.world.now(), What::Weather(text));
        self.trace(&Event { at, what });
    }

    fn trace(&mut self, event: &Event) {
        if self.options.trace {
            // Writing to a string cannot fail.
            let _ = writeln!(self.report.trace, "{event}");
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(event.clone());
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
