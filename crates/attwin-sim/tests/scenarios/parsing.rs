//! What is not a scenario, and how that is said.

use crate::common::parse;

/// Each text is wrong at `line:column`, and the message contains these words.
#[test]
fn errors_say_where_and_what() {
    let long = "  < OK\n".repeat(65);
    for (text, place, words) in [
        ("", "1:1", "expected a line `module NAME`"),
        ("# only a comment\n", "1:1", "known modules: quectel-ec25"),
        ("module\n", "1:7", "expected the name of a module"),
        ("module nokia-3310\n", "1:8", "unknown module `nokia-3310`"),
        ("module quectel-ec25 quectel-ec25\n", "1:21", "named twice"),
        ("AT+QMTOPEN?\n", "1:1", "the host's lines start with `>`"),
        (">AT\n", "1:1", "expected a space after `>`"),
        ("<+QMTOPEN: 0,0\n", "1:1", "expected a space after `<+`"),
        ("<[2s +A\n", "1:1", "expected `]`"),
        ("<[2] +A\n", "1:3", "`2` is not a time"),
        ("<[2s..1s] +A\n", "1:3", "ends before it begins"),
        ("<[0.1ms] +A\n", "1:3", "whole milliseconds"),
        ("< >\n", "1:1", "`<> prompt`"),
        ("<> CONNECT\n", "1:1", "expected `<> prompt`"),
        ("<<\n", "1:1", "expected bytes"),
        ("<~ (\n", "1:4", "not a regular expression"),
        ("<~ {x}\n", "1:4", "variable `x` has no value here"),
        ("> AT{x}\n", "1:3", "variable `x` has no value here"),
        (">> {x}\n", "1:4", "the text {x} itself is written {{x}}"),
        ("< {x}{y}\n", "1:3", "need text between them"),
        ("<< {x}\n", "1:4", "needs text after it"),
        (">> \\q\n", "1:4", "unknown escape `\\q`"),
        (">> a\\x1\n", "1:5", "unknown escape `\\x`"),
        ("!\n", "1:1", "expected a fault"),
        ("@\n", "1:2", "expected what the broker does"),
        ("@ explode\n", "1:3", "unknown broker line `explode`"),
        ("@ publish t \"x\"\n", "1:11", "a topic in quotes"),
        ("@ publish \"t\"\n", "1:14", "the payload in quotes"),
        ("@ publish \"t\" qos 3 \"x\"\n", "1:19", "a QoS, 0 to 2"),
        ("@ publish \"t\" \"x\" \"y\"\n", "1:19", "unexpected `y`"),
        ("@ publish \"t \n", "1:11", "closing `\"` is missing"),
        ("@ publish \"t\" \"\\q\"\n", "1:16", "unknown escape"),
        ("@ received\n", "1:11", "received \"topic\""),
        ("@ received \"t\" loud\n", "1:16", "unexpected `loud`"),
        ("@ subscribed \"t\" retain\n", "1:18", "unexpected `retain`"),
        ("@ refuse 6\n", "1:10", "a CONNACK code, 1 to 5"),
        ("@ restart slowly\n", "1:11", "expected `keep`"),
        ("@ stop now\n", "1:8", "unexpected `now`"),
        ("~\n", "1:2", "expected a time or `silent`"),
        ("~ quiet\n", "1:3", "`quiet` is not a time"),
        ("~ silent 5\n", "1:10", "`5` is not a time"),
        ("~ 169h\n", "1:3", "at most 168h"),
        (
            "~ 168h\n~ 168h\n~ 168h\n~ 168h\n~ 168h\n",
            "5:1",
            "more than 31 days",
        ),
        ("{\n", "1:1", "not closed"),
        ("{\n}\n", "1:1", "empty"),
        ("}\n", "1:1", "no block"),
        ("{\n{\n", "2:1", "only `<` lines"),
        ("{\n> AT\n", "2:1", "only `<` lines"),
        ("{ < OK\n", "1:3", "on a line of its own"),
        (
            &format!("{{\n{long}}}\n"),
            "66:3",
            "more than 64 lines in a block",
        ),
        ("seed -1\n", "1:6", "a number, 0 to"),
        ("timing slow\n", "1:8", "`fast` or `real`"),
        ("quirk a b\n", "1:9", "expected `=`"),
        ("var 1 = b\n", "1:5", "cannot name a variable"),
        ("var a = b\nvar a = c\n", "2:5", "has a value already"),
        ("broker user me\n", "1:13", "a user name in quotes"),
        (
            "broker refuse-filter \"a#\"\n",
            "1:26",
            "not a topic filter",
        ),
        ("broker cloud\n", "1:8", "`aliyun …` or `onenet …`"),
        ("broker aliyun\n", "1:14", "`product`, `device` or `answer`"),
        (
            "broker aliyun product \"k\" \"s\" open\n",
            "1:31",
            "expected `unregistered`",
        ),
        (
            "broker aliyun product \"a|b\" \"s\"\n",
            "1:15",
            "`a|b` cannot be a name",
        ),
        (
            "broker aliyun device \"k\" \"d\"\n",
            "1:15",
            "unknown product `k`",
        ),
        (
            "broker aliyun answer late\n",
            "1:22",
            "`late` is no answer to a registration; write proper",
        ),
        (
            "broker onenet product \"1\" \"?\"\n",
            "1:15",
            "`?` is no access key",
        ),
        ("> AT\nseed 1\n", "2:1", "belongs to the header"),
        (
            "include \"a.inc\"\n",
            "1:1",
            "only scenarios read from files",
        ),
        (
            "module quectel-ec25\necho off\nboot shown\n",
            "2:1",
            "cannot go with `boot shown`",
        ),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(
            error.starts_with(&format!("test.at:{place}: ")),
            "{text:?}: {error}"
        );
        assert!(error.contains(words), "{text:?}: {error}");
    }
}

#[test]
fn comments_keep_their_places() {
    let scenario = parse("# first\nmodule quectel-ec25 # not this\n  #second  \n> AT # nor this\n")
        .expect("valid");
    let comments: Vec<_> = scenario
        .comments
        .iter()
        .map(|comment| {
            let place = scenario.sources.place(comment.span);
            (comment.text.as_str(), place.line, place.column)
        })
        .collect();
    assert_eq!(comments, [("first", 1, 1), ("second", 3, 3)]);
}

#[test]
fn other_line_ends_and_marks_are_read() {
    crate::common::passes("\u{feff}module quectel-ec25\r\n> AT\r\n< OK\r\n");
}

#[test]
fn a_capture_is_known_after_its_block_only() {
    let text = "module quectel-ec25\n{\n< a{x}\n< b{x}\n}\n> {x}\n";
    parse(text).expect("known after the block");
    parse("module quectel-ec25\n{\n< a{x}\n<~ b{x}\n}\n").expect_err("not in it");
}
