//! Scenarios, in virtual time and against a running module.

use std::fs;
use std::path::PathBuf;

use super::support::{Running, output};

/// Scenario files in a folder of their own.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("in the folder")).expect("created");
            fs::write(path, text).expect("written");
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.0.path().join(name);
        path.to_str().expect("text").to_owned()
    }
}

const GOOD: &str = "module quectel-ec25\n> AT\n< OK\n";
const BAD: &str = "module quectel-ec25\n# why\n> AT\n< ERROR\n";

#[test]
fn folders_are_searched_and_every_scenario_has_its_line() {
    let folder = Folder::new(&[
        ("b.at", GOOD),
        (
            "deep/er/a.at",
            "module quectel-ec25 quectel-eg25\n> AT\n< OK\n",
        ),
        ("deep/not.txt", "not a scenario"),
    ]);
    let (code, out, err) = output(&["check", &folder.path("")]);
    assert_eq!((code, &*err), (Some(0), ""), "{out}");
    let names: Vec<_> = out.lines().filter(|line| line.starts_with("ok ")).collect();
    assert_eq!(names.len(), 3, "{out}");
    assert!(names[0].contains("b.at (0."), "{out}");
    assert!(
        names[1].contains("deep/er/a.at [quectel-ec25] (0."),
        "{out}"
    );
    assert!(out.contains("\n3 scenarios: 3 passed in "), "{out}");
}

#[test]
fn a_failure_is_shown_in_its_place() {
    let folder = Folder::new(&[("a.at", GOOD), ("b.at", BAD)]);
    let (code, out, err) = output(&["check", "--jobs", "2", &folder.path("")]);
    assert_eq!((code, &*err), (Some(1), ""));
    let path = folder.path("b.at");
    let shown = format!(
        "
  × the module said something else
   ╭─[{path}:4:1]
 2 │ # why
 3 │ > AT
   · ──┬─
   ·   ╰── after this
 4 │ < ERROR
   · ───┬───
   ·    ╰── expected ERROR
   ╰────
  help: got      OK after 0ms
        bytes    \\r\\nOK\\r\\n
        so far   \\r\\nOK\\r\\n
        run      quectel-ec25, seed 0, 10 s after its start

2 scenarios: 1 passed, 1 failed in "
    );
    assert!(out.contains(&shown), "{out}");
    assert!(out.contains(&format!("FAILED  {path}")), "{out}");
}

#[test]
fn what_is_no_scenario_is_told_and_the_others_are_played() {
    let folder = Folder::new(&[("a.at", "module quectel-ec25\n? AT\n"), ("b.at", GOOD)]);
    let (code, out, _) = output(&["check", &folder.path("")]);
    assert_eq!(code, Some(2));
    assert!(out.contains("a.at:2:1]"), "{out}");
    assert!(
        out.contains("2 scenarios: 1 passed, 1 could not be played"),
        "{out}"
    );
}

#[test]
fn bad_usage_has_its_own_exit_code() {
    let folder = Folder::new(&[("a.at", GOOD), ("empty/x.txt", "")]);
    let file = folder.path("a.at");
    for (arguments, wanted) in [
        (&["check"][..], "FILES|FOLDERS"),
        (&["check", "/none.at"], "cannot read /none.at"),
        (&["check", &folder.path("empty")], "no scenario (*.at) in"),
        (&["check", "--filter", "zz", &file], "contains `zz`"),
        (
            &["check", "--junit", "/none/x", &file],
            "cannot write /none/x",
        ),
        (
            &["check", "--port", "pty", &file],
            "not where a module can be",
        ),
        (&["check", "--broker", "embedded", &file], "--port"),
    ] {
        let (code, out, err) = output(arguments);
        assert_eq!((code, &*out), (Some(2), ""), "{arguments:?}");
        assert!(err.contains(wanted), "{arguments:?}: {err}");
    }
    let nobody = ["check", "--port", "unix:/none", &file];
    let (code, _, err) = output(&nobody);
    assert_eq!(code, Some(1));
    assert!(err.contains("cannot open unix:/none"), "{err}");
}

#[test]
fn junit_tells_machines() {
    let folder = Folder::new(&[("a.at", GOOD), ("b.at", BAD), ("c.at", "nonsense\n")]);
    let xml = folder.path("results.xml");
    let (code, ..) = output(&["check", "--junit", &xml, &folder.path("")]);
    assert_eq!(code, Some(2));
    let xml = fs::read_to_string(xml).expect("written");
    for part in [
        r#"<testsuite name="attwin check" tests="3" failures="1" errors="1" time="#,
        r#"<failure message="the module said something else">"#,
        "line      &lt; ERROR\n",
        "<error message=",
    ] {
        assert!(xml.contains(part), "no {part} in {xml}");
    }
    assert_eq!(xml.matches("<testcase ").count(), 3);
    assert_eq!(xml.matches("</testcase>").count(), 2);
}

#[test]
fn update_rewrites_what_is_expected_and_nothing_else() {
    let folder = Folder::new(&[
        (
            "a.at",
            "module quectel-ec25\ninclude \"b.inc\"\n# kept\n> AT\n< ERROR\n< MORE\n",
        ),
        ("b.inc", "> AT+CGMI\n< Quectel\n< OK\n"),
        ("good.at", GOOD),
    ]);
    let (code, out, _) = output(&["check", "--update", &folder.path("")]);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("2 scenarios: 1 passed, 1 updated in "),
        "{out}"
    );
    let text = fs::read_to_string(folder.path("a.at")).expect("there");
    assert_eq!(
        text,
        "module quectel-ec25\ninclude \"b.inc\"\n# kept\n> AT\n< OK\n"
    );
    let (code, out, _) = output(&["check", &folder.path("a.at")]);
    assert_eq!(code, Some(0), "{out}");
}

/// A port that is free now.
fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound").to_string()
}

const SESSION: &str = "module quectel-ec25
> AT+QMTOPEN=0,\"broker.example\",1883
< OK
<[300ms] +QMTOPEN: 0,0
> AT+QMTCONN=0,\"dev-1\"
< OK
< +QMTCONN: 0,0,0
@ connected \"dev-1\" keepalive 120
> AT+QMTSUB=0,1,\"t\",1
< OK
< +QMTSUB: 0,1,0,1
@ publish \"t\" \"hello\"
< +QMTRECV: 0,0,\"t\",\"hello\"
@ drop \"dev-1\"
< +QMTSTAT: 0,1
";

const NOBODY_AT_ALIBABA: &str = "module quectel-ec25
broker aliyun product \"oyjtmPI5a5j\" \"product secret\"
> AT+QMTCFG=\"aliauth\",0,\"oyjtmPI5a5j\",\"MQTT_TEST\",\"secret\"
< OK
> AT+QMTOPEN=0,\"broker.example\",1883
< OK
< +QMTOPEN: 0,0
> AT+QMTCONN=0,\"dev-1\"
< OK
< +QMTCONN: 0,0,4
< +QMTSTAT: 0,4
";

#[test]
fn the_same_scenario_against_a_running_module() {
    let broker = free_port();
    let mut run = Running::start(&["run", "quectel-ec25", "--broker", &broker]);
    let path = run.line();
    let folder = Folder::new(&[
        ("a.at", SESSION),
        // Each run finds a module that has just started.
        ("b.at", SESSION),
        (
            "boot.at",
            "module quectel-ec25\nboot shown\n<[1500ms] RDY\n<[2500ms] +CFUN: 1\n~ 2s\n<~ .*READY\n<~ .*\n<~ .*\n<~ .*\n",
        ),
        ("c.at", BAD),
        // The header's broker, cloud services too.
        ("d.at", NOBODY_AT_ALIBABA),
    ]);
    let embedded = format!("embedded:{broker}");
    let (code, out, err) = output(&[
        "check",
        "--port",
        &path,
        "--broker",
        &embedded,
        "--tolerance",
        "900",
        &folder.path(""),
    ]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("5 scenarios: 4 passed, 1 failed in "), "{out}");
    assert!(out.contains("expected ERROR"), "{out}");
}

#[test]
fn what_a_port_cannot_serve_is_skipped_and_the_rest_compared() {
    let mut run = Running::start(&["run", "quectel-ec25", "--port", "tcp:127.0.0.1:0"]);
    let port = format!("tcp:{}", run.line());
    let folder = Folder::new(&[(
        "a.at",
        "module quectel-ec25
quirk disc_stat5 = false
! drop puback
@ publish \"t\" \"x\"
> AT+CGMI
< Quectel
< OK
@ received \"t\"
@ not connected
",
    )]);
    let (code, out, err) = output(&["check", "--port", &port, &folder.path("a.at")]);
    assert_eq!((code, &*err), (Some(0), ""), "{out}");
    assert!(out.contains(", 5 skipped)"), "{out}");
    for line in [
        "line 2: quirk disc_stat5 = false",
        "line 3: ! drop puback",
        "line 4: @ publish \"t\" \"x\"",
        "line 8: @ received \"t\"",
        "line 9: @ not connected",
    ] {
        assert!(out.contains(&format!("skipped {line}")), "{line}: {out}");
    }
}

#[test]
fn scenarios_can_be_listed() {
    let folder = Folder::new(&[("b.at", GOOD), ("deep/a.at", "nonsense\n")]);
    let (code, out, err) = output(&["check", "--list", &folder.path("")]);
    assert_eq!((code, &*err), (Some(0), ""));
    let listed = format!("{}\n{}\n", folder.path("b.at"), folder.path("deep/a.at"));
    assert_eq!(out, listed);
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let folder = Folder::new(&[("a.at", GOOD), ("b.at", BAD), ("c.at", BAD), ("d.at", GOOD)]);
    let command = ["check", "--fail-fast", "--jobs", "1", &folder.path("")];
    let (code, out, _) = output(&command);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("2 scenarios: 1 passed, 1 failed, 2 not played in "),
        "{out}"
    );
}

#[test]
fn quiet_shows_failures_and_the_summary_only() {
    let folder = Folder::new(&[("a.at", GOOD), ("b.at", BAD)]);
    let (code, out, err) = output(&["check", "-q", &folder.path("")]);
    assert_eq!((code, &*err), (Some(1), ""));
    assert!(
        out.starts_with("\n  × the module said something else"),
        "{out}"
    );
    assert!(
        out.contains("\n2 scenarios: 1 passed, 1 failed in "),
        "{out}"
    );
    let (code, out, _) = output(&["check", "-q", &folder.path("a.at")]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("\n1 scenario: 1 passed in ") && out.lines().count() == 2,
        "{out}"
    );
}

const OVER_TLS: &str = "module quectel-ec25
> AT+QMTCFG=\"SSL\",0,1,0
< OK
> AT+QMTOPEN=0,\"broker.example\",8883
< OK
< +QMTOPEN: 0,0
";

#[test]
fn what_virtual_time_leaves_out_of_tls_is_said() {
    let folder = Folder::new(&[("a.at", GOOD), ("b.at", OVER_TLS)]);
    let note = "1 uses TLS, whose certificates and handshakes are not checked in virtual time";
    let (code, out, _) = output(&["check", &folder.path("")]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains(note), "{out}");
    let (_, out, _) = output(&["check", &folder.path("a.at")]);
    assert!(!out.contains("TLS"), "{out}");
}
