//! What a scenario is made of.

use std::collections::BTreeSet;

use attwin_core::mqtt::packet::{ConnectReturnCode, QoS};
use attwin_core::{Duration, Module, Timing};

use super::source::{Sources, Span};
use super::template::{Names, Pattern, Template, Variable};
use crate::broker::cloud::Clouds;
use crate::broker::{AllowAll, Authenticate, BrokerConfig, UserList};
use crate::fault::FaultSpec;

/// A scenario, ready to be played any number of times.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The files it was read from.
    pub sources: Sources,
    /// What it needs before it starts.
    pub header: Header,
    /// Its comments, in order.
    pub comments: Vec<Comment>,
    pub(super) steps: Vec<Line>,
    /// Numbers of the lines that send something after which the next one waits
    /// for what it brings.
    pub(super) patient: BTreeSet<usize>,
    pub(super) names: Names,
}

/// What a scenario needs before its first line.
#[derive(Debug, Clone)]
pub struct Header {
    /// The modules it is played with, one run each; at least one.
    pub modules: Vec<&'static Module>,
    /// Quirks to set, with where that is said.
    pub quirks: Vec<(String, String, Span)>,
    /// Users the broker knows; every client may connect if there are none.
    pub users: Vec<(String, String)>,
    /// What the cloud services know that the broker plays.
    pub clouds: Clouds,
    /// Topic filters the broker refuses.
    pub refused_filters: Vec<String>,
    /// Whether artificial delays are kept.
    pub timing: Timing,
    /// Seed of everything random.
    pub seed: u64,
    /// Whether the module echoes; if not, ATE0 is sent before the first line.
    pub echo: bool,
    /// Whether the lines said at power-on are part of the scenario.
    pub boot_shown: bool,
    /// How long a line without a time may take.
    pub timeout: Duration,
    pub(super) variables: Vec<(Variable, Vec<u8>)>,
}

impl Header {
    /// The broker it asks for, whose clock starts at `origin` in Unix time.
    pub fn broker(&self, origin: Duration) -> BrokerConfig {
        let users = self.users.iter().cloned();
        let users: Box<dyn Authenticate> = if self.users.is_empty() {
            Box::new(AllowAll)
        } else {
            let list = users.fold(UserList::new(), |list, (name, password)| {
                list.with_user(name, password)
            });
            Box::new(list)
        };
        let mut clouds = self.clouds.clone();
        clouds.aliyun.set_seed(self.seed);
        BrokerConfig {
            refused_filters: self.refused_filters.clone(),
            authenticate: clouds.before(users, origin),
            ..BrokerConfig::default()
        }
    }
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, `#` included.
    pub span: Span,
    /// What it says, without `#` and surrounding space.
    pub text: String,
}

/// One line of the session, or a block.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Without indentation and line end; a block from `{` to `}`.
    pub(super) span: Span,
    pub(super) what: What,
}

/// What a line says.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// `> text` and `>> bytes`, terminator included.
    Send(Template),
    /// A `<` line.
    Expect(Expectation),
    /// `{ … }`.
    AnyOrder(Vec<Expectation>),
    /// `! …`.
    Fault(FaultSpec),
    /// `@ publish …` and other actions.
    Operate(Operation),
    /// `@ received …` and other reports.
    Report(Report),
    /// `~ 5s`.
    Pass(Duration),
    /// `~ silent 5s`.
    Silent(Duration),
}

/// One thing the module has to say.
#[derive(Debug, Clone)]
pub(super) struct Expectation {
    pub(super) span: Span,
    pub(super) window: Option<Window>,
    pub(super) said: Saying,
}

/// When something has to be said, after the previous command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Duration,
    pub(super) to: Duration,
}

/// What has to be said.
#[derive(Debug, Clone)]
pub(super) enum Saying {
    /// `< text`: a line.
    Line(Template),
    /// `<+ text`: a line without the CR LF that opens a response.
    Continuation(Template),
    /// `<~ regex`: a line.
    Pattern(Box<Pattern>),
    /// `<< bytes`.
    Bytes(Template),
    /// `<> prompt`.
    Prompt,
}

/// What the operator of the broker does.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// `publish "topic" [qos N] [retain] "payload"`; `push "client" …`.
    Publish {
        client: Option<Template>,
        topic: Template,
        qos: QoS,
        retain: bool,
        payload: Template,
    },
    /// `drop "client"`.
    Drop { client: Template },
    /// `refuse CODE [N]`.
    Refuse { code: ConnectReturnCode, count: u32 },
    /// `stop`.
    Stop,
    /// `start`.
    Start,
    /// `restart [keep]`.
    Restart { keep: bool },
    /// `forget`.
    Forget,
}

/// What the broker has to have seen.
#[derive(Debug, Clone)]
pub(super) struct Report {
    /// `@ not …`: it must not have seen it.
    pub(super) never: bool,
    pub(super) kind: ReportKind,
    /// Topic, topic filter or client, whatever the kind names first.
    pub(super) subject: Option<Template>,
    pub(super) qos: Option<QoS>,
    /// Checked for messages only.
    pub(super) retain: bool,
    /// Checked for received messages only.
    pub(super) dup: bool,
    pub(super) payload: Option<Template>,
    pub(super) from: Option<Template>,
    /// Code of a refusal.
    pub(super) code: Option<ConnectReturnCode>,
    pub(super) user: Option<Template>,
    pub(super) keep_alive: Option<u16>,
    pub(super) clean: Option<bool>,
    pub(super) resumed: Option<bool>,
}

/// Kinds of [`BrokerEvent`](crate::broker::BrokerEvent) that can be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReportKind {
    Received,
    Will,
    Delivered,
    Subscribed,
    Unsubscribed,
    Connected,
    Refused,
    Disconnected,
}

impl ReportKind {
    /// Every kind with its word.
    pub(super) const ALL: [(&'static str, Self); 8] = [
        ("received", Self::Received),
        ("will", Self::Will),
        ("delivered", Self::Delivered),
        ("subscribed", Self::Subscribed),
        ("unsubscribed", Self::Unsubscribed),
        ("connected", Self::Connected),
        ("refused", Self::Refused),
        ("disconnected", Self::Disconnected),
    ];

    /// Whether it is about a message, with retain flag and payload.
    pub(super) fn has_message(self) -> bool {
        matches!(self, Self::Received | Self::Will | Self::Delivered)
    }
}

impl Expectation {
    /// The variables this sets where they are unknown.
    pub(super) fn sets(&self) -> Vec<Variable> {
        match &self.said {
            Saying::Line(text) | Saying::Continuation(text) | Saying::Bytes(text) => {
                text.variables().collect()
            }
            Saying::Pattern(pattern) => pattern.set().collect(),
            Saying::Prompt => Vec::new(),
        }
    }
}
