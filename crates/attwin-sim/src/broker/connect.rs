//! CONNECT: authentication, and the session of an earlier connection (MQTT
//! 3.1.1 section 3.1).

use std::sync::Arc;

use attwin_core::mqtt::packet::{
    self, Connack, Connect, ConnectReturnCode, Frame, LastWill, Level, Packet, QoS,
};
use attwin_core::{Duration, Instant};

use super::Broker;
use super::auth::{Credentials, Provisioning, Verdict};
use super::connection::{Client, ProvisioningState};
use super::event::{BrokerEvent, DisconnectReason, Violation};
use super::ids::{ConnectionId, SessionKey};
use super::message::Message;
use super::outgoing::encode_ack;
use super::session::Session;

/// Longest client identifier in MQTT 3.1.
const MAX_V31_CLIENT_ID: usize = 23;

/// A client that may connect.
struct Admitted {
    client_id: Arc<str>,
    provisioning: Option<Provisioning>,
    /// The highest QoS its subscriptions are granted.
    max_qos: QoS,
}

impl Broker {
    /// Handles the first packet of a connection, known to have CONNECT's type.
    /// An error closes the connection without an answer.
    pub(super) fn connect(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        frame: Frame,
        bytes: &[u8],
    ) -> Result<(), DisconnectReason> {
        let Some(level) = level(&bytes[frame.header_len..])? else {
            let code = ConnectReturnCode::UnacceptableProtocolVersion;
            self.refuse(connection, None, code);
            return Ok(());
        };
        let tolerated = (level == Level::V31).then(|| without_reserved_bits(frame, bytes));
        let bytes = tolerated.as_deref().unwrap_or(bytes);
        let Packet::Connect(connect) = packet::decode(level, bytes)? else {
            return Err(Violation::NotConnect.into());
        };
        // U+0000 is in no string ([MQTT-1.5.3-2]).
        let name = connect.username.as_deref().unwrap_or_default();
        if connect.client_id.contains('\0') || name.contains('\0') {
            return Err(Violation::NullCharacter.into());
        }
        let will = connect.last_will.as_ref().map(will).transpose()?;
        match self.admit(now, level, &connect) {
            Ok(admitted) => self.accept(now, connection, level, &connect, admitted, will),
            Err(code) => self.refuse(connection, Some(Arc::clone(&connect.client_id)), code),
        }
        Ok(())
    }

    /// The client identifier to use, or the code to refuse with.
    fn admit(
        &mut self,
        now: Instant,
        level: Level,
        connect: &Connect,
    ) -> Result<Admitted, ConnectReturnCode> {
        if let Some((code, count)) = self.refuse_next {
            self.refuse_next = (count > 1).then(|| (code, count - 1));
            return Err(code);
        }
        let client_id = self.client_id(level, connect)?;
        let credentials = Credentials {
            client_id: &client_id,
            username: connect.username.as_deref(),
            password: connect.password.as_deref(),
            level,
        };
        let provisioning = match self.config.authenticate.check(now, &credentials) {
            Verdict::Accept => None,
            Verdict::Provision(provisioning) => Some(provisioning),
            Verdict::Refuse(ConnectReturnCode::Accepted) => {
                return Err(ConnectReturnCode::NotAuthorized);
            }
            Verdict::Refuse(code) => return Err(code),
        };
        let max_qos = self.config.authenticate.max_qos(&credentials);
        let new = !self.by_client_id.contains_key(&client_id);
        if new && self.sessions.len() >= self.config.limits.sessions {
            return Err(ConnectReturnCode::ServerUnavailable);
        }
        Ok(Admitted {
            client_id,
            provisioning,
            max_qos,
        })
    }

    fn client_id(
        &mut self,
        level: Level,
        connect: &Connect,
    ) -> Result<Arc<str>, ConnectReturnCode> {
        let rejected = match (level, connect.client_id.len()) {
            // MQTT 3.1 knows no empty identifier, 3.1.1 only for a session
            // no client resumes ([MQTT-3.1.3-8]).
            (Level::V31, 0) => true,
            (Level::V311, 0) => !connect.clean_session,
            (Level::V31, len) => self.config.enforce_identifier_length && len > MAX_V31_CLIENT_ID,
            (Level::V311, _) => false,
        };
        if rejected {
            return Err(ConnectReturnCode::IdentifierRejected);
        }
        if !connect.client_id.is_empty() {
            return Ok(Arc::clone(&connect.client_id));
        }
        loop {
            self.assigned_ids += 1;
            let assigned: Arc<str> = format!("auto-{}", self.assigned_ids).into();
            if !self.by_client_id.contains_key(&assigned) {
                return Ok(assigned);
            }
        }
    }

    fn accept(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        level: Level,
        connect: &Connect,
        Admitted {
            client_id,
            provisioning,
            max_qos,
        }: Admitted,
        will: Option<Message>,
    ) {
        self.take_over(&client_id);
        let clean = connect.clean_session || provisioning.is_some();
        let (session, session_present) = self.open_session(connection, clean, &client_id);
        if let Some(session) = self.sessions.get_mut(&session) {
            session.max_qos = max_qos;
        }
        let provisioning =
            provisioning.map(|provisioning| ProvisioningState::new(now, provisioning));
        let keep_alive_timeout = Duration::from_millis(u64::from(connect.keep_alive) * 1_500);
        let keep_alive_timeout = (!keep_alive_timeout.is_zero()).then_some(keep_alive_timeout);
        let deadline = match &provisioning {
            Some(provisioning) => Some(provisioning.deadline()),
            None => keep_alive_timeout.map(|timeout| now + timeout),
        };
        if let Some(state) = self.connections.get_mut(&connection) {
            let client_id = Arc::clone(&client_id);
            state.client = Some(Client {
                session,
                client_id,
                level,
                keep_alive_timeout,
                will,
                provisioning,
            });
        }
        self.set_deadline(connection, deadline);
        self.outbox.event(BrokerEvent::Connected {
            connection,
            client_id,
            username: connect.username.clone(),
            level,
            clean_session: connect.clean_session,
            keep_alive: connect.keep_alive,
            session_present,
        });
        // A reserved byte in MQTT 3.1.
        let session_present = session_present && level == Level::V311;
        self.answer(
            connection,
            &Packet::Connack(Connack {
                session_present,
                code: ConnectReturnCode::Accepted,
            }),
        );
        self.pump(session);
        self.provision(now, connection);
    }

    /// Sends the messages of the provisioning that are due; `None` if the
    /// client is an ordinary one.
    pub(super) fn provision(&mut self, now: Instant, connection: ConnectionId) -> Option<()> {
        loop {
            let client = self.connections.get_mut(&connection)?.client.as_mut()?;
            let (session, provisioning) = (client.session, client.provisioning.as_mut()?);
            if let Some(message) = provisioning.due(now) {
                self.deliver(session, &message, message.qos(), false);
                continue;
            }
            let (over, deadline) = (provisioning.is_over(now), provisioning.deadline());
            if over {
                self.end(connection, DisconnectReason::ProvisioningEnded);
            } else {
                self.set_deadline(connection, Some(deadline));
            }
            return Some(());
        }
    }

    /// Closes the connection that uses this client identifier
    /// ([MQTT-3.1.4-2]).
    fn take_over(&mut self, client_id: &str) {
        let session = self
            .by_client_id
            .get(client_id)
            .and_then(|key| self.sessions.get(key));
        if let Some(old) = session.and_then(|session| session.connection) {
            self.end(old, DisconnectReason::TakenOver);
        }
    }

    /// Resumes a session or begins one; returns it and whether it is resumed.
    fn open_session(
        &mut self,
        connection: ConnectionId,
        clean: bool,
        client_id: &Arc<str>,
    ) -> (SessionKey, bool) {
        if let Some(&key) = self.by_client_id.get(client_id) {
            if let Some(session) = self.sessions.get_mut(&key)
                && !clean
            {
                session.connection = Some(connection);
                return (key, true);
            }
            self.remove_session(key);
        }
        let key = SessionKey(self.next_session);
        self.next_session += 1;
        let session = Session::new(Arc::clone(client_id), connection, !clean);
        self.sessions.insert(key, session);
        self.by_client_id.insert(Arc::clone(client_id), key);
        (key, false)
    }

    /// Answers with a refusal and closes ([MQTT-3.2.2-5]).
    fn refuse(
        &mut self,
        connection: ConnectionId,
        client_id: Option<Arc<str>>,
        code: ConnectReturnCode,
    ) {
        let session_present = false;
        let connack = Connack {
            session_present,
            code,
        };
        self.answer(connection, &Packet::Connack(connack));
        self.set_deadline(connection, None);
        self.connections.remove(&connection);
        self.outbox.close(connection);
        self.outbox.event(BrokerEvent::Refused {
            connection,
            client_id,
            code,
        });
    }

    /// Sends a packet of fixed size.
    pub(super) fn answer(&mut self, connection: ConnectionId, packet: &Packet) {
        if let Some(mut wire) = self.wire(connection) {
            wire.send(encode_ack(packet));
        }
    }
}

/// The level a CONNECT asks for, `None` if it is none we speak
/// ([MQTT-3.1.2-2]); an error if the protocol is not MQTT ([MQTT-3.1.2-1]).
fn level(body: &[u8]) -> Result<Option<Level>, DisconnectReason> {
    match body {
        [0, 4, b'M', b'Q', b'T', b'T', level, ..] => Ok((*level == 4).then_some(Level::V311)),
        [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', level, ..] => {
            Ok((*level == 3).then_some(Level::V31))
        }
        _ => Err(Violation::NotConnect.into()),
    }
}

/// The client identifier of a whole CONNECT at the start of `input`.
pub(super) fn client_id_of(input: &[u8]) -> Option<&str> {
    let frame = packet::frame(input).ok()??;
    let body = input.get(frame.header_len..frame.len())?;
    let name = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
    // Level, flags and keep alive follow the protocol's name.
    let id = body.get(2 + name + 4..)?;
    let len = usize::from(u16::from_be_bytes([*id.first()?, *id.get(1)?]));
    std::str::from_utf8(id.get(2..2 + len)?).ok()
}

/// CONNECT of MQTT 3.1 without the bits it does not use: the flags of its fixed
/// header and the last of its own (MQTT 3.1 sections 3.1 and 3.1.1).
fn without_reserved_bits(frame: Frame, bytes: &[u8]) -> Vec<u8> {
    // Protocol name and level come before the flags; `level` has read them.
    const FLAGS: usize = 2 + 6 + 1;
    let mut bytes = bytes.to_vec();
    if let Some(first) = bytes.first_mut() {
        *first &= 0xF0;
    }
    if let Some(flags) = bytes.get_mut(frame.header_len + FLAGS) {
        *flags &= !1;
    }
    bytes
}

fn will(will: &LastWill) -> Result<Message, DisconnectReason> {
    Message::new(
        &will.topic_name,
        will.message.clone(),
        will.qos,
        will.retain,
    )
    .map_err(|_| Violation::Topic.into())
}
