//! Handshake failures in words a person can act on.

use std::io;

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};
use time::OffsetDateTime;

use super::objection::Objection;

/// One sentence that says why a handshake failed.
pub(crate) fn explain(error: &io::Error) -> String {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    {
        Some(error) => explain_tls(error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the peer closed the connection during the handshake".to_owned()
        }
        None => format!("the connection broke during the handshake: {error}"),
    }
}

fn explain_tls(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => explain_certificate(error),
        Error::AlertReceived(alert) => explain_alert(*alert),
        Error::InvalidMessage(_) => {
            "the peer does not speak TLS; is this a port for plain MQTT?".to_owned()
        }
        Error::PeerIncompatible(error) => explain_incompatible(error),
        error => error.to_string(),
    }
}

fn explain_certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::ExpiredContext { time, not_after } => format!(
            "the server's certificate expired on {}, and the module's clock reads {}",
            date(*not_after),
            date(*time)
        ),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the server's certificate is not valid before {}, and the module's clock reads {}",
            date(*not_before),
            date(*time)
        ),
        CertificateError::UnknownIssuer => {
            "the server's certificate has an unknown issuer: none of the CA certificates of this \
             connection signed it"
                .to_owned()
        }
        CertificateError::BadSignature => {
            "a CA certificate of this connection has the name of the issuer of the server's \
             certificate, but another key: is it an old copy?"
                .to_owned()
        }
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "the server's certificate is not valid for {}, but for {}",
            expected.to_str(),
            if presented.is_empty() {
                "no name at all".to_owned()
            } else {
                presented
                    .iter()
                    .map(|name| plain_name(name))
                    .collect::<Vec<_>>()
                    .join(", ")
            }
        ),
        CertificateError::BadEncoding => {
            "the server's certificate cannot be read: it is damaged".to_owned()
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the server's certificate is not for servers: its extended key usage lacks serverAuth"
                .to_owned()
        }
        CertificateError::Other(other) if other.0.is::<Objection>() => other.0.to_string(),
        error => format!(
            "the server's certificate is not acceptable: {}",
            words(&format!("{error:?}"))
        ),
    }
}

/// A name of a certificate without the kind that webpki puts around it, as in
/// `DnsName("broker.example")`.
fn plain_name(presented: &str) -> &str {
    presented
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .map_or(presented, |name| name.trim_matches('"'))
}

/// The name of a variant in words: `CaUsedAsEndEntity` is "ca used as end
/// entity".
fn words(debug: &str) -> String {
    // `Other(OtherError(X))` is about X.
    let name = debug.rsplit('(').next().unwrap_or(debug);
    let mut words = String::new();
    let mut after_small = false;
    for char in name.chars().take_while(|char| char.is_alphanumeric()) {
        if char.is_uppercase() && after_small {
            words.push(' ');
        }
        after_small = !char.is_uppercase();
        words.extend(char.to_lowercase());
    }
    words
}

fn explain_alert(alert: AlertDescription) -> String {
    let meaning = match alert {
        AlertDescription::ProtocolVersion => "it serves none of the TLS versions offered",
        // TLS 1.2 has no alert of its own for a missing client certificate
        // (RFC 5246 7.4.6).
        AlertDescription::HandshakeFailure => {
            "no cipher suite or key type in common, or it wants a client certificate"
        }
        AlertDescription::InsufficientSecurity => "no cipher suite or key type in common",
        AlertDescription::CertificateRequired => "it wants a client certificate",
        AlertDescription::UnknownCA => "it does not know the issuer of the client certificate",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown => "it does not accept the client certificate",
        AlertDescription::CertificateExpired => "the client certificate expired",
        AlertDescription::CertificateRevoked => "the client certificate is revoked",
        AlertDescription::UnrecognisedName => "it does not serve this host name",
        AlertDescription::NoApplicationProtocol => "it serves none of the ALPN protocols offered",
        _ => "it gave no plainer reason",
    };
    let name = words(&format!("{alert:?}")).replace(' ', "_");
    format!("the server refused the handshake with the alert {name}: {meaning}")
}

fn explain_incompatible(error: &PeerIncompatible) -> String {
    match error {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => {
            "the server chose a TLS version that this connection does not allow".to_owned()
        }
        error => format!(
            "the server does not do what this connection needs: {}",
            words(&format!("{error:?}"))
        ),
    }
}

/// The date of a clock reading, in UTC.
fn date(at: UnixTime) -> String {
    i64::try_from(at.as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .map_or_else(
            || format!("{} s after 1970", at.as_secs()),
            |moment| moment.date().to_string(),
        )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn explained(error: Error) -> String {
        explain(&io::Error::new(io::ErrorKind::InvalidData, error))
    }

    #[test]
    fn dates_are_calendar_dates() {
        let at = |seconds| date(UnixTime::since_unix_epoch(Duration::from_secs(seconds)));
        assert_eq!(at(951_782_400), "2000-02-29");
        assert_eq!(at(u64::MAX), "18446744073709551615 s after 1970");
    }

    #[test]
    fn alerts_say_what_the_server_wants() {
        assert_eq!(
            explained(Error::AlertReceived(AlertDescription::CertificateRequired)),
            "the server refused the handshake with the alert certificate_required: it wants a \
             client certificate"
        );
    }

    #[test]
    fn names_of_libraries_become_words() {
        assert_eq!(words("CaUsedAsEndEntity"), "ca used as end entity");
        assert_eq!(words("Other(OtherError(UnknownCA))"), "unknown ca");
        assert_eq!(plain_name("DnsName(\"a.example\")"), "a.example");
        assert_eq!(plain_name("IpAddress(127.0.0.1)"), "127.0.0.1");
        assert_eq!(plain_name("a.example"), "a.example");
    }

    #[test]
    fn a_broken_connection_is_not_called_a_tls_error() {
        assert_eq!(
            explain(&io::ErrorKind::UnexpectedEof.into()),
            "the peer closed the connection during the handshake"
        );
        assert!(
            explain(&io::ErrorKind::ConnectionReset.into())
                .starts_with("the connection broke during the handshake")
        );
    }
}
