use std::fs;
use std::path::Path;
use std::process::Command;

use attwin::port::PortEvent;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::common::{LONG, expect, expect_bytes, expect_detached, open, refused, serve};

fn endpoint(path: &Path) -> String {
    format!("unix:{}", path.display())
}

#[tokio::test]
async fn a_host_connects_talks_and_leaves() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    let mut port = open(&endpoint(&path)).await;
    assert_eq!(Path::new(port.address()), path);
    let mut host = UnixStream::connect(&path).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
    host.write_all(b"AT\r").await.unwrap();
    expect_bytes(&mut port, b"AT\r").await;
    port.write(&Bytes::from_static(b"\r\nOK\r\n"));
    let mut answer = [0; 6];
    tokio::select! {
        read = host.read_exact(&mut answer) => { read.unwrap(); }
        _ = serve(&mut port) => {}
    }
    drop(host);
    expect_detached(&mut port).await;
    drop(port);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_second_host_is_closed_without_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    let mut port = open(&endpoint(&path)).await;
    let _first = UnixStream::connect(&path).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
    let mut second = UnixStream::connect(&path).await.unwrap();
    let mut said = Vec::new();
    tokio::select! {
        end = timeout(LONG, second.read_to_end(&mut said)) => { end.expect("closed").unwrap(); }
        _ = serve(&mut port) => {}
    }
    assert_eq!(said, b"");
}

#[tokio::test]
async fn a_stale_socket_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    // Another process, so that it is certainly closed when that ends.
    let script = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
    let status = Command::new("python3")
        .args(["-c", script])
        .arg(&path)
        .status()
        .unwrap();
    assert!(status.success());
    assert!(path.exists());
    let mut port = open(&endpoint(&path)).await;
    let _host = UnixStream::connect(&path).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
}

#[tokio::test]
async fn a_live_socket_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    let _live = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let error = refused(&endpoint(&path)).await;
    assert!(error.contains("in use by another process"), "{error}");
    std::os::unix::net::UnixStream::connect(&path).unwrap();
}

#[tokio::test]
async fn a_file_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, "precious").unwrap();
    let error = refused(&endpoint(&path)).await;
    assert!(error.contains("is not a socket"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
}

#[tokio::test]
async fn a_socket_made_in_its_place_is_not_removed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    let port = open(&endpoint(&path)).await;
    fs::rename(&path, directory.path().join("old")).unwrap();
    let _other = std::os::unix::net::UnixListener::bind(&path).unwrap();
    drop(port);
    assert!(path.exists());
}
