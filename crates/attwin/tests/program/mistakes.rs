//! What users read when something is wrong.

use std::fs;

use super::support::output;

#[test]
fn an_unknown_module_gets_one_line_with_close_names() {
    let (code, out, err) = output(&["run", "ec25"]);
    assert_eq!((code, &*out), (Some(2), ""));
    assert_eq!(
        err,
        "attwin: unknown module `ec25`; did you mean quectel-ec25? `attwin modules` lists all\n"
    );
    for command in ["demo", "commands"] {
        let (code, _, err) = output(&[command, "nothing-like-it"]);
        assert_eq!(code, Some(2));
        assert!(err.contains("unknown module `nothing-like-it`"), "{err}");
    }
}

#[test]
fn a_configuration_mistake_is_shown_in_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("fleet.toml");
    fs::write(
        &file,
        "broker = \"embedded\"\n\n[quirks]\ndisc_stat = true\n",
    )
    .unwrap();
    let path = file.to_str().unwrap();
    let (code, out, err) = output(&["run", "quectel-ec25", "--config", path]);
    assert_eq!((code, &*out), (Some(2), ""));
    assert_eq!(
        err,
        format!(
            "  × unknown quirk `disc_stat`
   ╭─[{path}:4:1]
 3 │ [quirks]
 4 │ disc_stat = true
   · ────┬────
   ·     ╰── here
   ╰────
  help: did you mean disc_stat5, disconnect_stat_ms or disconnect_result_ms?
"
        )
    );
}

#[test]
fn arguments_that_make_no_sense_are_usage_errors() {
    for (arguments, wanted) in [
        (&["run"][..], "which module?"),
        (
            &["run", "quectel-ec25", "--port", "usb"],
            "unknown endpoint `usb`",
        ),
        (
            &["run", "quectel-ec25", "--broker", "x"],
            "is not HOST:PORT",
        ),
        (
            &["run", "quectel-ec25", "--quirk", "x"],
            "is not NAME=VALUE",
        ),
        (
            &["run", "quectel-ec25", "--quirk", "escapes=x"],
            "quirk `escapes` wants one of",
        ),
        (
            &["run", "--config", "/none.toml"],
            "cannot read the configuration file /none.toml",
        ),
        (
            &["commands", "quectel-ec25", "QMTPUBX"],
            "did you mean +QMTPUB",
        ),
        (
            &["fly"],
            "attwin: unknown command `fly`; `attwin help` lists what there is",
        ),
        (&["rnu"], "unknown command `rnu`; did you mean run? `attwin"),
        (
            &["run", "--prot", "pty"],
            "attwin: unknown option `--prot`; did you mean --port? `attwin run --help` explains",
        ),
        (
            &["run", "quectel-ec25", "--seed", "x"],
            "attwin: --seed: `x` is not a whole number\n",
        ),
        (
            &["run", "quectel-ec25", "--timing", "slow"],
            "attwin: --timing: `slow` is none of real, fast\n",
        ),
        (
            &["broker", "--listen", "1883"],
            "attwin: --listen: `1883` is not ADDRESS:PORT",
        ),
        (&["check"], "attwin: missing: <FILES|FOLDERS>..."),
        (
            &["check", "-j", "999", "x"],
            "attwin: --jobs: `999` is not 1 to 256\n",
        ),
        (
            &["check", "--list", "--update", "x"],
            "attwin: --list and --update cannot go together",
        ),
        (&[], "Usage: attwin [OPTIONS] <COMMAND>"),
    ] {
        let (code, out, err) = output(arguments);
        assert_eq!((code, &*out), (Some(2), ""), "{arguments:?}");
        assert!(err.contains(wanted), "{arguments:?}: {err}");
    }
}

#[test]
fn what_cannot_be_opened_is_a_failure() {
    for (arguments, wanted) in [
        (
            &["--port", "serial:/dev/none"][..],
            "cannot open serial device /dev/none",
        ),
        (&["--trace", "/none/x"], "cannot write the trace /none/x"),
        (
            &["--state", "/dev/null/x"],
            "cannot use /dev/null/x as state directory",
        ),
    ] {
        let (code, out, err) = output(&[&["run", "quectel-ec25"], arguments].concat());
        assert_eq!((code, &*out), (Some(1), ""), "{arguments:?}");
        assert!(err.contains(wanted), "{arguments:?}: {err}");
    }
}

#[test]
fn help_is_a_command_too() {
    let (code, by_option, _) = output(&["run", "--help"]);
    assert_eq!(code, Some(0));
    let (code, by_command, _) = output(&["help", "run"]);
    assert_eq!((code, &*by_command), (Some(0), &*by_option));
    assert!(by_option.contains("Usage: attwin run"), "{by_option}");
}

#[test]
fn names_mistyped_in_a_scenario_are_found() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.at");
    for (text, wanted) in [
        ("module ec25\n> AT\n", "did you mean quectel-ec25?"),
        (
            "module quectel-ec25\nquirk disc_stat = true\n> AT\n< OK\n",
            "did you mean disc_stat5?",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let (_, out, _) = output(&["check", file.to_str().unwrap()]);
        assert!(out.contains(wanted), "{out}");
    }
}
