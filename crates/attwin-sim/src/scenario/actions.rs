//! What a [`Player`](super::Player) asks for besides sending bytes.

use attwin_core::mqtt::packet::ConnectReturnCode;

use crate::broker::Message;
use crate::fault::FaultSpec;

/// Something to be done that is no byte on the serial line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Power the module on and let what it says pass until it is ready; with
    /// real hardware, make sure that it is.
    Boot,
    /// Power the module on; everything it says from now on is heard.
    PowerOn,
    /// Inject a fault.
    Fault(FaultSpec),
    /// Operate the broker.
    Broker(BrokerAction),
}

/// What an operator does to the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerAction {
    /// Publish a message.
    Publish(Message),
    /// Send a message to one client, subscribed or not.
    Push {
        /// Client identifier.
        client: String,
        /// The message.
        message: Message,
    },
    /// Close a client's connection.
    Drop {
        /// Client identifier.
        client: String,
    },
    /// Refuse the next CONNECTs.
    Refuse {
        /// With this code.
        code: ConnectReturnCode,
        /// So many of them.
        count: u32,
    },
    /// Stop: connections are closed, new ones refused.
    Stop,
    /// Start again after [`Stop`](Self::Stop).
    Start,
    /// Restart: connections are closed.
    Restart {
        /// Whether persistent sessions and retained messages survive.
        keep: bool,
    },
    /// Forget all sessions.
    Forget,
}
