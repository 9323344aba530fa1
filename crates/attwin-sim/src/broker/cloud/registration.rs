//! What a registration at Alibaba Cloud is answered with, properly or not
//! (docs/spec/yuge.md 9.5, points 3, 4 and 7).

use std::fmt;
use std::str::FromStr;

use attwin_core::Duration;
use attwin_core::mqtt::packet::{ConnectReturnCode, QoS};

use crate::broker::auth::{Provisioning, Verdict};
use crate::broker::message::Message;

/// How long a connection for a registration may last.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Where a message goes that is not the one the client waits for.
const OTHER_TOPIC: &str = "/ext/other";

/// How to answer one registration that would be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// As the platform does.
    #[default]
    Proper,
    /// With QoS 1.
    QoS1,
    /// With a message on another topic first.
    OtherTopicFirst,
    /// So much later.
    Late(Duration),
    /// With CONNACK and nothing more.
    Nothing,
    /// Without the member that matters.
    MissingMember,
    /// With what is no JSON.
    NotJson,
    /// With this code.
    Refused(ConnectReturnCode),
    /// With CONNACK and the end of the connection.
    Closed,
}

/// A text that names no [`Answer`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no answer to a registration; write proper, qos-1, other-topic-first, `late 6s`, \
     nothing, missing-member, not-json, `refused 4`, `refused 5` or closed"
)]
pub struct AnswerError(String);

/// What is granted: topic, members, and which of them matters most.
pub(super) struct Grant<'a> {
    pub(super) topic: &'static str,
    pub(super) members: &'a [(&'static str, &'a str)],
    pub(super) essential: &'static str,
}

impl Answer {
    const WORDS: [(&'static str, Self); 7] = [
        ("proper", Self::Proper),
        ("qos-1", Self::QoS1),
        ("other-topic-first", Self::OtherTopicFirst),
        ("nothing", Self::Nothing),
        ("missing-member", Self::MissingMember),
        ("not-json", Self::NotJson),
        ("closed", Self::Closed),
    ];

    /// Whether the client may have learnt what was granted.
    pub(super) fn reaches_client(self) -> bool {
        matches!(
            self,
            Self::Proper | Self::QoS1 | Self::OtherTopicFirst | Self::Late(_)
        )
    }

    pub(super) fn verdict(self, grant: &Grant<'_>) -> Verdict {
        let json = || object(grant.members.iter().copied());
        let (after, qos, payload) = match self {
            Self::Refused(code) => return Verdict::Refuse(code),
            Self::Closed => return provision([], Duration::ZERO),
            Self::Nothing => return provision([], TIME_LIMIT),
            Self::Proper | Self::OtherTopicFirst => (Duration::ZERO, QoS::Level0, json()),
            Self::QoS1 => (Duration::ZERO, QoS::Level1, json()),
            Self::Late(after) => (after, QoS::Level0, json()),
            Self::MissingMember => {
                let others = |(name, _): &(&str, &str)| *name != grant.essential;
                let rest = object(grant.members.iter().copied().filter(others));
                (Duration::ZERO, QoS::Level0, rest)
            }
            Self::NotJson => (Duration::ZERO, QoS::Level0, "not JSON".into()),
        };
        let early = (self == Self::OtherTopicFirst)
            .then(|| message(Duration::ZERO, OTHER_TOPIC, QoS::Level0, "{}".into()));
        let granted = message(after, grant.topic, qos, payload);
        provision(early.into_iter().chain([granted]), TIME_LIMIT.max(after))
    }
}

impl FromStr for Answer {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        let known = Self::WORDS.iter().find(|(word, _)| *word == text);
        if let Some((_, answer)) = known {
            return Ok(*answer);
        }
        match text.split_once(' ') {
            Some(("refused", "4")) => Some(Self::Refused(ConnectReturnCode::BadUserNameOrPassword)),
            Some(("refused", "5")) => Some(Self::Refused(ConnectReturnCode::NotAuthorized)),
            Some(("late", time)) => crate::scenario::time(time).map(Self::Late),
            _ => None,
        }
        .ok_or_else(|| AnswerError(text.into()))
    }
}

fn provision(
    messages: impl IntoIterator<Item = Option<(Duration, Message)>>,
    time_limit: Duration,
) -> Verdict {
    Verdict::Provision(Provisioning {
        messages: messages.into_iter().flatten().collect(),
        time_limit,
    })
}

/// `None` only for a topic or payload MQTT cannot carry, which none here is.
fn message(after: Duration, topic: &str, qos: QoS, payload: String) -> Option<(Duration, Message)> {
    let message = Message::new(topic, payload, qos, false).ok()?;
    Some((after, message))
}

/// A JSON object without spaces, as the platform writes it.
fn object<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let members: Vec<_> = members
        .map(|(name, value)| format!("{}:{}", Quoted(name), Quoted(value)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_by_name() {
        let late = Answer::Late(Duration::from_secs(6));
        for (text, want) in [
            ("proper", Some(Answer::Proper)),
            ("late 6s", Some(late)),
            (
                "refused 5",
                Some(Answer::Refused(ConnectReturnCode::NotAuthorized)),
            ),
            ("closed", Some(Answer::Closed)),
            ("refused", None),
            ("refused 3", None),
            ("late soon", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Answer>().ok(), want, "{text}");
        }
    }

    #[test]
    fn members_are_escaped() {
        let members = [("a", "1"), ("b", "\"\\\n")];
        assert_eq!(object(members.into_iter()), r#"{"a":"1","b":"\"\\\n"}"#);
    }
}
