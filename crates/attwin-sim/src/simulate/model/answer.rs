//! What passes between a module and the checkers.

use attwin_core::{CloseReason, Duration, Instant};

use crate::simulate::call::Call;
use crate::simulate::shape::integer;

/// Time that settles what was under way when a deadline passed.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// What a line reports, or why it cannot be.
pub(crate) type Outcome = Result<Reported, String>;

/// What a line reported to the host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reported {
    /// Nothing the packets have to agree with.
    Nothing,
    /// A publish is done: one of these.
    Published(Vec<Publication>),
    /// A message of this client.
    Message(u8),
}

/// Nothing to report, if the line can be.
pub(crate) fn if_so(can_be: bool, why_not: &str) -> Outcome {
    match can_be {
        true => Ok(Reported::Nothing),
        false => Err(why_not.into()),
    }
}

/// A publish as the host made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Publication {
    pub(crate) qos: u8,
    pub(crate) payload: Vec<u8>,
}

/// A call and its answer.
pub(crate) struct Answer<'a> {
    pub(crate) now: Instant,
    /// When the module began with it.
    pub(crate) began: Instant,
    pub(crate) call: &'a Call,
    /// The data it took.
    pub(crate) data: &'a Entered,
    /// Information text before the final result.
    pub(crate) lines: &'a [Vec<u8>],
    /// The final result without its framing.
    pub(crate) result: &'a [u8],
}

impl Answer<'_> {
    /// What was entered.
    pub(crate) fn entered(&self) -> Result<Vec<u8>, String> {
        match self.data {
            Entered::Data(data) => Ok(data.clone()),
            _ => Err("it asked for no data".into()),
        }
    }

    /// A time after now, and what settles things at that moment.
    pub(crate) fn after(&self, span: Duration) -> Instant {
        self.now + span + GRACE
    }

    /// The number of a refusal that ends with it.
    pub(crate) fn number_after(&self, start: &str) -> Option<u32> {
        let digits = self.result.strip_prefix(start.as_bytes())?;
        u32::try_from(integer(digits)?).ok()
    }

    /// The answer before its final result, for messages.
    pub(crate) fn shown(&self) -> String {
        self.lines.concat().escape_ascii().to_string()
    }
}

/// A URC with what its shape left open.
pub(crate) struct Heard<'a> {
    pub(crate) now: Instant,
    /// A command ended at this moment, and what had waited for that is said.
    pub(crate) flushed: bool,
    /// It explains an answer that did not fit.
    pub(crate) explains: bool,
    pub(crate) values: &'a [&'a [u8]],
}

impl Heard<'_> {
    /// An integer.
    pub(crate) fn int(&self, at: usize) -> Result<i64, String> {
        let value = self.text(at);
        integer(value).ok_or_else(|| format!("{} is no integer", value.escape_ascii()))
    }

    /// An integer that is not negative.
    pub(crate) fn id(&self, at: usize) -> Result<u32, String> {
        u32::try_from(self.int(at)?).map_err(|_| "no identifier".into())
    }

    pub(crate) fn text(&self, at: usize) -> &[u8] {
        self.values.get(at).copied().unwrap_or_default()
    }
}

/// What happens to a connection of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// It is being opened.
    Opening,
    /// CONNACK arrived with this return code, 0 for accepted.
    Answered { code: u8, present: bool },
    /// The server acknowledged the publish with this identifier for the last
    /// time.
    Acknowledged(u16),
    /// The other side or the network ended it; `Gone` follows.
    Ended(CloseReason),
    /// It is over.
    Gone,
}

/// How far a line has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// Nothing shows that the module has begun with it.
    pub(crate) untouched: bool,
    /// The module does not wait for its data.
    pub(crate) has_data: bool,
}

/// Data a command collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// So many bytes.
    Exact(usize),
    /// Until 0x1A; 0x1B cancels.
    Terminated,
}

impl Entry {
    /// As many bytes as an argument says.
    pub(crate) fn exact(length: u32) -> Self {
        Self::Exact(usize::try_from(length).unwrap_or(usize::MAX))
    }
}

/// What a command was given at its prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It did not ask.
    Nothing,
    /// These bytes.
    Data(Vec<u8>),
    /// The host thought better of it.
    Cancelled,
}
