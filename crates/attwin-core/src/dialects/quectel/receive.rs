//! `AT+QMTRECV` (docs/spec/quectel.md 3.10 and 5.4).

use alloc::format;

use super::Quectel;
use super::codes::{CLIENT, OCCUPANCY};
use super::refused::Needs;
use super::slots::SLOTS;
use crate::command::{Answer, Args, Field, Form, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};

pub(super) static ROWS: [Row<Quectel>; 1] = [Row {
    spec: Spec::new(
        "+QMTRECV",
        "docs/spec/quectel.md 3.10",
        "read buffered messages",
    )
    .test(Test::Ok)
    .read()
    .write(&[
        Param::int("client_idx", 0, 5),
        Param::int("recv_id", 0, 4).optional(),
    ])
    .answers(
        &const {
            [
                Answer::new("+QMTRECV: <client_idx>,<s0>,<s1>,<s2>,<s3>,<s4>").fields(
                    &const {
                        [
                            CLIENT[0],
                            Field::new("s0", "slot 0").values(&OCCUPANCY),
                            Field::new("s1", "slot 1").values(&OCCUPANCY),
                            Field::new("s2", "slot 2").values(&OCCUPANCY),
                            Field::new("s3", "slot 3").values(&OCCUPANCY),
                            Field::new("s4", "slot 4").values(&OCCUPANCY),
                        ]
                    },
                ),
                Answer::new("+QMTRECV: <client_idx>,<msgid>,\"<topic>\",\"<payload>\"")
                    .fields(&CLIENT),
                Answer::new(
                    "+QMTRECV: <client_idx>,<msgid>,\"<topic>\",<payload_len>,\"<payload>\"",
                )
                .fields(&CLIENT),
            ]
        },
    )
    .max_ms(300)
    .example("+QMTRECV=0,0"),
    run: read,
}];

fn read(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for client in q.clients.iter().filter(|client| client.is_connected()) {
            let s: [u8; SLOTS] = core::array::from_fn(|i| u8::from(client.slots.occupied(i)));
            let [s0, s1, s2, s3, s4] = s;
            cx.reply(format!(
                "+QMTRECV: {},{s0},{s1},{s2},{s3},{s4}",
                client.index()
            ));
        }
        return Outcome::Ok;
    }
    let client = &mut q.clients[args.int(0).unwrap_or_default() as usize];
    if let Err(reason) = client.check(Needs::Connected) {
        return Outcome::error(reason);
    }
    let slots = args
        .int(1)
        .map_or(0..SLOTS, |slot| slot as usize..slot as usize + 1);
    let mut first = true;
    for line in slots.filter_map(|slot| client.slots.take(slot)) {
        // On these modules the first line of a read lacks its CR LF
        // (docs/spec/quectel.md 5.4).
        if core::mem::take(&mut first) && !q.knobs.recv_read_leading_crlf {
            cx.port.continue_response();
            cx.port.reply(&line);
        } else {
            cx.reply(line);
        }
    }
    Outcome::Ok
}
