//! `AT+QMTRECV` (docs/spec/quectel.md 3.10 and 5.4).

use alloc::format;

use super::Quectel;
use super::slots::SLOTS;
use crate::command::{Args, Form, Param, Spec, Test};
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
    let Some(index) = args.int(0) else {
        return Outcome::Error;
    };
    let client = &mut q.clients[index as usize];
    if !client.is_connected() {
        return Outcome::Error;
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
