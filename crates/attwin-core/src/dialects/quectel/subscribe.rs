//! `AT+QMTSUB` and `AT+QMTUNS` (docs/spec/quectel.md 3.6, 3.7).

use alloc::vec::Vec;

use bytes::Bytes;

use super::Quectel;
use super::client::Name;
use super::codes::QOS;
use super::refused::Needs;
use crate::command::{Args, Form, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::qos;
use crate::mqtt::session::Ask;

/// Topic filters in one command (docs/spec/quectel.md 3.6).
const FILTERS: usize = 5;
const MAX_TIME: &str = "pkt_timeout × (retry_times + 1), 20 s by default";

const INDEX: Param = Param::int("client_idx", 0, 5);
const ID: Param = Param::int("msgid", 1, 65535);
const FILTER: Param = Param::text("topic", 1, 256);

pub(super) static ROWS: [Row<Quectel>; 2] = [
    Row {
        spec: Spec::new("+QMTSUB", "docs/spec/quectel.md 3.6", "subscribe")
            .test_lines(&[r#"+QMTSUB: (0-5),<msgid>,list of ["topic",qos]"#])
            .write_repeated(
                &[INDEX, ID],
                &const { [FILTER, Param::int("qos", 0, 2).values(&QOS)] },
                FILTERS,
            )
            .max_settings(MAX_TIME)
            .example(r#"+QMTSUB=0,1,"topic/example",2"#),
        run: subscribe,
    },
    Row {
        spec: Spec::new("+QMTUNS", "docs/spec/quectel.md 3.7", "unsubscribe")
            .test_lines(&[r#"+QMTUNS: (0-5),<msgid>,list of ["topic"]"#])
            .write_repeated(&[INDEX, ID], &[FILTER], FILTERS)
            .max_settings(MAX_TIME)
            .example(r#"+QMTUNS=0,2,"topic/example""#),
        run: unsubscribe,
    },
];

fn subscribe(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let filters: Vec<_> = args
        .groups()
        .filter_map(|at| {
            Some((
                Bytes::copy_from_slice(args.text(at)?),
                qos(args.int(at + 1)),
            ))
        })
        .collect();
    request(q, cx, Name::Subscribe, args, Ask::Subscribe(&filters))
}

fn unsubscribe(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let filters: Vec<_> = args
        .groups()
        .filter_map(|at| args.text(at).map(Bytes::copy_from_slice))
        .collect();
    request(q, cx, Name::Unsubscribe, args, Ask::Unsubscribe(&filters))
}

fn request(
    q: &mut Quectel,
    cx: &mut Context<'_>,
    name: Name,
    args: &Args<'_>,
    ask: Ask<'_>,
) -> Outcome {
    let id = args.short(1).unwrap_or_default();
    let client = &mut q.clients[args.int(0).unwrap_or_default() as usize];
    if let Err(reason) = client.check(Needs::Connected) {
        return Outcome::error(reason);
    }
    client.request(cx, &q.knobs, name, id, ask);
    Outcome::Ok
}
