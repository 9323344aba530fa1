//! TLS contexts, `AT+QSSLCFG` (docs/spec/quectel.md 9.1).
//!
//! Here is the command; [`settings`] turns a context into what the driver
//! needs for a handshake.

mod settings;

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::Quectel;
use super::file::path::{PATH_LIMIT, with_capital_prefix};
use crate::command::{Answer, Args, Field, Kind, Meaning, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::reason::Reason;
use crate::tls::TlsSettings;
use crate::tls_context::{ALL_SUITES, FileError};
use settings::SslContext;

/// How many contexts there are.
const CONTEXTS: usize = 6;
/// Longest application protocol name (RFC 7301 section 3.1).
const ALPN_LIMIT: usize = 255;
/// Longest key password and pre-shared key; longest identity a pre-shared key
/// must have room for (RFC 4279 section 5.3).
const SECRET_LIMIT: usize = 128;

/// The values of `ciphersuite` besides the one for all.
pub(super) static SUITES: [u32; 32] = [
    0x0035, 0x002f, 0x0005, 0x0004, 0x000a, 0x003d, 0xc002, 0xc003, 0xc004, 0xc005, 0xc007, 0xc008,
    0xc009, 0xc00a, 0xc011, 0xc012, 0xc013, 0xc014, 0xc00c, 0xc00d, 0xc00e, 0xc00f, 0xc023, 0xc024,
    0xc025, 0xc026, 0xc027, 0xc028, 0xc029, 0xc02a, 0xc02f, 0xc030,
];
/// The same of the EG25-G.
pub(super) static EG25_SUITES: [u32; 27] = [
    0x0035, 0x002f, 0x0005, 0x000a, 0x003d, 0xc003, 0xc004, 0xc005, 0xc008, 0xc009, 0xc00a, 0xc012,
    0xc013, 0xc014, 0xc00d, 0xc00e, 0xc00f, 0xc023, 0xc024, 0xc025, 0xc026, 0xc027, 0xc028, 0xc029,
    0xc02a, 0xc02f, 0xc030,
];
const SUITES_TEST: &[&str] = &[
    "+QSSLCFG: \"ciphersuite\",(0-5),(0X0035,0X002F,0X0005,0X0004,0X000A,0X003D,0XC002,0XC003,0XC004,0XC005,0XC007,0XC008,0XC009,0XC00A,0XC011,0XC012,0XC013,0XC014,0XC00C,0XC00D,0XC00E,0XC00F,0XC023,0XC024,0XC025,0XC026,0XC027,0XC028,0XC029,0XC02A,0XC02F,0XC030,0XFFFF)",
];
const EG25_SUITES_TEST: &[&str] = &[
    "+QSSLCFG: \"ciphersuite\",(0-5),(0X0035,0X002F,0X0005,0X000A,0X003D,0XC003,0XC004,0XC005,0XC008,0XC009,0XC00A,0XC012,0XC013,0XC014,0XC00D,0XC00E,0XC00F,0XC023,0XC024,0XC025,0XC026,0XC027,0XC028,0XC029,0XC02A,0XC02F,0XC030,0XFFFF)",
];

/// What the EG25-G's test form says otherwise (docs/spec/quectel.md 9.1).
pub(super) static EG25: [Spec; 2] = [
    cipher_suites(EG25_SUITES_TEST),
    ignore_items().test_lines(&["+QSSLCFG: \"ignorecertitem\",(0-5),(0-1048575)"]),
];

static LEVELS: [Meaning; 3] = [
    Meaning::new("0", "nobody is authenticated"),
    Meaning::new("1", "the server is authenticated").when("\"cacert\" names the certificate"),
    Meaning::new("2", "server and client are authenticated")
        .when("\"clientcert\" and \"clientkey\" name the client's"),
];

static VERSIONS: [Meaning; 5] = [
    Meaning::new("0", "SSL 3.0").when("the TLS library does not have it: +QMTOPEN says -1"),
    Meaning::new("1", "TLS 1.0").when("the TLS library does not have it: +QMTOPEN says -1"),
    Meaning::new("2", "TLS 1.1").when("the TLS library does not have it: +QMTOPEN says -1"),
    Meaning::new("3", "TLS 1.2"),
    Meaning::new("4", "all"),
];

static SWITCH: [Meaning; 2] = [Meaning::new("0", "off"), Meaning::new("1", "on")];

static DATES: [Meaning; 2] = [
    Meaning::new("0", "certificates must be within their validity period")
        .when("by the module's clock, AT+CCLK"),
    Meaning::new("1", "validity periods are ignored"),
];

/// The six TLS contexts; one nobody has touched takes no memory.
#[derive(Debug, Default)]
pub(crate) struct Contexts([Option<Box<SslContext>>; CONTEXTS]);

impl Contexts {
    /// What a handshake with context `ctx` needs, certificate files included.
    pub(super) fn settings(&self, cx: &Context<'_>, ctx: u8) -> Result<TlsSettings, FileError> {
        let now = cx.clock.unix_ms(cx.now);
        match self.0.get(usize::from(ctx)) {
            Some(Some(context)) => context.settings(cx.storage, now),
            _ => SslContext::default().settings(cx.storage, now),
        }
    }

    /// The context a command's first argument names; its row sees to the range.
    fn context(&mut self, args: &Args<'_>) -> (u8, &mut SslContext) {
        let ctx = args.byte(0).unwrap_or_default();
        let at = usize::from(ctx).min(CONTEXTS - 1);
        (ctx, self.0[at].get_or_insert_default())
    }
}

/// A row of the command. Its options in the order of the test form's answer;
/// those a module hides from it have no line.
macro_rules! row {
    ($option:literal, $summary:literal, [$($line:literal)?], $params:expr, $answer:expr, $run:expr) => {
        Row {
            spec: Spec::new("+QSSLCFG", "docs/spec/quectel.md 9.1", $summary)
                .option($option)
                $(.test_lines(&[$line]))?
                .write($params)
                .answers($answer)
                .origin(Origin::Field)
                .example(concat!("+QSSLCFG=\"", $option, "\",0")),
            run: $run,
        }
    };
}

/// An option with one integer.
macro_rules! number {
    ($option:literal, $($field:ident).+, $min:literal..=$max:literal, $values:expr, $summary:literal, [$($line:literal)?]) => {
        row!(
            $option,
            $summary,
            [$($line)?],
            &const { [CTX, Param::int($option, $min, $max).optional().values($values)] },
            &const {
                [Answer::new(concat!("+QSSLCFG: \"", $option, "\",<sslctxID>,<", $option, ">"))
                    .fields(&const { [Field::new($option, $summary).values($values)] })]
            },
            |q, cx, _, args| number(q, cx, args, $option, |context| &mut context.$($field).+)
        )
    };
}

/// An option with one file name.
macro_rules! path {
    ($option:literal, $($field:ident).+, $summary:literal, $line:literal) => {
        row!(
            $option,
            $summary,
            [$line],
            &[CTX, Param::text("path", 0, PATH_LIMIT).optional()],
            &[Answer::new(concat!("+QSSLCFG: \"", $option, "\",<sslctxID>,\"<path>\""))],
            |q, cx, _, args| path(q, cx, args, $option, |context| &mut context.$($field).+)
        )
    };
}

const CTX: Param = Param::int("sslctxID", 0, 5);

pub(super) static ROWS: [Row<Quectel>; 21] = [
    number!(
        "sslversion",
        tls.version,
        0..=4,
        &VERSIONS,
        "oldest and newest protocol version",
        ["+QSSLCFG: \"sslversion\",(0-5),(0-4)"]
    ),
    number!(
        "dtls",
        dtls,
        0..=1,
        &SWITCH,
        "datagram TLS; stored only",
        ["+QSSLCFG: \"dtls\",(0-5),(0,1)"]
    ),
    number!(
        "dtlsversion",
        dtls_version,
        0..=1,
        &[],
        "version of datagram TLS; stored only",
        ["+QSSLCFG: \"dtlsversion\",(0-5),(0,1)"]
    ),
    Row {
        spec: cipher_suites(SUITES_TEST),
        run: |q, cx, _, args| cipher_suite(q, cx, args),
    },
    path!(
        "cacert",
        tls.ca_cert,
        "file with the certificate to check the server against",
        "+QSSLCFG: \"cacert\",(0-5),<cacertpath>"
    ),
    path!(
        "cacertex",
        tls.ca_cert_extra,
        "file with a further such certificate",
        "+QSSLCFG: \"cacertex\",(0-5),<cacertexpath>"
    ),
    path!(
        "clientcert",
        tls.client_cert,
        "file with the client's certificate",
        "+QSSLCFG: \"clientcert\",(0-5),<client_cert_path>"
    ),
    row!(
        "clientkey",
        "file with the client's key, and its password",
        ["+QSSLCFG: \"clientkey\",(0-5),<client_key_path>,<key_pwd>"],
        &[
            CTX,
            Param::text("client_key_path", 0, PATH_LIMIT).optional(),
            Param::text("key_pwd", 0, SECRET_LIMIT).optional(),
        ],
        &[Answer::new(
            "+QSSLCFG: \"clientkey\",<sslctxID>,\"<client_key_path>\"[,\"<key_pwd>\"]"
        )],
        |q, cx, _, args| client_key(q, cx, args)
    ),
    number!(
        "seclevel",
        tls.authentication,
        0..=2,
        &LEVELS,
        "whom to authenticate: nobody, the server, both",
        ["+QSSLCFG: \"seclevel\",(0-5),(0-2)"]
    ),
    number!(
        "ignorelocaltime",
        tls.ignore_local_time,
        0..=1,
        &DATES,
        "whether certificates may be outside their validity period",
        ["+QSSLCFG: \"ignorelocaltime\",(0-5),(0,1)"]
    ),
    number!(
        "negotiatetime",
        tls.negotiate_time,
        10..=300,
        &[],
        "seconds a handshake may take",
        ["+QSSLCFG: \"negotiatetime\",(0-5),(10-300)"]
    ),
    row!(
        "sni",
        "whether to send the host name",
        ["+QSSLCFG: \"sni\",(0-5),(0,1)"],
        &const {
            [
                CTX,
                Param::of("sni", Kind::QuotableInteger(0, 1))
                    .optional()
                    .values(&SWITCH),
            ]
        },
        &const {
            [Answer::new("+QSSLCFG: \"sni\",<sslctxID>,<sni>").fields(
                &const { [Field::new("sni", "host name in the handshake").values(&SWITCH)] },
            )]
        },
        |q, cx, _, args| number(q, cx, args, "sni", |context| &mut context.tls.sni)
    ),
    row!(
        "psk",
        "pre-shared key; stored only",
        ["+QSSLCFG: \"psk\",(0-5),<identity>,<key>"],
        &[
            CTX,
            Param::text("identity", 0, SECRET_LIMIT).optional(),
            Param::text("key", 0, SECRET_LIMIT).optional(),
        ],
        &[Answer::new(
            "+QSSLCFG: \"psk\",<sslctxID>,\"<identity>\",\"<key>\""
        )],
        |q, cx, _, args| pre_shared_key(q, cx, args)
    ),
    number!(
        "closetimemode",
        close_time_mode,
        0..=1,
        &SWITCH,
        "how a connection is closed; stored only",
        ["+QSSLCFG: \"closetimemode\",(0-5),(0,1)"]
    ),
    Row {
        spec: Spec::new(
            "+QSSLCFG",
            "docs/spec/quectel.md 9.1",
            "session resumption; stored only",
        )
        .option("session_cache")
        .aliases(&["session"])
        .test_lines(&["+QSSLCFG: \"session_cache\",(0-5),(0,1)"])
        .write(
            &const {
                [
                    CTX,
                    Param::int("session_cache", 0, 1).optional().values(&SWITCH),
                ]
            },
        )
        .answers(&[Answer::new(
            "+QSSLCFG: \"session_cache\",<sslctxID>,<session_cache>",
        )])
        .origin(Origin::Field)
        .example("+QSSLCFG=\"session_cache\",0"),
        run: |q, cx, _, args| {
            number(q, cx, args, "session_cache", |context| {
                &mut context.session_cache
            })
        },
    },
    row!(
        "alpn",
        "application protocol to offer",
        ["+QSSLCFG: \"alpn\",(0-5),<protocolname>"],
        &[CTX, Param::text("protocolname", 0, ALPN_LIMIT).optional()],
        &[Answer::new(
            "+QSSLCFG: \"alpn\",<sslctxID>,\"<protocolname>\""
        )],
        |q, cx, _, args| application_protocol(q, cx, args)
    ),
    number!(
        "renegotiation",
        renegotiation,
        0..=1,
        &SWITCH,
        "renegotiation; stored only",
        ["+QSSLCFG: \"renegotiation\",(0-5),(0,1)"]
    ),
    number!(
        "ignoremulticertchainverify",
        ignore_chain,
        0..=1,
        &SWITCH,
        "chains of several certificates; stored only",
        ["+QSSLCFG: \"ignoremulticertchainverify\",(0-5),(0,1)"]
    ),
    number!(
        "ignoreinvalidcertsign",
        ignore_signature,
        0..=1,
        &SWITCH,
        "certificates with a bad signature; stored only",
        ["+QSSLCFG: \"ignoreinvalidcertsign\",(0-5),(0,1)"]
    ),
    Row {
        spec: ignore_items(),
        run: |q, cx, _, args| {
            number(q, cx, args, "ignorecertitem", |context| {
                &mut context.ignore_items
            })
        },
    },
    number!(
        "checkhost",
        tls.check_host,
        0..=1,
        &SWITCH,
        "whether the certificate must name the host",
        []
    ),
];

const fn cipher_suites(test: &'static [&'static str]) -> Spec {
    Spec::new(
        "+QSSLCFG",
        "docs/spec/quectel.md 9.1",
        "cipher suite to offer",
    )
    .option("ciphersuite")
    .test_lines(test)
    .write(
        const {
            &[
                CTX,
                Param::of("ciphersuite", Kind::Hexadecimal(0, 0xffff)).optional(),
            ]
        },
    )
    .answers(
        const {
            &[
                Answer::new("+QSSLCFG: \"ciphersuite\",<sslctxID>,<ciphersuite>").fields(
                    const {
                        &[Field::new(
                            "ciphersuite",
                            "number of the suite, 0XFFFF for all",
                        )]
                    },
                ),
            ]
        },
    )
    .origin(Origin::Field)
    .example("+QSSLCFG=\"ciphersuite\",0")
}

const fn ignore_items() -> Spec {
    Spec::new(
        "+QSSLCFG",
        "docs/spec/quectel.md 9.1",
        "certificate fields not to be checked; stored only",
    )
    .option("ignorecertitem")
    .write(const { &[CTX, Param::int("ignorecertitem", 0, 1_048_575).optional()] })
    .answers(
        const {
            &[Answer::new(
                "+QSSLCFG: \"ignorecertitem\",<sslctxID>,<ignorecertitem>",
            )]
        },
    )
    .origin(Origin::Field)
    .example("+QSSLCFG=\"ignorecertitem\",0")
}

/// Sets a value, or prints it if the command has none.
fn number(
    q: &mut Quectel,
    cx: &mut Context<'_>,
    args: &Args<'_>,
    option: &str,
    field: fn(&mut SslContext) -> &mut u32,
) -> Outcome {
    let (ctx, context) = q.ssl.context(args);
    let field = field(context);
    match args.int(1) {
        Some(value) => *field = value,
        None => cx.reply(format!("+QSSLCFG: \"{option}\",{ctx},{field}")),
    }
    Outcome::Ok
}

fn cipher_suite(q: &mut Quectel, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let (ctx, context) = q.ssl.context(args);
    match args.int(1) {
        Some(suite) if suite == ALL_SUITES || q.profile.own.suites.contains(&suite) => {
            context.tls.cipher_suite = suite;
        }
        Some(suite) => {
            let cause = format!("the module has no cipher suite 0X{suite:04X}");
            return Outcome::error(Reason::new(cause).remedy("AT+QSSLCFG=? lists those it has"));
        }
        None => {
            let suite = context.tls.cipher_suite;
            cx.reply(format!("+QSSLCFG: \"ciphersuite\",{ctx},0X{suite:04X}"));
        }
    }
    Outcome::Ok
}

/// Whether the file exists is found out at the handshake.
fn path(
    q: &mut Quectel,
    cx: &mut Context<'_>,
    args: &Args<'_>,
    option: &str,
    field: fn(&mut SslContext) -> &mut Vec<u8>,
) -> Outcome {
    let (ctx, context) = q.ssl.context(args);
    let field = field(context);
    match args.text(1) {
        Some(path) => *field = with_capital_prefix(path),
        None => print(cx, option, ctx, &[field]),
    }
    Outcome::Ok
}

/// A key without a password keeps the one set before, as every omitted
/// argument does (docs/spec/quectel.md 2.5).
fn client_key(q: &mut Quectel, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let (ctx, context) = q.ssl.context(args);
    if let Some(path) = args.text(1) {
        context.tls.client_key = with_capital_prefix(path);
    }
    if let Some(password) = args.text(2) {
        context.tls.key_password = password.into();
    }
    if args.given() == 1 {
        let values = [&context.tls.client_key[..], &context.tls.key_password];
        let shown = if values[1].is_empty() { 1 } else { 2 };
        print(cx, "clientkey", ctx, &values[..shown]);
    }
    Outcome::Ok
}

fn pre_shared_key(q: &mut Quectel, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let (ctx, context) = q.ssl.context(args);
    match (args.text(1), args.text(2)) {
        (Some(identity), Some(key)) => {
            context.psk_identity = identity.into();
            context.psk_key = key.into();
        }
        (None, None) => {
            let values = [&context.psk_identity[..], &context.psk_key];
            print(cx, "psk", ctx, &values);
        }
        _ => {
            let reason = Reason::new("identity and key go together");
            return Outcome::error(reason);
        }
    }
    Outcome::Ok
}

/// The settings of a handshake carry the name as text, so text it must be.
fn application_protocol(q: &mut Quectel, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let (ctx, context) = q.ssl.context(args);
    match args.text(1).map(core::str::from_utf8) {
        Some(Ok(name)) => context.tls.alpn = name.into(),
        Some(Err(_)) => {
            return Outcome::error(Reason::new("<protocolname> is no UTF-8 text"));
        }
        None => print(cx, "alpn", ctx, &[context.tls.alpn.as_bytes()]),
    }
    Outcome::Ok
}

fn print(cx: &mut Context<'_>, option: &str, ctx: u8, values: &[&[u8]]) {
    let mut line = format!("+QSSLCFG: \"{option}\",{ctx}").into_bytes();
    for value in values {
        line.extend_from_slice(b",\"");
        line.extend_from_slice(value);
        line.push(b'"');
    }
    cx.reply(line);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn the_test_forms_list_the_suites_that_are_accepted() {
        for (test, suites) in [(SUITES_TEST, &SUITES[..]), (EG25_SUITES_TEST, &EG25_SUITES)] {
            let suites: Vec<String> = suites
                .iter()
                .chain([&ALL_SUITES])
                .map(|suite| format!("0X{suite:04X}"))
                .collect();
            let want = format!("+QSSLCFG: \"ciphersuite\",(0-5),({})", suites.join(","));
            assert_eq!(test, [want]);
        }
    }
}
