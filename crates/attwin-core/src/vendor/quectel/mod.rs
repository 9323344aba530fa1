//! Quectel LTE Standard: `AT+QMT*` (spec/quectel.md).
//!
//! Tables stand beside the handlers they name: [`base`] for what host drivers
//! send first, [`file`] for the file store, [`ssl`] for TLS contexts.

mod base;
mod file;
mod knobs;
mod ssl;
mod variant;

use alloc::vec::Vec;

use crate::command::{Row, Spec, dispatch, line};
use crate::io::{LinkId, NetEvent};
use crate::modem::{Config, Context, Dialect, Outcome};
use crate::quirks::{QuirkError, QuirkInfo, Quirks};
use crate::radio::Change;
use crate::serial::DataEnd;
use crate::time::Instant;
pub(crate) use knobs::Knobs;
pub(crate) use variant::{EC20, EC21, EC25, EG25, EG95, Variant};

/// The family's settings of the shared layers (spec/quectel.md section 2).
pub(crate) const QUIRKS: Quirks = Quirks::DEFAULT;

/// One module of the family.
pub(crate) struct Quectel {
    variant: &'static Variant,
    knobs: Knobs,
    files: file::Files,
    ssl: ssl::Contexts,
    base: base::Base,
    /// Which command waits for the data being entered.
    entering: Option<Entering>,
}

/// A command that waits for data.
#[derive(Debug)]
enum Entering {
    /// A file command.
    File(file::Upload),
}

static TABLES: [&[Row<Quectel>]; 3] = [&file::ROWS, &ssl::ROWS, &base::ROWS];

/// Commands the family shares with every module.
static SHARED: [&[Row<()>]; 0] = [];

/// Every command of the family.
pub(crate) fn describe() -> Vec<&'static Spec> {
    let mut specs = crate::command::describe(&TABLES);
    specs.extend(crate::command::describe(&SHARED));
    specs
}

impl Quectel {
    pub(crate) fn new(_config: &Config, variant: &'static Variant) -> Self {
        Self {
            variant,
            knobs: Knobs::DEFAULT,
            files: file::Files::default(),
            ssl: ssl::Contexts::default(),
            base: base::Base::default(),
            entering: None,
        }
    }
}

impl Dialect for Quectel {
    fn boot(&mut self, cx: &mut Context<'_>) {
        self.files = file::Files::default();
        self.ssl = ssl::Contexts::default();
        self.entering = None;
        self.base.boot(cx, &self.knobs);
    }

    fn power_off(&mut self, _cx: &mut Context<'_>) {}

    fn call<'a>(
        &mut self,
        cx: &mut Context<'_>,
        command: &line::Command<'a>,
        rest: &mut &'a [u8],
    ) -> Outcome {
        dispatch(self, cx, &TABLES, &SHARED, command, rest)
    }

    fn data(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
        match self.entering.take() {
            Some(Entering::File(upload)) => self.files.finish_upload(cx, upload, end, data),
            None => Outcome::Error,
        }
    }

    fn abandon_data(&mut self) {
        self.entering = None;
    }

    fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        self.base.network(cx, link, event);
    }

    fn radio(&mut self, cx: &mut Context<'_>, change: &Change) {
        self.base.radio(cx, change);
    }

    fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.base.handle_timeout(cx);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.base.poll_timeout()
    }

    fn cme_text(&self, code: u16) -> Option<&'static str> {
        base::cme_text(code)
    }

    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.knobs.set(name, value)
    }

    fn quirks(&self) -> Vec<QuirkInfo> {
        self.knobs.describe()
    }
}
