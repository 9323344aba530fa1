//! What the MQTT commands of both modules are refused for; each module has its
//! own number for it.

/// Why a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// A parameter does not fit, alone or with what is configured.
    Parameter,
    /// The settings contradict each other, or the module's switches.
    Settings,
    /// A CONNECT field that was asked for is not configured, or no client is.
    NotConfigured,
    /// A client is configured already, and perhaps connected.
    Configured,
    /// It is connected already.
    Connected,
    /// It connects, or connects again.
    Connecting,
    /// It disconnects already.
    Disconnecting,
    /// It is not connected.
    NotConnected,
    /// There is nothing to disconnect.
    Disconnected,
    /// The client is in use.
    InUse,
    /// The topic is subscribed already.
    Subscribed,
    /// The topic is not subscribed.
    NotSubscribed,
    /// There is no network.
    NoNetwork,
    /// The session takes no further request, or the network no data.
    NotSent,
}
