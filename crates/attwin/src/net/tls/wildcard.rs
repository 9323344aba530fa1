//! Whether a server's certificate fits its name by a wildcard.

use rustls::ClientConnection;
use rustls::client::verify_server_name;
use rustls::pki_types::ServerName;
use rustls::server::ParsedCertificate;

/// A host label that no certificate names.
const NOBODY: &str = "attwin-asks-whether-any-name-will-do";

/// Whether the certificate the server showed is good for any name beside
/// `host`, as one for `*.example` is.
pub(in super::super) fn fits_by_wildcard(connection: &ClientConnection, host: &str) -> bool {
    let Some((_, domain)) = host.split_once('.') else {
        return false;
    };
    let certificates = connection.peer_certificates().unwrap_or_default();
    let Some(Ok(certificate)) = certificates.first().map(ParsedCertificate::try_from) else {
        return false;
    };
    ServerName::try_from(format!("{NOBODY}.{domain}"))
        .is_ok_and(|name| verify_server_name(&certificate, &name).is_ok())
}
