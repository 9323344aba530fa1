//! Echoes what a serial endpoint delivers: the smallest driver of a `Port`.
//!
//! ```text
//! cargo run --example port_echo -- pty:/tmp/modem
//! ```

use anyhow::Context;
use attwin::port::{Endpoint, Port, PortEvent};
use bytes::Bytes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let argument = std::env::args()
        .nth(1)
        .context("usage: port_echo ENDPOINT")?;
    let endpoint: Endpoint = argument.parse()?;
    let mut port = Port::open(&endpoint).await?;
    // Standard output is for data.
    eprintln!("{}", port.address());
    let mut buf = [0; 4096];
    loop {
        match port.ready().await {
            PortEvent::Attached => eprintln!("attached"),
            PortEvent::Detached => eprintln!("detached"),
            PortEvent::Room => {}
            PortEvent::Readable => {
                while let Ok(n) = port.try_read(&mut buf) {
                    port.write(&Bytes::copy_from_slice(&buf[..n]));
                }
            }
            PortEvent::Ended => break,
            PortEvent::Failed(reason) => anyhow::bail!("{}: {reason}", port.address()),
        }
    }
    port.drain().await;
    Ok(())
}
