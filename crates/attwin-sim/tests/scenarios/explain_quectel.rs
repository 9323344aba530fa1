//! Every line a Quectel module says in a scenario of its folder is explained,
//! every code in it has a meaning, and every failure its reason.

use std::cell::RefCell;
use std::collections::BTreeSet;

use attwin_core::{Explanation, Module, SerialKind, Test, find_module};
use attwin_sim::Said;
use attwin_sim::scenario::{Scenario, VirtualBench};

use super::repository::{collect, root};

#[test]
fn every_line_is_explained_and_every_code_means_something() {
    let mut faults = BTreeSet::new();
    let mut explained = 0;
    each_line(|module, said, line| {
        // Results in numbers (ATV0) are V.250's.
        let number = said.kind == SerialKind::Final && line.parse::<u8>().is_ok();
        if number || (said.kind == SerialKind::Information && is_no_answer(module, line)) {
            return;
        }
        explained += 1;
        if let Some(fault) = fault(module, line) {
            faults.insert(format!("{line}: {fault}"));
        }
    });
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(explained > 2000, "only {explained} lines were looked at");
}

#[test]
fn every_failure_has_its_reason_and_no_success_has_one() {
    let mut faults = BTreeSet::new();
    each_line(|_, said, line| {
        let fails = match said.kind {
            SerialKind::Final => line != "OK" && line != "0",
            SerialKind::Urc => says_failure(line),
            _ => false,
        };
        if fails != said.reason.is_some() {
            faults.insert(format!("{line}: {:?}", said.reason));
        }
    });
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn codes_are_told_apart() {
    for (line, field, means) in [
        (
            "+QMTOPEN: 0,3",
            "result",
            "the PDP context could not be activated",
        ),
        (
            "+QMTSTAT: 0,1",
            "err_code",
            "the server closed or reset the connection, or the PDP context went down",
        ),
        ("+CME ERROR: 407", "err", "file already existed"),
        ("+CREG: 2", "stat", "not registered, searching"),
        ("+CREG: 0,2", "stat", "not registered, searching"),
    ] {
        let explained = find_module("quectel-ec25").expect("known").explain(line);
        let fields = explained.iter().flat_map(|one| &one.fields);
        let mut meanings = fields
            .filter(|one| one.name == field)
            .filter_map(|one| one.meaning);
        assert_eq!(meanings.next().map(|one| one.means), Some(means), "{line}");
    }
}

/// What every module of the family says in every scenario of its folder, line
/// by line; faults of the serial line say what no module says.
fn each_line(mut look: impl FnMut(&'static Module, &Said, &str)) {
    let mut files = Vec::new();
    collect(&root().join("quectel"), &mut files);
    files.retain(|path| !path.components().any(|part| part.as_os_str() == "faults"));
    assert!(files.len() > 300, "the family has its scenarios");
    for path in files {
        let scenario = Scenario::load(&path).expect("a scenario");
        for &module in &scenario.header.modules {
            let said = RefCell::new(Vec::new());
            let listener = |one: &Said| said.borrow_mut().push(one.clone());
            let bench = VirtualBench::new(&scenario, module).expect("a bench");
            // Whether it passes is another test's business.
            let _ = bench.with_listener(listener).play();
            for one in said.into_inner() {
                if !matches!(
                    one.kind,
                    SerialKind::Urc | SerialKind::Information | SerialKind::Final
                ) {
                    continue;
                }
                let text = String::from_utf8_lossy(&one.bytes).into_owned();
                look(module, &one, text.trim_matches(['\r', '\n']));
            }
        }
    }
}

/// Results of MQTT, of look-ups and of the connection that say that something
/// did not work or came to its end.
fn says_failure(line: &str) -> bool {
    let Some((name, rest)) = line.split_once(": ") else {
        return false;
    };
    let values: Vec<&str> = rest.split(',').collect();
    let code = |at: usize| values.get(at).is_some_and(|value| *value != "0");
    match name {
        "+QMTOPEN" | "+QMTCLOSE" | "+QMTDISC" => code(1),
        "+QMTCONN" => code(1) || code(2),
        "+QMTSUB" => code(2) || values.iter().skip(3).any(|qos| *qos == "128"),
        "+QMTUNS" | "+QMTPUB" | "+QMTPUBEX" => code(2),
        // 5: the host had said good-bye.
        "+QMTSTAT" => values.get(1).is_some_and(|value| *value != "5"),
        "+QMTPING" => true,
        "+QPING" | "+QNTP" => code(0),
        "+QIURC" => match values.as_slice() {
            ["\"dnsgip\"", code, ..] => *code != "0" && !code.starts_with('"'),
            ["\"pdpdeact\"", ..] => true,
            _ => false,
        },
        _ => false,
    }
}

/// Identities, what the host stored, and lists of ranges need no explanation.
fn is_no_answer(module: &Module, line: &str) -> bool {
    let tables = module.command_table();
    let mut tests = tables.iter().filter_map(|spec| match spec.test {
        Test::Lines(lines) => Some(lines),
        _ => None,
    });
    !line.starts_with('+') || line.contains(": (") || tests.any(|lines| lines.contains(&line))
}

fn fault(module: &Module, line: &str) -> Option<String> {
    let explanations = module.explain(line);
    if explanations.is_empty() {
        return Some("no shape".to_owned());
    }
    let mut faults = explanations.iter().map(|one| unknown(module, one));
    // A line that may be an answer or a result is one of them.
    let first = faults.next()?;
    if faults.any(|fault| fault.is_none()) {
        return None;
    }
    first
}

/// A field that has a list of values, with one that is none of them.
fn unknown(module: &Module, explanation: &Explanation) -> Option<String> {
    let tables = module.command_table();
    let answers = tables.iter().flat_map(|spec| spec.answers);
    let fields: Vec<_> = answers
        .flat_map(|answer| answer.fields)
        .chain(module.urc_table().flat_map(|urc| urc.fields))
        .collect();
    let listed = |name: &str, what: Option<&str>| {
        let mut same = fields.iter().filter(|field| field.name == name);
        same.any(|field| Some(field.what) == what && !field.values.is_empty())
    };
    explanation.fields.iter().find_map(|field| {
        // Errors in words speak for themselves.
        let number = field.value.parse::<u16>().is_ok();
        let code = (field.name == "err" && number) || listed(&field.name, field.what);
        (code && field.meaning.is_none())
            .then(|| format!("{}={} has no meaning", field.name, field.value))
    })
}
