//! File commands `AT+QF*` (spec/quectel.md 9.2 to 9.6).

use alloc::vec::Vec;

use crate::command::Row;
use crate::modem::{Context, Outcome};
use crate::serial::DataEnd;

use super::Quectel;

/// Open file handles.
#[derive(Debug, Default)]
pub(crate) struct Files;

/// A file command that waits for data.
#[derive(Debug)]
pub(crate) struct Upload;

pub(super) static ROWS: [Row<Quectel>; 0] = [];

impl Files {
    pub(super) fn finish_upload(
        &mut self,
        _cx: &mut Context<'_>,
        _upload: Upload,
        _end: DataEnd,
        _data: Vec<u8>,
    ) -> Outcome {
        Outcome::Error
    }
}
