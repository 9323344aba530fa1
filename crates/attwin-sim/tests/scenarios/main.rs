//! The scenario language: every construct passes and fails as it should, the
//! scenarios of the repository pass, and those of its documentation parse.

mod common;

mod diagnostics;
mod documentation;
mod explain_onemo_yuge;
mod explain_quectel;
mod explain_simcom;
mod files;
mod hostile;
mod language;
mod ledger;
mod parsing;
mod repository;
mod updates;
