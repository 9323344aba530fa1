//! `attwin demo`.

use std::collections::BTreeMap;

use super::support::output;

#[test]
fn the_manual_is_carried_out_and_shown() {
    let (code, out, err) = output(&["demo"]);
    assert_eq!(code, Some(0), "{err}{out}");
    let mut rest = &*out;
    for wanted in [
        "quectel-ec25: Quectel",
        "> AT+QMTOPEN=0,\"iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883",
        "< +QMTOPEN: 0,0",
        "──▶ CONNECT     client_id=\"clientExample|",
        "◀── CONNACK     code=0",
        "< +QMTCONN: 0,0,0",
        "──▶ SUBSCRIBE   id=1 filters=\"topic/example\":2",
        "another client publishes",
        "◀── PUBLISH     topic=\"topic/example\"",
        "< +QMTRECV: 0,0,\"topic/example\",36,\"This is the payload related to topic\"",
        ">> This is test data, hello MQTT.",
        "──▶ DISCONNECT",
        "< +QMTSTAT: 0,5",
        "Done.",
    ] {
        let at = rest.find(wanted);
        let at = at.unwrap_or_else(|| panic!("no {wanted:?} in order in:\n{out}"));
        rest = &rest[at..];
    }
    assert!(!out.contains('\x1b'), "colours in a pipe");
}

/// A demonstration compares every answer with the manual's.
#[test]
fn every_family_is_demonstrated() {
    let mut families = BTreeMap::new();
    for module in attwin_core::modules() {
        families.entry(module.command_set()).or_insert(module);
    }
    assert_eq!(families.len(), 5);
    for module in families.into_values() {
        let (code, out, err) = output(&["demo", module.id]);
        assert_eq!(code, Some(0), "{err}{out}");
        assert!(out.contains(module.id) && out.contains("Done."), "{out}");
    }
}
