//! Authentication of clients.

use std::collections::BTreeMap;

use attwin_core::mqtt::packet::{ConnectReturnCode, Level, QoS};
use attwin_core::{Duration, Instant};

use super::message::Message;

/// What a client identifies itself with in CONNECT.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// Client identifier, the assigned one if the client sent none.
    pub client_id: &'a str,
    /// User name.
    pub username: Option<&'a str>,
    /// Password.
    pub password: Option<&'a [u8]>,
    /// Protocol level.
    pub level: Level,
}

/// Decides whether a client may connect, and may remember what it decided.
pub trait Authenticate: Send {
    /// What to do with the client that sent these in its CONNECT.
    fn check(&mut self, now: Instant, credentials: &Credentials<'_>) -> Verdict;

    /// The highest QoS that the subscriptions of this client are granted.
    fn max_qos(&self, _: &Credentials<'_>) -> QoS {
        QoS::Level2
    }
}

/// What an [`Authenticate`] decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The client may connect.
    Accept,
    /// CONNACK carries this code, usually
    /// [`BadUserNameOrPassword`](ConnectReturnCode::BadUserNameOrPassword) or
    /// [`NotAuthorized`](ConnectReturnCode::NotAuthorized);
    /// [`Accepted`](ConnectReturnCode::Accepted) counts as the latter.
    Refuse(ConnectReturnCode),
    /// The client may connect, but only to be provisioned.
    Provision(Provisioning),
}

/// A connection that exists for what the broker sends over it, such as a
/// registration at a cloud service. CONNACK accepts it; whatever its client
/// publishes or subscribes to is ignored without an answer, and its session
/// ends with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioning {
    /// What is sent unasked, each this long after CONNACK, in order of time.
    pub messages: Vec<(Duration, Message)>,
    /// How long after CONNACK the connection is closed if the client has not
    /// left.
    pub time_limit: Duration,
}

/// Accepts every client.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl Authenticate for AllowAll {
    fn check(&mut self, _: Instant, _: &Credentials<'_>) -> Verdict {
        Verdict::Accept
    }
}

/// A list of users and their passwords.
///
/// A client without a user name is refused with code 5 (not authorized) unless
/// [`allow_anonymous`](Self::allow_anonymous) says otherwise, one with an
/// unknown name or a wrong password with code 4 (bad user name or password).
#[derive(Clone, Default)]
pub struct UserList {
    users: BTreeMap<String, Vec<u8>>,
    allow_anonymous: bool,
}

impl UserList {
    /// An empty list, which refuses every client.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a user or replaces the password.
    #[must_use]
    pub fn with_user(mut self, username: impl Into<String>, password: impl Into<Vec<u8>>) -> Self {
        self.users.insert(username.into(), password.into());
        self
    }

    /// Accepts clients without a user name.
    #[must_use]
    pub fn allow_anonymous(mut self) -> Self {
        self.allow_anonymous = true;
        self
    }
}

impl Authenticate for UserList {
    fn check(&mut self, _: Instant, credentials: &Credentials<'_>) -> Verdict {
        let Some(username) = credentials.username else {
            return if self.allow_anonymous {
                Verdict::Accept
            } else {
                Verdict::Refuse(ConnectReturnCode::NotAuthorized)
            };
        };
        let known = self.users.get(username).map(Vec::as_slice);
        if known.is_some() && known == credentials.password {
            Verdict::Accept
        } else {
            Verdict::Refuse(ConnectReturnCode::BadUserNameOrPassword)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &mut UserList, username: Option<&str>, password: Option<&[u8]>) -> Verdict {
        let credentials = Credentials {
            client_id: "c",
            username,
            password,
            level: Level::V311,
        };
        list.check(Instant::ZERO, &credentials)
    }

    #[test]
    fn user_list_tells_missing_from_wrong() {
        let mut list = UserList::new().with_user("u", "p");
        assert_eq!(check(&mut list, Some("u"), Some(b"p")), Verdict::Accept);
        for (username, password) in [("u", Some(&b"q"[..])), ("u", None), ("v", Some(b"p"))] {
            assert_eq!(
                check(&mut list, Some(username), password),
                Verdict::Refuse(ConnectReturnCode::BadUserNameOrPassword)
            );
        }
        assert_eq!(
            check(&mut list, None, None),
            Verdict::Refuse(ConnectReturnCode::NotAuthorized)
        );
        let mut list = list.allow_anonymous();
        assert_eq!(check(&mut list, None, None), Verdict::Accept);
    }
}
