//! Configuration files and command lines, merged and refused.

use std::fmt::Write as _;

use attwin_core::Timing;
use clap::Parser;
use miette::{GraphicalReportHandler, GraphicalTheme};

use super::error::Source;
use super::*;
use crate::net::BrokerRoute;
use crate::twin::Boot;

const AT_A_TERMINAL: Surroundings = Surroundings { piped: false };
const IN_A_PIPE: Surroundings = Surroundings { piped: true };

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    args: RunArgs,
}

fn args(line: &str) -> RunArgs {
    let words = ["run"].into_iter().chain(line.split_whitespace());
    CommandLine::try_parse_from(words).unwrap().args
}

fn settings(line: &str, file: &str, surroundings: Surroundings) -> Result<Settings, Failure> {
    let file = ConfigFile::parse(Source::new("attwin.toml".to_owned(), file.to_owned()))?;
    Settings::merge(args(line), &file, surroundings)
}

fn good(line: &str, file: &str) -> Settings {
    settings(line, file, AT_A_TERMINAL).unwrap()
}

/// What a user reads, with the place.
fn refused(line: &str, file: &str) -> String {
    match settings(line, file, AT_A_TERMINAL).unwrap_err() {
        Failure::InFile(error) => {
            let mut text = String::new();
            let theme = GraphicalTheme::unicode_nocolor();
            GraphicalReportHandler::new_themed(theme)
                .render_report(&mut text, error.as_ref())
                .unwrap();
            text
        }
        Failure::Usage(text) => text,
        Failure::InPlain(text) | Failure::Failed(text) => panic!("not a usage error: {text}"),
        Failure::Reported(code) => panic!("not told what is wrong, only {code}"),
    }
}

#[test]
fn a_module_and_nothing_else() {
    let settings = good("quectel-ec25", "");
    assert_eq!(settings.broker, None);
    let [module] = &settings.modules[..] else {
        panic!("one module")
    };
    assert_eq!(module.name, "quectel-ec25");
    assert_eq!(module.port, "pty".parse().unwrap());
    assert_eq!(module.boot, Boot::Attach);
    assert_eq!(module.timing, Timing::Real);
    assert_eq!(module.seed, 0);
}

#[test]
fn piped_input_is_the_port() {
    let port = |line, file| {
        let settings = settings(line, file, IN_A_PIPE).unwrap();
        settings.modules[0].port.to_string()
    };
    assert_eq!(port("quectel-ec25", ""), "stdio");
    assert_eq!(port("quectel-ec25 --port pty", ""), "pty");
    let entry = "[[module]]\nmodule = \"quectel-ec25\"\n";
    assert_eq!(port("", entry), "stdio");
    assert_eq!(port("", &format!("{entry}name = \"a\"\n{entry}")), "pty");
}

#[test]
fn a_file_can_say_everything() {
    let settings = good(
        "",
        r#"
        broker = "embedded,plain"
        connect_to = ["a:1=b:2", ":8883=c:3,plain"]
        timing = "fast"
        seed = 10
        state = "keep"
        trace = "log.jsonl"
        [quirks]
        disc_stat5 = false
        ping_deadline_factor = 2.5
        aliauth_timestamp = "none"
        [identity]
        imei = "861234567890123"
        [[module]]
        module = "quectel-ec25"
        port = "pty:/tmp/a"
        name = "left"
        [[module]]
        module = "quectel-eg95"
        boot = "start"
        timing = "real"
        seed = 3
        [module.quirks]
        disc_stat5 = true
        [module.identity]
        imei = "861234567890124"
        model = "EG95-X"
        firmware = "EG95X1"
        operator = "310260"
        address = "10.0.0.7"
        sim_pin = "1234"
        "#,
    );
    assert_eq!(settings.broker, Some(BrokerRoute::Embedded { plain: true }));
    assert_eq!(settings.connect_to.len(), 2);
    assert_eq!(settings.state, Some("keep".into()));
    assert_eq!(settings.trace, Some("log.jsonl".into()));
    let [left, right] = &settings.modules[..] else {
        panic!("two modules")
    };
    assert_eq!((&*left.name, left.seed), ("left", 10));
    assert_eq!(left.port, "pty:/tmp/a".parse().unwrap());
    assert_eq!(left.timing, Timing::Fast);
    assert_eq!(left.identity.imei.as_deref(), Some("861234567890123"));
    assert_eq!((&*right.name, right.seed), ("quectel-eg95-2", 3));
    assert_eq!((right.boot, right.timing), (Boot::Start, Timing::Real));
    assert_eq!(right.identity.imei.as_deref(), Some("861234567890124"));
    assert_eq!(right.identity.model.as_deref(), Some("EG95-X"));
    assert_eq!(right.identity.firmware.as_deref(), Some("EG95X1"));
    assert_eq!(right.identity.operator.as_deref(), Some("310260"));
    assert_eq!(right.identity.address, Some([10, 0, 0, 7].into()));
    assert_eq!(right.sim_pin.as_deref(), Some("1234"));
    let last = |module: &ModuleSettings, name: &str| {
        let mut values = module.quirks.iter().filter(|(quirk, _)| quirk == name);
        values.next_back().unwrap().1.clone()
    };
    assert_eq!(last(left, "disc_stat5"), "false");
    assert_eq!(last(left, "ping_deadline_factor"), "2.5");
    assert_eq!(last(right, "disc_stat5"), "true");
    assert_eq!(last(right, "aliauth_timestamp"), "none");
}

#[test]
fn the_command_line_wins() {
    let file = r#"
        broker = "embedded"
        connect_to = ["a:1=b:2"]
        seed = 1
        [quirks]
        disc_stat5 = true
        [[module]]
        module = "quectel-ec25"
        port = "pty"
        timing = "real"
        boot = "start"
        seed = 2
        [module.quirks]
        disc_stat5 = true
        "#;
    let line = "quectel-eg95 --port tcp:localhost:0 --broker h:1883 --connect-to c:1=d:2 \
                --timing fast --boot attach --seed 9 --state s --trace t --quirk disc_stat5=false";
    let settings = good(line, file);
    let module = &settings.modules[0];
    assert_eq!(settings.broker.unwrap().to_string(), "h:1883");
    assert_eq!(settings.connect_to[0].to_string(), "c:1=d:2");
    assert_eq!(settings.connect_to.len(), 1);
    assert_eq!(module.module.id, "quectel-eg95");
    assert_eq!(module.port.to_string(), "tcp:localhost:0");
    assert_eq!((module.timing, module.boot), (Timing::Fast, Boot::Attach));
    assert_eq!(module.seed, 9);
    assert_eq!(module.quirks.last().unwrap().1, "false");
}

#[test]
fn mistakes_in_a_file_are_shown_with_their_place() {
    let module = "[[module]]\nmodule = \"quectel-ec25\"\n";
    for (text, wanted) in [
        (
            "brokr = \"embedded\"\n",
            &["unknown setting `brokr`", "attwin.toml:1:1"][..],
        ),
        (
            "seed = \"x\"\n",
            &[
                "a whole number is expected here, not string \"x\"",
                "attwin.toml:1:8",
                "seed = \"x\"",
            ],
        ),
        (
            "timing = \"slow\"\n",
            &["`real` or `fast`", "attwin.toml:1:10"],
        ),
        (
            "broker = \"localhost\"\n",
            &["is not HOST:PORT", "attwin.toml:1:10"],
        ),
        (
            "connect_to = [\"a:1=b:2\", \"x\"]\n",
            &["has no =", "attwin.toml:1:26"],
        ),
        (
            "[identity]\nimei = \"12\"\n",
            &["`12` is not 15 digits", "attwin.toml:2:8"],
        ),
        (
            "[identity]\nmodel = \"a\\nb\"\n",
            &["`a\\nb` is not 1 to 64 printable", "attwin.toml:2:9"],
        ),
        (
            "[[module]]\nport = \"pty\"\n",
            &["missing: the setting `module`", "attwin.toml:1:1"],
        ),
        (
            "[[module]]\nmodule = \"ec25\"\n",
            &["did you mean quectel-ec25", "attwin.toml:2:10"],
        ),
        (
            "[quirks]\nnope = 1\n",
            &["unknown quirk `nope`", "attwin.toml:2:1"],
        ),
        (
            "[quirks]\ndisc_stat = true\n",
            &["did you mean disc_stat5,", "attwin.toml:2:1"],
        ),
        (
            "[quirks]\ndisc_stat5 = 3\n",
            &[
                "wants true or false, on or off, yes or no, got `3`",
                "attwin.toml:2:14",
            ],
        ),
        (
            "[quirks]\ndisc_stat5 = []\n",
            &["wants a single value", "attwin.toml:2:14"],
        ),
        (
            "[[aliyun.product]]\nkey = \"a\"\n",
            &["missing: the setting `secret`", "attwin.toml:1:1"],
        ),
        (
            "[[aliyun.product]]\nkey = \"a&b\"\nsecret = \"s\"\n",
            &["`a&b` cannot be a name", "attwin.toml:2:7"],
        ),
        (
            "[[aliyun.device]]\nproduct = \"a\"\nname = \"d\"\n",
            &[
                "unknown product `a`",
                "attwin.toml:2:11",
                "add it as [[aliyun.product]]",
            ],
        ),
        (
            "[aliyun]\nanswers = [\"nothing\", \"later\"]\n",
            &[
                "`later` is no answer",
                "write proper, qos-1",
                "attwin.toml:2:23",
            ],
        ),
        (
            "[[onenet.product]]\nid = \"1\"\nkey = \"?\"\n",
            &["`?` is no access key", "attwin.toml:3:7"],
        ),
        (
            "[[onenet.product]]\nid = \"1\"\nkey = \"AAAA\"\n\
             [[onenet.product]]\nid = \"1\"\nkey = \"AAAA\"\n",
            &["`1` is given twice", "attwin.toml:5:6"],
        ),
        (
            "[onenet]\nusers = 1\n",
            &["unknown setting `users`", "attwin.toml:2:1"],
        ),
        ("seed = \n", &["attwin.toml:1:"]),
    ] {
        let line = if text.contains("[[module]]") {
            ""
        } else {
            "quectel-ec25"
        };
        let told = refused(line, text);
        for wanted in wanted {
            assert!(told.contains(wanted), "{wanted:?} is not in:\n{told}");
        }
    }
    for (entry, wanted) in [
        ("port = \"usb\"\n", "unknown endpoint `usb`"),
        ("name = \"../x\"\n", "no usable name"),
        ("[module.quirks]\nx = 1\n", "unknown quirk `x`"),
        ("colour = 1\n", "unknown setting `colour`"),
    ] {
        let told = refused("", &format!("{module}{entry}"));
        assert!(told.contains(wanted), "{wanted:?} is not in:\n{told}");
        assert!(told.contains(entry.lines().last().unwrap()), "{told}");
    }
}

#[test]
fn contradictions_are_refused() {
    let mut two = String::new();
    for port in ["pty", "stdio"] {
        write!(
            two,
            "[[module]]\nmodule = \"quectel-ec25\"\nport = \"{port}\"\n"
        )
        .unwrap();
    }
    assert!(refused("", &two).contains("stdio is for a single module"));
    assert!(refused("quectel-ec25", &two).contains("several modules"));
    assert!(refused("--port pty", &two).contains("--port is for a single module"));
    assert!(refused("", "").contains("which module?"));
    assert!(refused("quectel", "").contains("unknown module"));
    let same = "[[module]]\nmodule = \"quectel-ec25\"\nname = \"a\"\n".repeat(2);
    assert!(refused("", &same).contains("two modules are called `a`"));
    assert!(refused("quectel-ec25 --quirk x=1", "").contains("unknown quirk `x`"));
}

#[test]
fn the_documented_file_is_good() {
    let settings = good("", include_str!("../../../../docs/config.toml"));
    let ports: Vec<_> = settings
        .modules
        .iter()
        .map(|module| module.port.to_string())
        .collect();
    assert_eq!(ports, ["pty:/tmp/meter", "tcp:127.0.0.1:0"]);
}
