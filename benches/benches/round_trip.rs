//! `AT` over loopback TCP against a bare echo server of the same runtime.

mod support;

use std::sync::mpsc::channel;
use std::thread;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use support::{Host, compare, runtime, start_module};

fn main() {
    let mut module = Host::connect(&start_module(None));
    module.exchange(b"ATE0\r", b"\r\nOK\r\n");
    let mut echo = Host::connect(&start_echo());
    compare(
        63_000,
        ("AT through attwin", || {
            module.exchange(b"AT\r", b"\r\nOK\r\n");
        }),
        ("bare echo server", || echo.exchange(b"AT\r", b"AT\r")),
    );
}

fn start_echo() -> String {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("a bound socket");
            sender
                .send(address.to_string())
                .expect("the benchmark waits");
            let (mut stream, _) = listener.accept().await.expect("a client");
            stream.set_nodelay(true).expect("a TCP socket");
            let mut buffer = [0; 4096];
            while let Ok(n) = stream.read(&mut buffer).await {
                if n == 0 || stream.write_all(&buffer[..n]).await.is_err() {
                    return;
                }
            }
        });
    });
    receiver.recv().expect("the server starts")
}
