//! Cost of one command in the core, without any I/O.

use attwin_benches::Bench;
use attwin_core::NetEvent;
use criterion::{Criterion, criterion_group, criterion_main};

fn commands(c: &mut Criterion) {
    let mut group = c.benchmark_group("core");
    let mut bench = Bench::connected();
    group.bench_function("AT", |b| b.iter(|| bench.serial(b"AT\r")));
    group.bench_function("QMTPUBEX QoS 0, 32 bytes", |b| {
        b.iter(|| {
            bench.serial(b"AT+QMTPUBEX=0,0,0,0,\"topic/pub\",32\r");
            bench.serial(&[b'x'; 32]);
        });
    });
    group.bench_function("QMTPUBEX QoS 1 and PUBACK, 32 bytes", |b| {
        b.iter(|| {
            bench.serial(b"AT+QMTPUBEX=0,7,1,0,\"topic/pub\",32\r");
            bench.serial(&[b'x'; 32]);
            bench.network(NetEvent::Received(&[0x40, 2, 0, 7]));
        });
    });
    group.bench_function("QMTRECV of a QoS 0 message, 32 bytes", |b| {
        let mut publish = vec![0x30, 2 + 9 + 32, 0, 9];
        publish.extend(b"topic/pub");
        publish.extend([b'x'; 32]);
        b.iter(|| bench.network(NetEvent::Received(&publish)));
    });
    group.finish();
}

criterion_group!(benches, commands);
criterion_main!(benches);
