//! Child processes that end with the test.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Host;

/// How long a test waits for something that must happen.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// A child whose output can be waited for, killed when dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    name: String,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Process {
    /// Starts `command`, listening to both of its outputs.
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}; see scripts/test"));
        let (sender, lines) = channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|out| Box::new(out) as _),
            child.stderr.take().map(|out| Box::new(out) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Self {
            child,
            name,
            lines,
            seen: Vec::new(),
        }
    }

    /// Waits for a line that contains `text`.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => self.seen.push(line),
                Err(error) => {
                    panic!(
                        "no {text:?} from {} ({error}); it said {:#?}",
                        self.name, self.seen
                    )
                }
            }
        }
    }

    /// Waits for the line that is nothing but an address: the log, which
    /// comes the same way, mentions addresses too.
    pub(crate) fn address(&mut self) -> String {
        loop {
            let line = self.wait_for("127.0.0.1:");
            if line.parse::<SocketAddr>().is_ok() {
                return line;
            }
        }
    }

    /// Waits for its end and returns its exit code.
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + TIMEOUT;
        // Its outputs close when it ends.
        while let Ok(line) = self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.seen.push(line);
        }
        self.child.wait().expect("a child can be waited for").code()
    }

    /// Everything it said that nobody waited for.
    pub(crate) fn said(&self) -> &[String] {
        &self.seen
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running `attwin run`.
pub(crate) struct Attwin {
    pub(crate) process: Process,
    address: String,
}

impl Attwin {
    /// An EC25 on a free TCP port, powered on, with these further arguments.
    pub(crate) fn run(arguments: &[&str]) -> Self {
        Self::run_as("quectel-ec25", arguments)
    }

    /// The same with another module.
    pub(crate) fn run_as(module: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attwin"));
        command
            .args(["run", module, "--port", "tcp:127.0.0.1:0"])
            .args(arguments);
        let mut process = Process::start(&mut command);
        let address = process.address();
        Self { process, address }
    }

    /// Attaches a host, and waits until the module has booted.
    pub(crate) fn host(&self) -> Host {
        self.host_after("\r\n+QIND: PB DONE\r\n")
    }

    /// Attaches a host to a module that says nothing at its start.
    pub(crate) fn host_at_once(&self) -> Host {
        Host::attach(&self.address)
    }

    /// The same for a module whose last word at its start is another.
    pub(crate) fn host_after(&self, last_word: &str) -> Host {
        let mut host = Host::attach(&self.address);
        host.wait_for(last_word);
        host.command("ATE0", "ATE0\r\r\nOK\r\n");
        host
    }
}
