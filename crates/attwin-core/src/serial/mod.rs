//! What the UART sees: line editing and echo, data entry, framing of replies,
//! and the one place that decides when an unsolicited result code may appear.
//!
//! [`Port`] is the whole layer. Bytes go in with [`Port::push`] and come out of
//! [`Port::next`] as [`Received`] values; replies and URCs go in as text and
//! come out of [`Port::poll_output`] as bytes.

mod data;
mod hint;
mod line;
mod port;
mod quirks;
mod transmit;
mod urc;

pub(crate) use data::{DataEnd, DataRequest, Length, Surplus};
pub(crate) use port::{Port, Received};
pub(crate) use quirks::{BeforePrompt, LineQuirks};
pub(crate) use transmit::FinalResult;
pub(crate) use urc::Channel;
