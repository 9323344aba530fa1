//! Commands host drivers send first, and what the module says by itself
//! (docs/spec/yuge.md sections 1 and 10).

pub(super) mod context;
pub(super) mod identity;
pub(super) mod network;

use super::Yuge;
use crate::cme;
use crate::command::{Args, Form, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::shared::shared;
use crate::handler::{Context, Outcome};

/// The specification's section of these commands.
const SECTION: &str = "docs/spec/yuge.md 10";

/// Commands that are as on every module.
pub(super) static SHARED: [Row<()>; 16] = [
    shared("E", SECTION),
    fixed(shared("V", SECTION), &[Param::int("value", 1, 1)], "V1"),
    fixed(shared("Q", SECTION), &[Param::int("value", 0, 0)], "Q0"),
    shared("&F", SECTION),
    shared("Z", SECTION),
    shared("&W", SECTION),
    tested(shared("+CGMI", "docs/spec/yuge.md 1"), Test::Ok),
    tested(shared("+CGMM", "docs/spec/yuge.md 1"), Test::Ok),
    tested(shared("+CIMI", "docs/spec/yuge.md 1"), Test::Ok),
    shared("+CMEE", SECTION),
    tested(
        shared("+CFUN", SECTION),
        Test::Lines(&["+CFUN: (0,1,4),(0,1)"]),
    ),
    shared("+CSQ", SECTION),
    shared("+COPS", SECTION),
    shared("+CGATT", SECTION),
    tested(
        numbered(shared("+IPR", SECTION)),
        Test::Lines(&["+IPR: (300-4000000)"]),
    ),
    tested(read_only(shared("+CCLK", SECTION)), Test::Ok),
];

/// A basic command with but one of its values.
const fn fixed(row: Row<()>, params: &'static [Param], example: &'static str) -> Row<()> {
    let spec = Spec {
        execute: false,
        example,
        ..row.spec
    };
    row.described(spec.write(params))
}

/// A row whose wrong values have an error number, as every base command's
/// (docs/spec/yuge.md 2.5).
const fn numbered(row: Row<()>) -> Row<()> {
    row.described(row.spec.refusal(cme::INCORRECT_PARAMETERS))
}

/// A row with this test form.
const fn tested(row: Row<()>, test: Test) -> Row<()> {
    row.described(row.spec.test(test))
}

/// A row without its write form.
const fn read_only(row: Row<()>) -> Row<()> {
    let spec = Spec {
        write: None,
        ..row.spec
    };
    row.described(spec)
}

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary)
        .origin(Origin::Field)
        .refusal(cme::INCORRECT_PARAMETERS)
}

/// Texts under AT+CMEE=2: those of docs/spec/yuge.md 10; for 13 and 30 those of 3GPP
/// 27.007 section 9.2.
pub(super) fn cme_text(code: u16) -> Option<&'static str> {
    Some(match code {
        cme::NOT_ALLOWED => "operation not allowed",
        cme::SIM_NOT_INSERTED => "SIM not inserted",
        cme::SIM_PIN_REQUIRED => "SIM PIN required",
        cme::SIM_FAILURE => "SIM failure",
        cme::NO_NETWORK_SERVICE => "no network service",
        cme::INCORRECT_PARAMETERS => "incorrect parameters",
        _ => return None,
    })
}
