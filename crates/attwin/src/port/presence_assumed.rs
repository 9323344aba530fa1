//! Stands in for `presence.rs` on Unix systems without inotify: one host is
//! assumed to have the PTY open from the start, as on a real serial line.

use std::io;
use std::path::Path;
use std::task::Context;

pub(super) struct Presence;

impl Presence {
    pub(super) fn watch(_slave: &Path) -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) fn changes(&self, seen: u64, _cx: &mut Context<'_>) -> u64 {
        self.changes_now(seen)
    }

    pub(super) fn changes_now(&self, seen: u64) -> u64 {
        1_u64.saturating_sub(seen)
    }

    pub(super) fn expect_own_reopen(&self) {}
}
