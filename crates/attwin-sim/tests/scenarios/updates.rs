//! Rewriting expectations: what is right stays byte for byte, what is wrong
//! becomes what the module says.

use std::path::Path;

use attwin_core::Instant;
use attwin_sim::scenario::{LoadError, Manner, Player, Scenario, Step, UpdateError, run, update};

use crate::common::connected;

fn updated(text: &str) -> Result<String, UpdateError> {
    let load = |text: &str| Scenario::parse(Path::new("test.at"), text).map_err(LoadError::from);
    update(text.to_owned(), load, run)
}

/// Expects `wrong` to become `right` after the same opening, and `right` to
/// stay as it is.
#[track_caller]
fn becomes(wrong: &str, right: &str) {
    let (wrong, right) = (connected(wrong), connected(right));
    assert_eq!(updated(&wrong).expect("it can be mended"), right);
    assert_eq!(updated(&right).expect("it passes"), right);
}

#[test]
fn a_wrong_line_is_replaced() {
    becomes(
        "# Ask.\n  > AT+QMTCONN?   \n\n  < +QMTCONN: 0,1\n\t# Tabs stay.\n< OK\n",
        "# Ask.\n  > AT+QMTCONN?   \n\n  < +QMTCONN: 0,3\n\t# Tabs stay.\n< OK\n",
    );
    becomes("> AT\n<~ ERR.*\n", "> AT\n< OK\n");
    becomes("> AT\n< {x}ERROR\n", "> AT\n< OK\n");
}

#[test]
fn a_missing_line_is_removed() {
    becomes("> AT\n< OK\n< RDY\n# End.\n", "> AT\n< OK\n# End.\n");
    becomes("> AT\n< RDY\n< OK\n", "> AT\n< OK\n");
}

#[test]
fn an_unexpected_line_is_inserted() {
    becomes(
        "> ATI\n< Quectel\n< OK\n~ silent 1s\n",
        "> ATI\n< Quectel\n< EC25\n< Revision: EC25EFAR06A17M4G\n< OK\n~ silent 1s\n",
    );
    becomes("> AT\n", "> AT\n< OK\n");
    becomes(
        "> AT+QMTDISC=0\n> AT\n< OK\n",
        "> AT+QMTDISC=0\n< OK\n< +QMTDISC: 0,0\n< +QMTSTAT: 0,5\n> AT\n< OK\n",
    );
    becomes(
        "> AT+QMTDISC=0\n< OK\n  ~ silent 5s\n",
        "> AT+QMTDISC=0\n< OK\n  < +QMTDISC: 0,0\n  < +QMTSTAT: 0,5\n  ~ silent 5s\n",
    );
}

#[test]
fn lines_in_the_wrong_order_are_swapped() {
    becomes(
        "> AT+CSQ\n< OK\n< +CSQ: 28,99\n",
        "> AT+CSQ\n< +CSQ: 28,99\n< OK\n",
    );
}

#[test]
fn a_time_is_corrected() {
    becomes(
        "> AT+QMTDISC=0\n< OK\n<~[2s..3s] \\+QMTDISC: .*\n<[300ms] +QMTSTAT: 0,5\n",
        "> AT+QMTDISC=0\n< OK\n<~[0ms] \\+QMTDISC: .*\n<[500ms] +QMTSTAT: 0,5\n",
    );
}

#[test]
fn prompts_bytes_and_framing_are_written_as_such() {
    becomes(
        "> AT+QMTPUBEX=0,0,0,0,\"t\",1\n< OK\n>> x\n< OK\n< +QMTPUBEX: 0,0,1\n",
        "> AT+QMTPUBEX=0,0,0,0,\"t\",1\n<> prompt\n>> x\n< OK\n< +QMTPUBEX: 0,0,0\n",
    );
    becomes(
        "> ATI\n< Quectel\n<+ OK\n< Revision: EC25EFAR06A17M4G\n< OK\n",
        "> ATI\n< Quectel\n< EC25\n< Revision: EC25EFAR06A17M4G\n< OK\n",
    );
    becomes(
        "> ATE1\n< OK\n> AT\n< OK\n",
        "> ATE1\n< OK\n> AT\n<< AT\\r\n< OK\n",
    );
}

#[test]
fn what_looks_like_a_variable_is_doubled() {
    becomes(
        "> AT+QMTSUB=0,1,\"t\",0\n< OK\n< +QMTSUB: 0,1,0,0\n@ publish \"t\" \"{{on}}\"\n< +QMTRECV\n",
        "> AT+QMTSUB=0,1,\"t\",0\n< OK\n< +QMTSUB: 0,1,0,0\n@ publish \"t\" \"{{on}}\"\n\
         < +QMTRECV: 0,0,\"t\",\"{{on}}\"\n",
    );
}

#[test]
fn blocks_are_updated() {
    let block = |lines: &str| {
        format!(
            "> AT+QMTSUB=0,1,\"t\",0\n< OK\n< +QMTSUB: 0,1,0,0\n\
         > AT+QMTPUBEX=0,0,0,0,\"t\",1\n<> prompt\n>> x\n< OK\n{{\n{lines}}}\n"
        )
    };
    becomes(
        &block("  < +QMTSTAT: 0,1\n  < +QMTRECV: 0,0,\"t\",\"x\"\n"),
        &block("  < +QMTRECV: 0,0,\"t\",\"x\"\n  < +QMTPUBEX: 0,0,0\n"),
    );
}

#[test]
fn line_ends_are_kept() {
    let text = "module quectel-ec25\r\n> ATI\r\n< Quectel\r\n< OK\r\n# End.";
    let right = "module quectel-ec25\r\n> ATI\r\n< Quectel\r\n< EC25\r\n\
                 < Revision: EC25EFAR06A17M4G\r\n< OK\r\n# End.";
    assert_eq!(updated(text).expect("it can be mended"), right);
}

#[test]
fn what_no_expectation_mends_is_said() {
    let text = connected("> AT\n< ERROR\n@ received \"t\"\n");
    let Err(UpdateError::Failure(failure)) = updated(&text) else {
        panic!("the broker received nothing");
    };
    assert_eq!(failure.place.line_text(), "@ received \"t\"");
}

#[test]
fn a_module_that_never_says_the_same_is_given_up() {
    let load = |text: &str| Scenario::parse(Path::new("test.at"), text).map_err(LoadError::from);
    let text = "module quectel-ec25\necho on\n> AT\n< 0\n".to_owned();
    let mut runs = 0;
    let result = update(text, load, |scenario| {
        runs += 1;
        let mut player = Player::new(scenario, scenario.header.modules[0], Manner::VIRTUAL);
        loop {
            match player.poll(Instant::ZERO) {
                Step::Failed(failure) => return Err(failure),
                Step::Send(_) => player.heard(Instant::ZERO, format!("\r\n{runs}\r\n").as_bytes()),
                _ => {}
            }
        }
    });
    assert!(matches!(result, Err(UpdateError::Restless(_))));
}

#[test]
fn a_list_of_commands_waits_for_what_each_brings() {
    let made = updated(
        "module quectel-ec25
> AT+QMTOPEN=0,\"broker.example\",1883
> AT+QMTCONN=0,\"dev-1\"
> AT+CSQ
> AT+QMTPUBEX=0,7,1,0,\"t\",5
>> hello
> AT+QMTDISC=0
",
    );
    let wanted = "module quectel-ec25
> AT+QMTOPEN=0,\"broker.example\",1883
< OK
< +QMTOPEN: 0,0
> AT+QMTCONN=0,\"dev-1\"
< OK
< +QMTCONN: 0,0,0
> AT+CSQ
< +CSQ: 28,99
< OK
> AT+QMTPUBEX=0,7,1,0,\"t\",5
<> prompt
>> hello
< OK
< +QMTPUBEX: 0,7,0
> AT+QMTDISC=0
< OK
< +QMTDISC: 0,0
< +QMTSTAT: 0,5
";
    assert_eq!(made.expect("it can be mended"), wanted);
}

#[test]
fn a_result_that_does_not_come_holds_up_no_longer_than_it_may_take() {
    let made = updated(
        "module quectel-ec25
! timeout 30s
> AT+QMTOPEN=0,\"broker.example\",1883
> AT+CGMI
",
    );
    let wanted = "module quectel-ec25
! timeout 30s
> AT+QMTOPEN=0,\"broker.example\",1883
< OK
< +QMTOPEN: 0,-1
> AT+CGMI
< Quectel
< OK
";
    assert_eq!(made.expect("it can be mended"), wanted);
}
