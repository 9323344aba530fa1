//! What became of the connection and of requests, and why
//! (docs/spec/yuge.md 3.7 and 7.1).

use alloc::format;

use crate::handler::Context;
use crate::mqtt::session::Operation;
use crate::reason::Reason;
use crate::serial::Channel;

/// What `+IMQTTCONN:` says.
pub(super) enum Connection {
    /// 0: it was made.
    Made,
    /// 1: there was one already.
    Stands,
    /// -1: there is none, or none any more.
    Ended(Ending),
}

/// Why a connection ended.
pub(super) enum Ending {
    /// The host wanted it.
    Asked,
    /// It could not be made, or was lost.
    Failed(Reason),
}

/// Says what became of the connection.
pub(super) fn report(cx: &mut Context<'_>, connection: Connection) {
    let (channel, now) = (Channel::Client(0), cx.now);
    match connection {
        Connection::Made => cx.urc_at(channel, now, "+IMQTTCONN:0"),
        Connection::Stands => {
            let reason = Reason::new("there is a connection already, and it stays");
            cx.urc_because(channel, now, "+IMQTTCONN:1", reason);
        }
        Connection::Ended(Ending::Asked) => cx.urc_at(channel, now, "+IMQTTCONN:-1"),
        Connection::Ended(Ending::Failed(reason)) => {
            cx.urc_because(channel, now, "+IMQTTCONN:-1", reason);
        }
    }
}

/// An acknowledgement did not come in the time of AT+IMQTTPARA.
pub(super) fn too_late(operation: Operation) -> Reason {
    let awaited = match operation {
        Operation::Publish => "PUBACK or PUBREC",
        Operation::Release => "PUBCOMP",
        Operation::Subscribe => "SUBACK",
        Operation::Unsubscribe => "UNSUBACK",
    };
    Reason::new(format!("no {awaited} came within TIMEOUT of AT+IMQTTPARA"))
}
