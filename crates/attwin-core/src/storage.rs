//! The module's file store, and what else survives a power cycle.

use alloc::collections::VecDeque;

use crate::io::{StoreCommand, Stored};

/// Files of one module.
#[derive(Debug)]
pub(crate) struct Storage {
    stored: Stored,
    commands: VecDeque<StoreCommand>,
}

impl Storage {
    pub(crate) fn new(stored: Stored) -> Self {
        Self {
            stored,
            commands: VecDeque::new(),
        }
    }

    /// Volatile files vanish.
    pub(crate) fn restart(&mut self) {}

    pub(crate) fn poll_store(&mut self) -> Option<StoreCommand> {
        self.commands.pop_front()
    }
}
