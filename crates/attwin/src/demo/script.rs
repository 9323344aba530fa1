//! A session as data. Each command set brings its own.

use attwin_core::Module;

use super::{ml302, mn316, quectel, simcom, yuge};

/// The example session of a manual.
pub(super) struct Script {
    /// Where it stands in the vendor's manual.
    pub(super) source: &'static str,
    /// Where it stands in the specification.
    pub(super) section: &'static str,
    /// What happens.
    pub(super) steps: &'static [Step],
}

/// One thing that happens.
pub(super) enum Step {
    /// Tells the onlooker what comes next.
    Chapter(&'static str),
    /// The host sends a command line; the CR is added.
    Command(&'static str),
    /// The host sends data as it is.
    Data(&'static str),
    /// The module's next line that is not empty.
    Answer(&'static str),
    /// The module's prompt for data.
    Prompt(&'static str),
    /// Another client publishes a QoS 0 message.
    Published {
        topic: &'static str,
        payload: &'static str,
    },
    /// A packet of this type goes over the wire.
    Packet(&'static str),
}

/// The session of a module, if there is one for its family.
pub(super) fn of(module: &Module) -> Option<&'static Script> {
    SCRIPTS
        .iter()
        .find(|(spec, _)| *spec == module.spec)
        .map(|(_, script)| *script)
}

/// By what specifies a family.
static SCRIPTS: [(&str, &Script); 5] = [
    ("docs/spec/quectel.md", &quectel::SCRIPT),
    ("docs/spec/simcom.md", &simcom::SCRIPT),
    ("docs/spec/yuge.md", &yuge::SCRIPT),
    ("docs/spec/onemo.md A", &ml302::SCRIPT),
    ("docs/spec/onemo.md B", &mn316::SCRIPT),
];
