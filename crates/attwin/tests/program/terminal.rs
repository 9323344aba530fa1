//! A person at a terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::support::attwin;

/// Both ends of a pseudo-terminal: what the person has, and what the program has.
fn terminal() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&person).expect("ours");
    unlockpt(&person).expect("ours");
    let path = ptsname(&person, Vec::new()).expect("a name");
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    let no_controlling = rustix::fs::OFlags::NOCTTY.bits().cast_signed();
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, no_controlling);
    let program = options
        .open(path.to_str().expect("text"))
        .expect("it opens");
    (File::from(person), program)
}

#[test]
fn leaving_is_said_and_works() {
    for keys in [&b"\x1d"[..], b"A\x03\x03"] {
        let (mut person, program) = terminal();
        let mut child = attwin(&["run", "quectel-ec25", "--port", "stdio", "--timing", "fast"])
            .stdin(program)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut out = child.stdout.take().expect("piped");
        let mut boot = [0; 7];
        out.read_exact(&mut boot).expect("it boots");
        assert_eq!(&boot, b"\r\nRDY\r\n");
        // One Ctrl-C is the module's.
        person.write_all(b"AT\x03\r").expect("it reads");
        let mut said = Vec::new();
        while !said.ends_with(b"ERROR\r\n") {
            let mut byte = [0];
            out.read_exact(&mut byte).expect("it answers");
            said.extend(byte);
        }
        person.write_all(keys).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        let log = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(0), "{log}");
        assert!(
            log.contains("is on this terminal; Ctrl-] leaves it, and so does Ctrl-C typed twice"),
            "{log}"
        );
    }
}

/// What `attwin` shows a person on this kind of terminal.
fn shown(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let (mut person, program) = terminal();
    let copy = || program.try_clone().expect("a descriptor");
    let mut child = attwin(arguments)
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(copy())
        .stderr(copy())
        .spawn()
        .expect("it starts");
    drop(program);
    let mut shown = Vec::new();
    // At the end there is an error, as the other side is closed.
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = person.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..n]);
    }
    child.wait().expect("it ends");
    String::from_utf8(shown).expect("text")
}

#[test]
fn colours_and_movement_only_where_they_are_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.at");
    std::fs::write(&file, "module quectel-ec25\n> AT\n< ERROR\n").expect("written");
    let check = ["check", file.to_str().expect("text")];
    let colourful = shown(&check, &[]);
    assert!(
        colourful.contains("\x1b[") && colourful.contains('│'),
        "{colourful}"
    );
    let plain = shown(&check, &[("NO_COLOR", "1")]);
    assert!(!plain.contains("\x1b[3") && plain.contains('│'), "{plain}");
    let dumb = shown(&check, &[("TERM", "dumb")]);
    assert!(!dumb.contains('\x1b') && dumb.is_ascii(), "{dumb}");
    assert!(dumb.contains("expected ERROR"), "{dumb}");
}
