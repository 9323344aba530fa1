//! Where connections go: `--broker` and `--connect-to`.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// Redirections of a modem's connections. None by default: names are resolved
/// and dialled for real.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    broker: Option<Target>,
    connect_to: Vec<ConnectTo>,
}

/// Where redirected connections go: `HOST:PORT[,plain]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Connections for which the firmware asked TLS go out unencrypted.
    pub plain: bool,
}

/// The value of `--broker`: `embedded[,plain]` or `HOST:PORT[,plain]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerRoute {
    /// The broker in this process.
    Embedded {
        /// As [`Target::plain`].
        plain: bool,
    },
    /// A broker elsewhere.
    At(Target),
}

/// The value of `--connect-to`: `HOST:PORT=HOST:PORT[,plain]`, as curl's option
/// of that name. An empty host or port on the left matches any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    /// Host name or address as the firmware gives it, `None` for any.
    pub host: Option<String>,
    /// Port as the firmware gives it, `None` for any.
    pub port: Option<u16>,
    /// Where these connections go.
    pub target: Target,
}

/// Why a value of `--broker` or `--connect-to` is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No `HOST:PORT`.
    #[error("{0:?} is not HOST:PORT; write for example localhost:1883 or [::1]:1883")]
    NotHostPort(String),
    /// The host part is empty.
    #[error("{0:?} names no host before the colon; write for example localhost:1883")]
    NoHost(String),
    /// The port part is no port.
    #[error("{port:?} in {value:?} is no TCP port; write a number from 1 to 65535")]
    Port {
        /// The port part.
        port: String,
        /// The whole address.
        value: String,
    },
    /// An IPv6 address without brackets.
    #[error("{0:?} has more than one colon; write an IPv6 address in brackets, as [::1]:1883")]
    Brackets(String),
    /// A suffix other than `,plain`.
    #[error("{suffix:?} in {value:?} is not known; the only suffix is ,plain")]
    Suffix {
        /// What follows the comma.
        suffix: String,
        /// The whole value.
        value: String,
    },
    /// No `=` in a value of `--connect-to`.
    #[error(
        "{0:?} has no = between what to redirect and where to; write for example \
         broker.example:8883=localhost:1883,plain"
    )]
    NoEquals(String),
}

impl Routes {
    /// All connections go to `broker`, if given, except those that one of
    /// `connect_to` matches; the first match counts.
    pub fn new(broker: Option<Target>, connect_to: Vec<ConnectTo>) -> Self {
        Self { broker, connect_to }
    }

    /// Where a connection to `host` and `port` is redirected to.
    pub fn connection(&self, host: &str, port: u16) -> Option<&Target> {
        self.find(|rule| rule.matches_host(host) && rule.port.is_none_or(|only| only == port))
    }

    /// Whose address a look-up of `host` yields. A look-up names no port, so a
    /// redirection of any port of this host counts.
    pub fn resolution(&self, host: &str) -> Option<&Target> {
        self.find(|rule| rule.matches_host(host))
    }

    fn find(&self, matches: impl Fn(&ConnectTo) -> bool) -> Option<&Target> {
        let rule = self.connect_to.iter().find(|rule| matches(rule));
        rule.map(|rule| &rule.target).or(self.broker.as_ref())
    }
}

impl Target {
    /// A target that is already an address.
    pub fn at(address: SocketAddr, plain: bool) -> Self {
        Self {
            host: address.ip().to_string(),
            port: address.port(),
            plain,
        }
    }
}

impl FromStr for Target {
    type Err = RouteError;

    fn from_str(value: &str) -> Result<Self, RouteError> {
        let (address, plain) = split_plain(value)?;
        let (host, port) = split_host_port(address)?;
        if host.is_empty() {
            return Err(RouteError::NoHost(address.to_owned()));
        }
        Ok(Self {
            host: host.to_owned(),
            port: parse_port(port, address)?,
            plain,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", Bracketed(&self.host), self.port)?;
        f.write_str(if self.plain { ",plain" } else { "" })
    }
}

impl FromStr for BrokerRoute {
    type Err = RouteError;

    fn from_str(value: &str) -> Result<Self, RouteError> {
        match split_plain(value)? {
            ("embedded", plain) => Ok(Self::Embedded { plain }),
            _ => value.parse().map(Self::At),
        }
    }
}

impl fmt::Display for BrokerRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { plain: false } => f.write_str("embedded"),
            Self::Embedded { plain: true } => f.write_str("embedded,plain"),
            Self::At(target) => target.fmt(f),
        }
    }
}

impl ConnectTo {
    fn matches_host(&self, host: &str) -> bool {
        let host = bare_host(host);
        self.host.as_deref().is_none_or(|only| {
            only.trim_end_matches('.')
                .eq_ignore_ascii_case(host.trim_end_matches('.'))
        })
    }
}

impl FromStr for ConnectTo {
    type Err = RouteError;

    fn from_str(value: &str) -> Result<Self, RouteError> {
        let (from, to) = value
            .split_once('=')
            .ok_or_else(|| RouteError::NoEquals(value.to_owned()))?;
        let (host, port) = split_host_port(from)?;
        Ok(Self {
            host: (!host.is_empty()).then(|| host.to_owned()),
            port: if port.is_empty() {
                None
            } else {
                Some(parse_port(port, from)?)
            },
            target: to.parse()?,
        })
    }
}

impl fmt::Display for ConnectTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:",
            Bracketed(self.host.as_deref().unwrap_or_default())
        )?;
        if let Some(port) = self.port {
            write!(f, "{port}")?;
        }
        write!(f, "={}", self.target)
    }
}

/// A host without the brackets of an IPv6 literal.
pub(super) fn bare_host(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host)
}

struct Bracketed<'a>(&'a str);

impl fmt::Display for Bracketed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') {
            write!(f, "[{}]", self.0)
        } else {
            f.write_str(self.0)
        }
    }
}

fn split_plain(value: &str) -> Result<(&str, bool), RouteError> {
    match value.split_once(',') {
        None => Ok((value, false)),
        Some((address, "plain")) => Ok((address, true)),
        Some((_, suffix)) => Err(RouteError::Suffix {
            suffix: suffix.to_owned(),
            value: value.to_owned(),
        }),
    }
}

/// Splits at the colon before the port; brackets around the host are removed.
fn split_host_port(address: &str) -> Result<(&str, &str), RouteError> {
    if let Some(rest) = address.strip_prefix('[') {
        return rest
            .split_once("]:")
            .ok_or_else(|| RouteError::NotHostPort(address.to_owned()));
    }
    let (host, port) = address
        .rsplit_once(':')
        .ok_or_else(|| RouteError::NotHostPort(address.to_owned()))?;
    if host.contains(':') {
        return Err(RouteError::Brackets(address.to_owned()));
    }
    Ok((host, port))
}

fn parse_port(port: &str, address: &str) -> Result<u16, RouteError> {
    port.parse()
        .ok()
        .filter(|&number| number != 0)
        .ok_or_else(|| RouteError::Port {
            port: port.to_owned(),
            value: address.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    fn rule(text: &str) -> ConnectTo {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_is_redirected_by_default() {
        assert_eq!(Routes::default().connection("broker.example", 1883), None);
        assert_eq!(Routes::default().resolution("broker.example"), None);
    }

    #[test]
    fn the_broker_takes_every_connection_and_every_name() {
        let routes = Routes::new(Some(target("localhost:1884")), vec![]);
        assert_eq!(
            routes.connection("broker.example", 8883),
            Some(&target("localhost:1884"))
        );
        assert_eq!(
            routes.resolution("no.such.name"),
            Some(&target("localhost:1884"))
        );
    }

    #[test]
    fn a_single_redirection_goes_before_the_broker() {
        let routes = Routes::new(
            Some(target("a:1")),
            vec![rule("x.example:8883=b:2"), rule(":8883=c:3")],
        );
        assert_eq!(routes.connection("X.Example.", 8883), Some(&target("b:2")));
        assert_eq!(routes.connection("y.example", 8883), Some(&target("c:3")));
        assert_eq!(routes.connection("x.example", 1883), Some(&target("a:1")));
    }

    #[test]
    fn an_empty_side_matches_any() {
        let any_port = Routes::new(None, vec![rule("x.example:=b:2")]);
        assert!(any_port.connection("x.example", 1).is_some());
        assert!(any_port.connection("y.example", 1).is_none());
        let any = Routes::new(None, vec![rule(":=b:2")]);
        assert!(any.connection("y.example", 65535).is_some());
        let v6 = Routes::new(None, vec![rule("[::1]:1883=[::2]:1884,plain")]);
        let to = v6.connection("[::1]", 1883).unwrap();
        assert_eq!((&*to.host, to.port, to.plain), ("::2", 1884, true));
        assert!(v6.connection("::1", 1883).is_some());
    }

    #[test]
    fn embedded_is_a_broker_route() {
        assert_eq!(
            "embedded".parse(),
            Ok(BrokerRoute::Embedded { plain: false })
        );
        assert_eq!(
            "embedded,plain".parse(),
            Ok(BrokerRoute::Embedded { plain: true })
        );
        assert_eq!(
            "embedded:1".parse(),
            Ok(BrokerRoute::At(target("embedded:1")))
        );
    }

    #[test]
    fn mistakes_are_named_with_a_remedy() {
        let message = |text: &str| text.parse::<BrokerRoute>().unwrap_err().to_string();
        assert_eq!(
            message("localhost"),
            "\"localhost\" is not HOST:PORT; write for example localhost:1883 or [::1]:1883"
        );
        assert_eq!(
            message(":1883"),
            "\":1883\" names no host before the colon; write for example localhost:1883"
        );
        assert_eq!(
            message("localhost:mqtt"),
            "\"mqtt\" in \"localhost:mqtt\" is no TCP port; write a number from 1 to 65535"
        );
        assert_eq!(
            message("::1:1883"),
            "\"::1:1883\" has more than one colon; write an IPv6 address in brackets, as \
             [::1]:1883"
        );
        assert_eq!(
            message("localhost:1883,tls"),
            "\"tls\" in \"localhost:1883,tls\" is not known; the only suffix is ,plain"
        );
        assert!(matches!(message("h:0"), text if text.contains("1 to 65535")));
        assert!(matches!(
            "a:1".parse::<ConnectTo>(),
            Err(RouteError::NoEquals(_))
        ));
        assert!(matches!(
            "a:1=b:".parse::<ConnectTo>(),
            Err(RouteError::Port { .. })
        ));
    }

    fn host() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z0-9][a-z0-9.-]{0,20}",
            any::<std::net::Ipv6Addr>().prop_map(|a| a.to_string())
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            from_host in proptest::option::of(host()),
            from_port in proptest::option::of(1u16..),
            host in host(),
            port in 1u16..,
            plain: bool,
        ) {
            let target = Target { host, port, plain };
            let rule = ConnectTo { host: from_host, port: from_port, target: target.clone() };
            prop_assert_eq!(rule.to_string().parse(), Ok(rule));
            prop_assert_eq!(target.to_string().parse(), Ok(BrokerRoute::At(target)));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = text.parse::<BrokerRoute>();
            let _ = text.parse::<ConnectTo>();
        }
    }
}
