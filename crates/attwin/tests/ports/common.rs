//! Drives a port from the module's side.

use std::io;
use std::process::Command;
use std::time::Duration;

use attwin::port::{Port, PortEvent};
use tokio::time::timeout;

/// Far longer than anything here takes: reaching it is a failure.
pub(crate) const LONG: Duration = Duration::from_secs(30);

pub(crate) async fn open(endpoint: &str) -> Port {
    Port::open(&endpoint.parse().unwrap()).await.unwrap()
}

pub(crate) async fn refused(endpoint: &str) -> String {
    Port::open(&endpoint.parse().unwrap())
        .await
        .err()
        .expect("must not open")
        .to_string()
}

pub(crate) async fn next(port: &mut Port) -> PortEvent {
    timeout(LONG, port.ready()).await.expect("an event in time")
}

/// Drives a port that has nothing to say.
pub(crate) async fn serve(port: &mut Port) -> ! {
    loop {
        let event = port.ready().await;
        assert_eq!(event, PortEvent::Readable);
        assert_eq!(read(port), b"");
    }
}

pub(crate) async fn expect(port: &mut Port, event: PortEvent) {
    assert_eq!(next(port).await, event);
}

/// Everything there is to read now.
pub(crate) fn read(port: &mut Port) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = [0; 1024];
    loop {
        match port.try_read(&mut buf) {
            Ok(n) => all.extend(&buf[..n]),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return all,
            Err(e) => panic!("{e}"),
        }
    }
}

/// Waits until exactly `bytes` have arrived.
pub(crate) async fn expect_bytes(port: &mut Port, bytes: &[u8]) {
    let mut all = Vec::new();
    while all.len() < bytes.len() {
        expect(port, PortEvent::Readable).await;
        all.extend(read(port));
    }
    assert_eq!(
        all.escape_ascii().to_string(),
        bytes.escape_ascii().to_string()
    );
}

/// Reads and skips until the host is gone.
pub(crate) async fn expect_detached(port: &mut Port) {
    loop {
        match next(port).await {
            PortEvent::Readable => drop(read(port)),
            event => return assert_eq!(event, PortEvent::Detached),
        }
    }
}

/// The `port_echo` example, built now if it is not.
pub(crate) fn port_echo(endpoint: &str) -> Command {
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--package",
        "attwin",
        "--example",
        "port_echo",
    ]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    let deps = std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let mut echo = Command::new(deps.with_file_name("examples").join("port_echo"));
    echo.arg(endpoint);
    echo
}
