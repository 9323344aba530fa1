//! Every unsolicited result code a module says in a scenario is in its table,
//! and every one in its table is said in some scenario.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use attwin_core::{Module, SerialKind, Urc, modules};
use attwin_sim::Said;
use attwin_sim::scenario::{Scenario, VirtualBench};

use super::repository::{collect, root};

#[test]
fn the_tables_of_unsolicited_result_codes_are_true() {
    let mut heard: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut unknown = Vec::new();
    let mut files = Vec::new();
    collect(&root(), &mut files);
    // Faults of the serial line say what no module says.
    files.retain(|path| !path.components().any(|part| part.as_os_str() == "faults"));
    for path in files {
        let scenario = Scenario::load(&path).expect("a scenario");
        for module in &scenario.header.modules {
            let lines = RefCell::new(Vec::new());
            let listener = |said: &Said| {
                if said.kind == SerialKind::Urc {
                    lines.borrow_mut().push(said.bytes.clone());
                }
            };
            let bench = VirtualBench::new(&scenario, module).expect("a bench");
            // Whether it passes is another test's business.
            let _ = bench.with_listener(listener).play();
            for line in lines.into_inner() {
                let fitting = module.urc_table().filter(|urc| fits(urc, &line));
                let known = fitting.max_by_key(|urc| literal(urc.shape));
                match known {
                    Some(urc) => drop(heard.entry(module.spec).or_default().insert(urc.shape)),
                    None => unknown.push(format!(
                        "{}: {} says \"{}\"",
                        path.display(),
                        module.id,
                        line.escape_ascii()
                    )),
                }
            }
        }
    }
    let mut missing = Vec::new();
    for module in first_of_each_family() {
        let heard = heard.remove(module.spec).unwrap_or_default();
        let unheard = module.urc_table().filter(|urc| !heard.contains(urc.shape));
        missing.extend(unheard.map(|urc| format!("{}: nobody hears {}", module.id, urc.shape)));
    }
    let wrong = [unknown, missing].concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn first_of_each_family() -> impl Iterator<Item = &'static Module> {
    let mut seen = BTreeSet::new();
    modules()
        .iter()
        .filter(move |module| seen.insert(module.spec))
}

/// How much of a shape is fixed: of several that fit, the most special counts.
fn literal(shape: &str) -> usize {
    let names: usize = shape
        .split('<')
        .skip(1)
        .filter_map(|name| name.find('>'))
        .sum();
    shape.len() - names
}

/// Whether a framed line has a result code's shape.
fn fits(urc: &Urc, line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r\n").unwrap_or(line);
    let line = line.strip_prefix(b"\r\n").unwrap_or(line);
    matches(urc.shape.as_bytes(), line)
}

/// `<name>` stands for any bytes.
fn matches(shape: &[u8], line: &[u8]) -> bool {
    match shape.split_first() {
        None => line.is_empty(),
        Some((b'<', rest)) => {
            let end = rest.iter().position(|&b| b == b'>').expect("a name ends");
            let rest = &rest[end + 1..];
            rest.is_empty() || (0..=line.len()).any(|skip| matches(rest, &line[skip..]))
        }
        Some((byte, rest)) => line.first() == Some(byte) && matches(rest, &line[1..]),
    }
}
