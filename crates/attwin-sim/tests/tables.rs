//! Every command of every module answers as the row of its table says, in
//! each of its forms, and refuses the forms it lacks as its specification says.

use std::collections::BTreeSet;

use attwin_core::{CommandSet, Config, Duration, Form, Module, SerialKind, Spec, Test, modules};
use attwin_sim::World;
use attwin_sim::broker::BrokerConfig;

/// What a family does that its tables do not say.
struct Family {
    command_set: CommandSet,
    /// Lines that bring a client to work, step by step; one that begins with
    /// `>>` is data for a prompt. An example works after one of the steps.
    sessions: &'static [&'static [&'static str]],
    /// Answer to a form that a command lacks.
    no_such_form: &'static str,
    /// What stands before an error number; `None` where AT+CMEE is 0 at first.
    cme: Option<&'static str>,
    /// Whether arguments beyond the last parameter are ignored.
    ignores_surplus: bool,
}

const FAMILIES: [Family; 5] = [
    Family {
        command_set: CommandSet::Quectel,
        sessions: &[
            &[
                "AT+QMTOPEN=0,\"broker.example\",1883",
                "AT+QMTCONN=0,\"dev-1\"",
            ],
            &[
                "AT+QFUPL=\"UFS:cacert.pem\",4",
                ">>abcd",
                "AT+QFOPEN=\"UFS:cacert.pem\",0",
            ],
            &["AT+QGPS=1"],
        ],
        // docs/spec/quectel.md 2.3
        no_such_form: "\r\nERROR\r\n",
        cme: Some("+CME ERROR: "),
        ignores_surplus: false,
    },
    Family {
        command_set: CommandSet::SimCom,
        sessions: &[
            &[
                "AT+CMQTTSTART",
                "AT+CMQTTACCQ=0,\"dev-1\"",
                "AT+CMQTTCONNECT=0,\"tcp://broker.example\",60,1",
                "AT+CMQTTSUBTOPIC=0,1,0",
                ">>t",
                "AT+CMQTTUNSUBTOPIC=0,1",
                ">>t",
                "AT+CMQTTTOPIC=0,1",
                ">>t",
            ],
            &["AT+CCERTDOWN=\"server_ca.pem\",2", ">>ca"],
            &["AT+NETOPEN"],
            &["AT+CNTP=\"pool.ntp.org\",28"],
        ],
        // docs/spec/simcom.md 2.3
        no_such_form: "\r\nERROR\r\n",
        cme: None,
        ignores_surplus: false,
    },
    Family {
        command_set: CommandSet::Yuge,
        sessions: &[&[
            "AT+IMQTTADDR=broker.example,1883,dev-1",
            "AT+IMQTTCONN",
            "AT+IMQTTDISCONN",
            "AT+IMQTTMODE=1,0",
        ]],
        // docs/spec/yuge.md 2.1
        no_such_form: "\r\nERROR\r\n",
        cme: None,
        ignores_surplus: false,
    },
    Family {
        command_set: CommandSet::OneMoMl302,
        sessions: &[&[
            "AT+MQTTCFG=\"broker.example\",1883,\"dev-1\",60,\"user\",\"secret\",1",
            "AT+MQTTOPEN=0,0,0,0,0,\"\",\"\"",
            "AT+MQTTSUB=\"test\",1",
        ]],
        // docs/spec/onemo.md A2.4
        no_such_form: "\r\n+CME ERROR: 49\r\n",
        cme: Some("+CME ERROR: "),
        ignores_surplus: false,
    },
    Family {
        command_set: CommandSet::OneMoMn316,
        sessions: &[&[
            "AT+MQTTCFG=\"broker.example\",1883,\"dev-1\",60,\"user\",\"secret\",1",
            "AT+MQTTOPEN=0,0,0",
            "AT+MQTTSUB=\"dev/gsm/u\",1",
        ]],
        // docs/spec/onemo.md B2.4
        no_such_form: "\r\n+CME ERROR:8001\r\n",
        cme: Some("+CME ERROR:"),
        ignores_surplus: true,
    },
];

fn family(module: &Module) -> &'static Family {
    FAMILIES
        .iter()
        .find(|family| family.command_set == module.command_set())
        .expect("every command set has its own")
}

#[test]
fn forms_a_command_has_and_lacks() {
    for_every_command(|module, spec| {
        let family = family(module);
        let mut faults = Vec::new();
        for (form, suffix) in [
            (Form::Test, "=?"),
            (Form::Read, "?"),
            (Form::Execute, ""),
            (Form::Write, "=1"),
        ] {
            // Of the basic commands only S-registers have forms to lack.
            let basic = spec.name.as_bytes()[0].is_ascii_alphabetic() || spec.name.starts_with('&');
            let others = rows_of(module, spec.name).any(|row| row.has(form));
            let line = format!("AT{}{suffix}", spec.name);
            if others || (basic && form != Form::Execute) {
                continue;
            }
            let said = Bench::fresh(module).command(&line);
            if said != family.no_such_form {
                faults.push(format!("{line} says {said:?} and has no such form"));
            }
        }
        faults
    });
}

#[test]
fn test_forms_are_answered_in_every_state() {
    for_every_command(|module, spec| {
        let lines: Vec<&str> = rows_of(module, spec.name)
            .flat_map(|row| match row.test {
                Test::Lines(lines) => lines,
                _ => &[],
            })
            .copied()
            .collect();
        let expected = match spec.test {
            Test::None | Test::Computed => return Vec::new(),
            _ if lines.is_empty() => "\r\nOK\r\n".to_owned(),
            _ => format!("\r\n{}\r\n\r\nOK\r\n", lines.join("\r\n")),
        };
        let line = format!("AT{}=?", spec.name);
        let mut states = vec![Bench::fresh(module)];
        states.extend(Bench::working(module));
        let mut answers = states.iter_mut().map(|bench| bench.command(&line));
        let wrong = answers.find(|said| *said != expected);
        let fault = wrong.map(|said| format!("{line} says {said:?}, not {expected:?}"));
        fault.into_iter().collect()
    });
}

/// Reading and executing succeed in some state, whatever they say.
#[test]
fn read_and_execute_forms_work() {
    for_every_command(|module, spec| {
        [(Form::Read, "?"), (Form::Execute, "")]
            .into_iter()
            .filter(|(form, _)| spec.has(*form))
            .map(|(_, suffix)| format!("AT{}{suffix}", spec.name))
            .filter_map(|line| does_not_work(module, &line))
            .collect()
    });
}

/// A row's example works in some state.
#[test]
fn examples_work() {
    for_every_command(|module, spec| {
        let line = format!("AT{}", spec.example);
        does_not_work(module, &line).into_iter().collect()
    });
}

#[test]
fn surplus_arguments_are_refused_or_ignored() {
    for_every_command(|module, spec| {
        let family = family(module);
        let Some(params) = spec
            .write
            .filter(|_| !spec.name.as_bytes()[0].is_ascii_alphabetic())
        else {
            return Vec::new();
        };
        let last = params.fixed.last().map(|param| param.kind);
        let takes_all = matches!(
            last,
            Some(
                attwin_core::Kind::RestOfLine(_)
                    | attwin_core::Kind::LastText(_)
                    | attwin_core::Kind::IntegerOrText { .. }
            )
        );
        if family.ignores_surplus || takes_all || spec.name.starts_with('&') {
            return Vec::new();
        }
        let option = spec.option.map(|option| format!("\"{option}\","));
        let surplus = vec!["1"; 23].join(",");
        let line = format!("AT{}={}{surplus}", spec.name, option.unwrap_or_default());
        let expected = match (family.cme, spec.refusal) {
            (Some(cme), Some(code)) => format!("\r\n{cme}{code}\r\n"),
            _ => "\r\nERROR\r\n".to_owned(),
        };
        let said = Bench::fresh(module).command(&line);
        if said == expected {
            return Vec::new();
        }
        vec![format!("{line} says {said:?}, not {expected:?}")]
    });
}

/// Says so if a line is accepted in none of the family's states.
fn does_not_work(module: &'static Module, line: &str) -> Option<String> {
    let mut heard = BTreeSet::new();
    let mut states = vec![Bench::fresh(module)];
    states.extend(Bench::working(module));
    for bench in &mut states {
        let said = bench.command(line);
        let accepted = ["OK\r\n", "0\r"].iter().any(|end| said.ends_with(end));
        let quiet = said.is_empty() && line.eq_ignore_ascii_case("ATQ1");
        if accepted || bench.prompted || quiet {
            return None;
        }
        heard.insert(said);
    }
    Some(format!("{line} never works: {heard:?}"))
}

fn for_every_command(check: impl Fn(&'static Module, &'static Spec) -> Vec<String>) {
    let mut faults = Vec::new();
    for module in modules() {
        for spec in module.command_table() {
            let found = check(module, spec);
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{}: {fault}", module.id)),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn rows_of<'a>(module: &Module, name: &'a str) -> impl Iterator<Item = &'static Spec> + 'a {
    let table = module.command_table().into_iter();
    table.filter(move |spec| spec.name == name || spec.aliases.contains(&name))
}

/// A module with a broker, and echo off.
struct Bench {
    world: World,
    /// The last command asked for data.
    prompted: bool,
}

impl Bench {
    fn fresh(module: &'static Module) -> Self {
        let mut world = World::with_broker(Config::new(module), BrokerConfig::default());
        world.boot();
        let mut bench = Self {
            world,
            prompted: false,
        };
        bench.command("ATE0");
        bench
    }

    /// A bench after each step of each session that is not amid an entry.
    fn working(module: &'static Module) -> Vec<Self> {
        let sessions = family(module).sessions.iter();
        sessions
            .flat_map(|session| (1..=session.len()).map(move |steps| &session[..steps]))
            .map(|steps| {
                let mut bench = Self::fresh(module);
                for step in steps {
                    match step.strip_prefix(">>") {
                        Some(data) => bench.world.send(data.as_bytes()),
                        None => bench.world.send(format!("{step}\r").as_bytes()),
                    }
                    bench.settle();
                }
                bench
            })
            .filter(|bench| !bench.prompted)
            .collect()
    }

    /// What the module answers, without what it says unasked.
    fn command(&mut self, line: &str) -> String {
        self.world.send(format!("{line}\r").as_bytes());
        self.settle()
    }

    fn settle(&mut self) -> String {
        self.world.run_for(Duration::from_secs(5));
        let mut answer = Vec::new();
        self.prompted = false;
        for said in self.world.heard() {
            self.prompted |= said.kind == SerialKind::Prompt;
            let asked = matches!(said.kind, SerialKind::Information | SerialKind::Final);
            if asked || said.kind == SerialKind::Data {
                answer.extend_from_slice(&said.bytes);
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}
