//! The modem's side of the network: numbers links and queues commands.

use alloc::boxed::Box;
use alloc::collections::{BTreeSet, VecDeque};
use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;

use crate::io::{LinkId, NetCommand};
use crate::tls::TlsSettings;

/// Links of one modem.
#[derive(Debug, Default)]
pub(crate) struct Links {
    next: u64,
    open: BTreeSet<LinkId>,
    /// The host does not take what is said.
    paused: bool,
    /// The network does not reach the module.
    asleep: bool,
    commands: VecDeque<(LinkId, NetCommand)>,
    /// How often something was sent, opened or looked up.
    sent: u64,
}

impl Links {
    /// Opens a connection.
    pub(crate) fn open(
        &mut self,
        host: String,
        port: u16,
        tls: Option<Box<TlsSettings>>,
        connect_timeout: Duration,
    ) -> LinkId {
        let link = self.number();
        self.open.insert(link);
        self.command(
            link,
            NetCommand::Open {
                host,
                port,
                tls,
                connect_timeout,
            },
        );
        if self.holds() {
            self.command(link, NetCommand::Pause);
        }
        link
    }

    /// Looks a name up.
    pub(crate) fn resolve(&mut self, host: String) -> LinkId {
        let link = self.number();
        self.command(link, NetCommand::Resolve(host));
        link
    }

    pub(crate) fn send(&mut self, link: LinkId, bytes: Bytes) {
        self.command(link, NetCommand::Send(bytes));
    }

    /// Sends what is queued, then closes.
    pub(crate) fn close(&mut self, link: LinkId) {
        self.open.remove(&link);
        self.command(link, NetCommand::Close);
    }

    /// Drops a connection at once, or gives up a look-up.
    pub(crate) fn abort(&mut self, link: LinkId) {
        self.open.remove(&link);
        self.command(link, NetCommand::Abort);
    }

    /// The other side ended the link.
    pub(crate) fn gone(&mut self, link: LinkId) {
        self.open.remove(&link);
    }

    /// Stops or resumes reading from every link, for the host's sake.
    pub(crate) fn pause_all(&mut self, paused: bool) {
        let held = self.holds();
        self.paused = paused;
        self.tell(held);
    }

    /// The same for a module that sleeps: what the other side sends waits in
    /// the network.
    pub(crate) fn sleep(&mut self, asleep: bool) {
        let held = self.holds();
        self.asleep = asleep;
        self.tell(held);
    }

    const fn holds(&self) -> bool {
        self.paused || self.asleep
    }

    fn tell(&mut self, held: bool) {
        if self.holds() == held {
            return;
        }
        let command = if self.holds() {
            NetCommand::Pause
        } else {
            NetCommand::Resume
        };
        for link in &self.open {
            self.commands.push_back((*link, command.clone()));
        }
    }

    /// How often the modem used the network, to tell whether it just did.
    pub(crate) const fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether nothing is read from any link.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(crate) fn poll(&mut self) -> Option<(LinkId, NetCommand)> {
        self.commands.pop_front()
    }

    fn number(&mut self) -> LinkId {
        self.next += 1;
        LinkId(self.next)
    }

    fn command(&mut self, link: LinkId, command: NetCommand) {
        self.sent += u64::from(!matches!(command, NetCommand::Pause | NetCommand::Resume));
        self.commands.push_back((link, command));
    }
}
