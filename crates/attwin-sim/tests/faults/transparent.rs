//! Without a fault the wrapper is not there; with any, it holds.

use attwin_core::{
    CloseReason, Config, Duration, HostEvent, Input, Instant, LinkId, Modem, NetCommand, NetEvent,
    Output, RadioEvent, find_module,
};
use attwin_sim::fault::Faulty;
use proptest::prelude::*;

/// Either of the two, by the five calls both have.
trait Five {
    fn handle(&mut self, now: Instant, input: Input<'_>);
    fn handle_timeout(&mut self, now: Instant);
    fn poll_output(&mut self) -> Option<Output>;
    fn poll_timeout(&self) -> Option<Instant>;
}

macro_rules! five {
    ($type:ty) => {
        impl Five for $type {
            fn handle(&mut self, now: Instant, input: Input<'_>) {
                <$type>::handle(self, now, input);
            }
            fn handle_timeout(&mut self, now: Instant) {
                <$type>::handle_timeout(self, now);
            }
            fn poll_output(&mut self) -> Option<Output> {
                <$type>::poll_output(self)
            }
            fn poll_timeout(&self) -> Option<Instant> {
                <$type>::poll_timeout(self)
            }
        }
    };
}
five!(Modem);
five!(Faulty);

#[derive(Debug, Clone)]
enum Step {
    Line(&'static str),
    Bytes(Vec<u8>),
    Packet(&'static [u8], usize),
    Opened,
    Sent(usize),
    Closed,
    Radio(RadioEvent),
    Host(HostEvent),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let lines = vec![
        "AT",
        "ATE1",
        "ATI",
        "AT+QMTOPEN=0,\"h\",1883",
        "AT+QMTCONN=0,\"c\"",
        "AT+QMTSUB=0,1,\"t\",2",
        "AT+QMTPUBEX=0,3,1,0,\"t\",5",
        "AT+QMTPUBEX=0,4,2,1,\"t\",\"inline\"",
        "AT+QMTCLOSE=0",
        "AT+CFUN=1,1",
    ];
    let packets: Vec<&'static [u8]> = vec![
        b"\x20\x02\x00\x00",
        b"\x30\x04\x00\x01tx",
        b"\x34\x06\x00\x01t\x00\x0ax",
        b"\x40\x02\x00\x03",
        b"\x50\x02\x00\x04",
        b"\x70\x02\x00\x04",
        b"\x90\x03\x00\x01\x01",
    ];
    let radio = vec![
        RadioEvent::PowerOn,
        RadioEvent::PowerCut,
        RadioEvent::Reboot,
        RadioEvent::Detach,
        RadioEvent::Attach,
    ];
    prop_oneof![
        6 => prop::sample::select(lines).prop_map(Step::Line),
        2 => prop::collection::vec(any::<u8>(), 0..9).prop_map(Step::Bytes),
        5 => (prop::sample::select(packets), 0usize..8).prop_map(|(p, cut)| Step::Packet(p, cut)),
        3 => Just(Step::Opened),
        2 => (0usize..40).prop_map(Step::Sent),
        1 => Just(Step::Closed),
        1 => prop::sample::select(radio).prop_map(Step::Radio),
        1 => prop::sample::select(vec![HostEvent::Detached, HostEvent::Attached])
            .prop_map(Step::Host),
        4 => (0u64..20_000).prop_map(Step::Pass),
    ]
}

/// Everything that comes out, with its time.
type Course = Vec<(Instant, Output)>;

struct Play<M> {
    modem: M,
    now: Instant,
    link: LinkId,
    course: Course,
}

impl<M: Five> Play<M> {
    fn new(modem: M) -> Self {
        let mut play = Self {
            modem,
            now: Instant::ZERO,
            link: LinkId(0),
            course: Vec::new(),
        };
        play.input(Input::Radio(RadioEvent::PowerOn));
        play.pass(20_000);
        play
    }

    fn step(&mut self, step: &Step) {
        let link = self.link;
        let mut event = |event| self.input(Input::Network { link, event });
        match step {
            Step::Line(line) => self.input(Input::Serial(format!("{line}\r").as_bytes())),
            Step::Bytes(bytes) => self.input(Input::Serial(bytes)),
            Step::Packet(bytes, cut) => {
                let (first, rest) = bytes.split_at((*cut).min(bytes.len()));
                event(NetEvent::Received(first));
                event(NetEvent::Received(rest));
            }
            Step::Opened => event(NetEvent::Opened),
            Step::Sent(count) => event(NetEvent::Sent(*count)),
            Step::Closed => event(NetEvent::Closed(CloseReason::Reset)),
            Step::Radio(event) => self.input(Input::Radio(event.clone())),
            Step::Host(event) => self.input(Input::Host(*event)),
            Step::Pass(ms) => self.pass(*ms),
        }
    }

    fn pass(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some(at) = self.modem.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.modem.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn input(&mut self, input: Input<'_>) {
        self.modem.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.modem.poll_output() {
            if let Output::Network {
                link,
                command: NetCommand::Open { .. },
            } = &output
            {
                self.link = *link;
            }
            self.course.push((self.now, output));
        }
    }
}

fn modem() -> Modem {
    Modem::new(Config::new(find_module("quectel-ec25").expect("exists")))
}

proptest! {
    #[test]
    fn without_faults(steps in prop::collection::vec(step(), 0..60)) {
        let mut bare = Play::new(modem());
        let mut wrapped = Play::new(Faulty::new(modem(), 7));
        for step in &steps {
            bare.step(step);
            wrapped.step(step);
        }
        prop_assert_eq!(bare.course, wrapped.course);
    }

    /// A fault that never strikes sends everything the long way round.
    #[test]
    fn with_a_fault_that_never_strikes(steps in prop::collection::vec(step(), 0..60)) {
        let mut bare = Play::new(modem());
        let mut wrapped = Play::new(Faulty::new(modem(), 7));
        let never = "drop output probability=0".parse().expect("valid");
        wrapped.modem.inject(wrapped.now, never);
        for step in &steps {
            bare.step(step);
            wrapped.step(step);
        }
        // Saying nothing is not worth a piece on the long way.
        let of = |course: &Course, serial: bool| -> Course {
            let is = |(_, output): &&(Instant, Output)| match output {
                Output::Serial { bytes, .. } => serial && !bytes.is_empty(),
                _ => !serial,
            };
            course.iter().filter(is).cloned().collect()
        };
        for serial in [true, false] {
            prop_assert_eq!(of(&bare.course, serial), of(&wrapped.course, serial));
        }
    }

    /// Arbitrary sessions under arbitrary faults neither panic nor stay awake.
    #[test]
    fn with_faults_that_strike(
        steps in prop::collection::vec(step(), 0..60),
        faults in prop::collection::vec((0usize..60, 0usize..1000), 1..5),
        seed in any::<u64>(),
    ) {
        let catalogue = attwin_sim::fault::catalogue();
        let mut play = Play::new(Faulty::new(modem(), seed));
        for (i, step) in steps.iter().enumerate() {
            for (_, which) in faults.iter().filter(|(at, _)| *at == i) {
                let info = &catalogue[which % catalogue.len()];
                play.modem.inject(play.now, info.example.parse().expect("valid"));
                play.drain();
            }
            play.step(step);
        }
        play.modem.clear(play.now);
        play.drain();
        play.pass(10_000_000);
        prop_assert_eq!(play.modem.active().count(), 0);
    }
}
