//! `--trace FILE`: everything that passes through the twins, as JSON lines.
//!
//! The format is documented in docs/trace.md. Recorders format lines in the
//! twins' tasks; one thread writes them, and flushes when there are no more.

pub(crate) mod packets;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use attwin_core::{
    HostEvent, LinkId, NetCommand, NetEvent, Output, Reason, SerialKind, StoreCommand, Trace,
};
use attwin_sim::fault::{Act, Mark};
use serde_json::{Value, json};
use tracing::warn;

use crate::escape::escape;
use crate::watch::{Observer, Seen};
use packets::{Conversation, Direction, Shown};

/// Lines that wait for the disk. A twin that finds no room waits, because
/// a trace with holes would be worse than a slow module.
const LINES_AHEAD: usize = 4096;

/// An open trace file.
pub struct TraceFile {
    lines: SyncSender<String>,
    writer: JoinHandle<()>,
    origin: Instant,
}

impl TraceFile {
    /// Creates the file, or empties an existing one.
    ///
    /// # Errors
    /// The system's answer if it cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = private(path)?;
        let (lines, queue) = sync_channel(LINES_AHEAD);
        let path = path.to_owned();
        let writer = std::thread::Builder::new()
            .name("trace".to_owned())
            .spawn(move || write_all(BufWriter::new(file), &queue, &path))?;
        let trace = Self {
            lines,
            writer,
            origin: Instant::now(),
        };
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let head = json!({
            "dir": "note",
            "text": concat!("attwin ", env!("CARGO_PKG_VERSION")),
            "unix_ms": u64::try_from(unix.as_millis()).unwrap_or(u64::MAX),
        });
        // The writer has just been started and waits for lines.
        let _ = trace.lines.send(line(trace.origin, None, &head));
        Ok(trace)
    }

    /// A recorder for one module.
    pub fn recorder(&self, module: &str) -> Recorder {
        Recorder {
            lines: self.lines.clone(),
            origin: self.origin,
            module: module.into(),
            links: HashMap::new(),
        }
    }

    /// Waits until everything is written. All recorders must be dropped, or it
    /// waits for them.
    pub fn finish(self) {
        drop(self.lines);
        // It has reported what went wrong, if anything.
        let _ = self.writer.join();
    }
}

/// Creates a file for the owner alone, as it will hold passwords.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes what it observes into a [`TraceFile`].
pub struct Recorder {
    lines: SyncSender<String>,
    origin: Instant,
    module: Arc<str>,
    /// MQTT on the links that are up.
    links: HashMap<LinkId, Conversation>,
}

impl Recorder {
    fn put(&self, fields: &Value) {
        // Fails only after the writer gave up, which it has reported.
        let _ = self
            .lines
            .send(line(self.origin, Some(&self.module), fields));
    }

    /// Packets in the stream of a link.
    fn packets(&mut self, link: LinkId, direction: Direction, bytes: &[u8], marks: &[Mark]) {
        let mut shown = Vec::new();
        let conversation = self.links.entry(link).or_default();
        conversation.push(direction, bytes, |packet, end| shown.push((packet, end)));
        self.put_packets(link, direction, shown, marks);
    }

    /// Whole packets that one side sees alone.
    fn aside(&mut self, link: LinkId, direction: Direction, bytes: &[u8], mark: &Mark) {
        let mut shown = Vec::new();
        let mut conversation = self.links.entry(link).or_default().aside();
        conversation.push(direction, bytes, |packet, end| shown.push((packet, end)));
        self.put_packets(link, direction, shown, std::slice::from_ref(mark));
    }

    fn put_packets(
        &mut self,
        link: LinkId,
        direction: Direction,
        shown: Vec<(Shown, usize)>,
        marks: &[Mark],
    ) {
        for (packet, end) in shown {
            let mut fields = json!({
                "dir": match direction {
                    Direction::ToBroker => "net>",
                    Direction::FromBroker => "net<",
                },
                "link": link.0,
                "event": "packet",
                "packet": packet.name,
            });
            if let Value::Object(map) = &mut fields {
                map.extend(packet.fields);
            }
            mark(&mut fields, marks.iter().filter(|mark| mark.is_about(end)));
            self.put(&fields);
        }
    }

    fn command(&mut self, link: LinkId, command: &NetCommand, marks: &[Mark]) {
        let mut fields = json!({ "dir": "net>", "link": link.0 });
        let event = match command {
            NetCommand::Send(bytes) => {
                return self.packets(link, Direction::ToBroker, bytes, marks);
            }
            NetCommand::Open {
                host, port, tls, ..
            } => {
                fields["host"] = json!(host);
                fields["port"] = json!(port);
                fields["tls"] = json!(tls.is_some());
                "open"
            }
            NetCommand::Resolve(host) => {
                fields["host"] = json!(host);
                "resolve"
            }
            NetCommand::Close => "close",
            NetCommand::Abort => "abort",
            NetCommand::Pause => "pause",
            NetCommand::Resume => "resume",
        };
        if matches!(command, NetCommand::Close | NetCommand::Abort) {
            self.links.remove(&link);
        }
        fields["event"] = json!(event);
        mark(&mut fields, marks);
        self.put(&fields);
    }

    fn event(&mut self, link: LinkId, event: &NetEvent<'_>, marks: &[Mark]) {
        let mut fields = json!({ "dir": "net<", "link": link.0 });
        match event {
            NetEvent::Received(bytes) => {
                return self.packets(link, Direction::FromBroker, bytes, marks);
            }
            NetEvent::Opened => fields["event"] = json!("opened"),
            NetEvent::Failed(error) => {
                fields["event"] = json!("failed");
                fields["reason"] = json!(error.name());
            }
            NetEvent::Closed(reason) => {
                fields["event"] = json!("closed");
                fields["reason"] = json!(reason.name());
            }
            NetEvent::Resolved(addresses) => {
                fields["event"] = json!("resolved");
                fields["addresses"] = json!(addresses);
            }
            // That bytes were sent says nothing the packet itself did not.
            _ => return,
        }
        if matches!(event, NetEvent::Failed(_) | NetEvent::Closed(_)) {
            self.links.remove(&link);
        }
        mark(&mut fields, marks);
        self.put(&fields);
    }

    fn to_host(&self, kind: SerialKind, bytes: &[u8], reason: Option<&Reason>, marks: &[Mark]) {
        let mut fields = json!({ "dir": "host<", "kind": word(kind), "text": escape(bytes) });
        if let Some(reason) = reason {
            fields["reason"] = json!(reason.to_string());
        }
        mark(&mut fields, marks);
        self.put(&fields);
    }

    fn lost(&mut self, output: &Output, lost: &Mark) {
        let marks = std::slice::from_ref(lost);
        match output {
            Output::Serial {
                kind,
                bytes,
                reason,
            } => self.to_host(*kind, bytes, reason.as_ref(), marks),
            Output::Network {
                link,
                command: NetCommand::Send(bytes),
            } => self.aside(*link, Direction::ToBroker, bytes, lost),
            Output::Network { link, command } => self.command(*link, command, marks),
            _ => {}
        }
    }
}

impl Observer for Recorder {
    fn observe(&mut self, seen: &Seen<'_>) {
        match seen {
            Seen::Command {
                link,
                command,
                marks,
            } => self.command(*link, command, marks),
            Seen::Event { link, event, marks } => self.event(*link, event, marks),
            Seen::FromHost { bytes, marks } => {
                let mut fields = json!({ "dir": "host>", "text": escape(bytes) });
                mark(&mut fields, *marks);
                self.put(&fields);
            }
            Seen::ToHost {
                kind,
                bytes,
                reason,
                marks,
            } => self.to_host(*kind, bytes, *reason, marks),
            Seen::Lost { output, mark } => self.lost(output, mark),
            Seen::Fed { link, event, mark } => match event {
                NetEvent::Received(bytes) => self.aside(*link, Direction::FromBroker, bytes, mark),
                event => self.event(*link, event, std::slice::from_ref(*mark)),
            },
            Seen::Fault(act) => self.put(&fault(act)),
            Seen::Idle(name) => self.put(&json!({
                "dir": "fault", "id": name.id, "fault": &*name.text, "acted": 0,
            })),
            Seen::Host(event) => {
                let host = match event {
                    HostEvent::Attached => "attached",
                    HostEvent::Detached => "detached",
                    HostEvent::Stalled => "stalled",
                    HostEvent::Ready => "ready",
                };
                self.put(&json!({ "dir": "state", "host": host }));
            }
            Seen::Stored(StoreCommand::Put { key, value }) => {
                self.put(&json!({ "dir": "state", "stored": key, "length": value.len() }));
            }
            Seen::Stored(StoreCommand::Delete { key }) => {
                self.put(&json!({ "dir": "state", "deleted": key }));
            }
            Seen::State(trace) => self.put(&state(trace)),
        }
    }
}

fn fault(act: &Act) -> Value {
    let mut fields = json!({
        "dir": "fault", "id": act.fault.id, "fault": &*act.fault.text, "acted": act.acted,
    });
    if let Some(on) = &act.on {
        fields["on"] = json!(on);
    }
    fields
}

/// Adds what faults did.
fn mark<'a>(fields: &mut Value, marks: impl IntoIterator<Item = &'a Mark>) {
    let shown = marks.into_iter().map(|mark| {
        let mut shown = json!({ "mark": mark.touch.word(), "fault": mark.fault });
        if let Some(inside) = &mark.inside {
            shown["inside"] = json!(escape(inside));
        }
        shown
    });
    let shown: Vec<_> = shown.collect();
    if !shown.is_empty() {
        fields["marks"] = json!(shown);
    }
}

fn state(trace: &Trace) -> Value {
    match trace {
        Trace::Power(on) => json!({ "dir": "state", "power": on }),
        Trace::Client { index, state } => {
            json!({ "dir": "state", "client": index, "state": state })
        }
        Trace::Pdp { cid, active } => json!({ "dir": "state", "pdp": cid, "active": active }),
        Trace::Note(text) => json!({ "dir": "note", "text": text }),
        trace => json!({ "dir": "note", "text": format!("{trace:?}") }),
    }
}

fn word(kind: SerialKind) -> &'static str {
    match kind {
        SerialKind::Echo => "echo",
        SerialKind::Information => "information",
        SerialKind::Final => "final",
        SerialKind::Urc => "urc",
        SerialKind::Prompt => "prompt",
        SerialKind::Data => "data",
    }
}

/// One line of the file: time and module first, then `fields`, an object.
fn line(origin: Instant, module: Option<&str>, fields: &Value) -> String {
    let t = origin.elapsed();
    let mut line = String::with_capacity(128);
    // Writing to a string cannot fail.
    let _ = write!(line, "{{\"t\":{}.{:06},", t.as_secs(), t.subsec_micros());
    if let Some(module) = module {
        let _ = write!(line, "\"module\":{},", Value::from(module));
    }
    let fields = fields.to_string();
    line.push_str(&fields[1..]);
    line.push('\n');
    line
}

/// Writes until every sender is dropped or the disk fails.
fn write_all(mut out: impl Write, lines: &Receiver<String>, path: &Path) {
    if let Err(error) = try_write_all(&mut out, lines) {
        warn!("the trace {} ends here: {error}", path.display());
    }
}

fn try_write_all(out: &mut impl Write, lines: &Receiver<String>) -> io::Result<()> {
    loop {
        let line = match lines.try_recv() {
            Ok(line) => line,
            Err(TryRecvError::Disconnected) => return out.flush(),
            Err(TryRecvError::Empty) => {
                out.flush()?;
                match lines.recv() {
                    Ok(line) => line,
                    Err(_) => return Ok(()),
                }
            }
        };
        out.write_all(line.as_bytes())?;
    }
}

#[cfg(test)]
mod tests {
    use attwin_core::CloseReason;
    use attwin_sim::fault::Touch;

    use super::*;

    fn lines_of(record: impl FnOnce(&mut Recorder)) -> Vec<Value> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("trace.jsonl");
        let trace = TraceFile::create(&path).unwrap();
        let mut recorder = trace.recorder("m \"1\"");
        record(&mut recorder);
        drop(recorder);
        trace.finish();
        let text = std::fs::read_to_string(&path).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn every_line_says_when_who_and_which_way() {
        let lines = lines_of(|recorder| {
            recorder.observe(&Seen::FromHost {
                bytes: b"AT\r",
                marks: &[],
            });
            recorder.observe(&Seen::ToHost {
                kind: SerialKind::Final,
                bytes: b"\r\nOK\r\n",
                reason: None,
                marks: &[],
            });
        });
        assert_eq!(lines[0]["dir"], "note");
        assert!(lines[0]["unix_ms"].is_u64());
        assert!(lines[1]["t"].is_f64());
        assert_eq!(lines[1]["module"], "m \"1\"");
        assert_eq!(lines[1]["dir"], "host>");
        assert_eq!(lines[1]["text"], "AT\\r");
        assert_eq!(lines[2]["kind"], "final");
        assert_eq!(lines[2]["text"], "\\r\\nOK\\r\\n");
    }

    #[test]
    fn packets_are_decoded_by_link_and_direction() {
        let link = LinkId(3);
        let lines = lines_of(|recorder| {
            for bytes in [&b"\xc0"[..], b"\x00"] {
                let command = NetCommand::Send(bytes::Bytes::from_static(bytes));
                recorder.observe(&Seen::Command {
                    link,
                    command: &command,
                    marks: &[],
                });
                recorder.observe(&Seen::Event {
                    link,
                    event: &NetEvent::Sent(1),
                    marks: &[],
                });
            }
            recorder.observe(&Seen::Event {
                link,
                event: &NetEvent::Received(b"\xd0\x00"),
                marks: &[],
            });
            recorder.observe(&Seen::Event {
                link,
                event: &NetEvent::Closed(CloseReason::Reset),
                marks: &[],
            });
            assert!(recorder.links.is_empty());
        });
        let told: Vec<_> = lines[1..]
            .iter()
            .map(|line| {
                let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
                (text("dir"), text("packet"), text("reason"))
            })
            .collect();
        let row = |dir: &str, packet: &str, reason: &str| {
            (dir.to_owned(), packet.to_owned(), reason.to_owned())
        };
        assert_eq!(
            told,
            [
                row("net>", "PINGREQ", ""),
                row("net<", "PINGRESP", ""),
                row("net<", "", "reset")
            ]
        );
    }

    #[test]
    fn what_faults_did_is_marked() {
        let link = LinkId(3);
        let mark = |touch, inside: Option<&'static [u8]>, end: usize| Mark {
            fault: 1,
            touch,
            inside: inside.map(bytes::Bytes::from_static),
            ends: end - 1..end,
        };
        let lines = lines_of(|recorder| {
            let marks = &[
                mark(Touch::Dropped, None, 2),
                mark(Touch::Changed, Some(b"\x40\x02\x00\x05"), 6),
            ];
            let event = &NetEvent::Received(b"\xd0\x00\x40\x02\x00\x07\xd0\x00");
            recorder.observe(&Seen::Event { link, event, marks });
            let output = &Output::Network {
                link,
                command: NetCommand::Send(bytes::Bytes::from_static(b"\xc0\x00")),
            };
            let dropped = &Mark {
                ends: 0..usize::MAX,
                ..mark(Touch::Dropped, None, 1)
            };
            recorder.observe(&Seen::Lost {
                output,
                mark: dropped,
            });
            let inserted = &Mark {
                touch: Touch::Inserted,
                ..dropped.clone()
            };
            let event = &NetEvent::Closed(CloseReason::Reset);
            recorder.observe(&Seen::Fed {
                link,
                event,
                mark: inserted,
            });
        });
        let told: Vec<_> = lines[1..]
            .iter()
            .map(|line| {
                let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let mark = &line["marks"][0];
                let what = [word(&line["packet"]), word(&line["reason"])].concat();
                [
                    word(&line["dir"]),
                    what,
                    word(&mark["mark"]),
                    word(&mark["inside"]),
                ]
            })
            .collect();
        assert_eq!(
            told,
            [
                ["net<", "PINGRESP", "dropped", ""],
                ["net<", "PUBACK", "changed", "@\\x02\\x00\\x05"],
                ["net<", "PINGRESP", "", ""],
                ["net>", "PINGREQ", "dropped", ""],
                ["net<", "reset", "inserted", ""],
            ]
        );
    }

    #[test]
    fn a_full_disk_ends_the_trace_and_nothing_else() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (lines, queue) = sync_channel(LINES_AHEAD);
        lines.send("x".to_owned()).unwrap();
        write_all(Full, &queue, Path::new("x"));
        drop(queue);
        let mut recorder = Recorder {
            lines,
            origin: Instant::now(),
            module: "m".into(),
            links: HashMap::new(),
        };
        recorder.observe(&Seen::FromHost {
            bytes: b"AT\r",
            marks: &[],
        });
    }
}
