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
        Self::start(&format!(
            "{}allow_anonymous true\n",
            certificates(authority)
        ))
    }

    /// With TLS, demanding a client certificate.
    pub(crate) fn mutual_tls(authority: &Authority) -> Self {
        let certificates = certificates(authority);
        Self::start(&format!(
            "{certificates}allow_anonymous true\nrequire_certificate true\n"
        ))
    }

    /// With TLS, letting in one user only.
    pub(crate) fn tls_for(authority: &Authority, user: &str, password: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let users = directory.path().join("users");
        let made = Command::new("mosquitto_passwd")
            .args(["-b", "-c"])
            .arg(&users)
            .args([user, password])
            .status()
            .expect("mosquitto_passwd comes with Mosquitto; see scripts/test");
        assert!(made.success());
        let settings = format!(
            "{}allow_anonymous false\npassword_file {}\n",
            certificates(authority),
            users.display()
        );
        Self::start_in(directory, &settings)
    }

    fn start(more: &str) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary directory"), more)
    }

    fn start_in(directory: TempDir, more: &str) -> Self {
        let port = free_port();
        let mut config = String::new();
        let _ = write!(
            config,
            "listener {port} 127.0.0.1\nlog_dest stderr\nlog_type all\n{more}"
        );
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

fn certificates(authority: &Authority) -> String {
    let directory = authority.directory().display();
    format!(
        "cafile {directory}/ca.pem\ncertfile {directory}/server.pem\n\
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
