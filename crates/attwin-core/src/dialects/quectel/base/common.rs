//! The commands all modules share, with the test forms of this family
//! (docs/spec/quectel.md 10.3).

use crate::command::Test;
use crate::handler::Row;
use crate::handler::shared::shared;

const SECTION: &str = "docs/spec/quectel.md 10";
const IDENTITY: &str = "docs/spec/quectel.md 1.2";

/// As every module has it.
const fn plain(name: &str) -> Row<()> {
    shared(name, SECTION)
}

/// With `OK` for its test form.
const fn ok(name: &str, section: &'static str) -> Row<()> {
    test(name, section, Test::Ok)
}

const fn lines(name: &str, lines: &'static [&'static str]) -> Row<()> {
    test(name, SECTION, Test::Lines(lines))
}

const fn test(name: &str, section: &'static str, test: Test) -> Row<()> {
    let row = shared(name, section);
    row.described(row.spec.test(test))
}

/// In the order of their manual.
pub(in super::super) static SHARED: [Row<()>; 41] = [
    plain("E"),
    plain("V"),
    plain("Q"),
    plain("X"),
    plain("&C"),
    plain("&D"),
    plain("&W"),
    plain("&V"),
    plain("S0"),
    plain("S3"),
    plain("S4"),
    plain("S5"),
    plain("S6"),
    plain("S7"),
    plain("S8"),
    plain("S10"),
    plain("S12"),
    lines(
        "+IPR",
        &[
            "+IPR: (),(4800,9600,19200,38400,57600,115200,230400,460800,921600,2900000,3000000,3200000,3686400,4000000)",
        ],
    ),
    lines("+IFC", &["+IFC: (0,2),(0,2)"]),
    ok("+CGMI", IDENTITY),
    ok("+CGMM", IDENTITY),
    ok("+CGMR", IDENTITY),
    shared("+CGSN", IDENTITY),
    shared("+GSN", IDENTITY),
    ok("+CIMI", SECTION),
    plain("+CMEE"),
    lines("+CFUN", &["+CFUN: (0-1,4),(0-1)"]),
    ok("+CPIN", SECTION),
    plain("+CSQ"),
    plain("+CREG"),
    plain("+CGREG"),
    plain("+CEREG"),
    plain("+COPS"),
    plain("+CGATT"),
    lines(
        "+CGDCONT",
        &[
            "+CGDCONT: (1-16),\"IP\",,,(0-2),(0-4),(0-1),(0-1)",
            "+CGDCONT: (1-16),\"PPP\",,,(0-2),(0-4),(0-1),(0-1)",
            "+CGDCONT: (1-16),\"IPV6\",,,(0-2),(0-4),(0-1),(0-1)",
            "+CGDCONT: (1-16),\"IPV4V6\",,,(0-2),(0-4),(0-1),(0-1)",
        ],
    ),
    lines("+CGACT", &["+CGACT: (0,1)"]),
    test("+CGPADDR", SECTION, Test::Computed),
    test("+CGCONTRDP", SECTION, Test::Computed),
    ok("+CCLK", SECTION),
    lines("+CTZU", &["+CTZU: (0,1,3)"]),
    lines("+CTZR", &["+CTZR: (0-2)"]),
];
