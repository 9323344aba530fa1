use std::fs;
use std::future::poll_fn;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use attwin::port::{Port, PortEvent};
use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::common::{LONG, expect, expect_bytes, expect_detached, open, port_echo, read, refused};

/// What every host script starts with.
const PRELUDE: &str = r#"
import fcntl, os, select, struct, sys, termios, tty
path = sys.argv[1]
def opened():
    return os.open(path, os.O_RDWR | os.O_NOCTTY)
def receive(fd, n, seconds=30):
    got = b""
    while len(got) < n and select.select([fd], [], [], seconds)[0]:
        some = os.read(fd, n - len(got))
        assert some, "hung up"
        got += some
    return got
def expect(fd, want):
    got = receive(fd, len(want))
    assert got == want, (got, want)
"#;

/// An independent host, in Python, for the port.
fn python(port: &Port, script: &str) -> Command {
    let mut python = Command::new("python3");
    python
        .arg("-c")
        .arg(format!("{PRELUDE}{script}"))
        .arg(port.address());
    python
}

/// Runs one to its end.
fn host(port: &Port, script: &str) -> JoinHandle<()> {
    let mut python = python(port, script);
    spawn_blocking(move || {
        let output = python
            .output()
            .expect("python3 is installed (scripts/test does)");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the host failed: {errors}");
    })
}

async fn done(host: JoinHandle<()>) {
    timeout(LONG, host)
        .await
        .expect("the host ends in time")
        .unwrap();
}

#[tokio::test]
async fn survives_its_hosts() {
    let mut port = open("pty").await;
    for _ in 0..3 {
        let host = host(
            &port,
            r#"
fd = opened()
os.write(fd, b"AT\r")
expect(fd, b"\r\nOK\r\n")
"#,
        );
        expect(&mut port, PortEvent::Attached).await;
        expect_bytes(&mut port, b"AT\r").await;
        port.write(&Bytes::from_static(b"\r\nOK\r\n"));
        expect(&mut port, PortEvent::Detached).await;
        done(host).await;
    }
}

#[tokio::test]
async fn a_host_may_close_and_reopen_at_once() {
    let mut port = open("pty").await;
    let host = host(
        &port,
        r#"
for i in range(200):
    fd = opened()
    os.write(fd, b"%03d\r" % i)
    expect(fd, b"%03d\r" % i)
    os.close(fd)
"#,
    );
    let (mut came, mut left) = (0, 0);
    let mut heard = 0;
    while left < 200 {
        match timeout(LONG, port.ready()).await.expect("an event in time") {
            PortEvent::Attached => came += 1,
            PortEvent::Detached => left += 1,
            PortEvent::Readable => {
                let bytes = read(&mut port);
                heard += bytes.len();
                port.write(&bytes.into());
            }
            event => panic!("{event:?}"),
        }
    }
    assert_eq!((came, heard), (200, 800));
    done(host).await;
}

#[tokio::test]
async fn a_new_host_gets_its_answer_and_nothing_older() {
    let mut port = open("pty").await;
    let mut python = python(
        &port,
        r#"
last = opened()
os.write(last, b".")
sys.stdin.readline()
os.close(last)
new = opened()
os.write(new, b"AT\r")
print("written", flush=True)
sys.stdin.readline()
expect(new, b"\r\nOK\r\n")
"#,
    );
    let mut python = python
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let mut stdout = BufReader::new(python.stdout.take().unwrap());
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b".").await;
    while !port.is_full() {
        port.write(&Bytes::from_static(b"not for you\r\n"));
    }
    // Waits without driving the port: it hears of all this at once.
    stdin.write_all(b"\n").unwrap();
    stdout.read_line(&mut String::new()).unwrap();
    expect_bytes(&mut port, b"AT\r").await;
    assert!(port.take_departed_full() && !port.is_full());
    port.write(&Bytes::from_static(b"\r\nOK\r\n"));
    expect(&mut port, PortEvent::Detached).await;
    expect(&mut port, PortEvent::Attached).await;
    stdin.write_all(b"\n").unwrap();
    expect(&mut port, PortEvent::Detached).await;
    assert!(python.wait().unwrap().success());
}

#[tokio::test]
async fn last_words_come_before_the_detachment() {
    let mut port = open("pty").await;
    let host = host(&port, r#"os.write(opened(), b"AT+QPOWD\r")"#);
    done(host).await;
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b"AT+QPOWD\r").await;
    expect(&mut port, PortEvent::Detached).await;
}

#[tokio::test]
async fn several_opens_are_one_host() {
    let mut port = open("pty").await;
    let host = host(
        &port,
        r#"
reader = opened()
for _ in range(500):
    os.close(opened())
writer = opened()
os.write(writer, b"A")
os.close(writer)
expect(reader, b"B")
"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b"A").await;
    port.write(&Bytes::from_static(b"B"));
    expect(&mut port, PortEvent::Detached).await;
    done(host).await;
}

#[tokio::test]
async fn the_line_is_raw_again_for_the_next_host() {
    let mut port = open("pty").await;
    let first = host(
        &port,
        r#"
fd = opened()
fcntl.ioctl(fd, termios.TIOCEXCL)
settings = termios.tcgetattr(fd)
settings[0] |= termios.ICRNL | termios.IXON
settings[1] |= termios.OPOST | termios.ONLCR
settings[3] |= termios.ECHO | termios.ICANON
termios.tcsetattr(fd, termios.TCSANOW, settings)
termios.tcflow(fd, termios.TCOOFF)
"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    expect(&mut port, PortEvent::Detached).await;
    done(first).await;
    let second = host(
        &port,
        r#"
fd = opened()
TIOCGEXCL = 0x80045440
exclusive, = struct.unpack("i", fcntl.ioctl(fd, TIOCGEXCL, bytes(4)))
assert exclusive == 0
expect(fd, b"\r\nno echo, no translation\r\n")
assert os.write(fd, b"\n") == 1
"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    port.write(&Bytes::from_static(b"\r\nno echo, no translation\r\n"));
    expect_bytes(&mut port, b"\n").await;
    expect(&mut port, PortEvent::Detached).await;
    done(second).await;
}

#[tokio::test]
async fn output_the_host_did_not_read_is_dropped() {
    let mut port = open("pty").await;
    let first = host(
        &port,
        r#"fd = opened(); os.write(fd, b"."); receive(fd, 1)"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b".").await;
    // More than the kernel and the queue hold.
    let line = Bytes::from(format!("{}\r\n", "old".repeat(300)));
    for _ in 0..200 {
        port.write(&line);
    }
    assert!(port.is_full());
    expect(&mut port, PortEvent::Detached).await;
    assert!(port.take_departed_full() && !port.is_full());
    done(first).await;
    port.write(&line);

    let second = host(
        &port,
        r#"fd = opened(); os.write(fd, b"."); expect(fd, b"new")"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b".").await;
    port.write(&Bytes::from_static(b"new"));
    expect(&mut port, PortEvent::Detached).await;
    done(second).await;
}

#[tokio::test]
async fn a_slow_host_gets_everything() {
    let mut port = open("pty").await;
    let host = host(
        &port,
        r#"
fd = opened()
os.write(fd, b".")
got = b""
while not got.endswith(b"end\r\n"):
    if got.endswith(b"\r\n"):
        os.write(fd, b"?")
    got += receive(fd, 1)
    got += os.read(fd, 4096)
lines = got.split(b"\r\n")
assert lines.pop() == b"" and lines.pop() == b"end"
assert len(lines) >= 64 * 1024 // 402 and all(line == b"line" * 100 for line in lines), lines
"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b".").await;
    let line = Bytes::from(format!("{}\r\n", "line".repeat(100)));
    while !port.is_full() {
        port.write(&line);
    }
    // What the host sends waits meanwhile.
    expect(&mut port, PortEvent::Room).await;
    port.write(&Bytes::from_static(b"end\r\n"));
    expect_detached(&mut port).await;
    done(host).await;
}

#[tokio::test]
async fn an_unattached_port_sleeps() {
    let mut port = open("pty").await;
    let visit = r#"fd = opened(); os.write(fd, b"x"); os.read(fd, 1)"#;
    let first = host(&port, visit);
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b"x").await;
    port.write(&Bytes::from_static(b"y"));
    expect(&mut port, PortEvent::Detached).await;
    done(first).await;

    let second = host(&port, visit);
    let mut polls = 0;
    let mut ready = Box::pin(port.ready());
    let next = poll_fn(|cx| {
        polls += 1;
        ready.as_mut().poll(cx)
    });
    assert_eq!(
        timeout(LONG, next).await.expect("an event in time"),
        PortEvent::Attached
    );
    drop(ready);
    assert!(polls < 10, "{polls} wake-ups from one host to the next");
    expect_bytes(&mut port, b"x").await;
    port.write(&Bytes::from_static(b"y"));
    expect(&mut port, PortEvent::Detached).await;
    done(second).await;
}

#[tokio::test]
async fn survives_a_hang_up() {
    let mut port = open("pty").await;
    // A session leader whose controlling terminal it becomes.
    let session = r#"
if os.fork() == 0:
    os.setsid()
    fd = os.open(path, os.O_RDWR)
    os.write(fd, b"x")
    os.read(fd, 1)
    os._exit(0)
assert os.wait()[1] == 0
"#;
    for _ in 0..3 {
        let host = host(&port, session);
        expect(&mut port, PortEvent::Attached).await;
        expect_bytes(&mut port, b"x").await;
        port.write(&Bytes::from_static(b"y"));
        expect_detached(&mut port).await;
        done(host).await;
    }
    let last = host(
        &port,
        r#"fd = opened(); os.write(fd, b"\n"); expect(fd, b"\r\nOK\r\n")"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b"\n").await;
    port.write(&Bytes::from_static(b"\r\nOK\r\n"));
    expect(&mut port, PortEvent::Detached).await;
    done(last).await;
}

#[tokio::test]
async fn keeps_a_stable_link_while_open() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    let endpoint = format!("pty:{}", path.display());
    let mut port = open(&endpoint).await;
    assert_eq!(Path::new(port.address()), path);
    let host = host(
        &port,
        r#"fd = opened(); os.write(fd, b"x"); assert os.isatty(fd)"#,
    );
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b"x").await;
    expect(&mut port, PortEvent::Detached).await;
    done(host).await;
    drop(port);
    assert!(fs::symlink_metadata(&path).is_err());
}

#[tokio::test]
async fn a_link_in_use_is_left_alone_and_a_stale_one_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    let endpoint = format!("pty:{}", path.display());
    let live = open(&endpoint).await;
    let target = fs::read_link(&path).unwrap();
    let error = refused(&endpoint).await;
    assert!(error.contains("in use by another attwin"), "{error}");
    assert_eq!(fs::read_link(&path).unwrap(), target);
    drop(live);
    // What a killed process leaves may even lead to somebody else's terminal.
    let stranger = open("pty").await;
    std::os::unix::fs::symlink(stranger.address(), &path).unwrap();
    let _port = open_once_free(&endpoint).await;
    assert_ne!(fs::read_link(&path).unwrap(), Path::new(stranger.address()));
}

/// A link is in use until the last copy of its claim is closed; a process that
/// another test starts at this moment has one until it runs its program.
async fn open_once_free(endpoint: &str) -> Port {
    let opened = async {
        loop {
            match Port::open(&endpoint.parse().unwrap()).await {
                Ok(port) => return port,
                Err(error) => assert!(error.to_string().contains("in use"), "{error}"),
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, opened).await.expect("it becomes free")
}

#[tokio::test]
async fn does_not_replace_a_file_with_its_link() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, "precious").unwrap();
    let error = refused(&format!("pty:{}", path.display())).await;
    assert!(error.contains("is not a symbolic link"), "{error}");
}

#[tokio::test]
async fn stdio_on_a_terminal_is_raw_until_it_quits() {
    let mut port = open("pty").await;
    let terminal = fs::File::options()
        .read(true)
        .write(true)
        .open(port.address())
        .unwrap();
    let mut settings = rustix::termios::tcgetattr(&terminal).unwrap();
    settings.local_modes |= rustix::termios::LocalModes::ICANON;
    rustix::termios::tcsetattr(&terminal, rustix::termios::OptionalActions::Now, &settings)
        .unwrap();
    let mut echo = port_echo("stdio");
    echo.stdin(terminal.try_clone().unwrap())
        .stdout(terminal.try_clone().unwrap());
    let mut child = echo.stderr(Stdio::piped()).spawn().unwrap();
    drop(echo);
    wait_for_line(&mut child, "attached").await;

    expect(&mut port, PortEvent::Attached).await;
    port.write(&Bytes::from_static(b"key"));
    // In canonical mode it would wait for the end of the line.
    expect_bytes(&mut port, b"key").await;
    port.write(&Bytes::from_static(b"bye\x1dnot this"));
    expect_bytes(&mut port, b"bye").await;
    let status = spawn_blocking(move || child.wait().unwrap());
    assert!(
        timeout(LONG, status)
            .await
            .expect("it quits")
            .unwrap()
            .success()
    );
    let restored = rustix::termios::tcgetattr(&terminal).unwrap();
    assert!(
        restored
            .local_modes
            .contains(rustix::termios::LocalModes::ICANON)
    );
}

async fn wait_for_line(child: &mut std::process::Child, wanted: &'static str) {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let found = spawn_blocking(move || lines.any(|line| line.unwrap() == wanted));
    assert!(timeout(LONG, found).await.expect("a line in time").unwrap());
}
