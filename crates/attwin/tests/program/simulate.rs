//! Seeded simulation from the command line.

use std::fs;

use super::support::output;

#[test]
fn seeds_are_played_and_counted() {
    let (code, out, err) = output(&["simulate", "quectel-ec25", "--seeds", "3"]);
    assert_eq!((code, &*err), (Some(0), ""));
    assert!(out.starts_with("quectel-ec25: 3 runs, "), "{out}");
}

#[test]
fn a_seed_writes_the_same_trace_each_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trace = |name: &str| {
        let path = folder.path().join(name);
        let path = path.to_str().expect("text");
        let (code, ..) = output(&["simulate", "--seed", "7", "--trace", path]);
        assert_eq!(code, Some(0));
        fs::read_to_string(path).expect("written")
    };
    let first = trace("a");
    assert!(!first.is_empty());
    assert_eq!(first, trace("b"));
    let (code, ..) = output(&["simulate", "--trace", "x"]);
    assert_eq!(code, Some(2));
}

#[test]
fn seeds_may_begin_anywhere() {
    let (code, out, err) = output(&["simulate", "--from", "1000000", "--seeds", "2"]);
    assert_eq!((code, &*err), (Some(0), ""));
    assert!(out.starts_with("quectel-ec25: 2 runs, "), "{out}");
    let (code, ..) = output(&["simulate", "--from", "1", "--seed", "2"]);
    assert_eq!(code, Some(2));
}
