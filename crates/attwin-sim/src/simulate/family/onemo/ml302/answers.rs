//! What the answers of an ML302 tell: acknowledgements stand before `OK`.

use attwin_core::Duration;

use super::super::{ack_timeout, connect_timeout};
use super::{Ml302, collects};
use crate::simulate::model::{
    Answer, Client, Entered, GRACE, Outcome, Publication, Reported, if_so,
};
use crate::simulate::shape::{integer, values};

/// How long data may be waited for (A4).
const DATA: Duration = Duration::from_secs(200);

/// Whether the answer came in time.
pub(super) fn in_time(client: &Client<Ml302>, answer: &Answer<'_>) -> Outcome {
    let timeout = ack_timeout(client);
    let limit = match answer.call.spec.name {
        "+MQTTOPEN" => connect_timeout(client),
        "+MQTTSUB" | "+MQTTUNSUB" | "+MQTTDISC" => timeout,
        "+MQTTPUB" if collects(answer.call) => DATA,
        "+MQTTPUB" => Duration::from_secs(client.own.longest.into()).max(2 * timeout),
        name if name.starts_with("+MQTT") => Duration::ZERO,
        _ => return Ok(Reported::Nothing),
    };
    let in_time = answer.now.since(answer.began) <= limit + GRACE;
    if_so(in_time, "the answer took too long")
}

/// A packet had this identifier (A3.6).
pub(super) fn takes(client: &mut Client<Ml302>, id: u32) -> Result<(), String> {
    let expected = client.next_id;
    if !std::mem::take(&mut client.own.skips_ids) && id != expected {
        return Err(format!("id {id}, expected {expected}"));
    }
    client.next_id = id;
    client.takes_id();
    Ok(())
}

/// Packet identifier and code of a `+MQTTSUBACK`.
pub(super) fn subscription(answer: &Answer<'_>) -> Result<(u32, u32), String> {
    let line = answer.lines.concat();
    let told = match values("+MQTTSUBACK:#,#,*", &line).as_deref() {
        Some(&[id, granted, topic]) if topic == answer.call.text(0) => {
            Some((number(id), number(granted)))
        }
        _ => None,
    };
    let told = told.filter(|(_, granted)| matches!(granted, 0..=2 | 128));
    told.ok_or_else(|| format!("{} is no such line", answer.shown()))
}

pub(super) fn published(client: &mut Client<Ml302>, answer: &Answer<'_>) -> Outcome {
    let payload = match answer.data {
        Entered::Data(data) => data.clone(),
        _ => answer
            .call
            .string(4)
            .ok_or("it asked for no data")?
            .to_vec(),
    };
    let qos = answer.call.number(1);
    let shapes: &[&str] = match qos {
        0 => &[],
        1 => &["+MQTTPUBACK:0,#"],
        _ => &["+MQTTPUBREC:0,#", "+MQTTPUBCOMP:0,#"],
    };
    let told = answer
        .lines
        .iter()
        .zip(shapes)
        .map(|(line, shape)| values(shape, line));
    let ids: Option<Vec<u32>> = told.map(|told| Some(number(told?.first()?))).collect();
    match ids
        .filter(|_| answer.lines.len() == shapes.len())
        .as_deref()
    {
        Some([]) => drop(client.takes_id()),
        Some([id, rest @ ..]) if rest.iter().all(|other| other == id) => takes(client, *id)?,
        _ => return Err(format!("QoS {qos} is done after {}", answer.shown())),
    }
    let qos = u8::try_from(qos).unwrap_or(0);
    Ok(Reported::Published(vec![Publication { qos, payload }]))
}

pub(super) fn number(digits: &[u8]) -> u32 {
    integer(digits)
        .and_then(|n| u32::try_from(n).ok())
        .unwrap_or(0)
}
