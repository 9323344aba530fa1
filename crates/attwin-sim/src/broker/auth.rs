//! Who may connect.

use std::collections::BTreeMap;

use attwin_core::mqtt::packet::{ConnectReturnCode, Level};

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

/// Decides whether a client may connect.
pub trait Authenticate: Send {
    /// Accepts the client, or names the code CONNACK refuses it with, usually
    /// [`BadUserNameOrPassword`](ConnectReturnCode::BadUserNameOrPassword) or
    /// [`NotAuthorized`](ConnectReturnCode::NotAuthorized).
    /// [`Accepted`](ConnectReturnCode::Accepted) as an error counts as the
    /// latter.
    fn check(&self, credentials: &Credentials<'_>) -> Result<(), ConnectReturnCode>;
}

/// Accepts everybody.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl Authenticate for AllowAll {
    fn check(&self, _: &Credentials<'_>) -> Result<(), ConnectReturnCode> {
        Ok(())
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
    /// An empty list, which refuses everybody.
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
    fn check(&self, credentials: &Credentials<'_>) -> Result<(), ConnectReturnCode> {
        let Some(username) = credentials.username else {
            return if self.allow_anonymous {
                Ok(())
            } else {
                Err(ConnectReturnCode::NotAuthorized)
            };
        };
        let known = self.users.get(username).map(Vec::as_slice);
        if known.is_some() && known == credentials.password {
            Ok(())
        } else {
            Err(ConnectReturnCode::BadUserNameOrPassword)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        list: &UserList,
        username: Option<&str>,
        password: Option<&[u8]>,
    ) -> Result<(), ConnectReturnCode> {
        list.check(&Credentials {
            client_id: "c",
            username,
            password,
            level: Level::V311,
        })
    }

    #[test]
    fn user_list_tells_missing_from_wrong() {
        let list = UserList::new().with_user("u", "p");
        assert_eq!(check(&list, Some("u"), Some(b"p")), Ok(()));
        for (username, password) in [("u", Some(&b"q"[..])), ("u", None), ("v", Some(b"p"))] {
            assert_eq!(
                check(&list, Some(username), password),
                Err(ConnectReturnCode::BadUserNameOrPassword)
            );
        }
        assert_eq!(
            check(&list, None, None),
            Err(ConnectReturnCode::NotAuthorized)
        );
        assert_eq!(check(&list.allow_anonymous(), None, None), Ok(()));
    }
}
