//! What the trace says once about a host whose bytes mean something else to the module
//! (docs/spec/quectel.md 2.3).

mod common;

use attwin_core::Trace;
use common::{Bench, OK};

fn notes(bench: &mut Bench) -> Vec<String> {
    let traces = std::mem::take(&mut bench.traces);
    let notes = traces.into_iter().filter_map(|trace| match trace {
        Trace::Note(note) => Some(note),
        _ => None,
    });
    notes.collect()
}

#[test]
fn a_line_feed_without_a_return_is_told_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.type_in("AT\r\n\nAT\r\n"), format!("{OK}{OK}"));
    assert_eq!(notes(&mut bench), [""; 0]);
    assert_eq!(bench.type_in("AT\n"), "");
    let told = notes(&mut bench);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("quirk line_feed_ends_line=true"),
        "{told:?}"
    );
    bench.type_in("AT\nAT\n\r");
    assert_eq!(notes(&mut bench), [""; 0]);
}

#[test]
fn a_delete_that_deletes_nothing_is_told_once() {
    let mut bench = Bench::new();
    bench.type_in("ATX\x7f\x7f");
    let told = notes(&mut bench);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("quirk delete_is_backspace=true"),
        "{told:?}"
    );
    bench
        .modem()
        .set_quirk("delete_is_backspace", "true")
        .expect("a quirk");
    assert_eq!(bench.type_in("\r"), "\r\nERROR\r\n");
    assert_eq!(bench.type_in("ATX\x7f\r"), OK);
    assert_eq!(notes(&mut bench), [""; 0]);
}
