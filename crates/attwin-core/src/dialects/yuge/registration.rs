//! `AT+IMQTTDYNREG` (docs/spec/yuge.md 3.16 and 9.4): a device registers with
//! Alibaba Cloud, on a connection of its own that ends with the answer.

use alloc::boxed::Box;
use alloc::format;
use core::convert::Infallible;
use core::time::Duration;

use bytes::Bytes;

use super::connection;
use super::refused::Refused;
use super::settings::Mode;
use super::slots::{Slot, Slots, number};
use super::text::Line;
use super::{Yuge, meaning};
use crate::cloud::aliyun::Device;
use crate::cloud::aliyun::sdk::{self, GrantError, Granted, Registration as Kind};
use crate::command::{Answer, Args, Field, Form, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::io::{LinkId, NetEvent};
use crate::mqtt::client::{Client, Event, reason};
use crate::mqtt::packet::{ConnectFields, Level};
use crate::mqtt::session::{Message, Options, Rules};
use crate::reason::Reason;
use crate::serial::Channel;
use crate::storage::Storage;
use crate::time::Instant;

/// How long CONNACK, and then the answer, may take (docs/spec/yuge.md 7.1).
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Seconds.
const KEEP_ALIVE: u16 = 1200;

/// Two shapes of one command, told apart by how many arguments there are.
pub(super) static ROWS: [Row<Yuge>; 2] = [
    Row::new(
        Spec::new(
            "+IMQTTDYNREG",
            "docs/spec/yuge.md 3.16",
            "register a device with Alibaba Cloud",
        )
        .test(Test::Ok)
        .read()
        .write(&[
            Param::int("type", 0, 1).values(&meaning::TYPES),
            Param::int("mode", 1, 2).values(&meaning::REGISTRATIONS),
            Param::text("ProductKey", 1, 32),
            Param::text("DeviceName", 1, 64),
            Param::text("ProductSecret", 1, 64),
        ])
        .answers(&[Answer::new(
            "+IMQTTDYNREG:<type>,<mode>,\"<ProductKey>\",\"<DeviceName>\",\"<ProductSecret>\"",
        )
        .fields(
            &const {
                [
                    Field::new("type", "whether it was to be saved; 0 if nothing was asked")
                        .values(&meaning::TYPES),
                    Field::new("mode", "kind of registration").values(&meaning::ASKED),
                ]
            },
        )])
        .max_settings("10 s for the network, 5 s for CONNACK, 5 s for the answer")
        .example("+IMQTTDYNREG=0,1,a1m8qO1ceKE,SDK_0004,VPCTjT8dGTXr5Jpg"),
        |s, cx, form, args| match form {
            Form::Read => show_request(s, cx),
            _ => register(s, cx, args),
        },
    ),
    Row::new(
        Spec::new(
            "+IMQTTDYNREG",
            "docs/spec/yuge.md 3.16",
            "show what registrations gave",
        )
        .origin(Origin::Manual)
        .write(&[Param::int("type", 2, 2)])
        .answers(&[
            Answer::new("+IMQTTDYNREG: <mode>,\"<first>\",\"<second>\",\"<third>\"")
                .fields(&meaning::GIVEN),
        ])
        .example("+IMQTTDYNREG=2"),
        |s, cx, _, _| {
            for kind in Kind::ALL {
                let answer = Line::new("+IMQTTDYNREG: ").number(number(kind));
                cx.reply(s.registration.slots.get(kind).show(answer));
            }
            Outcome::Ok
        },
    ),
];

/// Registrations: the one under way, and what they gave.
#[derive(Debug, Default)]
pub(super) struct Registration {
    slots: Slots,
    /// As the last accepted command asked, for the read form.
    asked: Option<Request>,
    running: Option<Box<Running>>,
}

/// What a host asked for.
#[derive(Debug, Clone)]
struct Request {
    /// Whether what comes of it outlasts a restart.
    save: bool,
    kind: Kind,
    product_key: Bytes,
    device_name: Bytes,
    product_secret: Bytes,
}

/// A registration under way.
#[derive(Debug)]
struct Running {
    request: Request,
    mqtt: Client<Infallible>,
    random: u32,
}

fn show_request(s: &mut Yuge, cx: &mut Context<'_>) -> Outcome {
    let answer = Line::new("+IMQTTDYNREG:");
    cx.reply(match &s.registration.asked {
        Some(asked) => answer
            .number(u8::from(asked.save))
            .number(number(asked.kind))
            .quoted(&asked.product_key)
            .quoted(&asked.device_name)
            .quoted(&asked.product_secret),
        None => Slot::default().show(answer.number(0).number(0)),
    });
    Outcome::Ok
}

fn register(s: &mut Yuge, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let copied = |index| Bytes::copy_from_slice(args.text(index).unwrap_or_default());
    let request = Request {
        save: args.flag(0).unwrap_or_default(),
        kind: match args.int(1) {
            Some(1) => Kind::PreRegistered,
            _ => Kind::Unregistered,
        },
        product_key: copied(2),
        device_name: copied(3),
        product_secret: copied(4),
    };
    let refused = if s.settings.mode != Mode::Alibaba {
        Some(Refused::StandardMode)
    } else if s.registration.is_running() {
        Some(Refused::Registering)
    } else if s.client.is_connected() {
        Some(Refused::Connected)
    } else if !s.client.is_idle() {
        Some(Refused::Connecting)
    } else {
        None
    };
    if let Some(refused) = refused {
        return refused.into();
    }
    s.registration.asked = Some(request.clone());
    if let Some(reason) = connection::reach_network(cx) {
        request.report(cx, Err(reason));
        return Outcome::Ok;
    }
    let server = s.settings.server_of(&request.product_key);
    let mut mqtt = Client::default();
    mqtt.open(
        cx.now,
        cx.links,
        connection::route(cx, server, s.settings.tls),
    );
    s.registration.running = Some(Box::new(Running {
        mqtt,
        random: random(s, cx),
        request,
    }));
    Outcome::Ok
}

fn random(s: &Yuge, cx: &mut Context<'_>) -> u32 {
    s.knobs.dynreg_random.unwrap_or_else(|| {
        let below = cx.rng.below(1 << u32::BITS);
        u32::try_from(below).unwrap_or_default()
    })
}

impl Registration {
    /// Nothing under way, and the slots as they were saved.
    pub(super) fn saved(storage: &Storage) -> Self {
        Self {
            slots: Slots::saved(storage),
            ..Self::default()
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn link(&self) -> Option<LinkId> {
        self.running
            .as_ref()
            .and_then(|running| running.mqtt.link())
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let running = self.running.as_ref();
        running.and_then(|running| running.mqtt.poll_timeout())
    }

    /// Power is gone, or the module restarts.
    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some(mut running) = self.running.take() {
            running.mqtt.abort(cx.links);
        }
    }

    pub(super) fn network(&mut self, cx: &mut Context<'_>, event: &NetEvent<'_>) {
        if let Some(running) = &mut self.running {
            running.mqtt.network(cx.now, cx.links, event);
            self.drive(cx);
        }
    }

    /// The bearer went down.
    pub(super) fn lose_network(&mut self, cx: &mut Context<'_>, why: Reason) {
        self.fail(cx, why);
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        if let Some(running) = &mut self.running {
            running.mqtt.handle_timeout(cx.now, cx.links);
            self.drive(cx);
        }
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        while let Some(running) = &mut self.running
            && let Some(event) = running.mqtt.poll_event(cx.now, cx.links)
        {
            self.handle_event(cx, event);
        }
    }

    /// Nothing is asked of the server but CONNECT.
    fn handle_event(&mut self, cx: &mut Context<'_>, event: Event<Infallible>) {
        let Some(running) = self.running.as_deref_mut() else {
            return;
        };
        match event {
            Event::Opened => {
                let options = running.request.options(running.random);
                if let Err(error) = running.mqtt.connect(cx.now, options) {
                    self.fail(cx, Reason::new(format!("CONNECT cannot be built: {error}")));
                }
            }
            Event::Connected { .. } => {
                running.mqtt.set_deadline(Some(cx.now + ANSWER_LIMIT));
            }
            Event::Message(message) => self.answered(cx, message),
            Event::Failed(failure) => self.fail(cx, failure.reason()),
            Event::OpenFailed(error) => {
                let reason = reason::open_failed(error, running.mqtt.server());
                self.fail(cx, reason);
            }
            Event::Closed(why) => self.fail(cx, reason::closed(why)),
            Event::Expired => {
                let seconds = ANSWER_LIMIT.as_secs();
                let cause = format!("the cloud sent no credentials within {seconds} s");
                self.fail(cx, Reason::new(cause));
            }
            Event::Discarded(discarded) => cx.note(alloc::format!("{discarded}")),
            _ => {}
        }
    }

    /// Whatever comes is acknowledged; one topic has the answer.
    fn answered(&mut self, cx: &mut Context<'_>, message: Message) {
        let Some(running) = self.running.as_deref_mut() else {
            return;
        };
        running.mqtt.acknowledge(cx.now, message.acknowledgement);
        let request = &running.request;
        if message.topic.as_bytes() != request.kind.topic().as_bytes() {
            return;
        }
        let slot = match request.slot(&message.payload) {
            Ok(slot) => slot,
            Err(error) => {
                let cause = format!("the cloud's answer is of no use: {error}");
                return self.fail(cx, Reason::new(cause));
            }
        };
        let Request { save, kind, .. } = *request;
        request.report(cx, Ok(&slot));
        self.slots.set(cx.storage, kind, slot, save);
        running.mqtt.leave(cx.now, cx.links);
        self.running = None;
    }

    fn fail(&mut self, cx: &mut Context<'_>, why: Reason) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        running.mqtt.abort(cx.links);
        running.request.report(cx, Err(why));
    }
}

impl Request {
    fn device(&self) -> Device<'_> {
        Device {
            product_key: &self.product_key,
            device_name: &self.device_name,
        }
    }

    /// How it connects (docs/spec/yuge.md 9.4); what AT+IMQTTPARA set is not for
    /// this.
    fn options(&self, random: u32) -> Options {
        let login = self
            .kind
            .login(&self.device(), &self.product_secret, random);
        Options {
            connect: ConnectFields {
                level: Level::V311,
                clean_session: true,
                keep_alive: KEEP_ALIVE,
                client_id: login.client_id.into(),
                will: None,
                username: Some(login.user_name.into()),
                password: Some(login.password.into()),
            },
            connack_timeout: ANSWER_LIMIT,
            rules: Rules::default(),
        }
    }

    /// What the cloud's answer gives the device.
    fn slot(&self, payload: &[u8]) -> Result<Slot, GrantError> {
        Ok(match self.kind.parse_grant(payload)? {
            Granted::Secret(secret) => Slot([
                self.product_key.clone(),
                self.device_name.clone(),
                secret.into(),
            ]),
            Granted::Token { client_id, token } => {
                let login = sdk::token_login(&self.device(), &client_id, &token);
                Slot([
                    login.client_id.into(),
                    login.user_name.into(),
                    login.password.into(),
                ])
            }
        })
    }

    /// Empty strings stand for failure.
    fn report(&self, cx: &mut Context<'_>, result: Result<&Slot, Reason>) {
        let answer = Line::new("+IMQTTDYNREG:").number(number(self.kind));
        let (channel, now) = (Channel::Client(0), cx.now);
        match result {
            Ok(slot) => cx.urc_at(channel, now, slot.show(answer)),
            Err(reason) => {
                let line = Slot::default().show(answer);
                cx.urc_because(channel, now, line, reason);
            }
        }
    }
}
