//! The broker of a scenario that is played in real time.

use std::net::SocketAddr;
use std::time::Duration;

use attwin_sim::broker::BrokerEvent;
use attwin_sim::scenario::{BrokerAction, Header};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep};

use crate::embedded::{Embedded, EmbeddedOptions, unix_time};

/// How long the address of the previous run's broker may stay taken.
const START_TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is tried meanwhile.
const RETRY: Duration = Duration::from_millis(20);

/// A broker as a scenario's header wants it, for one run.
pub(super) struct RunBroker {
    embedded: Embedded,
    pub(super) events: Receiver<BrokerEvent>,
}

/// Why an `@` line was not carried out.
pub(super) enum Refusal {
    /// It cannot be done here.
    NotHere,
    /// It makes no sense now.
    Impossible(String),
}

impl RunBroker {
    pub(super) async fn start(addr: SocketAddr, header: &Header) -> Result<Self, String> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let options = EmbeddedOptions {
                broker: header.broker(unix_time()),
                ..EmbeddedOptions::default()
            };
            match Embedded::start(addr, options).await {
                Ok(embedded) => {
                    let events = embedded.events();
                    return Ok(Self { embedded, events });
                }
                Err(error) if Instant::now() >= deadline => return Err(error.to_string()),
                Err(_) => sleep(RETRY).await,
            }
        }
    }

    pub(super) fn operate(&self, action: BrokerAction) -> Result<(), Refusal> {
        let broker = &self.embedded;
        match action {
            BrokerAction::Publish(message) => {
                broker.operate(|broker, now| broker.publish(now, message));
            }
            BrokerAction::Push { client, message } => {
                if !broker.operate(|broker, now| broker.push(now, &client, message)) {
                    let reason = format!("the broker knows no client \"{client}\"");
                    return Err(Refusal::Impossible(reason));
                }
            }
            BrokerAction::Drop { client } => {
                broker.operate(|broker, now| broker.disconnect(now, &client));
            }
            BrokerAction::Refuse { code, count } => {
                broker.operate(|broker, _| broker.refuse_next(code, count));
            }
            BrokerAction::Restart { keep } => {
                broker.operate(|broker, now| broker.restart(now, keep));
            }
            BrokerAction::Forget => broker.operate(|broker, _| broker.forget_sessions()),
            BrokerAction::Stop | BrokerAction::Start => return Err(Refusal::NotHere),
        }
        Ok(())
    }
}
