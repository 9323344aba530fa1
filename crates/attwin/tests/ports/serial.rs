use attwin::port::PortEvent;
use bytes::Bytes;

use crate::common::{expect, expect_bytes, expect_detached, open, refused, serve};

/// A PTY with a stable link stands for the device: dropping it unplugs the
/// device, opening it again plugs it in.
#[tokio::test]
async fn a_device_may_be_unplugged_and_plugged_in() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ttyUSB0");
    let pty = format!("pty:{}", path.display());
    let mut device = open(&pty).await;
    let mut port = open(&format!("serial:{}@9600", path.display())).await;
    assert_eq!(port.address(), path.to_str().unwrap());
    for _ in 0..2 {
        expect(&mut port, PortEvent::Attached).await;
        expect(&mut device, PortEvent::Attached).await;
        let command = Bytes::from("AT+".repeat(500));
        device.write(&command);
        tokio::select! {
            () = expect_bytes(&mut port, &command) => {}
            _ = serve(&mut device) => {}
        }
        port.write(&Bytes::from_static(b"\r\nOK\r\n"));
        tokio::select! {
            () = expect_bytes(&mut device, b"\r\nOK\r\n") => {}
            _ = serve(&mut port) => {}
        }
        drop(device);
        expect_detached(&mut port).await;
        port.write(&Bytes::from_static(b"nobody hears this"));
        device = open(&pty).await;
    }
    expect(&mut port, PortEvent::Attached).await;
}

#[tokio::test]
async fn a_missing_device_is_an_error_that_names_it() {
    let error = refused("serial:/dev/no-such-device@9600").await;
    assert!(
        error.contains("/dev/no-such-device at 9600 baud"),
        "{error}"
    );
    assert!(error.contains("check that it is plugged in"), "{error}");
}
