//! TLS contexts, `AT+QSSLCFG` (spec/quectel.md 9.1).

use crate::command::Row;

use super::Quectel;

/// The six TLS contexts.
#[derive(Debug, Default)]
pub(crate) struct Contexts;

pub(super) static ROWS: [Row<Quectel>; 0] = [];
