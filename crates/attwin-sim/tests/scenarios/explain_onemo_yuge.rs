//! Every line an OneMO or Yuge module says in its scenarios is explained, and
//! every code in it has a meaning.

use std::cell::RefCell;
use std::collections::BTreeSet;

use attwin_core::{CommandSet, Explanation, Module, SerialKind, Test, modules};
use attwin_sim::Said;
use attwin_sim::scenario::{Scenario, VirtualBench};

use super::repository::{collect, root};

/// Folders, and the command sets whose modules they show.
const FOLDERS: [&str; 3] = ["onemo-ml302", "onemo-mn316", "yuge"];

#[test]
fn every_line_and_every_code_is_explained() {
    let mut wrong = BTreeSet::new();
    for folder in FOLDERS {
        let mut files = Vec::new();
        collect(&root().join(folder), &mut files);
        assert!(files.len() > 50, "{folder} has its scenarios");
        for path in files {
            let scenario = Scenario::load(&path).expect("a scenario");
            for module in &scenario.header.modules {
                for (kind, line) in said(&scenario, module) {
                    if let Some(fault) = fault(module, kind, &line) {
                        wrong.insert(format!("{}: {line}: {fault}", module.id));
                    }
                }
            }
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_told_apart() {
    for (id, line, field, means) in [
        (
            "onemo-ml302",
            "+CME ERROR: 606",
            "err",
            "the topic is subscribed already",
        ),
        ("onemo-ml302", "+MQTTTO:1", "type", "no CONNACK came"),
        (
            "onemo-ml302",
            "+MQTTSTAT: 2",
            "stat",
            "setting up TCP, or connecting again",
        ),
        ("onemo-mn316", "+CME ERROR:8009", "err", "no network"),
        (
            "onemo-mn316",
            "+MQTTSUBACK:1,128,a/b",
            "code",
            "refused by the server",
        ),
        (
            "onemo-mn316",
            "+NPSMR:1",
            "mode",
            "in power saving mode: what is sent to it waits or is lost",
        ),
        (
            "yuge-clm920",
            "+IMQTTCONN:-1",
            "result",
            "there is no connection, or none any more",
        ),
        ("yuge-clm920", "+IMQTTPUB:4,1", "status", "failed"),
    ] {
        let module = modules()
            .iter()
            .find(|module| module.id == id)
            .expect("known");
        let explained = module.explain(line);
        let fields = explained.iter().flat_map(|one| &one.fields);
        let mut meanings = fields
            .filter(|one| one.name == field)
            .filter_map(|one| one.meaning);
        assert_eq!(
            meanings.next().map(|meaning| meaning.means),
            Some(means),
            "{line}"
        );
    }
}

/// What a module says in a scenario, without the bytes around its lines.
fn said(scenario: &Scenario, module: &'static Module) -> Vec<(SerialKind, String)> {
    let lines = RefCell::new(Vec::new());
    let listener = |said: &Said| {
        if matches!(
            said.kind,
            SerialKind::Urc | SerialKind::Information | SerialKind::Final
        ) {
            let text = String::from_utf8_lossy(&said.bytes)
                .trim_matches(['\r', '\n'])
                .to_string();
            lines.borrow_mut().push((said.kind, text));
        }
    };
    let bench = VirtualBench::new(scenario, module).expect("a bench");
    // Whether it passes is another test's business.
    let _ = bench.with_listener(listener).play();
    lines.into_inner()
}

fn fault(module: &Module, kind: SerialKind, line: &str) -> Option<String> {
    let is_named = line.starts_with(['+', '^', '*']);
    if kind == SerialKind::Information && (!is_named || is_test_answer(module, line)) {
        // Identities, and topics below their header.
        return None;
    }
    let explanations = module.explain(line);
    if explanations.is_empty() {
        return Some("no shape".to_string());
    }
    let unknown = explanations.iter().find_map(|one| unknown(module, one));
    unknown.filter(|_| {
        explanations
            .iter()
            .all(|one| self::unknown(module, one).is_some())
    })
}

/// A field that has a list of values, with one that is none of them.
fn unknown(module: &Module, explanation: &Explanation) -> Option<String> {
    let lists = |name: &str| {
        let answers = module
            .command_table()
            .into_iter()
            .flat_map(|spec| spec.answers.iter().map(|answer| answer.fields));
        let urcs = module.urc_table().map(|urc| urc.fields);
        let known = answers.chain(urcs).flatten();
        known
            .filter(|field| field.name == name && !field.values.is_empty())
            .count()
            > 0
    };
    let numeric = |value: &str| value.parse::<i64>().is_ok();
    explanation.fields.iter().find_map(|field| {
        let code = field.name == "err" && numeric(&field.value);
        let listed = field.what.is_some() && numeric(&field.value) && lists(&field.name);
        // A field of this name that is a plain number in this shape.
        let free = matches!(field.name.as_str(), "mode" | "state" | "n") && field.meaning.is_none();
        let missing = field.meaning.is_none() && (code || (listed && !free));
        missing.then(|| format!("{}={} has no meaning", field.name, field.value))
    })
}

fn is_test_answer(module: &Module, line: &str) -> bool {
    let tables = module.command_table();
    let mut lines = tables.iter().filter_map(|spec| match spec.test {
        Test::Lines(lines) => Some(lines),
        _ => None,
    });
    lines.any(|lines| lines.contains(&line)) || line.contains(": (") || line.contains(":(")
}

/// The three command sets of these folders are all there are of both vendors.
#[test]
fn no_module_is_left_out() {
    let ours = modules().iter().filter(|module| {
        matches!(
            module.command_set(),
            CommandSet::OneMoMl302 | CommandSet::OneMoMn316 | CommandSet::Yuge
        )
    });
    assert_eq!(ours.count(), FOLDERS.len());
}
