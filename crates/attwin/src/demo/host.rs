//! The demonstration's host: lines out, lines in.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::failure::Failure;

/// Longest line the host expects.
const LONGEST_LINE: usize = 64 * 1024;

/// A serial line as a host sees it.
pub(super) struct Host {
    stream: TcpStream,
    /// What arrived and was not read.
    unread: Vec<u8>,
}

impl Host {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(bytes).await.map_err(lost)
    }

    /// The next line that is not empty, without its end. Cancel-safe.
    pub(super) async fn line(&mut self) -> Result<String, Failure> {
        loop {
            while let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                let line = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
                if !line.is_empty() {
                    return Ok(line);
                }
            }
            self.read().await?;
        }
    }

    /// The next prompt, which no line end follows: everything that is there,
    /// without spaces. Cancel-safe.
    pub(super) async fn prompt(&mut self) -> Result<String, Failure> {
        loop {
            let prompt = self.unread.trim_ascii();
            if !prompt.is_empty() {
                let prompt = String::from_utf8_lossy(prompt).into_owned();
                self.unread.clear();
                return Ok(prompt);
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<(), Failure> {
        let n = self.stream.read_buf(&mut self.unread).await.map_err(lost)?;
        if n == 0 || self.unread.len() > LONGEST_LINE {
            return Err(Failure::failed("the module closed its port"));
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn lost(error: std::io::Error) -> Failure {
    Failure::failed(format!("the connection to the module broke: {error}"))
}
