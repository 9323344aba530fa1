//! A session that was recorded can be played.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use rustix::process::Signal;
use tokio::net::TcpSocket;

use super::support::{Host, Running, output};

#[test]
fn a_recorded_session_passes_a_check() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("session.at");
    let file = file.to_str().expect("text");
    let mut run = Running::start(&[
        "run",
        "quectel-ec25",
        "--broker",
        "embedded",
        "--boot",
        "start",
        "--timing",
        "fast",
    ]);
    let module = run.line();
    run.wait_for("powered on");
    let arguments = ["record", "--port", &module, "--module", "quectel-ec25"];
    let mut record = Running::start(&[&arguments[..], &["-o", file]].concat());
    let mut host = Host::attach(&record.line());
    host.command("AT+CGMI", "OK\r\n");
    host.command("ATE0", "OK\r\n");
    host.command(r#"AT+QMTOPEN=0,"broker.example",1883"#, "+QMTOPEN: 0,0\r\n");
    host.command(r#"AT+QMTCONN=0,"dev-{1}""#, "+QMTCONN: 0,0,0\r\n");
    host.command(r#"AT+QMTSUB=0,1,"t",1"#, "+QMTSUB: 0,1,0,1\r\n");
    host.command(r#"AT+QMTPUBEX=0,0,0,0,"u",7"#, "> ");
    host.send(b"a\r\n{b}\x1a");
    host.wait_for("+QMTPUBEX: 0,0,0\r\n");
    host.command("AT+QMTDISC=0", "+QMTSTAT: 0,5\r\n");
    record.signal(Signal::INT);
    assert_eq!(record.end().code(), Some(0));

    let text = fs::read_to_string(file).expect("written");
    assert!(text.starts_with("# Recorded 20"), "{text}");
    for part in [
        "\nmodule quectel-ec25\necho on\n\n> AT+CGMI\n<< AT+CGMI\\r\n< Quectel\n< OK\n",
        "> AT+QMTCONN=0,\"dev-{1}\"\n",
        "<> prompt\n>> a\\r\\n{{b}}\\x1A\n< OK\n< +QMTPUBEX: 0,0,0\n",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let (code, out, _) = output(&["check", file]);
    assert_eq!(code, Some(0), "{out}{text}");
}

/// Both sides write more than all buffers hold before the module reads.
#[test]
fn two_full_buffers_do_not_block_each_other() {
    const MUCH: usize = 6 << 20;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("session.at");
    let (listener, address) = crowded_listener();
    let module = thread::spawn(move || {
        let (mut line, _) = listener.accept().expect("it connects");
        // Without a host what it says goes nowhere.
        line.read_exact(&mut [0]).expect("it is sent");
        line.write_all(&vec![b'm'; MUCH]).expect("it is read");
        let mut got = vec![0; MUCH - 1];
        line.read_exact(&mut got).expect("it is sent");
        line
    });
    let port = format!("tcp:{address}");
    let file = file.to_str().expect("text");
    let mut record = Running::start(&[
        "record",
        "--port",
        &port,
        "--module",
        "quectel-ec25",
        "-o",
        file,
        "--listen",
        "tcp:127.0.0.1:0",
    ]);
    let mut host = TcpStream::connect(record.line()).expect("it listens");
    let mut writer = host.try_clone().expect("a descriptor");
    let sent = thread::spawn(move || writer.write_all(&vec![b'h'; MUCH]).expect("it is read"));
    let mut got = vec![0; MUCH];
    host.read_exact(&mut got).expect("it is sent");
    sent.join().expect("no panic");
    drop(module.join().expect("no panic"));
}

/// A listener whose connections keep little in the kernel.
fn crowded_listener() -> (TcpListener, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    let runtime = runtime.expect("a runtime");
    let _inside = runtime.enter();
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("it can be set");
    socket.set_send_buffer_size(4096).expect("it can be set");
    socket
        .bind("127.0.0.1:0".parse().expect("valid"))
        .expect("it is free");
    let listener = socket
        .listen(1)
        .expect("it listens")
        .into_std()
        .expect("a listener");
    listener.set_nonblocking(false).expect("it can be set");
    let address = listener.local_addr().expect("it is bound").to_string();
    (listener, address)
}

#[test]
fn what_cannot_be_recorded_is_told() {
    for (arguments, code, wanted) in [
        (
            &["--port", "unix:/none", "--module", "quectel-ec25"][..],
            1,
            "cannot open unix:/none",
        ),
        (
            &["--port", "unix:/none", "--module", "ec25"],
            2,
            "did you mean quectel-ec25",
        ),
        (
            &["--port", "stdio", "--module", "quectel-ec25"],
            2,
            "not where a module can be",
        ),
    ] {
        let (got, out, err) = output(&[&["record", "-o", "/none/x.at"], arguments].concat());
        assert_eq!((got, &*out), (Some(code), ""), "{arguments:?}");
        assert!(err.contains(wanted), "{arguments:?}: {err}");
    }
}
