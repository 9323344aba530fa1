//! Every line a SIM7028 says in a scenario of its folder is explained, and every
//! code in it has a meaning.

use std::cell::RefCell;
use std::collections::BTreeSet;

use attwin_core::{Module, SerialKind, Test, find_module};
use attwin_sim::Said;
use attwin_sim::scenario::{Scenario, VirtualBench};

use super::repository::{collect, root};

/// Fields whose every value is in a list.
const CODES: [&str; 16] = [
    "err",
    "cause",
    "stat",
    "AcT",
    "state",
    "net_state",
    "dns_error",
    "auth_type",
    "server_type",
    "clean_session",
    "checkUTF8_flag",
    "sslversion",
    "authmode",
    "ignorelocaltime",
    "enableSNI",
    "mode",
];

#[test]
fn every_line_is_explained_and_every_code_means_something() {
    let module = find_module("simcom-sim7028").expect("a module");
    let tests = test_lines(module);
    let mut faults = BTreeSet::new();
    let mut explained = 0;
    for line in said(module) {
        if tests.contains(line.as_str()) {
            continue;
        }
        let found = module.explain(&line);
        if found.is_empty() {
            faults.insert(format!("{line}: not explained"));
        }
        let all_known = |explanation: &attwin_core::Explanation| {
            let mut fields = explanation.fields.iter();
            fields.all(|field| !CODES.contains(&field.name.as_str()) || field.meaning.is_some())
        };
        // A line that may be an answer or a result is one of them.
        if !found.is_empty() && !found.iter().any(all_known) {
            faults.insert(format!("{line}: a code without a meaning"));
        }
        explained += 1;
    }
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(explained > 500, "only {explained} lines were looked at");
}

#[test]
fn a_code_of_mqtt_is_not_taken_for_one_of_27_007() {
    let module = find_module("simcom-sim7028").expect("a module");
    let found = module.explain("+CMQTTCONNECT: 0,12");
    let meaning = found[0].fields[1].meaning.expect("a meaning");
    assert_eq!(meaning.means, "invalid parameter");
    let found = module.explain("+CME ERROR: 12");
    let meaning = found[0].fields[0].meaning.expect("a meaning");
    assert_eq!(meaning.means, "SIM PUK required");
}

#[test]
fn one_line_of_a_message_is_explained() {
    let module = find_module("simcom-sim7028").expect("a module");
    let found = module.explain("+CMQTTRXPAYLOAD: 0,60");
    assert_eq!(found[0].fields[1].name, "sub_payload_len");
    assert_eq!(found[0].fields[1].value, "60");
}

/// What the module says that has fixed text, line by line; the data of messages
/// and what a host stored have none.
fn said(module: &'static Module) -> Vec<String> {
    let mut files = Vec::new();
    collect(&root().join("simcom"), &mut files);
    let mut all = Vec::new();
    for path in files {
        let scenario = Scenario::load(&path).expect("a scenario");
        let lines = RefCell::new(Vec::new());
        let listener = |said: &Said| match said.kind {
            SerialKind::Urc => lines.borrow_mut().push(said.bytes.clone()),
            SerialKind::Information | SerialKind::Final => {
                lines.borrow_mut().push(said.bytes.clone());
            }
            _ => {}
        };
        let bench = VirtualBench::new(&scenario, module).expect("a bench");
        // Whether it passes is another test's business.
        let _ = bench.with_listener(listener).play();
        for bytes in lines.into_inner() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let lines = text.split(['\r', '\n']).map(str::to_owned);
            all.extend(lines.filter(|line| line.starts_with('+') && !line.contains('\u{fffd}')));
        }
    }
    all
}

/// What test forms answer is a list of ranges and needs no explanation.
fn test_lines(module: &'static Module) -> BTreeSet<&'static str> {
    let specs = module.command_table().into_iter();
    let lines = specs.flat_map(|spec| match spec.test {
        Test::Lines(lines) => lines,
        _ => &[],
    });
    lines.copied().collect()
}
