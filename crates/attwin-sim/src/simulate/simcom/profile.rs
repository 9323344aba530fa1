//! Sections 1, 2, 4 and 10 as data.

use super::super::profile::{Escapes, Profile};

pub(in super::super) static PROFILE: Profile = Profile {
    separators: &[": "],
    cme: "+CME ERROR: *",
    prompts: &["\r\n>"],
    escapes: Escapes::None,
    bare_strings: true,
    quoted_integers: true,
    surplus_arguments: false,
    lists: true,
    bursts: false,
    noise: &[b"\r", b"\r\n\r\n", b"\n", b"AT+X\x08\x08\x08\x08\x08\x08"],
    surplus: b"\r\n",
    urcs: &URCS,
    answers: &ANSWERS,
    avoided: &["Q", "S3", "S4", "S5"],
    shows_on_publish: true,
};

/// Sections 1, 3, 5 and 10.
const URCS: [&str; 26] = [
    "RDY",
    "NORMAL POWER DOWN",
    "+CPIN: READY",
    "+CPIN: SIM PIN",
    "+CPIN: NOT INSERTED",
    "+CREG: #",
    "+CREG: #,\"*\",\"*\",#",
    "+CGREG: #",
    "+CGREG: #,\"*\",\"*\",#",
    "+CEREG: #",
    "+CEREG: #,\"*\",\"*\",#",
    "+CNTP: #",
    "+CSNTP: #/#/#,#:#:#",
    "+NETOPEN: #",
    "+NETCLOSE: #",
    "+CMQTTSTART: #",
    "+CMQTTSTOP: #",
    "+CMQTTCONNECT: 0,#",
    "+CMQTTDISC: 0,#",
    "+CMQTTPUB: 0,#",
    "+CMQTTSUB: 0,#",
    "+CMQTTUNSUB: 0,#",
    "+CMQTTCONNLOST: 0,#",
    "+CMQTTRXSTART: 0,#,#\r\n+CMQTTRXTOPIC: 0,#\r\n*",
    "+CGEV: *",
    "+CTZV: *",
];

/// Answers without the command's name.
const ANSWERS: [(&str, &[&str]); 18] = [
    ("I", &["SIM7028 R2110"]),
    ("S#", &["#"]),
    ("+CGMM", &["SIM7028"]),
    ("+GMM", &["SIM7028"]),
    ("+CGMR", &["2110B07SIM7028"]),
    ("+GMR", &["2110B07SIM7028"]),
    ("+CGMI", &["SIMCOM INCORPORATED"]),
    ("+GMI", &["SIMCOM INCORPORATED"]),
    ("+CGSN", &["#"]),
    ("+GSN", &["#"]),
    ("+CIMI", &["#"]),
    (
        "+SIMCOMATI",
        &[
            "Manufacturer: SIMCOM INCORPORATED",
            "Model: SIM7028",
            "Revision: 2110B07SIM7028",
            "IMEI: #",
            "ICCID: #",
            "+GCAP: +CGSM",
        ],
    ),
    // Topics stand each on a line of its own (section 3.13).
    ("+CMQTTSUB", &["+CMQTTSUB:", "*"]),
    ("+NETOPEN", &["+IP ERROR: Network is already opened"]),
    ("+NETCLOSE", &["+IP ERROR: Network not opened"]),
    ("+IPADDR", &["+IP ERROR: Network not opened"]),
    ("+CCERTLIST", &["+CCERTLIST: \"*\""]),
    ("+CSNTPSTART", &["+CSNTP: *"]),
];
