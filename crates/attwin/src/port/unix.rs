//! `unix:PATH`: a Unix domain socket, one host at a time.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};

use tokio::net::{UnixListener, UnixStream};

use super::error::PortError;
use super::line::Line;
use super::one_host::{Listener, OneHost, Stream};

/// Listens on the socket `path`. A stale one, without a listener, is
/// replaced.
pub(super) async fn listen(path: &Path) -> Result<impl Line + use<>, PortError> {
    let failed = |source| PortError::Socket {
        path: path.display().to_string(),
        source,
    };
    make_room(path).await?;
    let listener = UnixListener::bind(path).map_err(failed)?;
    let identity = identity(path).map_err(failed)?;
    Ok(OneHost::new(Unix {
        listener,
        path: path.to_owned(),
        identity,
    }))
}

async fn make_room(path: &Path) -> Result<(), PortError> {
    let shown = || path.display().to_string();
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !metadata.file_type().is_socket() {
        return Err(PortError::NotASocket { path: shown() });
    }
    match UnixStream::connect(path).await {
        Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(|source| PortError::Socket {
                path: shown(),
                source,
            })
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Err(PortError::Socket {
            path: shown(),
            source: e,
        }),
        // Also when its queue of connections is full: there is a listener.
        Ok(_) | Err(_) => Err(PortError::SocketInUse { path: shown() }),
    }
}

/// Device and inode, which tell our socket from one made in its place.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

struct Unix {
    listener: UnixListener,
    path: PathBuf,
    identity: (u64, u64),
}

impl Listener for Unix {
    type Stream = UnixStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<UnixStream>> {
        let (stream, _) = ready!(self.listener.poll_accept(cx))?;
        Poll::Ready(Ok(stream))
    }

    fn address(&self) -> String {
        self.path.display().to_string()
    }
}

impl Drop for Unix {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            // Best effort: a file left behind is recognised as stale later.
            fs::remove_file(&self.path).ok();
        }
    }
}

impl Stream for UnixStream {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Self::poll_read_ready(self, cx)
    }
}
