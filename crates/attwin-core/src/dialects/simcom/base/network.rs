//! Signal, cell, contexts and power saving (docs/spec/simcom.md section 10).

use alloc::format;

use super::{Args, Context, Form, Origin, Outcome, Param, Row, SECTION, SimCom, shared, spec};

/// The default context of NB-IoT is 0.
const CID: Param = Param::int("cid", 0, 15);

pub(super) const DEFINE: Row<()> = {
    let row = shared("+CGDCONT", SECTION);
    let spec = row.spec.origin(Origin::Manual).write(&[
        CID,
        Param::text("PDP_type", 1, 8).optional(),
        Param::text("APN", 0, 100).optional(),
        Param::text("PDP_addr", 0, 64).optional(),
        Param::int("d_comp", 0, 4).optional(),
        Param::int("h_comp", 0, 4).optional(),
        Param::int("IPv4AddrAlloc", 0, 1).optional(),
        Param::int("request_type", 0, 4).optional(),
    ]);
    row.described(spec.example("+CGDCONT=1,\"IP\",\"apn\""))
};

pub(super) const ACTIVATE: Row<()> = {
    let row = shared("+CGACT", SECTION);
    let spec = row.spec.write(&[Param::int("state", 0, 1), CID.optional()]);
    row.described(spec)
};

pub(super) const ADDRESS: Row<()> = {
    let row = shared("+CGPADDR", SECTION);
    let spec = row.spec.write(&[CID]);
    row.described(spec)
};

pub(in super::super) static ROWS: [Row<SimCom>; 9] = [
    Row::new(
        spec("+CESQ", "signal quality, extended").execute(),
        |_, cx, _, _| {
            // The power levels are sample values.
            cx.reply(if cx.radio.rssi() == 99 {
                "+CESQ: 99,99,255,255,255,255"
            } else {
                "+CESQ: 99,99,255,255,20,45"
            });
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CPSI", "serving cell").read().example("+CPSI?"),
        serving_cell,
    ),
    Row::new(
        spec("+CGAUTH", "authentication of a PDP context")
            .write(&[
                CID,
                Param::int("auth_type", 0, 3).optional(),
                Param::text("passwd", 0, 64).optional(),
                Param::text("user", 0, 64).optional(),
            ])
            .example("+CGAUTH=1,0"),
        accept,
    ),
    Row::new(
        spec("+QCBAND", "bands")
            .read()
            .write_repeated(
                &[Param::int("mode", 0, 1)],
                &[Param::int("band", 0, 85)],
                18,
            )
            .example("+QCBAND?"),
        |_, cx, form, _| {
            if form == Form::Read {
                cx.reply("+QCBAND: 0,20");
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+QCLEDMODE", "network LED")
            .write(&[Param::int("mode", 0, 1)])
            .example("+QCLEDMODE=1"),
        accept,
    ),
    Row::new(
        spec("+CPSMS", "power saving mode")
            .write(&[
                Param::int("mode", 0, 2),
                Param::text("Requested_Periodic-RAU", 0, 8).optional(),
                Param::text("Requested_GPRS-READY-timer", 0, 8).optional(),
                Param::text("Requested_Periodic-TAU", 8, 8).optional(),
                Param::text("Requested_Active-Time", 8, 8).optional(),
            ])
            .example("+CPSMS=0"),
        accept,
    ),
    Row::new(
        spec("+CEDRXS", "extended discontinuous reception")
            .write(&[
                Param::int("mode", 0, 3),
                Param::int("AcT_type", 0, 5).optional(),
                Param::text("requested_value", 4, 4).optional(),
            ])
            .example("+CEDRXS=0"),
        accept,
    ),
    Row::new(
        spec("+CSCLK", "sleep")
            .write(&[Param::int("mode", 0, 2)])
            .example("+CSCLK=0"),
        accept,
    ),
    Row::new(
        spec("+ICF", "character framing")
            .write(&[
                Param::int("format", 1, 6),
                Param::int("parity", 0, 3).optional(),
            ])
            .origin(Origin::Manual)
            .example("+ICF=3,3"),
        accept,
    ),
];

/// What follows the cell is a sample.
fn serving_cell(_: &mut SimCom, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    if !cx.radio.is_registered() {
        cx.reply("+CPSI: NO SERVICE,Offline");
        return Outcome::Ok;
    }
    let operator = &cx.radio.defaults().operator;
    let numeric = cx.radio.operator(2);
    let (country, network) = numeric.split_at_checked(3).unwrap_or((numeric, ""));
    let cell = u32::from_str_radix(operator.cell, 16).unwrap_or(0);
    cx.reply(format!(
        "+CPSI: NB,Online,{country}-{network},0x{},{cell},257,EUTRAN-BAND8,3688,0,0,-102,-850,-601,11",
        operator.area
    ));
    Outcome::Ok
}

/// Accepted, without effect: the module never sleeps, and its line is no UART.
fn accept(_: &mut SimCom, _: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    Outcome::Ok
}
