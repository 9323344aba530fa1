//! AT+CPSMS, AT+CEDRXS and AT+CSCLK, and the sleep they lead to: while the
//! module sleeps the network does not reach it (docs/spec/simcom.md 10.1).

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use super::kept::{Kept, Timers};
use super::{Args, Context, Form, Origin, Outcome, Param, Row, SimCom, Spec, Test};
use crate::command::{Answer, Field, Meaning};
use crate::reason::Reason;
use crate::time::Instant;

/// How long the network keeps the radio connection of an idle module.
const INACTIVITY: Duration = Duration::from_secs(10);
/// How long a module with eDRX listens at a time.
const PAGING_WINDOW: Duration = Duration::from_millis(2560);
/// A module that has just woken stays so at least this long, and one that has
/// fallen asleep sleeps so long, whatever the timers say.
const AT_LEAST: Duration = Duration::from_secs(2);

/// `<AcT-type>` of NB-IoT in the commands of eDRX.
const NB_IOT: u8 = 5;
/// The paging window as AT+CEDRXRDP codes it.
const WINDOW_CODE: &str = "0000";

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/simcom.md 10.1", summary).origin(Origin::Decision)
}

static ON_OFF: [Meaning; 3] = [
    Meaning::new("0", "off"),
    Meaning::new("1", "on"),
    Meaning::new("2", "off, with the factory timers"),
];
static EDRX_MODES: [Meaning; 4] = [
    Meaning::new("0", "off"),
    Meaning::new("1", "on"),
    Meaning::new("2", "on, and +CEDRXP tells what the network granted"),
    Meaning::new("3", "off, with the factory value"),
];
static CLOCK_MODES: [Meaning; 3] = [
    Meaning::new("0", "the serial line stays on"),
    Meaning::new("1", "it sleeps when DTR says so"),
    Meaning::new("2", "it sleeps by itself"),
];
const ACT: Field = Field::new("AcT-type", "5 is NB-IoT");
const REQUESTED: Field = Field::new("requested_value", "cycle asked for, 3GPP 24.008");
/// Of `+CEDRXP` and `+CEDRXRDP`.
pub(in super::super) static EDRX_FIELDS: [Field; 4] = [
    ACT,
    REQUESTED,
    Field::new("NW_value", "cycle the network granted, 3GPP 24.008"),
    Field::new("PTW", "paging window, 3GPP 24.008"),
];

pub(in super::super) static ROWS: [Row<SimCom>; 4] = [
    Row::new(
        spec("+CPSMS", "power saving mode")
            .test_lines(&[
                "+CPSMS: (0-2),,,(\"00000000\"-\"11111111\"),(\"00000000\"-\"11111111\")",
            ])
            .read()
            .write(&[
                Param::int("mode", 0, 2).values(&ON_OFF),
                Param::text("Requested_Periodic-RAU", 0, 8).optional(),
                Param::text("Requested_GPRS-READY-timer", 0, 8).optional(),
                Param::text("Requested_Periodic-TAU", 8, 8).optional(),
                Param::text("Requested_Active-Time", 8, 8).optional(),
            ])
            .answers(&[Answer::new(
                "+CPSMS: <mode>,,,\"<Requested_Periodic-TAU>\",\"<Requested_Active-Time>\"",
            )
            .fields(&[
                const { Field::new("mode", "whether power saving is on").values(&ON_OFF) },
                Field::new("Requested_Periodic-TAU", "T3412 extended, 3GPP 24.008"),
                Field::new("Requested_Active-Time", "T3324, 3GPP 24.008"),
            ])])
            .example("+CPSMS=1,,,\"00100100\",\"00001010\""),
        power_saving,
    ),
    Row::new(
        spec("+CEDRXS", "extended discontinuous reception")
            .test_lines(&["+CEDRXS: (0-3),(5),(\"0000\"-\"1111\")"])
            .read()
            .write(&[
                Param::int("mode", 0, 3).values(&EDRX_MODES),
                Param::int("AcT-type", 5, 5).optional(),
                Param::text("requested_value", 4, 4).optional(),
            ])
            .answers(&[
                Answer::new("+CEDRXS: <AcT-type>,\"<requested_value>\"").fields(&[ACT, REQUESTED])
            ])
            .example("+CEDRXS=1,5,\"0010\""),
        discontinuous,
    ),
    Row::new(
        spec("+CEDRXRDP", "eDRX as the network granted it")
            .test(Test::Ok)
            .execute()
            .answers(&[
                Answer::new("+CEDRXRDP: <AcT-type>")
                    .fields(&[Field::new("AcT-type", "0: no eDRX")]),
                Answer::new("+CEDRXRDP: <AcT-type>,\"<requested_value>\",\"<NW_value>\",\"<PTW>\"")
                    .fields(&EDRX_FIELDS),
            ])
            .origin(Origin::Decision),
        granted,
    ),
    Row::new(
        spec("+CSCLK", "sleep of the serial line")
            .test_lines(&["+CSCLK: (0-2)"])
            .read()
            .write(&[Param::int("mode", 0, 2).values(&CLOCK_MODES)])
            .answers(&[Answer::new("+CSCLK: <mode>")
                .fields(&[const { Field::new("mode", "when it sleeps").values(&CLOCK_MODES) }])])
            .example("+CSCLK=0"),
        clock,
    ),
];

fn power_saving(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let kept = &mut s.base.kept;
    if form == Form::Read {
        let line = cx.line("+CPSMS").value(u8::from(kept.saves_power));
        let line = line.raw(",").quoted(kept.timers.tau_text());
        cx.reply(line.quoted(kept.timers.active_text()));
        return Outcome::Ok;
    }
    let mut timers = kept.timers;
    for (timer, index) in [(&mut timers.tau, 3), (&mut timers.active, 4)] {
        let Some(text) = args.text(index) else {
            continue;
        };
        let Some(value) = Timers::read(text) else {
            return not_binary(text, 8);
        };
        *timer = value;
    }
    let mode = args.byte(0);
    kept.saves_power = mode == Some(1);
    kept.timers = if mode == Some(2) {
        Timers::FACTORY
    } else {
        timers
    };
    kept.save(cx.storage);
    Outcome::Ok
}

fn discontinuous(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let kept = &mut s.base.kept;
    if form == Form::Read {
        if kept.edrx {
            let line = cx.line("+CEDRXS").value(NB_IOT);
            cx.reply(line.quoted(cycle(kept)));
        }
        return Outcome::Ok;
    }
    if let Some(text) = args.text(2) {
        let text = core::str::from_utf8(text).unwrap_or_default();
        let digits = text.bytes().all(|b| matches!(b, b'0' | b'1'));
        match u8::from_str_radix(text, 2).ok().filter(|_| digits) {
            Some(value) => kept.cycle = value,
            None => return not_binary(text.as_bytes(), 4),
        }
    }
    let mode = args.byte(0).unwrap_or_default();
    kept.edrx = matches!(mode, 1 | 2);
    kept.reports_edrx = mode == 2;
    if mode == 3 {
        kept.cycle = Kept::default().cycle;
    }
    kept.save(cx.storage);
    if kept.reports_edrx && cx.radio.is_registered() {
        let line = grant(cx, kept, "+CEDRXP");
        cx.urc(line);
    }
    Outcome::Ok
}

fn granted(s: &mut SimCom, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let kept = &s.base.kept;
    let line = if kept.edrx && cx.radio.is_registered() {
        grant(cx, kept, "+CEDRXRDP")
    } else {
        cx.line("+CEDRXRDP").value(0)
    };
    cx.reply(line);
    Outcome::Ok
}

/// Kept until a restart; a twin's line is not switched off.
fn clock(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        cx.reply(cx.line("+CSCLK").value(s.base.clock_mode));
    } else {
        s.base.clock_mode = args.byte(0).unwrap_or_default();
    }
    Outcome::Ok
}

/// The network grants what it is asked for.
fn grant(cx: &Context<'_>, kept: &Kept, name: &str) -> crate::handler::Line {
    let line = cx.line(name).value(NB_IOT);
    let line = line.quoted(cycle(kept)).quoted(cycle(kept));
    line.quoted(WINDOW_CODE)
}

fn cycle(kept: &Kept) -> String {
    format!("{:04b}", kept.cycle)
}

fn not_binary(text: &[u8], digits: usize) -> Outcome {
    let cause = format!("\"{}\" is not {digits} binary digits", text.escape_ascii());
    Outcome::error(Reason::new(cause))
}

/// Whether the network reaches the module.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It does at any time.
    #[default]
    Awake,
    /// eDRX, between two paging windows.
    Dozing,
    /// eDRX, within a paging window.
    Listening,
    /// Power saving mode.
    Asleep,
}

/// Where the module is between waking and sleeping.
#[derive(Debug, Default)]
pub(super) struct Sleep {
    stage: Stage,
    /// When the module last had something to do.
    active: Instant,
    /// When the stage ends.
    due: Option<Instant>,
}

impl Sleep {
    /// The module has something to do: it is awake, and the timers start anew.
    pub(super) fn touch(&mut self, cx: &mut Context<'_>, kept: &Kept) {
        self.active = cx.now;
        if self.stage == Stage::Asleep {
            cx.note("the module leaves power saving mode");
        }
        self.stage = Stage::Awake;
        cx.links.sleep(false);
        self.plan(cx, kept);
    }

    /// A deadline of [`poll_timeout`](Self::poll_timeout) may have come;
    /// `busy` with something that lets no module sleep.
    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>, kept: &Kept, busy: bool) {
        if self.due.is_none_or(|due| due > cx.now) {
            return;
        }
        if busy || self.stage == Stage::Asleep || !cx.radio.is_registered() {
            // Asleep: the periodic update.
            return self.touch(cx, kept);
        }
        let power_saving = kept.power_saving();
        if let Some(timers) = power_saving
            && self.sleeps_at(timers).is_some_and(|at| at <= cx.now)
        {
            self.stage = Stage::Asleep;
            cx.links.sleep(true);
            cx.note("the module enters power saving mode: the network does not reach it");
            let update = timers.tau().map(|tau| self.active + tau);
            self.due = update.map(|update| update.max(cx.now + AT_LEAST));
            return;
        }
        let Some(cycle) = kept.edrx_cycle() else {
            return self.plan(cx, kept);
        };
        let next = match self.stage {
            Stage::Dozing => {
                self.stage = Stage::Listening;
                cx.links.sleep(false);
                cx.now + PAGING_WINDOW
            }
            Stage::Awake | Stage::Listening | Stage::Asleep => {
                self.stage = Stage::Dozing;
                cx.links.sleep(true);
                cx.now + cycle.saturating_sub(PAGING_WINDOW)
            }
        };
        let sleeps = power_saving.and_then(|timers| self.sleeps_at(timers));
        self.due = Some(sleeps.map_or(next, |at| at.min(next)));
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.due
    }

    /// When an idle module that is awake goes to its next stage.
    fn plan(&mut self, cx: &Context<'_>, kept: &Kept) {
        if !cx.radio.is_registered() {
            self.due = None;
            return;
        }
        let sleeps = kept
            .power_saving()
            .and_then(|timers| self.sleeps_at(timers));
        let dozes = kept.edrx_cycle().map(|_| self.active + INACTIVITY);
        self.due = crate::time::earliest(sleeps, dozes);
    }

    /// The active time begins when the radio connection ends.
    fn sleeps_at(&self, timers: Timers) -> Option<Instant> {
        let active = timers.active()?;
        Some(self.active + INACTIVITY + active.max(AT_LEAST))
    }
}
