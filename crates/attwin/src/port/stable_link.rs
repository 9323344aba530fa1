//! A symbolic link with a name that stays, pointed at a PTY whose name varies.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::error::PortError;

/// The link; removed on drop unless it was redirected meanwhile.
pub(super) struct StableLink {
    path: PathBuf,
    target: PathBuf,
    _claim: Claim,
}

impl StableLink {
    /// Makes or redirects the link at `path`, atomically: a host that looks
    /// finds the old target or the new one. Nothing but a link is replaced, and
    /// none that a living attwin made.
    pub(super) fn create(path: &Path, target: &Path) -> Result<Self, PortError> {
        let shown = || path.display().to_string();
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_symlink() => {
                return Err(PortError::NotALink { path: shown() });
            }
            _ => {}
        }
        let failed = |source| PortError::Link {
            path: shown(),
            source,
        };
        let in_use = || PortError::LinkInUse { path: shown() };
        let claim = claim(path).map_err(failed)?.ok_or_else(in_use)?;
        replace(path, target).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            target: target.to_owned(),
            _claim: claim,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StableLink {
    fn drop(&mut self) {
        if fs::read_link(&self.path).is_ok_and(|target| target == self.target) {
            // Best effort: a dangling link is replaced by the next run.
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Shows other processes that a link is in use, and ends with the process however
/// that ends. The PTY itself cannot tell: opening it to ask would count as a host.
#[cfg(any(target_os = "linux", target_os = "android"))]
type Claim = std::os::unix::net::UnixListener;

/// Claims a link by a socket whose name no file system holds; `None` if it is
/// claimed already.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn claim(path: &Path) -> io::Result<Option<Claim>> {
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::net::{SocketAddr, UnixListener};

    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = fs::metadata(directory.unwrap_or(Path::new(".")))?;
    // FNV-1a: a name of a socket is too short for one of a file.
    let hash = name
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let name = format!(
        "attwin-pty-{:x}-{:x}-{hash:x}",
        directory.dev(),
        directory.ino()
    );
    match UnixListener::bind_addr(&SocketAddr::from_abstract_name(name)?) {
        Ok(claim) => Ok(Some(claim)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where there are no such sockets the link itself has to do.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
type Claim = ();

/// `None` if the link leads somewhere.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn claim(path: &Path) -> io::Result<Option<Claim>> {
    Ok(fs::metadata(path).is_err().then_some(()))
}

fn replace(path: &Path, target: &Path) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(temporary);
    // A crashed run may have left it, with the same process id in a container.
    fs::remove_file(&temporary).ok();
    symlink(target, &temporary)?;
    fs::rename(&temporary, path).inspect_err(|_| {
        fs::remove_file(&temporary).ok();
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_link_and_removes_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("modem");
        symlink("/nowhere", &path).unwrap();
        let link = StableLink::create(&path, Path::new("/dev/pts/1")).unwrap();
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/pts/1"));
        drop(link);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn leaves_a_link_that_points_elsewhere() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("modem");
        let link = StableLink::create(&path, Path::new("/dev/pts/1")).unwrap();
        replace(&path, Path::new("/dev/pts/2")).unwrap();
        drop(link);
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/pts/2"));
    }

    #[test]
    fn refuses_to_replace_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("modem");
        fs::write(&path, "precious").unwrap();
        let error = StableLink::create(&path, Path::new("/dev/pts/1"))
            .err()
            .unwrap();
        assert!(matches!(error, PortError::NotALink { .. }));
        assert!(
            error
                .to_string()
                .contains("remove it or choose another path")
        );
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }
}
