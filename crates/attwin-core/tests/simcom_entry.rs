//! A host that goes away amid a data entry (docs/spec/simcom.md 4); in a scenario it
//! stays.

mod common;

use attwin_core::{HostEvent, find_module};
use common::{Bench, config};

#[test]
fn a_host_that_leaves_ends_the_entry_without_a_word() {
    let mut config = config();
    config.module = find_module("simcom-sim7028").expect("a module");
    let mut bench = Bench::booted(config);
    bench.expect("AT+CMQTTSTART", "\r\nOK\r\n\r\n+CMQTTSTART: 0\r\n");
    bench.expect("AT+CMQTTACCQ=0,\"dev-1\"", "\r\nOK\r\n");
    bench.expect("AT+CMQTTWILLTOPIC=0,10", "\r\n>");
    assert_eq!(bench.type_in("0123"), "");
    assert_eq!(bench.host(HostEvent::Detached), "");
    assert_eq!(bench.host(HostEvent::Attached), "");
    // The service and the client are as they were.
    bench.expect(
        "AT+CMQTTACCQ?",
        "\r\n+CMQTTACCQ: 0,\"dev-1\",0\r\n\r\nOK\r\n",
    );
    bench.expect("AT+CMQTTWILLTOPIC=0,4", "\r\n>");
    assert_eq!(bench.type_in("gone"), "\r\nOK\r\n");
}
