//! Who the module and its SIM say they are (docs/spec/quectel.md 1.2, section 10).

mod common;

use std::net::Ipv4Addr;

use attwin_core::{RadioEvent, find_module};
use common::{Bench, ERROR, OK, cme, config, info};

#[test]
fn bytes_with_echo() {
    let mut bench = Bench::new();
    bench.command("ATE1");
    assert_eq!(
        bench.type_in("AT+CGMR\r"),
        "AT+CGMR\r\r\nEC25EFAR06A17M4G\r\n\r\nOK\r\n"
    );
}

#[test]
fn every_identification_command() {
    Bench::new().expect_all(&[
        ("ATI", &["Quectel", "EC25", "Revision: EC25EFAR06A17M4G"]),
        ("ATI0", &["Quectel", "EC25", "Revision: EC25EFAR06A17M4G"]),
        ("AT+GMI", &["Quectel"]),
        ("AT+CGMI", &["Quectel"]),
        ("AT+GMM", &["EC25"]),
        ("AT+CGMM", &["EC25"]),
        ("AT+GMR", &["EC25EFAR06A17M4G"]),
        ("AT+CGMR", &["EC25EFAR06A17M4G"]),
        ("AT+QGMR", &["EC25EFAR06A17M4G_20.200.20.200"]),
        ("AT+GSN", &["864257040123458"]),
        ("AT+CGSN", &["864257040123458"]),
        ("AT+GSN=1", &["+GSN: 864257040123458"]),
        ("AT+CGSN=1", &["+CGSN: 864257040123458"]),
        ("AT+GSN=0", &["MPA23AP10000001"]),
        ("AT+GSN=?", &["+GSN: (0,1)"]),
        ("AT+CGSN=?", &["+CGSN: (0,1)"]),
        ("AT+CIMI", &["460023210226023"]),
        ("AT+QCCID", &["+QCCID: 89860025128306012474"]),
        ("AT+CCID", &["+CCID: 89860025128306012474"]),
    ]);
}

#[test]
fn members_of_the_family() {
    for (id, object, revision, full) in [
        (
            "quectel-ec20",
            "EC20F",
            "EC20CEHCLGR06A05M1G",
            "EC20CEHCLGR06A05M1G",
        ),
        (
            "quectel-eg25",
            "EG25",
            "EG25GGBR07A08M2G",
            "EG25GGBR07A08M2G_30.203.30.203",
        ),
        (
            "quectel-eg95",
            "EG95",
            "EG95EXGAR08A02M1G",
            "EG95EXGAR08A02M1G",
        ),
        (
            "quectel-ec21",
            "EC21",
            "EC21EFAR06A08M4G",
            "EC21EFAR06A08M4G",
        ),
    ] {
        let mut config = config();
        config.module = find_module(id).expect("a module");
        let mut bench = Bench::booted(config);
        bench.expect(
            "ATI",
            &info(&["Quectel", object, &format!("Revision: {revision}")]),
        );
        bench.expect("AT+QGMR", &info(&[full]));
    }
}

#[test]
fn identity_from_the_configuration() {
    let mut config = config();
    config.identity.imei = Some("490154203237518".into());
    config.identity.imsi = Some("001010123456789".into());
    config.identity.iccid = Some("8901001234567890123".into());
    Bench::booted(config).expect_all(&[
        ("AT+CGSN", &["490154203237518"]),
        ("AT+GSN=1", &["+GSN: 490154203237518"]),
        ("AT+CIMI", &["001010123456789"]),
        ("AT+QCCID", &["+QCCID: 8901001234567890123"]),
    ]);
}

#[test]
fn a_network_and_a_firmware_from_the_configuration() {
    let mut config = config();
    config.module = find_module("simcom-sim7028").expect("a module");
    config.identity.model = Some("SIM7022".into());
    config.identity.firmware = Some("2109B01SIM7022".into());
    config.identity.operator = Some("310260".into());
    config.identity.address = Some(Ipv4Addr::new(10, 0, 0, 7));
    Bench::booted(config).expect_all(&[
        ("ATI", &["SIM7022 R2109"]),
        ("AT+CGMM", &["SIM7022"]),
        ("AT+CGMR", &["2109B01SIM7022"]),
        ("AT+COPS?", &["+COPS: 0,2,\"310260\",9"]),
        (
            "AT+CPSI?",
            &[
                "+CPSI: NB,Online,310-260,0x5AB9,187214780,257,EUTRAN-BAND8,3688,0,0,-102,-850,\
               -601,11",
            ],
        ),
        ("AT+CGPADDR=1", &["+CGPADDR: 1,\"10.0.0.7\""]),
        (
            "AT+CGCONTRDP",
            &["+CGCONTRDP: 1,5,\"apn\",\"10.0.0.7\",\"\",\"8.8.8.8\",\"8.8.4.4\""],
        ),
    ]);
}

#[test]
fn without_a_sim_there_is_no_subscriber() {
    let mut bench = Bench::new();
    bench.radio(RadioEvent::SimRemoved);
    for command in ["AT+CIMI", "AT+QCCID", "AT+CCID", "AT+CPIN?"] {
        bench.expect(command, &cme(10));
    }
    bench.expect("AT+CGSN", &info(&["864257040123458"]));
}

#[test]
fn forms_that_do_not_exist() {
    let mut bench = Bench::new();
    for command in ["ATI1", "AT+GMI?", "AT+CGSN=2", "AT+QGMR=1", "AT+CGMM=?"] {
        bench.expect(command, ERROR);
    }
    bench.expect("AT", OK);
}
