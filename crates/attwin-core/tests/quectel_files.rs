//! Files by the mebibyte and by the hundred, and what is saved of them, out of order;
//! scenarios have no room for the ones and no access to the other
//! (docs/spec/quectel.md 9.2 to 9.6).

use attwin_core::{
    Config, Duration, Input, Instant, Modem, Output, RadioEvent, StoreCommand, Stored, find_module,
};

const RAM_TOTAL: usize = 1024 * 1024;
/// Delay before a prompt (docs/spec/quectel.md section 0).
const PROMPT_DELAY: Duration = Duration::from_millis(10);

struct World {
    modem: Modem,
    now: Instant,
    /// What the host has received and no test has looked at.
    received: Vec<u8>,
    /// What a driver would hand back after a power cycle.
    stored: Stored,
}

impl World {
    /// A module that has booted.
    fn new() -> Self {
        Self::with_stored(Stored::new())
    }

    fn with_stored(stored: Stored) -> Self {
        let module = find_module("quectel-ec25").expect("a module of ours");
        let mut config = Config::new(module);
        config.stored = stored.clone();
        let mut world = Self {
            modem: Modem::new(config),
            now: Instant::ZERO,
            received: Vec::new(),
            stored,
        };
        world.radio(RadioEvent::PowerOn);
        world.pass(Duration::from_secs(30));
        world.received();
        world
    }

    fn radio(&mut self, event: RadioEvent) {
        self.modem.handle(self.now, Input::Radio(event));
        self.collect();
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.modem.handle(self.now, Input::Serial(bytes.as_ref()));
        self.collect();
    }

    /// Lets time pass, with every timer on the way.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.modem.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.modem.handle_timeout(self.now);
            self.collect();
        }
        self.now = end;
    }

    /// What the host received since it last looked.
    fn received(&mut self) -> String {
        let bytes = core::mem::take(&mut self.received);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A command's answer, its echo checked and taken off.
    fn command(&mut self, command: &str) -> String {
        self.received();
        self.send(format!("{command}\r"));
        let answer = self.received();
        answer
            .strip_prefix(&format!("{command}\r"))
            .expect("the echo comes first")
            .to_owned()
    }

    /// Gives a command and waits for its prompt.
    fn prompt(&mut self, command: &str) {
        assert_eq!(self.command(command), "", "{command}");
        self.pass(PROMPT_DELAY);
        assert_eq!(self.received(), "\r\nCONNECT\r\n", "{command}");
    }

    /// Uploads a file; returns what follows the data.
    fn upload(&mut self, name: &str, content: &[u8]) -> String {
        self.prompt(&format!("AT+QFUPL=\"{name}\",{}", content.len()));
        self.send(content);
        self.received()
    }

    fn collect(&mut self) {
        while let Some(output) = self.modem.poll_output() {
            match output {
                Output::Serial { bytes, .. } => self.received.extend_from_slice(&bytes),
                Output::Store(StoreCommand::Put { key, value }) => {
                    self.stored.retain(|(k, _)| *k != key);
                    self.stored.push((key, value));
                }
                Output::Store(StoreCommand::Delete { key }) => {
                    self.stored.retain(|(k, _)| *k != key);
                }
                _ => {}
            }
        }
    }
}

/// An answer of one line and `OK`.
fn ok(line: &str) -> String {
    format!("\r\n{line}\r\n\r\nOK\r\n")
}

const OK: &str = "\r\nOK\r\n";

fn cme(code: u16) -> String {
    format!("\r\n+CME ERROR: {code}\r\n")
}

#[test]
fn a_volume_can_be_filled_to_the_last_byte() {
    let mut world = World::new();
    let half = vec![b'x'; RAM_TOTAL / 2];
    world.upload("RAM:a", &half);
    world.upload("RAM:b", &half);
    assert_eq!(
        world.command("AT+QFLDS=\"RAM\""),
        ok(&format!("+QFLDS: 0,{RAM_TOTAL}"))
    );
    assert_eq!(world.command("AT+QFUPL=\"RAM:c\",1"), cme(420));
    assert_eq!(world.command("AT+QFDEL=\"RAM:a\""), OK);
    world.prompt("AT+QFUPL=\"RAM:c\",1");
}

#[test]
fn the_number_of_files_is_limited() {
    let mut world = World::new();
    for i in 0..256 {
        world.upload(&format!("RAM:{i}"), b"x");
    }
    assert_eq!(world.command("AT+QFUPL=\"RAM:a\",1"), cme(420));
    assert_eq!(world.command("AT+QFOPEN=\"RAM:a\""), cme(420));
}

#[test]
fn flash_survives_a_power_cycle_in_order() {
    let mut world = World::new();
    world.upload("z.pem", b"hello");
    world.upload("A b.pem", b"hi");
    world.upload("gone", b"x");
    world.upload("RAM:lose", b"x");
    world.command("AT+QFDEL=\"gone\"");
    let mut stored = world.stored.clone();
    stored.reverse();
    let mut world = World::with_stored(stored);
    assert_eq!(
        world.command("AT+QFLST"),
        "\r\n+QFLST: \"UFS:z.pem\",5\r\n+QFLST: \"UFS:A b.pem\",2\r\n\r\nOK\r\n"
    );
    assert_eq!(world.command("AT+QFLST=\"RAM:*\""), OK);
}

#[test]
fn a_write_needs_room_only_for_what_it_adds() {
    let mut world = World::new();
    world.upload("RAM:a", &vec![b'x'; RAM_TOTAL]);
    world.command("AT+QFOPEN=\"RAM:a\"");
    world.prompt("AT+QFWRITE=3000,4");
    world.send("abcd");
    assert_eq!(world.received(), ok(&format!("+QFWRITE: 4,{RAM_TOTAL}")));
    assert_eq!(
        world.command(&format!("AT+QFWRITE=3000,{RAM_TOTAL}")),
        cme(420)
    );
}
