//! Processes, hosts and MQTT clients of the tests.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use attwin_core::mqtt::packet::{self, ConnectFields, Level, Packet, QoS};
use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process};

/// How long a test waits for what must happen.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// `attwin` with arguments, to be started.
pub(crate) fn attwin(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attwin"));
    command
        .args(arguments)
        .env_remove("RUST_LOG")
        .env_remove("ATTWIN_USERS");
    command
}

/// Runs `attwin` to its end: exit code, standard output, standard error.
pub(crate) fn output(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = attwin(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A running `attwin`, killed when dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    out: Receiver<String>,
    log: Receiver<String>,
    logged: Vec<String>,
}

impl Running {
    /// Starts it without standard input.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(attwin(arguments))
    }

    /// The same with these environment variables.
    pub(crate) fn start_with(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = attwin(arguments);
        command.envs(environment.iter().copied());
        Self::spawn(command)
    }

    /// The same with a folder for temporary files of its own.
    pub(crate) fn start_in(temporary: &Path, arguments: &[&str]) -> Self {
        let mut command = attwin(arguments);
        command.env("TMPDIR", temporary);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        Self {
            out: lines(child.stdout.take().expect("piped")),
            log: lines(child.stderr.take().expect("piped")),
            logged: Vec::new(),
            child,
        }
    }

    /// The next line of standard output.
    pub(crate) fn line(&mut self) -> String {
        self.out.recv_timeout(TIMEOUT).unwrap_or_else(|error| {
            let log: Vec<_> = self.log.try_iter().collect();
            panic!("no line on standard output ({error}); {log:#?}")
        })
    }

    /// Waits for a line on standard error that contains `text`.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.log.recv_timeout(left) {
                Ok(line) if line.contains(text) => {
                    self.logged.push(line.clone());
                    return line;
                }
                Ok(line) => self.logged.push(line),
                Err(error) => panic!("no {text:?} ({error}) in {:#?}", self.logged),
            }
        }
    }

    /// Everything on standard error, up to its end.
    pub(crate) fn rest_of_log(&mut self) -> Vec<String> {
        let mut log = std::mem::take(&mut self.logged);
        while let Ok(line) = self.log.recv_timeout(TIMEOUT) {
            log.push(line);
        }
        log
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Waits for the end; nothing more may come on standard output.
    pub(crate) fn end(mut self) -> ExitStatus {
        match self.out.recv_timeout(TIMEOUT) {
            Err(RecvTimeoutError::Disconnected) => {}
            other => panic!(
                "not the end: {other:?}, {:?}",
                self.log.try_iter().collect::<Vec<_>>()
            ),
        }
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A host on a serial line of any kind.
pub(crate) struct Host {
    writer: Box<dyn Write>,
    chunks: Receiver<Vec<u8>>,
    unread: Vec<u8>,
    /// Everything received.
    pub(crate) received: Vec<u8>,
    /// Everything sent.
    pub(crate) sent: Vec<u8>,
    /// To be shut down at the end, as the thread that reads has it open too.
    socket: Option<TcpStream>,
}

impl Host {
    /// Attaches to a path or to a `host:port`.
    pub(crate) fn attach(address: &str) -> Self {
        if address.starts_with('/') {
            let mut options = OpenOptions::new();
            options.read(true).write(true);
            std::os::unix::fs::OpenOptionsExt::custom_flags(
                &mut options,
                rustix::fs::OFlags::NOCTTY.bits().cast_signed(),
            );
            let file = options.open(address).expect("it can be opened");
            Self::over(file.try_clone().expect("a descriptor"), file)
        } else {
            let stream = TcpStream::connect(address).expect("it listens");
            stream.set_nodelay(true).expect("a TCP socket");
            let clone = || stream.try_clone().expect("a descriptor");
            let mut host = Self::over(clone(), clone());
            host.socket = Some(stream);
            host
        }
    }

    fn over(writer: impl Write + 'static, mut reader: impl Read + Send + 'static) -> Self {
        let (sender, chunks) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            writer: Box::new(writer),
            chunks,
            unread: Vec::new(),
            received: Vec::new(),
            sent: Vec::new(),
            socket: None,
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).expect("the module reads");
        self.writer.flush().expect("the module reads");
        self.sent.extend(bytes);
    }

    /// Sends a command and waits until its answer ends like this.
    #[track_caller]
    pub(crate) fn command(&mut self, line: &str, answer: &str) {
        self.send(format!("{line}\r").as_bytes());
        self.wait_for(answer);
    }

    /// Reads until these bytes came; what came before them is passed over.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, bytes: &str) {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let found = self
                .unread
                .windows(bytes.len())
                .position(|window| window == bytes.as_bytes());
            if let Some(at) = found {
                self.unread.drain(..at + bytes.len());
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.chunks.recv_timeout(left) {
                Ok(chunk) => {
                    self.unread.extend(&chunk);
                    self.received.extend(chunk);
                }
                Err(error) => {
                    let unread = self.unread.escape_ascii();
                    panic!("no {bytes:?} ({error}), only {unread}")
                }
            }
        }
    }

    /// Waits for the boot, opens and connects client 0 with a will.
    pub(crate) fn connect(&mut self, client: &str) {
        self.wait_for("+QIND: PB DONE\r\n");
        self.command("ATE0", "OK\r\n");
        self.command(r#"AT+QMTCFG="will",0,1,1,0,"will","gone""#, "OK\r\n");
        self.command(r#"AT+QMTOPEN=0,"any.example",1883"#, "+QMTOPEN: 0,0\r\n");
        self.command(&format!("AT+QMTCONN=0,\"{client}\""), "+QMTCONN: 0,0,0\r\n");
    }

    pub(crate) fn publish(&mut self, topic: &str, payload: &str) {
        let length = payload.len();
        self.command(&format!("AT+QMTPUBEX=0,1,1,0,\"{topic}\",{length}"), "> ");
        self.send(payload.as_bytes());
        self.wait_for("+QMTPUBEX: 0,1,0\r\n");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(socket) = &self.socket {
            // The module may have gone first.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// An MQTT client that is no module.
pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    /// Connects; returns CONNACK's code if that is a refusal.
    pub(crate) fn connect(address: &str, user: Option<(&str, &str)>) -> Result<Self, u8> {
        let stream = TcpStream::connect(address).expect("a broker");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
        let mut client = Self {
            stream,
            unread: Vec::new(),
        };
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        let connect = packet::connect(&ConnectFields {
            level: Level::V311,
            clean_session: true,
            keep_alive: 0,
            client_id: Bytes::from_static(b"watcher"),
            will: None,
            username: user.map(|(name, _)| bytes(name)),
            password: user.map(|(_, password)| bytes(password)),
        });
        client.send(&connect.expect("it fits"));
        match client.packet() {
            Packet::Connack(ack) if ack.code as u8 == 0 => Ok(client),
            Packet::Connack(ack) => Err(ack.code as u8),
            other => panic!("no CONNACK: {other:?}"),
        }
    }

    /// Connects and subscribes to one filter with QoS 1.
    pub(crate) fn subscribed(address: &str, filter: &str) -> Self {
        let mut client = Self::connect(address, None).expect("it is let in");
        let filter = Bytes::copy_from_slice(filter.as_bytes());
        let subscribe = packet::subscribe(1, &[(filter, QoS::Level1)]);
        client.send(&subscribe.expect("it fits"));
        match client.packet() {
            Packet::Suback(_) => client,
            other => panic!("no SUBACK: {other:?}"),
        }
    }

    /// Topic and payload of the next message.
    pub(crate) fn message(&mut self) -> (String, String) {
        match self.packet() {
            Packet::Publish(publish) => (
                publish.topic_name.to_string(),
                String::from_utf8(publish.payload.to_vec()).expect("text"),
            ),
            other => panic!("no PUBLISH: {other:?}"),
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the broker reads");
    }

    fn packet(&mut self) -> Packet {
        loop {
            if let Some(frame) = packet::frame(&self.unread).expect("MQTT")
                && self.unread.len() >= frame.len()
            {
                let whole: Vec<u8> = self.unread.drain(..frame.len()).collect();
                return packet::decode(Level::V311, &whole).expect("MQTT");
            }
            let mut buffer = [0; 4096];
            let n = self.stream.read(&mut buffer).expect("the broker answers");
            assert!(n > 0, "the broker closed the connection");
            self.unread.extend(&buffer[..n]);
        }
    }
}
