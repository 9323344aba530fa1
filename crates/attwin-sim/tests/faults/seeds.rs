//! The same seed makes the same choices.

use super::bench::{Bench, PUBLISH_1, seconds};

fn run(seed: u64) -> (Vec<(u64, String)>, Vec<Vec<u8>>) {
    let mut b = Bench::seeded(seed);
    b.connect();
    b.suffer("corrupt byte probability=0.05");
    b.suffer("drop byte to-module probability=0.02");
    b.suffer("drop packet probability=0.3");
    b.suffer("corrupt publish probability=0.5");
    b.suffer("drop packet to-module probability=0.3");
    for _ in 0..20 {
        b.line(PUBLISH_1);
        b.run_for(seconds(7));
    }
    let packets = b.take_packets();
    let packets = packets.into_iter().map(|(.., bytes)| bytes).collect();
    (b.timeline(seconds(30)), packets)
}

#[test]
fn one_seed_one_course() {
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
