//! TLS handshakes against rustls servers with certificates made on the spot.

use std::io;

use attwin_core::{CloseReason, NetError, TlsIdentity};
use bytes::Bytes;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::time_provider::TimeProvider;
use rustls::{
    ProtocolVersion, RootCertStore, SignatureAlgorithm, SignatureScheme, SupportedProtocolVersion,
    version,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::*;
use crate::net::dial::{self, Request};
use crate::net::{DialError, Stream};

type Issuer = CertifiedIssuer<'static, KeyPair>;

const BOTH: [&SupportedProtocolVersion; 2] = [&version::TLS12, &version::TLS13];

/// The time on the servers: that of the modules.
#[derive(Debug)]
struct ServerClock;

impl TimeProvider for ServerClock {
    fn current_time(&self) -> Option<UnixTime> {
        let since_epoch = Duration::from_millis(NOW_MS.unsigned_abs());
        Some(UnixTime::since_unix_epoch(since_epoch))
    }
}

/// A CA whose name is its own.
fn issuer() -> Issuer {
    let key = KeyPair::generate().unwrap();
    let name = format!("CA {:x?}", &key.public_key_raw()[..16]);
    issuer_named(&name, key)
}

fn issuer_named(name: &str, key: KeyPair) -> Issuer {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    Issuer::self_signed(params, key).unwrap()
}

/// A server certificate for [`HOST`], valid in these years.
fn issued(issuer: &Issuer, from_year: i32, to_year: i32) -> (CertificateDer<'static>, KeyPair) {
    let mut params = CertificateParams::new([HOST.to_owned()]).unwrap();
    params.not_before = date_time_ymd(from_year, 1, 1);
    params.not_after = date_time_ymd(to_year, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    (certificate.der().clone(), key)
}

fn server(issuer: &Issuer) -> ServerConfig {
    server_with(issued(issuer, 2000, 2100), &BOTH)
}

fn server_with(
    (certificate, key): (CertificateDer<'static>, KeyPair),
    versions: &[&'static SupportedProtocolVersion],
) -> ServerConfig {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

fn server_wanting_client(
    issuer: &Issuer,
    versions: &[&'static SupportedProtocolVersion],
) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(issuer.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .unwrap();
    let (certificate, key) = issued(issuer, 2000, 2100);
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_details(provider, Arc::new(ServerClock))
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

fn trusting(file: impl Into<Bytes>) -> TlsSettings {
    TlsSettings {
        roots: Some(vec![file.into()]),
        ..any_server()
    }
}

fn only(version: TlsVersion, settings: TlsSettings) -> TlsSettings {
    TlsSettings {
        versions: TlsVersions {
            min: version,
            max: version,
        },
        ..settings
    }
}

/// Both ends of one handshake.
async fn handshake(
    server: ServerConfig,
    settings: TlsSettings,
) -> (Result<Stream, DialError>, io::Result<TlsStream<TcpStream>>) {
    handshake_as(HOST, server, settings).await
}

async fn handshake_as(
    host: &str,
    server: ServerConfig,
    settings: TlsSettings,
) -> (Result<Stream, DialError>, io::Result<TlsStream<TcpStream>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let routes = redirect_to(listener.local_addr().unwrap());
    let accept = async {
        let (stream, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(server)).accept(stream).await
    };
    let request = Request {
        host: host.to_owned(),
        port: 8883,
        tls: Some(Box::new(settings)),
        connect_timeout: Duration::from_secs(30),
    };
    within(async { tokio::join!(dial::open(&routes, &request), accept) }).await
}

async fn accepted(server: ServerConfig, settings: TlsSettings) -> TlsStream<TcpStream> {
    let (client, server) = handshake(server, settings).await;
    client.unwrap();
    server.unwrap()
}

async fn refused(server: ServerConfig, settings: TlsSettings) -> String {
    let (client, _) = handshake(server, settings).await;
    let error = client.unwrap_err();
    assert_eq!(error.kind(), NetError::Tls);
    error.to_string()
}

#[tokio::test]
async fn a_server_the_ca_signed_is_accepted_with_either_version() {
    let issuer = issuer();
    for (ours, wire) in [
        (TlsVersion::Tls12, ProtocolVersion::TLSv1_2),
        (TlsVersion::Tls13, ProtocolVersion::TLSv1_3),
    ] {
        let settings = only(ours, trusting(issuer.pem()));
        let stream = accepted(server(&issuer), settings).await;
        assert_eq!(stream.get_ref().1.protocol_version(), Some(wire));
    }
}

#[tokio::test]
async fn any_certificate_of_any_file_may_be_the_issuer() {
    let (one, two, three) = (issuer(), issuer(), issuer());
    let mut settings = trusting(one.pem() + &two.pem());
    settings
        .roots
        .get_or_insert_default()
        .push(Bytes::copy_from_slice(three.der()));
    for issuer in [&one, &two, &three] {
        accepted(server(issuer), settings.clone()).await;
    }
}

#[tokio::test]
async fn an_unknown_issuer_is_refused() {
    let message = refused(server(&issuer()), trusting(issuer().pem())).await;
    assert!(
        message.starts_with("cannot connect to broker.example:8883 with TLS"),
        "{message}"
    );
    assert!(message.contains("has an unknown issuer"), "{message}");
}

#[tokio::test]
async fn a_ca_replaced_under_the_same_name_is_recognised() {
    let [old, new] = ["CA"; 2].map(|name| issuer_named(name, KeyPair::generate().unwrap()));
    let message = refused(server(&new), trusting(old.pem())).await;
    assert!(message.contains("is it an old copy?"), "{message}");
}

#[tokio::test]
async fn without_roots_any_server_is_accepted() {
    let settings = TlsSettings {
        check_host: true,
        ..any_server()
    };
    accepted(server_with(issued(&issuer(), 1990, 1991), &BOTH), settings).await;
}

#[tokio::test]
async fn without_roots_not_even_the_signature_is_looked_at() {
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let server = old_bench_server(data::V1_CERTIFICATE);
        accepted(server, only(version, any_server())).await;
    }
}

/// A server with a certificate that it signed itself, valid in 2000.
fn self_signed() -> (CertificateDer<'static>, KeyPair, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([HOST.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2001, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    (certificate.der().clone(), key, certificate.pem())
}

/// 2000-07-01.
const IN_2000_MS: i64 = 962_409_600_000;

#[tokio::test]
async fn a_server_certificate_installed_as_ca_needs_no_issuer() {
    let (certificate, key, pem) = self_signed();
    let settings = TlsSettings {
        wall_clock_ms: IN_2000_MS,
        check_host: true,
        ..trusting(pem)
    };
    accepted(server_with((certificate, key), &BOTH), settings).await;
}

#[tokio::test]
async fn the_dates_of_a_server_certificate_installed_as_ca_count() {
    for (clock, complaint) in [
        (
            NOW_MS,
            "expired on 2001-01-01, and the module's clock reads 2025-01-01",
        ),
        (
            0,
            "not valid before 2000-01-01, and the module's clock reads 1970-01-01",
        ),
    ] {
        let (certificate, key, pem) = self_signed();
        let server = || server_with((certificate.clone(), key_again(&key)), &BOTH);
        let settings = TlsSettings {
            wall_clock_ms: clock,
            ..trusting(pem)
        };
        let message = refused(server(), settings.clone()).await;
        assert!(message.contains(complaint), "{message}");
        let settings = TlsSettings {
            ignore_validity: true,
            ..settings
        };
        accepted(server(), settings).await;
    }
}

#[tokio::test]
async fn the_names_of_a_server_certificate_installed_as_ca_count_when_asked() {
    let (certificate, key, pem) = self_signed();
    for check_host in [false, true] {
        let settings = TlsSettings {
            wall_clock_ms: IN_2000_MS,
            check_host,
            ..trusting(pem.clone())
        };
        let server = server_with((certificate.clone(), key_again(&key)), &BOTH);
        let (client, _) = handshake_as("other.example", server, settings).await;
        match client {
            Ok(_) => assert!(!check_host),
            Err(error) => {
                assert!(check_host);
                assert!(
                    error
                        .to_string()
                        .ends_with("is not valid for other.example, but for broker.example"),
                    "{error}"
                );
            }
        }
    }
}

fn key_again(key: &KeyPair) -> KeyPair {
    KeyPair::from_pem(&key.serialize_pem()).unwrap()
}

/// A server behind an intermediate CA, each valid in these years.
fn behind_intermediate(
    root: &Issuer,
    ca: (i32, i32),
    own: (i32, i32),
    is_ca: IsCa,
) -> ServerConfig {
    let mut params = CertificateParams::default();
    params.is_ca = is_ca;
    params.not_before = date_time_ymd(ca.0, 1, 1);
    params.not_after = date_time_ymd(ca.1, 1, 1);
    params
        .distinguished_name
        .push(DnType::CommonName, "between");
    let between = Issuer::signed_by(params, KeyPair::generate().unwrap(), root).unwrap();
    let (certificate, key) = issued(&between, own.0, own.1);
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&BOTH)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate, between.der().clone()], key)
        .unwrap()
}

#[tokio::test]
async fn ignored_validity_covers_every_certificate_of_the_chain() {
    let root = issuer();
    let ca = || IsCa::Ca(BasicConstraints::Constrained(0));
    let ignoring = TlsSettings {
        ignore_validity: true,
        ..trusting(root.pem())
    };
    // At no time are both valid.
    let server = behind_intermediate(&root, (2010, 2011), (2001, 2002), ca());
    accepted(server, ignoring.clone()).await;
    let server = behind_intermediate(&root, (2010, 2011), (2000, 2100), ca());
    let message = refused(server, trusting(root.pem())).await;
    assert!(message.contains("expired on 2011-01-01"), "{message}");
    // Nothing but the dates is passed over.
    let server = behind_intermediate(&root, (2010, 2011), (2001, 2002), IsCa::NoCa);
    let message = refused(server, ignoring.clone()).await;
    assert!(message.contains("unknown issuer"), "{message}");
    let stranger = behind_intermediate(&issuer(), (2010, 2011), (2001, 2002), ca());
    let message = refused(stranger, ignoring).await;
    assert!(message.contains("unknown issuer"), "{message}");
}

#[tokio::test]
async fn weak_certificates_are_refused_with_the_real_cause_and_the_remedy() {
    for (shown, ca, complaint) in [
        (
            data::V1_CERTIFICATE,
            data::CA,
            "the server's certificate has X.509 version 1, and attwin verifies version 3 only: issue \
             it again with extensions",
        ),
        (
            data::V1_CERTIFICATE,
            data::V1_CERTIFICATE,
            "the server's certificate has X.509 version 1",
        ),
        (
            data::SIGNED_WITH_SHA1,
            data::CA,
            "the server's certificate is signed with SHA-1, which attwin does not accept: issue it \
             again with SHA-256",
        ),
        (
            data::SHORT_KEY,
            data::CA,
            "the server's certificate has an RSA key of 1024 bits, and attwin verifies with 2048 bits \
             or more: issue it again with a longer key",
        ),
        (
            data::SIGNED_WITH_SHORT_KEY,
            data::SHORT_CA,
            "the CA certificate of this connection has an RSA key of 1024 bits",
        ),
        (
            data::CA,
            data::SHORT_CA,
            "the server's certificate is self-signed, and is not the CA certificate of this \
             connection: install this certificate",
        ),
    ] {
        for ignore_validity in [false, true] {
            let settings = TlsSettings {
                // 2030-01-01
                wall_clock_ms: 1_893_456_000_000,
                ignore_validity,
                ..trusting(ca)
            };
            let message = refused(old_bench_server(shown), settings).await;
            assert!(message.contains(complaint), "{complaint}\n{message}");
        }
    }
}

#[tokio::test]
async fn validity_is_judged_by_the_modules_clock() {
    let issuer = issuer();
    for (years, complaint) in [
        (
            (2001, 2002),
            "expired on 2002-01-01, and the module's clock reads 2025-01-01",
        ),
        (
            (2098, 2099),
            "not valid before 2098-01-01, and the module's clock reads 2025-01-01",
        ),
    ] {
        let server = || server_with(issued(&issuer, years.0, years.1), &BOTH);
        let message = refused(server(), trusting(issuer.pem())).await;
        assert!(message.contains(complaint), "{message}");

        let mut settings = trusting(issuer.pem());
        settings.ignore_validity = true;
        accepted(server(), settings).await;
    }
    let settings = TlsSettings {
        wall_clock_ms: 990_000_000_000,
        ..trusting(issuer.pem())
    };
    accepted(server_with(issued(&issuer, 2001, 2002), &BOTH), settings).await;
}

#[tokio::test]
async fn ignored_validity_does_not_excuse_an_unknown_issuer() {
    let settings = TlsSettings {
        ignore_validity: true,
        ..trusting(issuer().pem())
    };
    let message = refused(server_with(issued(&issuer(), 2001, 2002), &BOTH), settings).await;
    assert!(message.contains("unknown issuer"), "{message}");
}

#[tokio::test]
async fn names_are_compared_only_when_asked() {
    let issuer = issuer();
    let unchecked = trusting(issuer.pem());
    let checked = TlsSettings {
        check_host: true,
        ..unchecked.clone()
    };
    handshake_as("other.example", server(&issuer), unchecked)
        .await
        .0
        .unwrap();
    accepted(server(&issuer), checked.clone()).await;
    let (client, _) = handshake_as("other.example", server(&issuer), checked).await;
    let message = client.unwrap_err().to_string();
    assert!(message.contains("not valid for other.example"), "{message}");
    assert!(message.contains("broker.example"), "{message}");
}

#[tokio::test]
async fn the_server_sees_the_firmwares_name_if_sni_is_on() {
    let issuer = issuer();
    let settings = trusting(issuer.pem());
    let stream = accepted(server(&issuer), settings.clone()).await;
    assert_eq!(stream.get_ref().1.server_name(), Some(HOST));
    let stream = accepted(
        server(&issuer),
        TlsSettings {
            sni: false,
            ..settings
        },
    )
    .await;
    assert_eq!(stream.get_ref().1.server_name(), None);
}

#[tokio::test]
async fn the_application_protocol_is_offered() {
    let issuer = issuer();
    let mut server = server(&issuer);
    server.alpn_protocols = vec![b"mqtt".to_vec()];
    let settings = TlsSettings {
        alpn: Some("mqtt".to_owned()),
        ..trusting(issuer.pem())
    };
    let stream = accepted(server, settings).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"mqtt"[..]));
}

#[tokio::test]
async fn only_allowed_cipher_suites_are_offered() {
    let issuer = issuer();
    let settings = TlsSettings {
        cipher_suites: Some(vec![0xC02C]),
        ..trusting(issuer.pem())
    };
    let stream = accepted(server(&issuer), settings).await;
    let suite = stream
        .get_ref()
        .1
        .negotiated_cipher_suite()
        .unwrap()
        .suite();
    assert_eq!(u16::from(suite), 0xC02C);
}

#[tokio::test]
async fn a_client_certificate_is_shown_with_a_key_in_any_format() {
    let issuer = issuer();
    for (name, key, pkcs8) in data::PLAIN_KEYS {
        let key_pair = KeyPair::from_pem(pkcs8).unwrap();
        let params = CertificateParams::new([]).unwrap();
        let certificate = params.signed_by(&key_pair, &issuer).unwrap();
        let settings = TlsSettings {
            identity: Some(TlsIdentity {
                certificate: certificate.pem().into(),
                key: Bytes::from_static(key),
                password: None,
            }),
            ..trusting(issuer.pem())
        };
        for versions in [&[&version::TLS12], &[&version::TLS13]] {
            let stream = accepted(server_wanting_client(&issuer, versions), settings.clone()).await;
            let shown = stream.get_ref().1.peer_certificates();
            assert_eq!(shown, Some(&[certificate.der().clone()][..]), "{name}");
        }
    }
}

#[tokio::test]
async fn a_client_key_is_decrypted_with_its_password() {
    let issuer = issuer();
    for (name, key, pkcs8) in data::ENCRYPTED_KEYS {
        let key_pair = KeyPair::from_pem(pkcs8).unwrap();
        let params = CertificateParams::new([]).unwrap();
        let certificate = params.signed_by(&key_pair, &issuer).unwrap();
        let settings = TlsSettings {
            identity: Some(TlsIdentity {
                certificate: certificate.pem().into(),
                key: Bytes::from_static(key),
                password: Some(Bytes::from_static(data::PASSWORD)),
            }),
            ..trusting(issuer.pem())
        };
        let server = server_wanting_client(&issuer, &[&version::TLS12]);
        let stream = accepted(server, settings).await;
        let shown = stream.get_ref().1.peer_certificates();
        assert_eq!(shown, Some(&[certificate.der().clone()][..]), "{name}");
    }
}

#[tokio::test]
async fn a_missing_client_certificate_is_the_servers_complaint() {
    let issuer = issuer();
    let server = server_wanting_client(&issuer, &[&version::TLS12]);
    let message = refused(server, trusting(issuer.pem())).await;
    assert!(
        message.contains("the server refused the handshake"),
        "{message}"
    );
}

#[tokio::test]
async fn a_v1_client_certificate_is_taken_along() {
    // Its key is not ours, so the server would refuse it; that it loads is what
    // `openssl x509 -req` needs.
    let settings = TlsSettings {
        identity: Some(TlsIdentity {
            certificate: Bytes::from_static(data::V1_CERTIFICATE),
            key: Bytes::from_static(data::PLAIN_KEYS[0].1),
            password: None,
        }),
        ..any_server()
    };
    accepted(server(&issuer()), settings).await;
}

#[tokio::test]
async fn unusable_client_identities_are_explained_before_connecting() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([])
        .unwrap()
        .self_signed(&key)
        .unwrap()
        .pem();
    let attempt = |key: &[u8], password: Option<&'static [u8]>| {
        let settings = TlsSettings {
            identity: Some(TlsIdentity {
                certificate: certificate.clone().into(),
                key: Bytes::copy_from_slice(key),
                password: password.map(Bytes::from_static),
            }),
            ..any_server()
        };
        crate::net::tls::client_config(&settings)
            .unwrap_err()
            .to_string()
    };
    for (name, encrypted, _) in data::ENCRYPTED_KEYS {
        let message = attempt(encrypted, None);
        assert!(message.contains("set its password"), "{name}: {message}");
        let message = attempt(encrypted, Some(b"other"));
        assert!(
            message.contains("not with the password"),
            "{name}: {message}"
        );
        let message = attempt(encrypted, Some(data::PASSWORD));
        assert!(message.contains("does not belong"), "{name}: {message}");
    }
    assert_eq!(
        attempt(data::PLAIN_KEYS[0].1, None),
        "the client key does not belong to the client certificate"
    );
    assert_eq!(
        attempt(b"", None),
        "the client key cannot be used: the file is empty"
    );
}

#[tokio::test]
async fn versions_without_overlap_are_explained() {
    let issuer = issuer();
    let server = server_with(issued(&issuer, 2000, 2100), &[&version::TLS12]);
    let message = refused(server, only(TlsVersion::Tls13, trusting(issuer.pem()))).await;
    assert!(
        message.contains("it serves none of the TLS versions offered"),
        "{message}"
    );
}

#[tokio::test]
async fn unserved_versions_fail_without_touching_the_network() {
    let mut network = Network::new(Arc::default());
    network.command(
        LinkId(1),
        open_command(Some(only(TlsVersion::Tls10, any_server()))),
    );
    assert_eq!(
        now_or_never(&mut network),
        Some(EventKind::Failed(NetError::Tls))
    );
}

#[tokio::test]
async fn a_plain_server_is_recognised() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let routes = redirect_to(listener.local_addr().unwrap());
    let request = Request {
        host: HOST.to_owned(),
        port: 1883,
        tls: Some(Box::new(any_server())),
        connect_timeout: Duration::from_secs(30),
    };
    let plain = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b" \x02\x00\x02 no TLS here")
            .await
            .unwrap();
        stream
    };
    let (client, _peer) =
        within(async { tokio::join!(dial::open(&routes, &request), plain) }).await;
    let message = client.unwrap_err().to_string();
    assert!(message.contains("the peer does not speak TLS"), "{message}");
}

#[tokio::test]
async fn a_silent_server_runs_into_the_handshake_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    let settings = TlsSettings {
        handshake_timeout: Duration::from_millis(50),
        ..any_server()
    };
    network.command(LinkId(1), open_command(Some(settings)));
    let event = within(network.next()).await;
    assert_eq!(event.kind, EventKind::Failed(NetError::Tls));
}

/// A network with one TLS link, and the server's end of it.
async fn opened_tls() -> (Network, LinkId, TlsStream<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = issuer();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    network.command(LinkId(1), open_command(Some(trusting(issuer.pem()))));
    let accept = async {
        let (stream, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(server(&issuer)))
            .accept(stream)
            .await
            .unwrap()
    };
    let (event, stream) = within(async { tokio::join!(network.next(), accept) }).await;
    assert_eq!(event.kind, EventKind::Opened);
    (network, LinkId(1), stream)
}

#[tokio::test]
async fn close_says_goodbye_after_what_is_queued() {
    let (mut network, link, mut peer) = opened_tls().await;
    network.command(link, NetCommand::Send(Bytes::from(vec![7; 1 << 20])));
    network.command(link, NetCommand::Close);
    let mut got = Vec::new();
    // Without close_notify this would be an error.
    within(peer.read_to_end(&mut got)).await.unwrap();
    assert_eq!(got.len(), 1 << 20);
}

#[tokio::test]
async fn abort_says_no_goodbye() {
    let (mut network, link, mut peer) = opened_tls().await;
    network.command(link, NetCommand::Abort);
    let error = within(peer.read_to_end(&mut Vec::new())).await.unwrap_err();
    assert!(
        matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
        ),
        "{error}"
    );
}

#[tokio::test]
async fn sent_counts_plain_bytes_and_both_ends_finish() {
    let (mut network, link, mut peer) = opened_tls().await;
    network.command(link, NetCommand::Send(Bytes::from_static(b"hello")));
    assert_eq!(within(network.next()).await.kind, EventKind::Sent(5));
    peer.shutdown().await.unwrap();
    assert_eq!(
        within(network.next()).await.kind,
        EventKind::Closed(CloseReason::Finished)
    );
}

#[tokio::test]
async fn a_peer_that_ends_without_goodbye_has_finished() {
    let (mut network, _, mut peer) = opened_tls().await;
    peer.get_mut().0.shutdown().await.unwrap();
    assert_eq!(
        within(network.next()).await.kind,
        EventKind::Closed(CloseReason::Finished)
    );
}

#[tokio::test]
async fn a_peer_that_breaks_the_protocol_counts_as_reset() {
    let (mut network, _, mut peer) = opened_tls().await;
    peer.get_mut()
        .0
        .write_all(b"this is no TLS record")
        .await
        .unwrap();
    assert_eq!(
        within(network.next()).await.kind,
        EventKind::Closed(CloseReason::Reset)
    );
}

/// A server whose certificate webpki cannot parse and whose signatures nobody
/// can verify.
#[derive(Debug)]
struct OldBenchServer(&'static [u8]);

fn old_bench_server(certificate: &'static [u8]) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&BOTH)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(OldBenchServer(certificate)))
}

impl ResolvesServerCert for OldBenchServer {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        use rustls::pki_types::pem::PemObject;
        let certificate = CertificateDer::from_pem_slice(self.0).ok()?;
        Some(Arc::new(CertifiedKey::new(
            vec![certificate],
            Arc::new(Self(self.0)),
        )))
    }
}

impl SigningKey for OldBenchServer {
    fn choose_scheme(&self, _offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self(self.0)))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

impl Signer for OldBenchServer {
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(vec![0; 128])
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::RSA_PSS_SHA256
    }
}

/// One SIM7028 firmware is said to refuse wildcard certificates
/// (docs/spec/simcom.md 9.1).
#[tokio::test]
async fn wildcard_certificates_can_be_refused() {
    let issuer = issuer();
    let named = |name: &str| {
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        server_with((certificate.der().clone(), key), &BOTH)
    };
    let settings = |refuse_wildcard| TlsSettings {
        refuse_wildcard,
        ..trusting(issuer.pem())
    };
    let (wild, exact, host) = (
        "*.broker.example",
        "mqtt.broker.example",
        "mqtt.broker.example",
    );
    let now = Some(Duration::ZERO);
    for (name, refuses, fails) in [(wild, now, true), (wild, None, false), (exact, now, false)] {
        let (client, _) = handshake_as(host, named(name), settings(refuses)).await;
        assert_eq!(client.is_err(), fails, "{name}, {refuses:?}");
        if let Err(error) = client {
            assert_eq!(error.kind(), NetError::Tls);
            let words = error.to_string();
            assert!(words.contains("by a wildcard only"), "{words}");
        }
    }
}
