//! Running scenarios from text.

use std::path::Path;

use attwin_sim::scenario::{Failure, ParseError, Problem, Scenario, run};

/// Reads a scenario whose first line names the module.
pub(crate) fn parse(text: &str) -> Result<Scenario, ParseError> {
    Scenario::parse(Path::new("test.at"), text)
}

pub(crate) fn play(text: &str) -> Result<(), Box<Failure>> {
    let scenario = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    run(&scenario)
}

/// A scenario with the usual header and opening.
pub(crate) fn connected(body: &str) -> String {
    format!(
        "module quectel-ec25\n\
         > AT+QMTOPEN=0,\"broker.example\",1883\n< OK\n<[300ms] +QMTOPEN: 0,0\n\
         > AT+QMTCONN=0,\"dev-1\"\n< OK\n<[300ms] +QMTCONN: 0,0,0\n{body}"
    )
}

#[track_caller]
pub(crate) fn passes(text: &str) {
    if let Err(failure) = play(text) {
        panic!("{failure}\n{text}");
    }
}

/// Expects the scenario to fail at a line with this text.
#[track_caller]
pub(crate) fn fails(text: &str, line: &str) -> Box<Failure> {
    let failure = play(text).expect_err("it has to fail");
    assert_eq!(failure.place.line_text().trim(), line, "{failure}");
    failure
}

/// Expects the scenario to fail at a line with this text, for this reason.
#[track_caller]
pub(crate) fn fails_as(text: &str, line: &str, problem: &Problem) {
    let failure = fails(text, line);
    assert_eq!(failure.problem, *problem, "{failure}");
}
