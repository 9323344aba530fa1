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
    paused: bool,
    commands: VecDeque<(LinkId, NetCommand)>,
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
        if self.paused {
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

    /// Stops or resumes reading from every link.
    pub(crate) fn pause_all(&mut self, paused: bool) {
        self.paused = paused;
        let command = if paused {
            NetCommand::Pause
        } else {
            NetCommand::Resume
        };
        for link in &self.open {
            self.commands.push_back((*link, command.clone()));
        }
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
        self.commands.push_back((link, command));
    }
}
