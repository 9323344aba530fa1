//! Faults around a modem: whatever goes wrong between a module and its host,
//! its broker and its operator, on demand and repeatable.
//!
//! [`Faulty`] wraps a [`Modem`](attwin_core::Modem) and is driven exactly like
//! it, in virtual time and in real time alike; the modem inside knows nothing
//! of faults. A [`FaultSpec`] says what goes wrong, and is written as text:
//!
//! ```
//! # use attwin_sim::fault::FaultSpec;
//! let lost: FaultSpec = "drop puback 2 after=1".parse()?;
//! let late: FaultSpec = "delay publish 3s to-module".parse()?;
//! let cut: FaultSpec = "reset before pubrel".parse()?;
//! let garbage: FaultSpec = "corrupt byte probability=0.01 for=10s".parse()?;
//! let field: FaultSpec = "preset nat-drop".parse()?;
//! # Ok::<(), attwin_sim::fault::SpecError>(())
//! ```
//!
//! One model serves four places: the serial line, the MQTT control packets,
//! the network below them, and the radio. [`catalogue()`] lists the forms,
//! [`modifiers()`] what may follow each, [`presets()`] the combinations that
//! reproduce field problems of real firmware.
//!
//! A fault that acts says so, and marks what it touched: [`Faulty::poll`] hands
//! out [`Act`]s and [`Mark`]s among the outputs, [`Faulty::never_acted`] names
//! the faults that found nothing to act on.
//!
//! Order within a direction is kept, except by `hold`, `move` and `urc`, which
//! exist to break it. A part of the serial line is one piece of output (an
//! echo, a line, a prompt) or one write of the host; packets are found in the
//! bytes of each connection before encryption, so they are found with TLS too.

mod active;
mod catalogue;
mod command;
mod event;
mod faulty;
mod framer;
mod host;
mod lanes;
mod like;
mod link;
mod mark;
mod meant;
mod modifiers;
mod name;
mod names;
mod packets;
mod parse;
mod preset;
mod serial;
mod show;
mod spec;
mod wire;
mod words;

pub use active::MAX_ACTIVE;
pub use catalogue::{FaultInfo, Place, Term, catalogue, modifiers, placeholders};
pub use faulty::Faulty;
pub use host::MAX_HELD_INPUT;
pub use link::{LinkEvent, MAX_HELD_LINK, MAX_LINKS};
pub use mark::{Act, FaultName, Mark, Passed, Touch};
pub(crate) use meant::meant;
pub use preset::{Preset, presets};
pub use serial::MAX_HELD_OUTPUT;
pub use spec::FaultSpec;
pub use words::SpecError;
