//! TLS contexts, `AT+CSSLCFG` (docs/spec/simcom.md 9.1).

use super::{Knobs, SimCom, files};
use crate::command::{self as values, Args, Form, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::quirks::Millis;
use crate::tls::TlsSettings;
use crate::tls_context::{FileError, Meaning, TlsContext};

const CONTEXTS: usize = 2;
/// Time until a handshake with a wildcard certificate fails, with quirk
/// `tls_refuse_wildcard` (docs/spec/simcom.md 9.1).
const WILDCARD_REFUSED_AFTER: Millis = Millis(20_000);
/// Longest name of a file, and of a password.
const NAME: usize = 108;

const CTX: Param = Param::int("ssl_ctx_index", 0, 1);

static VERSIONS: [values::Meaning; 5] = [
    values::Meaning::new("0", "SSL 3.0").when("the handshake fails: the TLS library has none"),
    values::Meaning::new("1", "TLS 1.0").when("the handshake fails: the TLS library has none"),
    values::Meaning::new("2", "TLS 1.1").when("the handshake fails: the TLS library has none"),
    values::Meaning::new("3", "TLS 1.2"),
    values::Meaning::new("4", "all of them: TLS 1.2 here"),
];
static MODES: [values::Meaning; 4] = [
    values::Meaning::new("0", "nobody is verified"),
    values::Meaning::new("1", "the server is verified").when("needs cacert"),
    values::Meaning::new("2", "both are verified").when("needs cacert, clientcert and clientkey"),
    values::Meaning::new("3", "the client is verified").when("needs clientcert and clientkey"),
];
static LOCAL_TIME: [values::Meaning; 2] = [
    values::Meaning::new("0", "validity periods are checked by the module's clock"),
    values::Meaning::new("1", "validity periods are ignored"),
];
static SNI: [values::Meaning; 2] = [
    values::Meaning::new("0", "the host name is not sent"),
    values::Meaning::new("1", "the host name is sent"),
];
static FIELDS: [values::Field; 4] = [
    values::Field::new("sslversion", "newest protocol version").values(&VERSIONS),
    values::Field::new("authmode", "who is verified").values(&MODES),
    values::Field::new("ignorelocaltime", "validity periods").values(&LOCAL_TIME),
    values::Field::new("enableSNI", "server name indication").values(&SNI),
];

/// An option in the family's table; `line` is its line of the test form.
const fn option(name: &'static str, line: &'static [&'static str], summary: &'static str) -> Spec {
    Spec::new("+CSSLCFG", "docs/spec/simcom.md 9.1", summary)
        .option(name)
        .test_lines(line)
        .origin(Origin::Field)
}

/// An option with one number.
macro_rules! number {
    ($option:literal, $field:ident, $kind:expr, $values:expr, [$($line:literal)?], $aliases:expr, $example:literal, $summary:literal) => {
        Row::new(
            option($option, &[$($line)?], $summary)
                .aliases($aliases)
                .write(&[CTX, Param::of("value", $kind).values($values)])
                .example(concat!("+CSSLCFG=\"", $option, "\",0,", $example)),
            |s, _, _, args| s.set_tls(args, |context| {
                context.$field = args.int(1).unwrap_or_default();
            }),
        )
    };
}

/// An option with one file name; an empty one takes the name away.
macro_rules! file {
    ($option:literal, $field:ident, $line:literal, $summary:literal) => {
        Row::new(
            option($option, &[$line], $summary)
                .write(&[CTX, Param::text("filename", 0, NAME)])
                .example(concat!("+CSSLCFG=\"", $option, "\",0,\"server_ca.pem\"")),
            |s, _, _, args| {
                let name = args.text(1).unwrap_or_default();
                if !name.is_empty() && !files::is_name(name) {
                    return Outcome::error(files::bad_name(name));
                }
                s.set_tls(args, |context| context.$field = name.into())
            },
        )
    };
}

pub(super) static ROWS: [Row<SimCom>; 11] = [
    Row::new(
        Spec::new(
            "+CSSLCFG",
            "docs/spec/simcom.md 9.1",
            "settings of TLS contexts",
        )
        .read()
        .write(&[CTX])
        .answers(&[values::Answer::new(
            "+CSSLCFG: <ssl_ctx_index>,<sslversion>,<authmode>,<ignorelocaltime>,<negotiatetime>,\
             \"<cacert>\",\"<clientcert>\",\"<clientkey>\",<enableSNI>",
        )
        .fields(&FIELDS)])
        .origin(Origin::Field)
        .example("+CSSLCFG=0"),
        show,
    ),
    number!(
        "sslversion",
        version,
        Kind::Integer(0, 4),
        &VERSIONS,
        ["+CSSLCFG: \"sslversion\",(0-1),(0-4)"],
        &[],
        "4",
        "newest protocol version: 0 SSL 3.0 to 3 TLS 1.2, 4 all"
    ),
    number!(
        "authmode",
        authentication,
        Kind::Integer(0, 3),
        &MODES,
        ["+CSSLCFG: \"authmode\",(0-1),(0-3)"],
        &[],
        "1",
        "0 no verification, 1 of the server, 2 of both sides, 3 of the client"
    ),
    number!(
        "ignorelocaltime",
        ignore_local_time,
        Kind::Integer(0, 1),
        &LOCAL_TIME,
        ["+CSSLCFG: \"ignorelocaltime\",(0-1),(0,1)"],
        &["ignorertctime"],
        "1",
        "whether validity periods are ignored"
    ),
    number!(
        "negotiatetime",
        negotiate_time,
        Kind::Integer(10, 300),
        &[],
        ["+CSSLCFG: \"negotiatetime\",(0-1),(10-300)"],
        &[],
        "300",
        "seconds a handshake may take"
    ),
    file!(
        "cacert",
        ca_cert,
        "+CSSLCFG: \"cacert\",(0-1),(5-108)",
        "file to verify the server against"
    ),
    file!(
        "clientcert",
        client_cert,
        "+CSSLCFG: \"clientcert\",(0-1),(5-108)",
        "file with the client's certificate"
    ),
    file!(
        "clientkey",
        client_key,
        "+CSSLCFG: \"clientkey\",(0-1),(5-108)",
        "file with the client's key"
    ),
    number!(
        "enableSNI",
        sni,
        Kind::Integer(0, 1),
        &SNI,
        ["+CSSLCFG: \"enableSNI\",(0-1),(0,1)"],
        &[],
        "1",
        "whether the host name is sent"
    ),
    Row::new(
        option("password", &[], "password of the client's key")
            .aliases(&["keypwd"])
            .write(&[CTX, Param::text("password", 0, NAME)])
            .example("+CSSLCFG=\"password\",0,\"secret\""),
        |s, _, _, args| {
            let password = args.text(1).unwrap_or_default();
            s.set_tls(args, |context| context.key_password = password.into())
        },
    ),
    number!(
        "ciphersuites",
        cipher_suite,
        Kind::Hexadecimal(0x002f, 0xffff),
        &[],
        [],
        &[],
        "0xFFFF",
        "kept, without effect"
    ),
];

/// Every context. They survive everything but a restart.
#[derive(Debug, Default)]
pub(super) struct Contexts([TlsContext; CONTEXTS]);

impl Contexts {
    /// What a handshake with a context needs, files included.
    pub(super) fn settings(
        &self,
        cx: &Context<'_>,
        context: u8,
        knobs: &Knobs,
    ) -> Result<TlsSettings, FileError> {
        let context = &self.0[usize::from(context).min(CONTEXTS - 1)];
        let read = |name: &[u8]| files::read(cx.storage, name);
        let meaning = Meaning {
            command: "+CSSLCFG",
            mode: "authmode",
            server: matches!(context.authentication, 1 | 2),
            client: matches!(context.authentication, 2 | 3),
            read: &read,
        };
        let mut settings = context.settings(&meaning, cx.clock.unix_ms(cx.now))?;
        settings.check_host = knobs.tls_verify_name;
        let refuses = knobs.tls_refuse_wildcard;
        settings.refuse_wildcard = refuses.then(|| cx.delay(WILDCARD_REFUSED_AFTER));
        settings.cipher_suites = None;
        // The password itself, or the name of the file it is in.
        if let Some(identity) = &mut settings.identity
            && let Some(password) = read(&context.key_password)
        {
            identity.password = Some(password);
        }
        Ok(settings)
    }
}

impl SimCom {
    fn set_tls(&mut self, args: &Args<'_>, set: impl FnOnce(&mut TlsContext)) -> Outcome {
        let index = args.int(0).unwrap_or_default() as usize;
        // The row's range has no other.
        if let Some(context) = self.ssl.0.get_mut(index) {
            set(context);
        }
        Outcome::Ok
    }
}

fn show(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let wanted = args.int(0).map(|index| index as usize);
    for (index, context) in s.ssl.0.iter().enumerate() {
        if wanted.is_some_and(|wanted| wanted != index) {
            continue;
        }
        let line = cx
            .line("+CSSLCFG")
            .value(index)
            .value(context.version)
            .value(context.authentication)
            .value(context.ignore_local_time)
            .value(context.negotiate_time)
            .quoted(&context.ca_cert)
            .quoted(&context.client_cert)
            .quoted(&context.client_key)
            .value(context.sni);
        cx.reply(line);
    }
    Outcome::Ok
}
