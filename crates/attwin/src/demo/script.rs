//! A session as data. Each command set brings its own.

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
    /// A heading above what comes next.
    Chapter(&'static str),
    /// The host sends a command line; the CR is added.
    Command(&'static str),
    /// The host sends data as it is.
    Data(&'static str),
    /// The module says its start-up lines.
    Boot,
    /// The host asks what a command takes, and the module answers what its
    /// table says.
    Test(&'static str),
    /// One of these, as the module's profile has it.
    Either(&'static str, &'static str),
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
