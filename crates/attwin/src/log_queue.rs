//! Log lines on their way to standard error.
//!
//! Whoever logs must not wait for whoever reads: a test runner that starts
//! attwin with a pipe and never looks at it would stop the module in the middle
//! of a command. One thread writes, from a queue with a limit; what does not fit
//! is counted, and the count is said where the lines are missing.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Bytes that wait to be written before lines are dropped.
const LIMIT: usize = 1024 * 1024;

/// The queue's end where lines go in.
#[derive(Clone)]
pub(crate) struct LogQueue(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<u8>,
    dropped: u64,
    writing: bool,
}

impl LogQueue {
    /// Starts the thread that writes to `output`. It ends with the process.
    pub(crate) fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let served = Arc::clone(&shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || served.serve(output))?;
        Ok(Self(shared))
    }

    /// Waits until everything is written, at most so long.
    pub(crate) fn flush_within(&self, time: Duration) {
        let state = self.0.lock();
        let unwritten = |state: &mut State| state.is_due() || state.writing;
        // Whether it came to that or not, there is nothing more to be done.
        drop(self.0.changed.wait_timeout_while(state, time, unwritten));
    }
}

impl Write for LogQueue {
    /// Takes a line whole or drops it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.dropped == 0 && state.lines.len() + line.len() <= LIMIT {
            state.lines.extend_from_slice(line);
        } else {
            state.dropped += 1;
        }
        self.0.changed.notify_all();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn serve(&self, mut output: impl Write) {
        loop {
            let waiting = |state: &mut State| !state.is_due();
            let waited = self.changed.wait_while(self.lock(), waiting);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            let lines = std::mem::take(&mut state.lines);
            let dropped = std::mem::take(&mut state.dropped);
            state.writing = true;
            drop(state);
            // A closed standard error is no reason to end.
            output.write_all(&lines).ok();
            if dropped > 0 {
                let what = if dropped == 1 { "line is" } else { "lines are" };
                writeln!(
                    output,
                    "{dropped} log {what} missing here: standard error was not read"
                )
                .ok();
            }
            output.flush().ok();
            self.lock().writing = false;
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_due(&self) -> bool {
        !self.lines.is_empty() || self.dropped > 0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Writes only when it is let.
    struct Held {
        begun: Sender<()>,
        gate: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.begun.send(()).ok();
            self.gate.recv().ok();
            self.written.send(bytes.to_vec()).ok();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_nobody_reads_is_counted() {
        let (open, gate) = channel();
        let (begun, begins) = channel();
        let (written, read) = channel();
        let held = Held {
            begun,
            gate,
            written,
        };
        let mut queue = LogQueue::start(held).unwrap();
        queue.write_all(b"first\n").unwrap();
        // From here on nothing is taken out of the queue.
        begins.recv().unwrap();
        let line = [b'x'; 1024];
        for _ in 0..LIMIT / line.len() * 3 {
            queue.write_all(&line).unwrap();
        }
        queue.flush_within(Duration::ZERO);
        drop(open);
        queue.flush_within(Duration::from_secs(30));
        let written: Vec<u8> = read.try_iter().flatten().collect();
        let text = String::from_utf8(written).unwrap();
        let text = text.strip_prefix("first\n").unwrap();
        let lines = text.matches(&"x".repeat(1024)).count();
        let end = text.trim_start_matches('x');
        let dropped: usize = end.split(' ').next().unwrap().parse().unwrap();
        assert!(end.ends_with("log lines are missing here: standard error was not read\n"));
        assert_eq!(lines + dropped, LIMIT / line.len() * 3);
        assert_eq!(lines, LIMIT / line.len(), "the queue is bounded");
        queue.write_all(b"again\n").unwrap();
        queue.flush_within(Duration::from_secs(30));
        assert_eq!(read.try_recv().unwrap(), b"again\n");
    }
}
