//! Signal, cell and bands (docs/spec/simcom.md section 10).

use alloc::format;

use arrayvec::ArrayVec;

use super::{Args, Context, Form, Origin, Outcome, Param, Row, SimCom, spec};
use crate::command::{Answer, Field, Meaning};

/// `<mode>` of AT+CNMP.
static MODES: [Meaning; 2] = [
    Meaning::new("2", "automatic"),
    Meaning::new("38", "LTE only"),
];
/// `<mode>` of AT+CMNB.
static PREFERRED: [Meaning; 2] = [
    Meaning::new("2", "NB-IoT"),
    Meaning::new("3", "LTE-M and NB-IoT; the module has NB-IoT only"),
];

/// `<mode>` of AT+QCBAND.
static BAND_MODES: [Meaning; 2] = [
    Meaning::new("0", "these bands only"),
    Meaning::new("1", "these bands first"),
];
/// `<mode>` of AT+QCLEDMODE.
static LED_MODES: [Meaning; 2] = [Meaning::new("0", "off"), Meaning::new("1", "on")];

pub(in super::super) static ROWS: [Row<SimCom>; 7] = [
    Row::new(
        spec("+CESQ", "signal quality, extended")
            .test_lines(&["+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"])
            .execute()
            .answers(&[Answer::new("+CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>").fields(&[
                Field::new("rsrq", "0 is -19.5 dB, a step is 0.5 dB; 255 unknown"),
                Field::new("rsrp", "0 is -140 dBm, a step is 1 dB; 255 unknown"),
            ])]),
        |_, cx, _, _| {
            cx.reply(match Quality::of(cx) {
                Some(quality) => format!("+CESQ: 99,99,255,255,{},{}", quality.rsrq, quality.rsrp),
                None => "+CESQ: 99,99,255,255,255,255".into(),
            });
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CPSI", "serving cell")
            .test(super::Test::Ok)
            .read()
            .answers(&[
                Answer::new("+CPSI: NO SERVICE,Offline"),
                Answer::new(
                    "+CPSI: NB,Online,<MCC-MNC>,<TAC>,<SCellID>,<PCellID>,<Frequency Band>,<earfcn>,\
                     <dlbw>,<ulbw>,<RSRQ>,<RSRP>,<RSSI>,<RSSNR>",
                )
                .fields(&[
                    Field::new("RSRQ", "tenths of a dB"),
                    Field::new("RSRP", "tenths of a dBm"),
                    Field::new("RSSI", "tenths of a dBm"),
                ]),
            ])
            .example("+CPSI?"),
        serving_cell,
    ),
    Row::new(
        spec("+QCBAND", "bands")
            .test_lines(&["+QCBAND: (0,1),(1,2,3,4,5,8,12,13,14,17,18,19,20,25,26,28,66,70,85)"])
            .read()
            .write_repeated(
                &[Param::int("mode", 0, 1).values(&BAND_MODES)],
                &[Param::int("band", 0, 85)],
                super::kept::BANDS,
            )
            .answers(&[Answer::new("+QCBAND: <mode>,<bands>").fields(&[
                const { Field::new("mode", "which bands are used").values(&BAND_MODES) },
                Field::new("bands", "numbers of LTE bands"),
            ])])
            .example("+QCBAND=0,20"),
        bands,
    ),
    Row::new(
        spec("+CNMP", "network mode")
            .test_lines(&["+CNMP: (2,38)"])
            .read()
            .write(&[Param::int("mode", 2, 38).values(&MODES)])
            .answers(&[Answer::new("+CNMP: <mode>").fields(&[
                const { Field::new("mode", "network mode").values(&MODES) },
            ])])
            .origin(Origin::Decision)
            .example("+CNMP=38"),
        network_mode,
    ),
    Row::new(
        spec("+CMNB", "LTE-M or NB-IoT")
            .test_lines(&["+CMNB: (2,3)"])
            .read()
            .write(&[Param::int("mode", 2, 3).values(&PREFERRED)])
            .answers(&[Answer::new("+CMNB: <mode>").fields(&[
                const { Field::new("mode", "access technology").values(&PREFERRED) },
            ])])
            .origin(Origin::Decision)
            .example("+CMNB=2"),
        |s, cx, form, args| {
            let kept = &mut s.base.kept;
            if form == Form::Read {
                cx.reply(cx.line("+CMNB").value(kept.preferred));
            } else {
                kept.preferred = args.byte(0).unwrap_or_default();
                kept.save(cx.storage);
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+QCLEDMODE", "network LED")
            .test_lines(&["+QCLEDMODE: (0,1)"])
            .read()
            .write(&[Param::int("mode", 0, 1).values(&LED_MODES)])
            .answers(&[Answer::new("+QCLEDMODE: <mode>")
                .fields(&[const { Field::new("mode", "network LED").values(&LED_MODES) }])])
            .example("+QCLEDMODE=1"),
        |s, cx, form, args| {
            if form == Form::Read {
                cx.reply(cx.line("+QCLEDMODE").value(s.base.led_mode));
            } else {
                s.base.led_mode = args.byte(0).unwrap_or_default();
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+ICF", "character framing")
            .test_lines(&["+ICF: (1-6),(0-3)"])
            .read()
            .write(&[
                Param::int("format", 1, 6),
                Param::int("parity", 0, 3).optional(),
            ])
            .answers(&[Answer::new("+ICF: <format>,<parity>")])
            .origin(Origin::Manual)
            .example("+ICF=3,3"),
        |s, cx, form, args| {
            let [format, parity] = &mut s.base.framing;
            if form == Form::Read {
                cx.reply(cx.line("+ICF").value(*format).value(*parity));
            } else {
                *format = args.byte(0).unwrap_or(*format);
                *parity = args.byte(1).unwrap_or(*parity);
            }
            Outcome::Ok
        },
    ),
];

/// The received signal, from the strength that AT+CSQ prints: the commands
/// tell one story (docs/spec/simcom.md 10).
struct Quality {
    /// `<rsrq>` and `<rsrp>` of AT+CESQ.
    rsrq: i32,
    rsrp: i32,
    /// dBm.
    rssi: i32,
    /// Signal to noise, dB.
    snr: i32,
}

impl Quality {
    /// Of a signal that is known.
    fn of(cx: &Context<'_>) -> Option<Self> {
        let rssi = i32::from(cx.radio.rssi());
        (rssi <= 31).then(|| Self {
            rsrq: (rssi + 4).min(20),
            rsrp: (2 * rssi - 1).max(0),
            rssi: 2 * rssi - 113,
            snr: rssi / 2,
        })
    }
}

fn serving_cell(_: &mut SimCom, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let Some(quality) = Quality::of(cx).filter(|_| cx.radio.is_registered()) else {
        cx.reply("+CPSI: NO SERVICE,Offline");
        return Outcome::Ok;
    };
    let operator = &cx.radio.defaults().operator;
    // A configured name is no number.
    let numeric =
        Some(cx.radio.operator(2)).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    let numeric = numeric.unwrap_or(operator.numeric);
    let (country, network) = numeric.split_at_checked(3).unwrap_or((numeric, ""));
    let cell = u32::from_str_radix(operator.cell, 16).unwrap_or(0);
    let (rsrq, rsrp) = (5 * quality.rsrq - 195, 10 * quality.rsrp - 1400);
    let (rssi, snr) = (10 * quality.rssi, quality.snr);
    cx.reply(format!(
        "+CPSI: NB,Online,{country}-{network},0x{},{cell},257,EUTRAN-BAND8,3688,0,0,{rsrq},{rsrp},{rssi},{snr}",
        operator.area
    ));
    Outcome::Ok
}

/// Kept; the module is registered whatever they are.
fn bands(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let kept = &mut s.base.kept;
    if form == Form::Read {
        let (mode, bands) = &kept.bands;
        let line = cx.line("+QCBAND").value(*mode);
        cx.reply(bands.iter().fold(line, |line, band| line.value(*band)));
        return Outcome::Ok;
    }
    let bands: ArrayVec<u8, { super::kept::BANDS }> = (1..=super::kept::BANDS)
        .filter_map(|index| args.byte(index))
        .collect();
    kept.bands = (args.byte(0).unwrap_or_default(), bands);
    kept.save(cx.storage);
    Outcome::Ok
}

fn network_mode(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let kept = &mut s.base.kept;
    if form == Form::Read {
        cx.reply(cx.line("+CNMP").value(kept.mode));
        return Outcome::Ok;
    }
    let mode = args.byte(0).unwrap_or_default();
    if !matches!(mode, 2 | 38) {
        let cause = format!("the module has no network mode {mode}");
        let reason = crate::reason::Reason::new(cause);
        return Outcome::error(reason.remedy("2 is automatic, 38 is LTE only"));
    }
    kept.mode = mode;
    kept.save(cx.storage);
    Outcome::Ok
}
