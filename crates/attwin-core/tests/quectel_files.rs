//! The file commands of the Quectel family, byte by byte (docs/spec/quectel.md 9.2
//! to 9.6).

mod files_common;

use attwin_core::{Duration, RadioEvent};
use files_common::{ERROR, OK, World, cme, ok};

const SECOND: Duration = Duration::from_secs(1);
const UFS_TOTAL: usize = 16 * 1024 * 1024;
const RAM_TOTAL: usize = 1024 * 1024;

#[test]
fn test_forms() {
    let mut world = World::new();
    for (command, line) in [
        (
            "AT+QFUPL=?",
            "+QFUPL: <filename>[,(1-<freesize>)[,(1-65535)[,(0,1)]]]",
        ),
        ("AT+QFDWL=?", "+QFDWL: <filename>"),
        ("AT+QFDEL=?", "+QFDEL: <filename>"),
        ("AT+QFOPEN=?", "+QFOPEN: <filename>[,(0-2)]"),
        ("AT+QFREAD=?", "+QFREAD: <filehandle>[,<length>]"),
        (
            "AT+QFWRITE=?",
            "+QFWRITE: <filehandle>[,<length>[,<timeout>]]",
        ),
        ("AT+QFSEEK=?", "+QFSEEK: <filehandle>,<offset>[,<position>]"),
        ("AT+QFPOSITION=?", "+QFPOSITION: <filehandle>"),
        ("AT+QFTUCAT=?", "+QFTUCAT: <filehandle>"),
        ("AT+QFCLOSE=?", "+QFCLOSE: <filehandle>"),
    ] {
        assert_eq!(world.command(command), ok(line), "{command}");
    }
    assert_eq!(world.command("AT+QFLST=?"), OK);
    assert_eq!(world.command("AT+QFLDS=?"), OK);
}

#[test]
fn forms_that_do_not_exist() {
    let mut world = World::new();
    for command in [
        "AT+QFUPL",
        "AT+QFUPL?",
        "AT+QFDWL?",
        "AT+QFDEL",
        "AT+QFLST?",
        "AT+QFLDS?",
        "AT+QFOPEN",
        "AT+QFREAD?",
        "AT+QFCLOSE",
    ] {
        assert_eq!(world.command(command), ERROR, "{command}");
    }
}

#[test]
fn an_upload_is_neither_echoed_nor_delayed() {
    let mut world = World::new();
    world.send("AT+QFUPL=\"RAM:a\",5,100\r");
    assert_eq!(world.received(), "AT+QFUPL=\"RAM:a\",5,100\r");
    world.pass(Duration::from_millis(9));
    assert_eq!(world.received(), "");
    world.pass(Duration::from_millis(1));
    assert_eq!(world.received(), "\r\nCONNECT\r\n");
    world.send("hel");
    world.send("lo");
    assert_eq!(world.received(), "\r\n+QFUPL: 5,6b09\r\n\r\nOK\r\n");
}

#[test]
fn checksums_of_logged_uploads() {
    let unix = include_bytes!("data/amazon-root-ca-1.pem");
    let dos = String::from_utf8_lossy(unix).replace('\n', "\r\n");
    let mut world = World::new();
    assert_eq!(world.upload("unix", unix), ok("+QFUPL: 1188,2d13"));
    assert_eq!(world.upload("dos", dos.as_bytes()), ok("+QFUPL: 1208,5769"));
    assert_eq!(
        world.upload("c", b"-----BEGIN CERTIFICATE-----\r"),
        ok("+QFUPL: 28,6c53")
    );
    assert_eq!(world.upload("d", b"abcd"), ok("+QFUPL: 4,206"));
    assert_eq!(world.upload("e", b"a"), ok("+QFUPL: 1,6100"));
}

#[test]
fn every_byte_value_is_data() {
    let bytes: Vec<u8> = (0..=255).collect();
    let mut world = World::new();
    assert_eq!(world.upload("bin", &bytes), ok("+QFUPL: 256,0"));
    assert_eq!(
        world.command("AT+QFLST=\"bin\""),
        ok("+QFLST: \"UFS:bin\",256")
    );
}

#[test]
fn bytes_before_the_prompt_are_dropped() {
    let mut world = World::new();
    world.send("AT+QFUPL=\"a\",3\r\nxyz");
    world.pass(Duration::from_millis(10));
    world.send("abc");
    assert!(
        world
            .received()
            .ends_with("\r\n+QFUPL: 3,262\r\n\r\nOK\r\n")
    );
    assert!(world.command("AT+QFDWL=\"a\"").contains("abc"));
}

#[test]
fn what_follows_the_last_byte_is_a_command() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\",2");
    world.send("abAT+QFLST\r");
    assert_eq!(
        world.received(),
        "\r\n+QFUPL: 2,6162\r\n\r\nOK\r\nAT+QFLST\r\r\n+QFLST: \"UFS:a\",2\r\n\r\nOK\r\n"
    );
}

#[test]
fn silence_ends_an_upload_and_keeps_what_came() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\",100,2");
    world.send("abcd");
    world.pass(SECOND * 2 - Duration::from_millis(1));
    assert_eq!(world.received(), "");
    world.pass(Duration::from_millis(1));
    assert_eq!(world.received(), ok("+QFUPL: 4,206"));
    assert_eq!(world.command("AT+QFLST"), ok("+QFLST: \"UFS:a\",4"));
}

#[test]
fn the_default_size_and_timeout() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\"");
    world.send([0; 10_239]);
    world.pass(SECOND * 4);
    assert_eq!(world.received(), "");
    world.send([0]);
    assert_eq!(world.received(), ok("+QFUPL: 10240,0"));
    world.prompt("AT+QFUPL=\"b\"");
    world.send("a");
    world.pass(SECOND * 5);
    assert_eq!(world.received(), ok("+QFUPL: 1,6100"));
}

#[test]
fn an_upload_without_a_byte_creates_nothing() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\",100,1");
    world.pass(SECOND);
    assert_eq!(world.received(), cme(421));
    assert_eq!(world.command("AT+QFLST"), OK);
    assert!(world.stored.is_empty());
}

#[test]
fn three_pluses_end_an_upload() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\",100,60");
    world.send("abcd");
    world.pass(SECOND);
    world.send("+++");
    world.pass(SECOND - Duration::from_millis(1));
    assert_eq!(world.received(), "");
    world.pass(Duration::from_millis(1));
    assert_eq!(world.received(), ok("+QFUPL: 4,206"));

    world.prompt("AT+QFUPL=\"b\",100,60");
    world.pass(SECOND);
    world.send("+++");
    world.pass(SECOND);
    assert_eq!(world.received(), cme(421));
}

#[test]
fn pluses_without_pauses_are_data() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\",9,60");
    world.send("a+++");
    world.pass(SECOND * 2);
    world.send("+++b");
    world.pass(SECOND * 2);
    world.send("c");
    assert!(world.received().starts_with("\r\n+QFUPL: 9,"));
    assert!(world.command("AT+QFDWL=\"a\"").contains("a++++++bc"));
}

#[test]
fn acknowledge_mode_marks_each_block_but_the_last() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\",2048,5,1");
    world.send([b'x'; 1023]);
    assert_eq!(world.received(), "");
    world.send("x");
    assert_eq!(world.received(), "A");
    world.send([b'x'; 1024]);
    assert_eq!(world.received(), ok("+QFUPL: 2048,0"));

    world.prompt("AT+QFUPL=\"b\",2050,5,1");
    world.send([b'x'; 2050]);
    assert_eq!(world.received(), format!("AA{}", ok("+QFUPL: 2050,7878")));

    world.prompt("AT+QFUPL=\"c\",2050,5,0");
    world.send([b'x'; 2050]);
    assert_eq!(world.received(), ok("+QFUPL: 2050,7878"));
}

#[test]
fn uploads_that_are_refused_before_the_prompt() {
    let mut world = World::new();
    world.upload("a", b"x");
    let too_much = format!("AT+QFUPL=\"b\",{UFS_TOTAL}");
    let too_much_ram = format!("AT+QFUPL=\"RAM:b\",{}", RAM_TOTAL + 1);
    for (command, code) in [
        ("AT+QFUPL=\"a\",5", 407),
        ("AT+QFUPL=\"ufs:a\",5", 407),
        (&too_much, 420),
        (&too_much_ram, 420),
        ("AT+QFUPL=\"b\",99999999999", 420),
        ("AT+QFUPL=\"b\",0", 400),
        ("AT+QFUPL=\"b\",-1", 400),
        ("AT+QFUPL=\"b\",5,0", 400),
        ("AT+QFUPL=\"b\",5,65536", 400),
        ("AT+QFUPL=\"b\",5,5,2", 400),
        ("AT+QFUPL=\"b\",5,5,1,1", 400),
        ("AT+QFUPL=\"b\",", 400),
        ("AT+QFUPL=\"b", 400),
        ("AT+QFUPL=", 400),
        ("AT+QFUPL=\"\",5", 406),
        ("AT+QFUPL=\"*\",5", 406),
        ("AT+QFUPL=\"SD:b\",5", 406),
    ] {
        assert_eq!(world.command(command), cme(code), "{command}");
        world.pass(SECOND);
        assert_eq!(world.received(), "", "{command}");
    }
    let long = "n".repeat(81);
    assert_eq!(world.command(&format!("AT+QFUPL=\"{long}\",1")), cme(406));
    assert_eq!(
        world.upload(&format!("UFS:{}", &long[1..]), b"a"),
        ok("+QFUPL: 1,6100")
    );
}

#[test]
fn an_upload_must_be_the_last_command_of_its_line() {
    let mut world = World::new();
    assert_eq!(world.command("AT+QFUPL=\"a\",5;+QFLST"), ERROR);
    world.pass(SECOND);
    assert_eq!(world.received(), "");
    world.send("AT+QFLST;+QFUPL=\"a\",1\r");
    world.pass(SECOND);
    assert!(world.received().ends_with("\r\nCONNECT\r\n"));
    world.send("a");
    assert_eq!(world.received(), ok("+QFUPL: 1,6100"));
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
fn downloads() {
    let mut world = World::new();
    world.upload("RAM:a", b"hello");
    assert_eq!(
        world.command("AT+QFDWL=\"ram:a\""),
        "\r\nCONNECT\r\nhello\r\n+QFDWL: 5,6b09\r\n\r\nOK\r\n"
    );
    assert_eq!(world.command("AT+QFDWL=\"a\""), cme(405));
    assert_eq!(world.command("AT+QFDWL=\"RAM:A\""), cme(405));
    assert_eq!(world.command("AT+QFDWL=\"RAM:\""), cme(406));
    assert_eq!(world.command("AT+QFDWL="), cme(400));
}

#[test]
fn listings_show_the_oldest_first() {
    let mut world = World::new();
    assert_eq!(world.command("AT+QFLST"), OK);
    for (name, content) in [("z", "1"), ("RAM:m", "22"), ("UFS:a", "333")] {
        world.upload(name, content.as_bytes());
    }
    let flash = "\r\n+QFLST: \"UFS:z\",1\r\n+QFLST: \"UFS:a\",3\r\n\r\nOK\r\n";
    for command in [
        "AT+QFLST",
        "AT+QFLST=\"*\"",
        "AT+QFLST=\"UFS:*\"",
        "AT+QFLST=",
    ] {
        assert_eq!(world.command(command), flash, "{command}");
    }
    assert_eq!(
        world.command("AT+QFLST=\"RAM:*\""),
        ok("+QFLST: \"RAM:m\",2")
    );
    assert_eq!(world.command("AT+QFLST=\"a\""), ok("+QFLST: \"UFS:a\",3"));
    assert_eq!(world.command("AT+QFLST=\"m\""), OK);
    assert_eq!(world.command("AT+QFLST=\"*.pem\""), cme(406));
    assert_eq!(world.command("AT+QFLST=\"a\",1"), cme(400));
}

#[test]
fn deletions() {
    let mut world = World::new();
    for name in ["a", "b", "c", "RAM:a", "RAM:b"] {
        world.upload(name, b"x");
    }
    assert_eq!(world.command("AT+QFDEL=\"a\""), OK);
    assert_eq!(world.command("AT+QFDEL=\"a\""), cme(418));
    assert_eq!(world.command("AT+QFDEL=\"\""), cme(406));
    assert_eq!(world.command("AT+QFDEL="), cme(400));
    assert_eq!(world.command("AT+QFDEL=\"*\""), OK);
    assert_eq!(world.command("AT+QFDEL=\"*\""), OK);
    assert_eq!(world.command("AT+QFLST"), OK);
    assert!(world.command("AT+QFLST=\"RAM:*\"").contains("RAM:a"));
    assert_eq!(world.command("AT+QFDEL=\"RAM:*\""), OK);
    assert_eq!(world.command("AT+QFLST=\"RAM:*\""), OK);
}

#[test]
fn space() {
    let mut world = World::new();
    assert_eq!(world.command("AT+QFLDS"), ok("+QFLDS: 0,0"));
    world.upload("a", b"hello");
    world.upload("b", b"hi");
    world.upload("RAM:a", b"x");
    assert_eq!(world.command("AT+QFLDS"), ok("+QFLDS: 7,2"));
    assert_eq!(
        world.command("AT+QFLDS=\"UFS\""),
        ok(&format!("+QFLDS: {},{UFS_TOTAL}", UFS_TOTAL - 7))
    );
    assert_eq!(
        world.command("AT+QFLDS=\"ram\""),
        ok(&format!("+QFLDS: {},{RAM_TOTAL}", RAM_TOTAL - 1))
    );
    assert_eq!(world.command("AT+QFLDS=\"SD\""), cme(400));
}

#[test]
fn a_restart_drops_memory_and_keeps_flash() {
    let mut world = World::new();
    world.upload("keep", b"hello");
    world.upload("RAM:lose", b"hello");
    world.command("AT+QFOPEN=\"keep\"");
    world.radio(RadioEvent::Reboot);
    assert_eq!(world.command("AT+QFLST=\"RAM:*\""), OK);
    assert_eq!(world.command("AT+QFLST"), ok("+QFLST: \"UFS:keep\",5"));
    assert_eq!(world.command("AT+QFPOSITION=3000"), cme(416));
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
fn power_lost_in_an_upload_leaves_no_file() {
    let mut world = World::new();
    world.prompt("AT+QFUPL=\"a\",100,60");
    world.send("abcd");
    world.radio(RadioEvent::PowerCut);
    world.radio(RadioEvent::PowerOn);
    world.received();
    assert_eq!(world.command("AT+QFLST"), OK);
    assert!(world.stored.is_empty());
}

#[test]
fn an_open_file_is_written_and_read() {
    let mut world = World::new();
    assert_eq!(world.command("AT+QFOPEN=\"a\""), ok("+QFOPEN: 3000"));
    world.prompt("AT+QFWRITE=3000,10");
    world.send("0123456789");
    assert_eq!(world.received(), ok("+QFWRITE: 10,10"));
    assert_eq!(world.command("AT+QFPOSITION=3000"), ok("+QFPOSITION: 10"));
    assert_eq!(world.command("AT+QFREAD=3000"), cme(402));
    assert_eq!(world.command("AT+QFSEEK=3000,0,0"), OK);
    assert_eq!(
        world.command("AT+QFREAD=3000,4"),
        "\r\nCONNECT 4\r\n0123\r\nOK\r\n"
    );
    assert_eq!(
        world.command("AT+QFREAD=3000"),
        "\r\nCONNECT 6\r\n456789\r\nOK\r\n"
    );
    world.command("AT+QFSEEK=3000,8");
    world.prompt("AT+QFWRITE=3000,4,9");
    world.send("abcd");
    assert_eq!(world.received(), ok("+QFWRITE: 4,12"));
    assert_eq!(world.command("AT+QFCLOSE=3000"), OK);
    assert_eq!(world.command("AT+QFCLOSE=3000"), cme(416));
    assert!(
        world
            .command("AT+QFDWL=\"a\"")
            .starts_with("\r\nCONNECT\r\n01234567abcd\r\n")
    );
    let mut again = World::with_stored(world.stored.clone());
    assert_eq!(again.command("AT+QFLST"), ok("+QFLST: \"UFS:a\",12"));
}

#[test]
fn a_write_cut_short_keeps_what_came() {
    let mut world = World::new();
    world.command("AT+QFOPEN=\"a\"");
    world.prompt("AT+QFWRITE=3000,10,2");
    world.send("abc");
    world.pass(SECOND * 2);
    assert_eq!(world.received(), ok("+QFWRITE: 3,3"));
    world.prompt("AT+QFWRITE=3000");
    world.pass(SECOND * 5);
    assert_eq!(world.received(), cme(421));
    assert_eq!(world.command("AT+QFPOSITION=3000"), ok("+QFPOSITION: 3"));
}

#[test]
fn the_pointer_stays_within_the_file() {
    let mut world = World::new();
    world.upload("a", b"0123456789");
    world.command("AT+QFOPEN=\"a\"");
    for (command, answer, position) in [
        ("AT+QFSEEK=3000,3,0", OK.into(), 3),
        ("AT+QFSEEK=3000,2,1", OK.into(), 5),
        ("AT+QFSEEK=3000,6,1", cme(401), 5),
        ("AT+QFSEEK=3000,11,0", cme(401), 5),
        ("AT+QFSEEK=3000,10", OK.into(), 10),
        ("AT+QFSEEK=3000,4,2", OK.into(), 6),
        ("AT+QFSEEK=3000,11,2", cme(401), 6),
        ("AT+QFSEEK=3000,0,3", cme(400), 6),
        ("AT+QFSEEK=3000", cme(400), 6),
    ] {
        assert_eq!(world.command(command), answer, "{command}");
        assert_eq!(
            world.command("AT+QFPOSITION=3000"),
            ok(&format!("+QFPOSITION: {position}")),
            "{command}"
        );
    }
    assert_eq!(world.command("AT+QFTUCAT=3000"), OK);
    assert_eq!(world.command("AT+QFLST"), ok("+QFLST: \"UFS:a\",6"));
    assert_eq!(world.command("AT+QFREAD=3000"), cme(402));
}

#[test]
fn modes_of_opening() {
    let mut world = World::new();
    world.upload("a", b"hello");
    assert_eq!(world.command("AT+QFOPEN=\"b\",2"), cme(405));
    assert_eq!(world.command("AT+QFOPEN=\"a\",3"), cme(400));
    assert_eq!(world.command("AT+QFOPEN=\"\""), cme(406));
    assert_eq!(world.command("AT+QFOPEN=\"a\",2"), ok("+QFOPEN: 3000"));
    assert_eq!(world.command("AT+QFWRITE=3000,1"), cme(414));
    assert_eq!(world.command("AT+QFTUCAT=3000"), cme(414));
    assert_eq!(
        world.command("AT+QFREAD=3000,100"),
        "\r\nCONNECT 5\r\nhello\r\nOK\r\n"
    );
    world.command("AT+QFCLOSE=3000");
    assert_eq!(world.command("AT+QFOPEN=\"a\",0"), ok("+QFOPEN: 3000"));
    assert_eq!(world.command("AT+QFLST"), ok("+QFLST: \"UFS:a\",5"));
    world.command("AT+QFCLOSE=3000");
    assert_eq!(world.command("AT+QFOPEN=\"a\",1"), ok("+QFOPEN: 3000"));
    assert_eq!(world.command("AT+QFLST"), ok("+QFLST: \"UFS:a\",0"));
    assert_eq!(world.command("AT+QFOPEN=\"new\",1"), ok("+QFOPEN: 3001"));
    assert_eq!(
        world.command("AT+QFOPEN?"),
        "\r\n+QFOPEN: \"UFS:a\",3000,1\r\n+QFOPEN: \"UFS:new\",3001,1\r\n\r\nOK\r\n"
    );
}

#[test]
fn handles_are_few_and_reused() {
    let mut world = World::new();
    assert_eq!(world.command("AT+QFOPEN?"), OK);
    for i in 0..10 {
        let answer = world.command(&format!("AT+QFOPEN=\"RAM:{i}\""));
        assert_eq!(answer, ok(&format!("+QFOPEN: {}", 3000 + i)));
    }
    assert_eq!(world.command("AT+QFOPEN=\"RAM:4\""), cme(426));
    assert_eq!(world.command("AT+QFOPEN=\"RAM:x\""), cme(413));
    assert_eq!(world.command("AT+QFCLOSE=3004"), OK);
    assert_eq!(world.command("AT+QFOPEN=\"RAM:x\""), ok("+QFOPEN: 3004"));
    for command in [
        "AT+QFREAD=2999",
        "AT+QFWRITE=3010,1",
        "AT+QFSEEK=1,0",
        "AT+QFPOSITION=4294967295",
        "AT+QFTUCAT=0",
        "AT+QFCLOSE=3010",
    ] {
        assert_eq!(world.command(command), cme(416), "{command}");
    }
    for command in ["AT+QFREAD=3000,0", "AT+QFWRITE=3000,0", "AT+QFCLOSE=x"] {
        assert_eq!(world.command(command), cme(400), "{command}");
    }
}

#[test]
fn an_open_file_is_not_deleted() {
    let mut world = World::new();
    world.upload("a", b"x");
    world.upload("b", b"x");
    world.command("AT+QFOPEN=\"a\"");
    assert_eq!(world.command("AT+QFDEL=\"a\""), cme(418));
    assert_eq!(world.command("AT+QFDEL=\"*\""), cme(418));
    assert_eq!(world.command("AT+QFLDS"), ok("+QFLDS: 2,2"));
    world.command("AT+QFCLOSE=3000");
    assert_eq!(world.command("AT+QFDEL=\"*\""), OK);
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
