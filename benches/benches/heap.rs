//! Heap of an idle modem, and allocations per command.

use attwin_benches::{Bench, powered};
use attwin_core::NetEvent;
use dhat::HeapStats;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const MODEMS: usize = 100;
const COMMANDS: u64 = 1000;

fn main() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let modem = size_of::<attwin_core::Modem>();
    let mut fleet = Vec::with_capacity(MODEMS);
    let before = HeapStats::get().curr_bytes;
    fleet.extend((0..MODEMS).map(|_| powered()));
    let idle = (HeapStats::get().curr_bytes - before) / MODEMS;
    println!("idle modem:      {idle} bytes of heap, {modem} bytes in place");

    let mut fleet = Vec::with_capacity(MODEMS);
    let before = HeapStats::get().curr_bytes;
    fleet.extend((0..MODEMS).map(|_| Bench::connected()));
    let connected = (HeapStats::get().curr_bytes - before) / MODEMS;
    println!("connected modem: {connected} bytes of heap");

    let mut bench = Bench::connected();
    per_command("AT", || bench.serial(b"AT\r"));
    per_command("QMTPUBEX QoS 0", || {
        bench.serial(b"AT+QMTPUBEX=0,0,0,0,\"topic/pub\",32\r");
        bench.serial(&[b'x'; 32]);
    });
    per_command("QMTPUBEX QoS 1 and PUBACK", || {
        bench.serial(b"AT+QMTPUBEX=0,7,1,0,\"topic/pub\",32\r");
        bench.serial(&[b'x'; 32]);
        bench.network(NetEvent::Received(&[0x40, 2, 0, 7]));
    });
}

fn per_command(name: &str, mut run: impl FnMut()) {
    run();
    let before = HeapStats::get();
    for _ in 0..COMMANDS {
        run();
    }
    let after = HeapStats::get();
    #[expect(clippy::cast_precision_loss)]
    let per = |total: u64| total as f64 / COMMANDS as f64;
    println!(
        "{name}: {:.1} allocations, {:.0} bytes",
        per(after.total_blocks - before.total_blocks),
        per(after.total_bytes - before.total_bytes)
    );
}
