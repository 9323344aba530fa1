//! Sections 1, 2, 4, 6 and 10 as data.

use super::super::profile::{Escapes, Profile};

pub(in super::super) static PROFILE: Profile = Profile {
    separators: &[": ", ":"],
    cme: "+CME ERROR: *",
    prompts: &["\r\n>"],
    escapes: Escapes::Quote,
    bare_strings: true,
    quoted_integers: true,
    surplus_arguments: false,
    lists: false,
    bursts: true,
    noise: &[
        b"\r",
        b"\r\n\r\n",
        b"\n",
        b"\0",
        b"hello there\r",
        b"AT+X\x08\x7f\x08\x7f",
        b"  ",
    ],
    surplus: b"surplus\x1a\r\n",
    urcs: &URCS,
    answers: &ANSWERS,
    avoided: &["Q", "S3", "S4", "S5"],
    shows_on_publish: true,
};

const URCS: [&str; 23] = [
    "*ATREADY: 1",
    "+CPIN: READY",
    "+CPIN: SIM PIN",
    "+CPIN: NOT INSERTED",
    "+CREG: #",
    "+CREG: #,\"*\",\"*\",#",
    "+CGREG: #",
    "+CGREG: #,\"*\",\"*\",#",
    "+CEREG: #",
    "+CEREG: #,\"*\",\"*\",#",
    "+QIPACTURC: #,#,\"*\"",
    "+IMQTTCONN:0",
    "+IMQTTCONN:1",
    "+IMQTTCONN:-1",
    "+IMQTTSUB:#,#",
    "+IMQTTUNSUB:#,0",
    "+IMQTTUNSUB:#,-1",
    "+IMQTTPUB:#,#",
    "+IMQTTPUBEX:#,#",
    "+IMQTTRCVPUB:#,\"*\",#,\"*\"",
    "+IMQTTCOUNT: #",
    "+IMQTTCOUNT: FULL",
    "+IMQTTDYNREG:#,\"*\",\"*\",\"*\"",
];

/// Answers without the command's name.
const ANSWERS: [(&str, &[&str]); 14] = [
    (
        "I",
        &[
            "Manufacturer: YUGE",
            "Model: CLM920_RC3",
            "Revision: CLM920_RC3-V3.2",
            "IMEI: #",
        ],
    ),
    ("S#", &["#"]),
    ("&V", &["*"]),
    ("+CGMI", &["YUGE"]),
    ("+GMI", &["YUGE"]),
    ("+CGMM", &["CLM920_RC3"]),
    ("+GMM", &["CLM920_RC3"]),
    ("+CGMR", &["CLM920_RC3-V3.2"]),
    ("+GMR", &["CLM920_RC3-V3.2"]),
    ("+CGSN", &["#"]),
    ("+GSN", &["#"]),
    ("+CIMI", &["#"]),
    ("+ICCID", &["+ICCID: #"]),
    ("+CPIN", &["+CPIN: *"]),
];
