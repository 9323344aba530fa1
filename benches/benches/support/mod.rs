//! What the benchmarks over sockets share: modules and servers in threads of
//! their own, a host, and paired measurements.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use attwin::net::{Network, Routes, Target};
use attwin::port::{Endpoint, Port};
use attwin::twin::{Boot, Twin};
use attwin_core::{Config, Modem, Timing, find_module};

/// Starts an EC25 under fast timing in a thread of its own, as `attwin run`
/// does, its connections going to `broker`. Returns the host's address.
pub(crate) fn start_module(broker: Option<Target>) -> String {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let runtime = runtime();
        runtime.block_on(async {
            let endpoint: Endpoint = "tcp:127.0.0.1:0".parse().expect("a valid endpoint");
            let port = Port::open(&endpoint).await.expect("a free port");
            sender
                .send(port.address().to_owned())
                .expect("the benchmark waits");
            let mut config = Config::new(find_module("quectel-ec25").expect("it exists"));
            config.timing = Timing::Fast;
            let network = Network::new(Arc::new(Routes::new(broker, Vec::new())));
            let mut modem = Modem::new(config);
            // Nothing but answers, so that each exchange ends where it should.
            modem
                .set_quirk("boot_urcs", "false")
                .expect("a known quirk");
            let twin = Twin::new(modem, port, network).boot(Boot::Start);
            let (_stop, stop) = tokio::sync::watch::channel(false);
            twin.run(stop).await
        })
    });
    receiver.recv().expect("the module starts")
}

/// The runtime of one server.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A blocking socket that waits for exact answers.
pub(crate) struct Host(TcpStream);

impl Host {
    /// Connects without delay of small packets.
    pub(crate) fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("a TCP socket");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a valid time-out");
        Self(stream)
    }

    /// Sends, then reads until `end` came.
    pub(crate) fn exchange(&mut self, bytes: &[u8], end: &[u8]) {
        self.0.write_all(bytes).expect("the peer reads");
        self.read_until(end);
    }

    /// Reads until `end` came.
    pub(crate) fn read_until(&mut self, end: &[u8]) {
        let mut buffer = [0; 512];
        let mut len = 0;
        while !buffer[..len].ends_with(end) {
            let n = self.0.read(&mut buffer[len..]).unwrap_or(0);
            assert!(
                n > 0,
                "no {:?}, only {:?}",
                String::from_utf8_lossy(end),
                String::from_utf8_lossy(&buffer[..len])
            );
            len += n;
        }
    }
}

/// Times `count` calls of each of two, in alternating batches, and prints
/// medians per call and their ratio.
pub(crate) fn compare(
    count: u32,
    (first_name, mut first): (&str, impl FnMut()),
    (second_name, mut second): (&str, impl FnMut()),
) {
    const BATCHES: u32 = 21;
    let mut batches = [Vec::new(), Vec::new()];
    for _ in 0..BATCHES {
        batches[0].push(time(count / BATCHES, &mut first));
        batches[1].push(time(count / BATCHES, &mut second));
    }
    let [first, second] = batches.map(|mut batch| {
        batch.sort_unstable();
        batch[batch.len() / 2]
    });
    println!(
        "{first_name}: {first:?}, {:.0} per second",
        1.0 / first.as_secs_f64()
    );
    println!(
        "{second_name}: {second:?}, {:.0} per second",
        1.0 / second.as_secs_f64()
    );
    println!(
        "time ratio {:.2}",
        first.as_secs_f64() / second.as_secs_f64()
    );
}

fn time(count: u32, run: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        run();
    }
    start.elapsed() / count
}
