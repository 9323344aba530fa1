//! TLS contexts, `AT+CSSLCFG` (docs/spec/simcom.md 9.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::{SimCom, files, row};
use crate::command::{Args, Form, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::tls::{TlsIdentity, TlsSettings, TlsVersions};

const CONTEXTS: usize = 2;
/// Longest name of a file, and of a password.
const NAME: usize = 108;

const CTX: Param = Param::int("ssl_ctx_index", 0, 1);

/// An option in the family's table; `line` is its line of the test form.
const fn option(name: &'static str, line: &'static [&'static str], summary: &'static str) -> Spec {
    Spec::new("+CSSLCFG", "docs/spec/simcom.md 9.1", summary)
        .option(name)
        .test_lines(line)
        .origin(Origin::Field)
}

/// An option with one number.
macro_rules! number {
    ($option:literal, $field:ident, $kind:expr, [$($line:literal)?], $aliases:expr, $example:literal, $summary:literal) => {
        row(
            option($option, &[$($line)?], $summary)
                .aliases($aliases)
                .write(&[CTX, Param::of("value", $kind)])
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
        row(
            option($option, &[$line], $summary)
                .write(&[CTX, Param::text("filename", 0, NAME)])
                .example(concat!("+CSSLCFG=\"", $option, "\",0,\"server_ca.pem\"")),
            |s, _, _, args| {
                let name = args.text(1).unwrap_or_default();
                if !name.is_empty() && !files::is_name(name) {
                    return Outcome::Error;
                }
                s.set_tls(args, |context| context.$field = name.into())
            },
        )
    };
}

pub(super) static ROWS: [Row<SimCom>; 11] = [
    row(
        Spec::new(
            "+CSSLCFG",
            "docs/spec/simcom.md 9.1",
            "settings of TLS contexts",
        )
        .read()
        .write(&[CTX])
        .origin(Origin::Field)
        .example("+CSSLCFG=0"),
        show,
    ),
    number!(
        "sslversion",
        version,
        Kind::Integer(0, 4),
        ["+CSSLCFG: \"sslversion\",(0-1),(0-4)"],
        &[],
        "4",
        "newest protocol version: 0 SSL 3.0 to 3 TLS 1.2, 4 all"
    ),
    number!(
        "authmode",
        authentication,
        Kind::Integer(0, 3),
        ["+CSSLCFG: \"authmode\",(0-1),(0-3)"],
        &[],
        "1",
        "0 no verification, 1 of the server, 2 of both sides, 3 of the client"
    ),
    number!(
        "ignorelocaltime",
        ignore_local_time,
        Kind::Integer(0, 1),
        ["+CSSLCFG: \"ignorelocaltime\",(0-1),(0,1)"],
        &["ignorertctime"],
        "1",
        "whether validity periods are ignored"
    ),
    number!(
        "negotiatetime",
        negotiate_time,
        Kind::Integer(10, 300),
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
        ["+CSSLCFG: \"enableSNI\",(0-1),(0,1)"],
        &[],
        "1",
        "whether the host name is sent"
    ),
    row(
        option("password", &[], "password of the client's key")
            .aliases(&["keypwd"])
            .write(&[CTX, Param::text("password", 0, NAME)])
            .example("+CSSLCFG=\"password\",0,\"secret\""),
        |s, _, _, args| {
            let password = args.text(1).unwrap_or_default();
            s.set_tls(args, |context| context.password = password.into())
        },
    ),
    number!(
        "ciphersuites",
        cipher_suites,
        Kind::Hexadecimal(0x002f, 0xffff),
        [],
        &[],
        "0xFFFF",
        "kept, without effect"
    ),
];

/// What AT+CSSLCFG set of one context. Survives everything but a restart.
#[derive(Debug, Clone)]
pub(super) struct TlsContext {
    version: u32,
    authentication: u32,
    ignore_local_time: u32,
    /// Seconds.
    negotiate_time: u32,
    ca_cert: Vec<u8>,
    client_cert: Vec<u8>,
    client_key: Vec<u8>,
    password: Vec<u8>,
    sni: u32,
    cipher_suites: u32,
}

impl Default for TlsContext {
    fn default() -> Self {
        Self {
            version: 4,
            authentication: 0,
            ignore_local_time: 1,
            negotiate_time: 300,
            ca_cert: Vec::new(),
            client_cert: Vec::new(),
            client_key: Vec::new(),
            password: Vec::new(),
            sni: 0,
            cipher_suites: 0xffff,
        }
    }
}

/// A file that the authentication mode calls for is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("AT+CSSLCFG \"authmode\" {mode} needs \"{option}\", which names {}", shown(.name))]
pub(super) struct MissingFile {
    mode: u32,
    option: &'static str,
    name: Vec<u8>,
}

fn shown(name: &[u8]) -> String {
    match name {
        [] => "no file".into(),
        _ => alloc::format!("a file that does not exist, \"{}\"", name.escape_ascii()),
    }
}

/// Every context.
#[derive(Debug, Default)]
pub(super) struct Contexts([TlsContext; CONTEXTS]);

impl Contexts {
    /// What a handshake with a context needs, files included.
    pub(super) fn settings(
        &self,
        cx: &Context<'_>,
        context: u8,
        check_host: bool,
    ) -> Result<TlsSettings, MissingFile> {
        let context = &self.0[usize::from(context).min(CONTEXTS - 1)];
        let read = |option, name: &[u8]| {
            files::read(cx.storage, name).ok_or_else(|| MissingFile {
                mode: context.authentication,
                option,
                name: name.into(),
            })
        };
        let verifies = matches!(context.authentication, 1 | 2);
        let identifies = matches!(context.authentication, 2 | 3);
        let roots = if verifies {
            Some(Vec::from([read("cacert", &context.ca_cert)?]))
        } else {
            None
        };
        let identity = if identifies {
            Some(TlsIdentity {
                certificate: read("clientcert", &context.client_cert)?,
                key: read("clientkey", &context.client_key)?,
                password: context.password(cx),
            })
        } else {
            None
        };
        Ok(TlsSettings {
            versions: TlsVersions::numbered(context.version),
            cipher_suites: None,
            roots,
            identity,
            ignore_validity: context.ignore_local_time != 0,
            check_host,
            sni: context.sni != 0,
            alpn: None,
            handshake_timeout: Duration::from_secs(u64::from(context.negotiate_time)),
            wall_clock_ms: cx.clock.unix_ms(cx.now),
        })
    }
}

impl TlsContext {
    /// The password itself, or the content of the file of that name.
    fn password(&self, cx: &Context<'_>) -> Option<Bytes> {
        if self.password.is_empty() {
            return None;
        }
        let file = files::read(cx.storage, &self.password);
        Some(file.unwrap_or_else(|| Bytes::copy_from_slice(&self.password)))
    }
}

impl SimCom {
    fn set_tls(&mut self, args: &Args<'_>, set: impl FnOnce(&mut TlsContext)) -> Outcome {
        let context = args
            .int(0)
            .and_then(|index| self.ssl.0.get_mut(index as usize));
        context.map_or(Outcome::Error, |context| {
            set(context);
            Outcome::Ok
        })
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
