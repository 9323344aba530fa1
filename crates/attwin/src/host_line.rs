//! A serial line from the host's side: as firmware has it. `check
//! --port` and `record` are hosts; everything else in this crate is a module.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Poll, ready};

use bytes::{Buf, BytesMut};
use serial2_tokio::SerialPort;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

#[cfg(unix)]
use crate::port::DEFAULT_BAUD;
use crate::port::{Endpoint, EndpointError, HostPort};

/// Bytes read at once.
const READ_SIZE: usize = 4096;

/// Where a module is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostEnd {
    /// `serial:DEV[@BAUD]`, `pty:PATH` or a path: a device, opened raw, 8N1.
    Device { path: PathBuf, baud: u32 },
    /// `tcp:HOST:PORT`: connects there.
    Tcp(HostPort),
    /// `unix:PATH`: connects there.
    #[cfg(unix)]
    Unix(PathBuf),
}

/// An open line.
pub(crate) struct HostLine {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl HostLine {
    /// Opens the line.
    ///
    /// # Errors
    /// What cannot be opened and why, in one line for people.
    pub(crate) async fn open(end: &HostEnd) -> Result<Self, String> {
        let opened: io::Result<Box<dyn Stream>> = match end {
            HostEnd::Device { path, baud } => device(path, *baud),
            HostEnd::Tcp(HostPort { host, port }) => tcp(host, *port).await,
            #[cfg(unix)]
            HostEnd::Unix(path) => tokio::net::UnixStream::connect(path)
                .await
                .map(|stream| Box::new(stream) as Box<dyn Stream>),
        };
        match opened {
            Ok(stream) => Ok(Self {
                stream,
                buffer: vec![0; READ_SIZE],
            }),
            Err(error) => Err(format!("cannot open {end}: {error}")),
        }
    }

    /// The next bytes of the module. Cancel-safe.
    ///
    /// # Errors
    /// The line is over, and why.
    pub(crate) async fn read(&mut self) -> Result<&[u8], String> {
        match self.stream.read(&mut self.buffer).await {
            Ok(0) => Err("the module closed the line".to_owned()),
            Ok(n) => Ok(&self.buffer[..n]),
            Err(error) => Err(format!("the line to the module broke: {error}")),
        }
    }

    /// Sends some of `unsent` and, if `reading`, reads, whichever comes first:
    /// the next bytes of the module, or none if something was sent. Neither
    /// direction waits for the other. Cancel-safe.
    ///
    /// # Errors
    /// The line is over, and why.
    pub(crate) async fn exchange(
        &mut self,
        unsent: &mut BytesMut,
        reading: bool,
    ) -> Result<&[u8], String> {
        let Self { stream, buffer } = self;
        let exchanged = poll_fn(|cx| {
            if !unsent.is_empty()
                && let Poll::Ready(written) = Pin::new(&mut *stream).poll_write(cx, unsent)
            {
                let written = written.and_then(|n| match n {
                    0 => Err(io::ErrorKind::WriteZero.into()),
                    n => Ok(n),
                });
                return Poll::Ready(written.map(|n| {
                    unsent.advance(n);
                    None
                }));
            }
            if !reading {
                return Poll::Pending;
            }
            let mut room = ReadBuf::new(buffer);
            ready!(Pin::new(&mut *stream).poll_read(cx, &mut room))?;
            Poll::Ready(Ok(Some(room.filled().len())))
        });
        match exchanged.await {
            Ok(Some(0)) => Err("the module closed the line".to_owned()),
            Ok(read) => Ok(&self.buffer[..read.unwrap_or(0)]),
            Err(error) => Err(format!("the line to the module broke: {error}")),
        }
    }

    /// Sends the module these bytes.
    ///
    /// # Errors
    /// The line is over, and why.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        sent.await
            .map_err(|error| format!("the line to the module broke: {error}"))
    }
}

impl FromStr for HostEnd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let device = |path: PathBuf, baud| Self::Device { path, baud };
        // What `attwin run` prints of a link or a Unix socket is its path.
        let is_path = text.starts_with('/') || text.starts_with("./");
        let endpoint = match is_path {
            #[cfg(unix)]
            true if is_socket(text) => return Ok(Self::Unix(text.into())),
            true => format!("serial:{text}").parse(),
            false => text.parse(),
        };
        match endpoint {
            Ok(Endpoint::Serial { device: path, baud }) => Ok(device(path, baud)),
            #[cfg(unix)]
            Ok(Endpoint::Pty { link: Some(path) }) => Ok(device(path, DEFAULT_BAUD)),
            #[cfg(unix)]
            Ok(Endpoint::Unix(path)) => Ok(Self::Unix(path)),
            Ok(Endpoint::Tcp(to) | Endpoint::Connect(to)) if to.port != 0 => Ok(Self::Tcp(to)),
            Err(error @ EndpointError::UnixOnly { .. }) => Err(error.to_string()),
            _ => Err(format!(
                "`{text}` is not where a module can be; write tcp:HOST:PORT, unix:PATH, pty:PATH, \
                 serial:DEV[@BAUD], or the path or address that `attwin run` prints"
            )),
        }
    }
}

impl fmt::Display for HostEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device { path, .. } => write!(f, "{}", path.display()),
            Self::Tcp(to) => write!(f, "tcp:{to}"),
            #[cfg(unix)]
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(unix)]
fn is_socket(path: &str) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
}

fn device(path: &Path, baud: u32) -> io::Result<Box<dyn Stream>> {
    Ok(Box::new(SerialPort::open(path, baud)?))
}

async fn tcp(host: &str, port: u16) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect((host, port)).await?;
    // A UART does not wait for more.
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_modules_are() {
        let read = |text: &str| text.parse::<HostEnd>().map(|end| end.to_string());
        for (text, shown) in [
            ("tcp:localhost:7000", "tcp:localhost:7000"),
            ("unix:/tmp/m", "unix:/tmp/m"),
            ("pty:/tmp/m", "/tmp/m"),
            ("/tmp/m", "/tmp/m"),
            ("127.0.0.1:7000", "tcp:127.0.0.1:7000"),
            ("/dev/pts/5", "/dev/pts/5"),
            ("serial:/dev/ttyUSB0@9600", "/dev/ttyUSB0"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(shown));
        }
        for wrong in ["pty", "stdio", "tcp:h:0", "tcp:h", "usb", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            "/dev/ttyS0@300".parse(),
            Ok(HostEnd::Device {
                path: "/dev/ttyS0".into(),
                baud: 300
            })
        );
    }
}
