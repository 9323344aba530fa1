//! Making a connection: resolve, connect, handshake.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use attwin_core::{NetError, TlsSettings};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tracing::debug;

use super::routes::{Routes, Target, bare_host};
use super::stream::Stream;
use super::tls::{self, TlsError};

/// What a modem asked to open.
pub(super) struct Request {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<Box<TlsSettings>>,
    pub(super) connect_timeout: Duration,
}

/// Why a connection could not be made or a name not be resolved: what was
/// asked for, where it was redirected to if it was, and the cause.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {cause}")]
pub struct DialError {
    what: String,
    cause: Cause,
}

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("the name {name} does not resolve: {error}")]
    Lookup { name: String, error: io::Error },
    #[error("the name {0} resolves to no address")]
    NoAddress(String),
    #[error("{address} refused the connection: nothing listens on this port")]
    Refused { address: SocketAddr },
    #[error("{address} did not answer within {limit:?}")]
    ConnectTimeout {
        address: SocketAddr,
        limit: Duration,
    },
    #[error("{address} cannot be connected to: {error}")]
    Connect {
        address: SocketAddr,
        error: io::Error,
    },
    #[error(transparent)]
    Settings(#[from] TlsError),
    #[error("TLS with {address}: {}", tls::explain(error))]
    Handshake {
        address: SocketAddr,
        error: io::Error,
    },
    #[error(
        "TLS with {address}: the certificate fits {host} by a wildcard only, which quirk \
         tls_refuse_wildcard refuses"
    )]
    Wildcard { address: SocketAddr, host: String },
    #[error("TLS with {address}: the handshake timed out after {limit:?}")]
    HandshakeTimeout {
        address: SocketAddr,
        limit: Duration,
    },
}

impl DialError {
    /// The reason as a module knows it.
    pub fn kind(&self) -> NetError {
        self.cause.kind()
    }
}

/// Opens a connection to where `routes` sends it.
pub(super) async fn open(routes: &Routes, request: &Request) -> Result<Stream, DialError> {
    let Request {
        host, port, tls, ..
    } = request;
    let redirect = routes.connection(host, *port);
    connect(redirect, request).await.map_err(|cause| {
        let scheme = if tls.is_some() { " with TLS" } else { "" };
        let via = redirect
            .map(|to| format!(" (redirected to {to})"))
            .unwrap_or_default();
        DialError {
            what: format!("cannot connect to {host}:{port}{scheme}{via}"),
            cause,
        }
    })
}

/// Resolves a name to where `routes` sends connections to it.
pub(super) async fn resolve(routes: &Routes, host: &str) -> Result<Vec<IpAddr>, DialError> {
    let redirect = routes.resolution(host);
    let (name, port) = redirect.map_or((host, 0), |to| (&to.host, to.port));
    match addresses(name, port).await {
        Ok(addresses) => Ok(addresses.iter().map(SocketAddr::ip).collect()),
        Err(cause) => {
            let via = redirect
                .map(|to| format!(" (redirected to {to})"))
                .unwrap_or_default();
            Err(DialError {
                what: format!("cannot resolve {host}{via}"),
                cause,
            })
        }
    }
}

async fn connect(redirect: Option<&Target>, request: &Request) -> Result<Stream, Cause> {
    // Settings that cannot be served fail before the network is touched.
    let settings = request
        .tls
        .as_deref()
        .filter(|_| redirect.is_none_or(|to| !to.plain));
    let config = settings.map(tls::client_config).transpose()?;

    let (host, port) = redirect.map_or((&request.host, request.port), |to| (&to.host, to.port));
    let addresses = addresses(host, port).await?;
    let (stream, address) = connect_any(&addresses, request.connect_timeout).await?;
    // Best effort: without it packets are late, not lost.
    if let Err(error) = stream.set_nodelay(true) {
        debug!("TCP_NODELAY cannot be set: {error}");
    }

    let (Some(settings), Some(config)) = (settings, config) else {
        return Ok(Stream::Plain(stream));
    };
    // The firmware's own name is announced and verified, redirected or not.
    let name = tls::server_name(bare_host(&request.host), address.ip(), settings)?;
    let limit = settings.handshake_timeout;
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
    match timeout(limit, handshake).await {
        Ok(Ok(stream)) => {
            let host = bare_host(&request.host);
            if let Some(delay) = settings.refuse_wildcard
                && tls::fits_by_wildcard(stream.get_ref().1, host)
            {
                sleep(delay).await;
                let host = host.to_owned();
                return Err(Cause::Wildcard { address, host });
            }
            Ok(Stream::Tls(Box::new(stream.into())))
        }
        Ok(Err(error)) => Err(Cause::Handshake { address, error }),
        Err(_) => Err(Cause::HandshakeTimeout { address, limit }),
    }
}

/// The addresses of a host; a literal, with or without brackets, is one itself.
/// Never empty.
async fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, Cause> {
    let host = bare_host(host);
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let mut addresses: Vec<SocketAddr> = lookup_host((host, port))
        .await
        .map_err(|error| Cause::Lookup {
            name: host.to_owned(),
            error,
        })?
        .collect();
    addresses.dedup();
    if addresses.is_empty() {
        return Err(Cause::NoAddress(host.to_owned()));
    }
    Ok(addresses)
}

/// Connects to the first address that answers. Each gets an equal share of the
/// time that is left, so that a silent one does not cost the others theirs.
async fn connect_any(
    addresses: &[SocketAddr],
    limit: Duration,
) -> Result<(TcpStream, SocketAddr), Cause> {
    let start = Instant::now();
    let deadline = start.checked_add(limit);
    let mut failure: Option<Cause> = None;
    for (tried, &address) in (0u32..).zip(addresses) {
        let remaining = u32::try_from(addresses.len()).map_or(1, |count| count - tried);
        let connecting = TcpStream::connect(address);
        let result = match deadline {
            Some(deadline) => {
                let now = Instant::now();
                let share = deadline.saturating_duration_since(now) / remaining;
                timeout_at(now + share, connecting).await
            }
            None => Ok(connecting.await),
        };
        let cause = match result {
            Ok(Ok(stream)) => return Ok((stream, address)),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Cause::Refused { address }
            }
            Ok(Err(error)) => Cause::Connect { address, error },
            Err(_) => Cause::ConnectTimeout {
                address,
                limit: start.elapsed(),
            },
        };
        debug!("{cause}");
        // An address family this computer lacks must not hide what the other
        // one found out.
        let telling =
            |cause: &Cause| matches!(cause.kind(), NetError::Refused | NetError::TimedOut);
        if failure.as_ref().is_none_or(|earlier| !telling(earlier)) {
            failure = Some(cause);
        }
    }
    // `addresses` is never empty, but a caller's mistake is no reason to panic.
    Err(failure.unwrap_or_else(|| Cause::NoAddress(String::new())))
}

impl Cause {
    fn kind(&self) -> NetError {
        match self {
            Self::Lookup { .. } | Self::NoAddress(_) => NetError::Dns,
            Self::Refused { .. } => NetError::Refused,
            Self::ConnectTimeout { .. } => NetError::TimedOut,
            Self::Connect { error, .. } => connect_kind(error.kind()),
            Self::Settings(_)
            | Self::Handshake { .. }
            | Self::HandshakeTimeout { .. }
            | Self::Wildcard { .. } => NetError::Tls,
        }
    }
}

fn connect_kind(kind: io::ErrorKind) -> NetError {
    match kind {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted => NetError::Refused,
        // EACCES and EPERM are what a local firewall answers.
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::PermissionDenied => NetError::Unreachable,
        io::ErrorKind::TimedOut => NetError::TimedOut,
        _ => NetError::Local,
    }
}
