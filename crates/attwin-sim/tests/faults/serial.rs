//! What the module says, on its way to the host.

use attwin_core::HostEvent;

use super::bench::{Bench, PUBLISH_1, millis, seconds};

fn line(ms: u64, text: &str) -> (u64, String) {
    (ms, text.to_owned())
}

#[test]
fn fragments_come_with_a_gap() {
    let mut b = Bench::new();
    b.suffer("fragment 4 gap=2ms");
    b.line("AT");
    assert_eq!(b.timeline(seconds(1)), [line(0, "\r\nOK"), line(2, "\r\n")]);
    b.line("ATI");
    let pieces = b.timeline(seconds(1));
    assert!(pieces.len() > 4 && pieces.iter().all(|(_, text)| text.len() <= 4));
    assert!(pieces.is_sorted_by(|(a, _), (b, _)| a + 2 <= *b));
}

#[test]
fn pacing_takes_the_time_of_the_baud_rate() {
    let mut b = Bench::new();
    b.suffer("pace 1200");
    b.line("AT");
    let pieces = b.timeline(seconds(1));
    let times: Vec<u64> = pieces.iter().map(|(at, _)| *at).collect();
    // 10 bits at 1200 baud are 8.333 ms.
    assert_eq!(times, [0, 8, 16, 24, 33, 41]);
}

#[test]
fn fragments_and_pace_combine() {
    let mut b = Bench::new();
    b.suffer("fragment 3");
    b.suffer("pace 1200");
    b.line("AT");
    assert_eq!(
        b.timeline(seconds(1)),
        [line(0, "\r\nO"), line(24, "K\r\n")]
    );
}

#[test]
fn delay_keeps_the_order() {
    let mut b = Bench::connected();
    b.suffer("delay final 5s");
    b.line(PUBLISH_1);
    assert_eq!(
        b.timeline(seconds(10)),
        [
            line(5000, "\r\nOK\r\n"),
            line(5000, "\r\n+QMTPUB: 0,7,0\r\n")
        ]
    );
}

#[test]
fn hold_lets_the_rest_overtake() {
    let mut b = Bench::connected();
    b.suffer("hold final 3m");
    b.line(PUBLISH_1);
    assert_eq!(
        b.timeline(seconds(200)),
        [
            line(2, "\r\n+QMTPUB: 0,7,0\r\n"),
            line(180_000, "\r\nOK\r\n")
        ]
    );
}

#[test]
fn join_brings_ok_and_urc_in_one_read() {
    let mut b = Bench::connected();
    b.suffer("join");
    b.line(PUBLISH_1);
    assert_eq!(
        b.timeline(seconds(1)),
        [line(2, "\r\nOK\r\n\r\n+QMTPUB: 0,7,0\r\n")]
    );
}

#[test]
fn join_waits_no_longer_than_told() {
    let mut b = Bench::new();
    b.suffer("join within=2s");
    b.line("AT");
    assert_eq!(b.timeline(seconds(5)), [line(2000, "\r\nOK\r\n")]);
}

#[test]
fn join_does_not_mix_two_responses() {
    let mut b = Bench::new();
    b.suffer("join");
    b.line("AT");
    assert_eq!(b.at("AT"), "\r\nOK\r\n\r\nOK\r\n");
}

#[test]
fn drop_loses_pieces_of_a_kind() {
    let mut b = Bench::connected();
    b.suffer("drop urc");
    b.line(PUBLISH_1);
    assert_eq!(b.within(seconds(1)), "\r\nOK\r\n");
    b.line(PUBLISH_1);
    assert_eq!(b.within(seconds(1)), "\r\nOK\r\n\r\n+QMTPUB: 0,7,0\r\n");
}

#[test]
fn each_kind_of_output_is_told_apart() {
    for (part, lost) in [
        ("echo", "\r\nQuectel\r\nEC25\r\n"),
        ("information", "AT+QMTOPEN?\r"),
        ("final", "AT\r"),
    ] {
        let mut b = Bench::new();
        b.line("ATE1");
        b.heard();
        b.suffer(&format!("drop {part} count=all"));
        let said = match part {
            "echo" => b.at("ATI"),
            "information" => b.at("ATI"),
            _ => b.at("AT"),
        };
        match part {
            "echo" => assert!(said.starts_with(lost), "{said}"),
            "information" => assert_eq!(said, "ATI\r\r\nOK\r\n"),
            _ => assert_eq!(said, lost),
        }
    }
    let mut b = Bench::connected();
    b.suffer("drop prompt");
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",1"#);
    assert_eq!(b.within(millis(100)), "");
    b.send(b"x");
    assert_eq!(b.within(seconds(1)), "\r\nOK\r\n\r\n+QMTPUBEX: 0,7,0\r\n");
}

#[test]
fn line_and_output_are_wider() {
    let mut b = Bench::new();
    b.suffer("drop line 2");
    assert_eq!(b.at("AT"), "");
    assert_eq!(b.at("AT"), "");
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
    b.line("ATE1");
    b.heard();
    b.suffer("drop output 2");
    b.send(b"AT\r");
    assert_eq!(b.heard_text(), "", "echo and OK");
    assert_eq!(b.at("AT"), "AT\r\r\nOK\r\n");
}

#[test]
fn data_of_a_download_is_a_part_too() {
    let mut b = Bench::new();
    b.line(r#"AT+QFUPL="RAM:a",3"#);
    b.within(millis(100));
    b.send(b"xyz");
    b.within(seconds(1));
    b.suffer("drop data");
    let said = b.at(r#"AT+QFDWL="RAM:a""#);
    assert!(said.contains("CONNECT") && !said.contains("xyz"), "{said}");
}

#[test]
fn single_bytes_are_lost() {
    let mut b = Bench::new();
    b.suffer("drop byte 2 after=2");
    assert_eq!(b.at("AT"), "\r\n\r\n", "O and K");
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
}

#[test]
fn single_bytes_flip_one_bit() {
    let mut b = Bench::new();
    b.suffer("corrupt byte after=2");
    let said = b.at("AT");
    let bits = |(a, b): (u8, u8)| (a ^ b).count_ones();
    let heard: Vec<u8> = b"\r\nOK\r\n".to_vec();
    b.line("AT");
    assert_eq!(said.chars().count(), heard.len());
    let raw: Vec<u8> = b.heard().iter().flat_map(|s| s.bytes.to_vec()).collect();
    assert_eq!(raw, heard, "only once");
    if said.is_ascii() {
        let flipped: u32 = said.bytes().zip(heard).map(bits).sum();
        assert_eq!(flipped, 1, "{said:?}");
    }
}

#[test]
fn a_wrong_baud_rate_is_garbage_of_the_same_length() {
    let mut b = Bench::new();
    b.suffer("corrupt output for=2s");
    b.line("ATI");
    let raw: Vec<u8> = b.heard().iter().flat_map(|s| s.bytes.to_vec()).collect();
    assert!(raw.len() > 40 && !raw.windows(7).any(|w| w == b"Quectel"));
    b.run_for(seconds(2));
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
}

#[test]
fn duplicates_follow_at_once() {
    let mut b = Bench::connected();
    b.suffer("duplicate urc");
    b.line(PUBLISH_1);
    assert_eq!(
        b.within(seconds(1)),
        "\r\nOK\r\n\r\n+QMTPUB: 0,7,0\r\n\r\n+QMTPUB: 0,7,0\r\n"
    );
}

#[test]
fn silence_swallows_all_and_ends() {
    let mut b = Bench::connected();
    b.suffer("silence for=3s");
    b.line(PUBLISH_1);
    assert_eq!(b.within(seconds(3)), "");
    assert_eq!(b.received().len(), 1, "the module itself goes on");
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
}

#[test]
fn the_module_may_miss_that_the_host_left() {
    let prompt = |fault: Option<&str>| {
        let mut b = Bench::connected();
        if let Some(fault) = fault {
            b.suffer(fault);
        }
        b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",4"#);
        b.within(millis(100));
        b.host(HostEvent::Detached);
        b.host(HostEvent::Attached);
        b.send(b"AT\r");
        b.within(millis(100))
    };
    assert_eq!(prompt(None), "\r\nOK\r\n");
    assert_eq!(prompt(Some("drop dtr")), "", "still taken as data");
}
