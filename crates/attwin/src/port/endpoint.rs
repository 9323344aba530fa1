//! ENDPOINT as users write it: parsing and printing.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// The baud rate of a serial device when none is given.
pub const DEFAULT_BAUD: u32 = 115_200;

/// Where a host finds the module. Parsing what [`Display`](fmt::Display)
/// prints gives the same endpoint. A device may be written as its path alone, and
/// a numeric address to listen on without its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `pty`, `pty:PATH`: a new pseudo-terminal.
    #[cfg(unix)]
    Pty {
        /// A symbolic link to keep pointed at it.
        link: Option<PathBuf>,
    },
    /// `serial:DEV[@BAUD]`: a real serial device, raw, 8N1.
    Serial {
        /// The device, such as `/dev/ttyUSB0` or `COM3`.
        device: PathBuf,
        /// Bits per second.
        baud: u32,
    },
    /// `tcp:HOST:PORT`: listen; port 0 lets the system choose.
    Tcp(HostPort),
    /// `connect:HOST:PORT`: dial out.
    Connect(HostPort),
    /// `unix:PATH`: listen on a Unix domain socket.
    #[cfg(unix)]
    Unix(PathBuf),
    /// `stdio`: standard input and output. On a terminal, Ctrl-] quits.
    Stdio,
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if is_device(text) {
            return serial(text);
        }
        if let Ok(at) = text.parse::<HostPort>()
            && at.is_literal()
        {
            return Ok(Self::Tcp(at));
        }
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (kind, Some(rest)),
            None => (text, None),
        };
        let argument = |form: &'static str| {
            rest.filter(|rest| !rest.is_empty())
                .ok_or_else(|| EndpointError::Argument {
                    value: text.to_owned(),
                    form,
                })
        };
        match (kind, rest) {
            #[cfg(unix)]
            ("pty", None) => Ok(Self::Pty { link: None }),
            #[cfg(unix)]
            ("pty", Some(_)) => Ok(Self::Pty {
                link: Some(argument("pty or pty:PATH")?.into()),
            }),
            #[cfg(unix)]
            ("unix", _) => Ok(Self::Unix(argument("unix:PATH")?.into())),
            #[cfg(not(unix))]
            ("pty" | "unix", _) => Err(EndpointError::UnixOnly {
                value: text.to_owned(),
            }),
            ("serial", _) => serial(argument("serial:DEV or serial:DEV@BAUD")?),
            ("tcp", _) => Ok(Self::Tcp(argument("tcp:HOST:PORT")?.parse()?)),
            ("connect", _) => {
                let to: HostPort = argument("connect:HOST:PORT")?.parse()?;
                if to.port == 0 {
                    return Err(EndpointError::Port {
                        value: to.to_string(),
                        least: 1,
                    });
                }
                Ok(Self::Connect(to))
            }
            ("stdio", None) => Ok(Self::Stdio),
            _ => Err(EndpointError::Kind {
                value: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(unix)]
            Self::Pty { link: None } => f.write_str("pty"),
            #[cfg(unix)]
            Self::Pty { link: Some(path) } => write!(f, "pty:{}", path.display()),
            Self::Serial { device, baud } => write!(f, "serial:{}@{baud}", device.display()),
            Self::Tcp(at) => write!(f, "tcp:{at}"),
            Self::Connect(to) => write!(f, "connect:{to}"),
            #[cfg(unix)]
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Stdio => f.write_str("stdio"),
        }
    }
}

/// A host name or address and a TCP port, written `HOST:PORT`, an IPv6 address
/// in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// Name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl HostPort {
    /// Whether the host needs no look-up, so that nothing else can be meant.
    fn is_literal(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok()
    }
}

impl FromStr for HostPort {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let bad_host = || EndpointError::Host {
            value: text.to_owned(),
        };
        let bad_port = || EndpointError::Port {
            value: text.to_owned(),
            least: 0,
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(bad_port)?;
        let host = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
            Some(Some(inner)) if inner.parse::<Ipv6Addr>().is_ok() => inner,
            None if is_name(host) => host,
            _ => return Err(bad_host()),
        };
        let port = decimal(port)
            .and_then(|n| n.try_into().ok())
            .ok_or_else(bad_port)?;
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a text is not an [`Endpoint`] or a [`HostPort`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// No endpoint is called that.
    #[error(
        "unknown endpoint `{value}`; use one of pty, pty:PATH, serial:DEV[@BAUD], \
         tcp:HOST:PORT, connect:HOST:PORT, unix:PATH, stdio, or the path of a device"
    )]
    Kind {
        /// The text.
        value: String,
    },
    /// What must follow the kind is missing.
    #[error("`{value}` is incomplete; write {form}")]
    Argument {
        /// The text.
        value: String,
        /// How it is written.
        form: &'static str,
    },
    /// The kind exists on Unix only.
    #[error("`{value}` exists on Unix systems only; use serial:DEV or tcp:127.0.0.1:0")]
    UnixOnly {
        /// The text.
        value: String,
    },
    /// The host part is wrong.
    #[error(
        "no usable host in `{value}`; write HOST:PORT with a name or an address \
         (0.0.0.0 for all), an IPv6 address in brackets: [::1]:5000"
    )]
    Host {
        /// The text.
        value: String,
    },
    /// The port part is wrong.
    #[error("no usable port in `{value}`; write HOST:PORT with a port from {least} to 65535")]
    Port {
        /// The text.
        value: String,
        /// The lowest port allowed here.
        least: u16,
    },
    /// The baud rate is wrong.
    #[error("no usable baud rate in `{value}`; write DEV@BAUD, for example {device}@115200")]
    Baud {
        /// The text.
        value: String,
        /// The device part of it.
        device: String,
    },
}

fn serial(text: &str) -> Result<Endpoint, EndpointError> {
    let Some((device, digits)) = text.rsplit_once('@') else {
        return Ok(Endpoint::Serial {
            device: text.into(),
            baud: DEFAULT_BAUD,
        });
    };
    if device.is_empty() {
        let form = "serial:DEV or serial:DEV@BAUD";
        return Err(EndpointError::Argument {
            value: format!("serial:{text}"),
            form,
        });
    }
    match decimal(digits) {
        Some(baud) if baud > 0 => Ok(Endpoint::Serial {
            device: device.into(),
            baud,
        }),
        _ => Err(EndpointError::Baud {
            value: text.to_owned(),
            device: device.to_owned(),
        }),
    }
}

/// Digits only: `str::parse` would also take a sign.
fn decimal(text: &str) -> Option<u32> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Whether a text without a kind is the path of a device.
fn is_device(text: &str) -> bool {
    let number = text
        .strip_prefix("COM")
        .and_then(|rest| rest.split('@').next());
    text.starts_with("/dev/") || number.is_some_and(|digits| decimal(digits).is_some())
}

fn is_name(host: &str) -> bool {
    !host.is_empty()
        && !host.contains(|c: char| c.is_whitespace() || c.is_control() || ":/[]@".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn host() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z0-9][a-z0-9.-]{0,20}",
            any::<[u8; 4]>().prop_map(|b| std::net::Ipv4Addr::from(b).to_string()),
            any::<[u8; 16]>().prop_map(|b| Ipv6Addr::from(b).to_string()),
        ]
    }

    fn host_port(least: u16) -> impl Strategy<Value = HostPort> {
        (host(), least..).prop_map(|(host, port)| HostPort { host, port })
    }

    fn path() -> impl Strategy<Value = PathBuf> {
        "[^\\x00]{1,30}".prop_map(PathBuf::from)
    }

    fn endpoint() -> impl Strategy<Value = Endpoint> {
        let everywhere = prop_oneof![
            (path(), 1_u32..).prop_map(|(device, baud)| Endpoint::Serial { device, baud }),
            host_port(0).prop_map(Endpoint::Tcp),
            host_port(1).prop_map(Endpoint::Connect),
            Just(Endpoint::Stdio),
        ];
        #[cfg(unix)]
        let everywhere = prop_oneof![
            everywhere,
            proptest::option::of(path()).prop_map(|link| Endpoint::Pty { link }),
            path().prop_map(Endpoint::Unix),
        ];
        everywhere
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(endpoint in endpoint()) {
            prop_assert_eq!(endpoint.to_string().parse(), Ok(endpoint));
        }

        #[test]
        fn errors_name_the_value(text in "(pty|serial|tcp|connect|unix|stdio|)[:@\\[\\]a-z0-9]*") {
            if let Err(e) = text.parse::<Endpoint>() {
                let argument = text.split_once(':').map_or(&*text, |(_, rest)| rest);
                prop_assert!(e.to_string().contains(argument), "{}", e);
            }
        }

        #[test]
        fn no_text_panics(text in ".*") {
            text.parse::<Endpoint>().ok();
        }
    }

    #[test]
    fn the_documented_forms_parse() {
        let serial = |baud| Endpoint::Serial {
            device: "/dev/ttyUSB0".into(),
            baud,
        };
        assert_eq!("serial:/dev/ttyUSB0".parse(), Ok(serial(115_200)));
        assert_eq!("serial:/dev/ttyUSB0@9600".parse(), Ok(serial(9600)));
        let at = |host: &str, port| HostPort {
            host: host.to_owned(),
            port,
        };
        assert_eq!("tcp:[::1]:0".parse(), Ok(Endpoint::Tcp(at("::1", 0))));
        assert_eq!(
            "connect:qemu:4444".parse(),
            Ok(Endpoint::Connect(at("qemu", 4444)))
        );
        assert_eq!("stdio".parse(), Ok(Endpoint::Stdio));
    }

    #[test]
    fn devices_and_addresses_need_no_kind() {
        for (text, long) in [
            ("/dev/ttyUSB0", "serial:/dev/ttyUSB0@115200"),
            ("/dev/pts/5", "serial:/dev/pts/5@115200"),
            ("/dev/ttyS0@9600", "serial:/dev/ttyS0@9600"),
            ("COM3", "serial:COM3@115200"),
            ("127.0.0.1:7000", "tcp:127.0.0.1:7000"),
            ("[::1]:7000", "tcp:[::1]:7000"),
            ("localhost:0", "tcp:localhost:0"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), long, "{text}");
        }
        for wrong in ["COMX", "/tmp/modem", "pty:", "tcp:5000", "unix:"] {
            assert!(wrong.parse::<Endpoint>().is_err(), "{wrong}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_documented_unix_forms_parse() {
        assert_eq!("pty".parse(), Ok(Endpoint::Pty { link: None }));
        assert_eq!(
            "pty:/tmp/m0".parse(),
            Ok(Endpoint::Pty {
                link: Some("/tmp/m0".into())
            })
        );
        assert_eq!("unix:/tmp/s".parse(), Ok(Endpoint::Unix("/tmp/s".into())));
    }

    #[cfg(not(unix))]
    #[test]
    fn unix_forms_say_that_they_are() {
        let error = "pty".parse::<Endpoint>().unwrap_err();
        assert!(error.to_string().contains("Unix systems only"), "{error}");
    }

    #[test]
    fn errors_say_what_to_do() {
        for (text, remedy) in [
            ("usb", "use one of pty"),
            ("stdio:x", "use one of pty"),
            ("tcp:", "write tcp:HOST:PORT"),
            ("tcp:5000", "write HOST:PORT"),
            ("tcp::5000", "0.0.0.0 for all"),
            ("tcp:::1:5000", "in brackets"),
            ("tcp:[::1:5000", "in brackets"),
            ("tcp:localhost:+80", "a port from 0 to 65535"),
            ("tcp:localhost:65536", "a port from 0 to 65535"),
            ("connect:localhost:0", "a port from 1 to 65535"),
            ("serial:", "write serial:DEV"),
            ("serial:@9600", "write serial:DEV"),
            ("serial:COM3@fast", "COM3@115200"),
            ("serial:COM3@0", "COM3@115200"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains(remedy), "{text}: {error}");
        }
    }
}
