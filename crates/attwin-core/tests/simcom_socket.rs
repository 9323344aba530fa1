//! A computer without sockets to spare: result code 4 (docs/spec/simcom.md 3.8). No
//! fault of a scenario brings that about.

mod common;

use attwin_core::{NetError, find_module};
use common::{Bench, config};

#[test]
fn no_socket_is_code_4() {
    let mut config = config();
    config.module = find_module("simcom-sim7028").expect("a module");
    let mut bench = Bench::booted(config);
    bench.expect("AT+CMQTTSTART", "\r\nOK\r\n\r\n+CMQTTSTART: 0\r\n");
    bench.expect("AT+CMQTTACCQ=0,\"dev-1\"", "\r\nOK\r\n");
    bench.expect("AT+CMQTTCONNECT=0,\"tcp://h\",60,1", "\r\nOK\r\n");
    assert_eq!(bench.fail(NetError::Local), "\r\n+CMQTTCONNECT: 0,4\r\n");
}
