//! The command sets: one folder each. Vendors' words stay in here.

pub(crate) mod onemo;
pub(crate) mod quectel;
pub(crate) mod simcom;
pub(crate) mod yuge;
