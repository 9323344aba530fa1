//! `attwin modules` and `attwin commands`.

use super::support::output;

fn good(arguments: &[&str]) -> String {
    let (code, out, err) = output(arguments);
    assert_eq!((code, &*err), (Some(0), ""), "{arguments:?}");
    out
}

#[test]
fn every_module_has_a_line() {
    let table = good(&["modules"]);
    let ids: Vec<_> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let known: Vec<_> = attwin_core::modules()
        .iter()
        .map(|module| module.id)
        .collect();
    assert_eq!(ids, known);
}

#[test]
fn a_command_is_found_however_it_is_written() {
    let described = good(&["commands", "quectel-ec25", "QMTUNS"]);
    for name in ["qmtuns", "+QMTUNS", "AT+QMTUNS", "at+qmtuns"] {
        assert_eq!(good(&["commands", "quectel-ec25", name]), described);
    }
    for wanted in [
        "AT+QMTUNS  unsubscribe",
        "  test     AT+QMTUNS=?",
        "  write    AT+QMTUNS=<client_idx>,<msgid>,",
        "             client_idx  0-5",
        "             msgid       1-65535",
        "  example  AT+QMTUNS=0,",
        "  source   docs/spec/quectel.md 3.7 (",
    ] {
        assert!(
            described.contains(wanted),
            "{wanted:?} is not in:\n{described}"
        );
    }
}

#[test]
fn every_command_is_described_and_listed() {
    let table = attwin_core::find_module("quectel-ec25")
        .unwrap()
        .command_table();
    let described = good(&["commands", "quectel-ec25"]);
    let list = good(&["commands", "quectel-ec25", "--list"]);
    assert_eq!(list.lines().count(), table.len());
    for (spec, line) in table.iter().zip(list.lines()) {
        assert!(line.starts_with(&format!("AT{}", spec.name)), "{line}");
        assert!(line.ends_with(spec.summary), "{line}");
        assert!(described.contains(&format!("  example  AT{}\n", spec.example)));
    }
    let keep_alive = good(&["commands", "quectel-ec25", "keepalive"]);
    assert!(
        keep_alive.starts_with("AT+QMTCFG=\"keepalive\"  "),
        "{keep_alive}"
    );
}
