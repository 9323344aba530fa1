//! The MQTT commands of both modules but for publishing (docs/spec/onemo.md A3
//! and B3): what they do. The rows are each module's own, and so are the
//! numbers of refusals and the wording, which are hooks of its [`Model`].

use alloc::format;

use bytes::Bytes;

use super::client::State;
use super::refused::Refused;
use super::settings::{OpenRequest, Settings, qos};
use super::{Model, OneMo};
use crate::command::{Args, Form};
use crate::handler::shared::unusable_context;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::Will;
use crate::mqtt::session::RequestError;

/// `AT+MQTTCFG`. The version is an argument of one module only; `encrypt` is
/// the index of that argument.
pub(super) fn configure<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    form: Form,
    args: &Args<'_>,
) -> Outcome {
    if form == Form::Read {
        return match M::settings_line(m.client.settings.as_ref()) {
            Some(line) => {
                cx.reply(line);
                Outcome::Ok
            }
            None => m.refuse(Refused::NotConfigured),
        };
    }
    let text = |index| Bytes::copy_from_slice(args.text(index).unwrap_or_default());
    let settings = Settings {
        host: text(0),
        port: args.short(1).unwrap_or_default(),
        client_id: text(2),
        keep_alive: args.short(3).unwrap_or_default(),
        user: text(4),
        password: text(5),
        clean_session: args.flag(6).unwrap_or_default(),
        version: M::VERSION_ARGUMENT.map(text).unwrap_or_default(),
        encrypt: args.flag(M::ENCRYPT_ARGUMENT).unwrap_or_default(),
    };
    if let Err(refused) = M::check_settings(m, &settings) {
        return m.refuse(refused);
    }
    m.client.configure(cx, settings);
    Outcome::Ok
}

/// `AT+MQTTOPEN`: checks in the order of docs/spec/onemo.md A3.2 and B3.2.
pub(super) fn open<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    _: Form,
    args: &Args<'_>,
) -> Outcome {
    let flag = |index| args.flag(index).unwrap_or_default();
    let text = |index| Bytes::copy_from_slice(args.text(index).unwrap_or_default());
    let will = flag(2).then(|| Will {
        topic: text(5),
        message: text(6),
        qos: qos(args.int(4)),
        retain: flag(3),
    });
    if will.as_ref().is_some_and(|will| will.topic.is_empty()) {
        return m.refuse(Refused::WillWithoutTopic);
    }
    let request = OpenRequest {
        with_user: flag(0),
        with_password: flag(1),
        will,
        roots: m.model.roots(),
    };
    let refused = match m.client.state() {
        State::Unconfigured => Some(Refused::NotConfigured),
        State::Connected => Some(Refused::Connected),
        State::Idle => None,
        State::Disconnecting => Some(Refused::Disconnecting),
        state => Some(Refused::Connecting(state)),
    };
    if let Some(refused) = refused {
        return m.refuse(refused);
    }
    let configured = m.client.settings.as_ref();
    if request.with_user && configured.is_some_and(|s| s.user.is_empty()) {
        return m.refuse(Refused::NoUser);
    }
    if request.with_password && configured.is_some_and(|s| s.password.is_empty()) {
        return m.refuse(Refused::NoPassword);
    }
    if let Some(reason) = unusable_context(cx.radio, cx.radio.defaults().default_context) {
        return m.refuse(Refused::NoNetwork(reason));
    }
    m.client.ping_divisor = m.model.ping_divisor();
    m.client.messages_first = m.model.messages_first();
    let outcome = m.model.begin(Begun::Open);
    m.client.open(cx, request);
    outcome
}

/// A command whose result the server decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    Open,
    Disconnect,
    Request,
}

/// `AT+MQTTSTAT?`
pub(super) fn state<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    _: Form,
    _: &Args<'_>,
) -> Outcome {
    let number = M::state_number(m.client.state());
    cx.reply(cx.line("+MQTTSTAT").value(number));
    Outcome::Ok
}

/// `AT+MQTTSUB`
pub(super) fn subscribe<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    form: Form,
    args: &Args<'_>,
) -> Outcome {
    if form == Form::Read {
        return M::show_subscriptions(m, cx);
    }
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if let Some(refused) = m.not_connected() {
        return m.refuse(refused);
    }
    if M::REFUSES_SUBSCRIBED && m.is_subscribed(&topic) {
        return m.refuse(Refused::Subscribed(topic));
    }
    let outcome = m.model.begin(Begun::Request);
    let sent = m.client.subscribe(cx, topic, qos(args.int(1)));
    m.requested(outcome, sent)
}

/// `AT+MQTTUNSUB`
pub(super) fn unsubscribe<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    _: Form,
    args: &Args<'_>,
) -> Outcome {
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if let Some(refused) = m.not_connected() {
        return m.refuse(refused);
    }
    if !m.is_subscribed(&topic) {
        return m.refuse(Refused::NotSubscribed(topic));
    }
    let outcome = m.model.begin(Begun::Request);
    let sent = m.client.unsubscribe(cx, topic);
    m.requested(outcome, sent)
}

/// `AT+MQTTDISC`
pub(super) fn disconnect<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    _: Form,
    _: &Args<'_>,
) -> Outcome {
    match m.client.state() {
        State::Connected => {
            let outcome = m.model.begin(Begun::Disconnect);
            m.client.disconnect(cx);
            outcome
        }
        State::Disconnecting => m.refuse(Refused::Disconnecting),
        state if M::can_abort(state) => {
            m.client.abort(cx);
            M::say_aborted(cx);
            Outcome::Ok
        }
        state => m.refuse(Refused::Disconnected(state)),
    }
}

/// `AT+MQTTDEL`
pub(super) fn delete<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    _: Form,
    _: &Args<'_>,
) -> Outcome {
    if !m.client_is(State::Idle) {
        return m.refuse(Refused::InUse(m.client.state()));
    }
    m.client.delete(cx);
    Outcome::Ok
}

/// `AT+MQTTPING`
pub(super) fn ping<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    form: Form,
    args: &Args<'_>,
) -> Outcome {
    if form == Form::Read {
        cx.reply(cx.line("+MQTTPING").value(u8::from(m.client.ping_echo)));
        return Outcome::Ok;
    }
    if M::PING_NEEDS_CONNECTION
        && let Some(refused) = m.not_connected()
    {
        return m.refuse(refused);
    }
    m.client.ping_echo = args.flag(0).unwrap_or_default();
    Outcome::Ok
}

/// `AT+MQTTTO`
pub(super) fn timeout<M: Model>(
    m: &mut OneMo<M>,
    cx: &mut Context<'_>,
    form: Form,
    args: &Args<'_>,
) -> Outcome {
    if form == Form::Read {
        cx.reply(cx.line("+MQTTTO").value(m.client.acknowledge_timeout));
    } else {
        m.client.acknowledge_timeout = args.short(0).unwrap_or_default();
    }
    Outcome::Ok
}

impl<M: Model> OneMo<M> {
    /// The outcome of a command whose request was made, or was not.
    pub(super) fn requested(
        &mut self,
        outcome: Outcome,
        sent: Result<(), RequestError>,
    ) -> Outcome {
        match sent {
            Ok(()) => outcome,
            Err(error) => {
                self.model.give_up();
                self.refuse(Refused::NotSent(error))
            }
        }
    }

    pub(super) fn refuse(&self, why: Refused) -> Outcome {
        Outcome::refused(self.model.code(&why), why.reason())
    }

    /// What a command that needs a connection is refused for.
    pub(super) fn not_connected(&self) -> Option<Refused> {
        let state = self.client.state();
        (state != State::Connected).then_some(Refused::NotConnected(state))
    }

    fn is_subscribed(&self, topic: &[u8]) -> bool {
        let mut known = self.client.subscriptions.iter();
        known.any(|(known, _)| known == topic)
    }
}

/// The topics that are subscribed, a line each behind `head`.
pub(super) fn subscription_lines<M: Model>(m: &OneMo<M>, cx: &mut Context<'_>, head: &str) {
    for (topic, qos) in &m.client.subscriptions {
        cx.reply([head.as_bytes(), topic, format!(",{qos}").as_bytes()].concat());
    }
}
