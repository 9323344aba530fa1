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
}

impl StableLink {
    /// Makes or redirects the link at `path`, atomically: a host that looks
    /// finds the old target or the new one. Nothing but a link is replaced.
    pub(super) fn create(path: &Path, target: &Path) -> Result<Self, PortError> {
        let shown = || path.display().to_string();
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_symlink() => {
                return Err(PortError::NotALink { path: shown() });
            }
            _ => {}
        }
        replace(path, target).map_err(|source| PortError::Link {
            path: shown(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            target: target.to_owned(),
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
        let old = StableLink::create(&path, Path::new("/dev/pts/1")).unwrap();
        let _new = StableLink::create(&path, Path::new("/dev/pts/2")).unwrap();
        drop(old);
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
