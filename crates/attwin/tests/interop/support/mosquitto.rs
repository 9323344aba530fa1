//! A Mosquitto of the test's own.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;

use super::{Authority, Process};

/// A running Mosquitto on a free loopback port.
pub(crate) struct Mosquitto {
    pub(crate) process: Process,
    pub(crate) port: u16,
    config: String,
    directory: TempDir,
}

impl Mosquitto {
    pub(crate) fn plain() -> Self {
        Self::start("allow_anonymous true\n")
    }

    /// Refuses whoever has no user name, which is everybody.
    pub(crate) fn without_anonymous() -> Self {
        Self::start("allow_anonymous false\n")
    }

    /// With TLS.
    pub(crate) fn tls(authority: &Authority) -> Self {
        Self::start(&tls_settings(authority))
    }

    /// With TLS, demanding a client certificate.
    pub(crate) fn mutual_tls(authority: &Authority) -> Self {
        let settings = tls_settings(authority);
        Self::start(&format!("{settings}require_certificate true\n"))
    }

    fn start(more: &str) -> Self {
        let port = free_port();
        let mut config = String::new();
        let _ = write!(
            config,
            "listener {port} 127.0.0.1\nlog_dest stderr\nlog_type all\n{more}"
        );
        let directory = tempfile::tempdir().expect("a temporary directory");
        let process = run(&config, &directory);
        Self {
            process,
            port,
            config,
            directory,
        }
    }

    /// Kills it and starts it again on the same port, with nothing remembered.
    pub(crate) fn restart(&mut self) {
        let _ = self.process.child.kill();
        let _ = self.process.child.wait();
        self.process = run(&self.config, &self.directory);
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

fn tls_settings(authority: &Authority) -> String {
    let directory = authority.directory().display();
    format!(
        "allow_anonymous true\ncafile {directory}/ca.pem\ncertfile {directory}/server.pem\n\
         keyfile {directory}/server.key\n"
    )
}

fn run(config: &str, directory: &TempDir) -> Process {
    let path = directory.path().join("mosquitto.conf");
    std::fs::write(&path, config).expect("a writable directory");
    // Debian keeps it outside an ordinary user's PATH.
    let search = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("mosquitto");
    command.env("PATH", search).arg("-c").arg(path);
    let mut process = Process::start(&mut command);
    process.wait_for("running");
    process
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound socket").port()
}
