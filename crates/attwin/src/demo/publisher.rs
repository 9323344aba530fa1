//! Another MQTT client, which publishes one message and leaves.

use std::io;
use std::net::SocketAddr;

use attwin_core::mqtt::packet::{self, ConnectFields, ConnectReturnCode, Level, Packet, QoS};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::failure::Failure;

/// Length of CONNACK (MQTT 3.1.1 section 3.2).
const CONNACK_LENGTH: usize = 4;

/// Publishes a QoS 0 message at `broker`.
pub(super) async fn publish(broker: SocketAddr, topic: &str, payload: &str) -> Result<(), Failure> {
    try_publish(broker, topic, payload).await.map_err(|error| {
        Failure::failed(format!(
            "the other client cannot publish at {broker}: {error}"
        ))
    })
}

async fn try_publish(broker: SocketAddr, topic: &str, payload: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(broker).await?;
    let connect = packet::connect(&ConnectFields {
        level: Level::V311,
        clean_session: true,
        keep_alive: 0,
        client_id: Bytes::from_static(b"somebody-else"),
        will: None,
        username: None,
        password: None,
    })
    .map_err(io::Error::other)?;
    stream.write_all(&connect).await?;
    let mut answer = [0; CONNACK_LENGTH];
    stream.read_exact(&mut answer).await?;
    match packet::decode(Level::V311, &answer) {
        Ok(Packet::Connack(ack)) if ack.code == ConnectReturnCode::Accepted => {}
        other => return Err(io::Error::other(format!("refused: {other:?}"))),
    }
    let (topic, payload) = (topic.as_bytes(), payload.as_bytes());
    let publish =
        packet::publish(false, QoS::Level0, false, 0, topic, payload).map_err(io::Error::other)?;
    stream.write_all(&publish).await?;
    stream.write_all(&packet::DISCONNECT).await?;
    stream.shutdown().await
}
