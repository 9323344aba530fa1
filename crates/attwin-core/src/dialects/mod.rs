//! The modules attwin can be: one folder per command set.

use alloc::boxed::Box;

use crate::command::Spec;
use crate::config::Config;
use crate::handler::Dialect;
use crate::handler::Quirks;
use crate::ledger::{Gap, Ledger, Urc};
use crate::radio::Profile;
use onemo::{Ml302, Mn316, Model as _, OneMo};

pub(crate) mod onemo;
pub(crate) mod quectel;
pub(crate) mod simcom;
pub(crate) mod yuge;

/// Which AT command set a module speaks.
///
/// It is matched exhaustively wherever a command set needs something of its
/// own, so that the compiler names every place that a new one has to visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandSet {
    /// `AT+QMT*`.
    Quectel,
    /// `AT+CMQTT*`.
    SimCom,
    /// `AT+IMQTT*`.
    Yuge,
    /// `AT+MQTT*` as the OneMO ML302 speaks it, synchronously.
    OneMoMl302,
    /// `AT+MQTT*` as the OneMO MN316 speaks it, asynchronously.
    OneMoMn316,
}

/// A module attwin can be.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Identifier on the command line, `quectel-ec25`.
    pub id: &'static str,
    /// Vendor.
    pub vendor: &'static str,
    /// Product family.
    pub family: &'static str,
    /// MQTT command set.
    pub commands: &'static str,
    /// Normative specification.
    pub spec: &'static str,
    /// What it says when it wants data.
    pub prompt: &'static [u8],
    /// A command line that restarts it, without CR.
    pub restart: &'static str,
    maker: Maker,
}

/// Which dialect a module speaks, and which of its variants it is.
#[derive(Debug, Clone, Copy)]
enum Maker {
    Quectel(&'static quectel::Variant),
    SimCom,
    Ml302,
    Mn316,
    Yuge,
}

impl Module {
    /// The command set it speaks.
    pub const fn command_set(&self) -> CommandSet {
        match self.maker {
            Maker::Quectel(_) => CommandSet::Quectel,
            Maker::SimCom => CommandSet::SimCom,
            Maker::Ml302 => CommandSet::OneMoMl302,
            Maker::Mn316 => CommandSet::OneMoMn316,
            Maker::Yuge => CommandSet::Yuge,
        }
    }

    /// What it is and where it seems to be.
    pub(crate) fn profile(&self) -> &'static Profile {
        match self.maker {
            Maker::Quectel(variant) => &variant.profile,
            Maker::SimCom => &simcom::PROFILE,
            Maker::Ml302 => Ml302::PROFILE,
            Maker::Mn316 => Mn316::PROFILE,
            Maker::Yuge => &yuge::PROFILE,
        }
    }

    /// Every command the module knows, in table order.
    pub fn command_table(&self) -> alloc::vec::Vec<&'static Spec> {
        match self.maker {
            Maker::Quectel(_) => quectel::describe(),
            Maker::SimCom => simcom::describe(),
            Maker::Ml302 => OneMo::<Ml302>::describe(),
            Maker::Mn316 => OneMo::<Mn316>::describe(),
            Maker::Yuge => yuge::describe(),
        }
    }

    /// Every unsolicited result code the module knows.
    pub fn urc_table(&self) -> &'static [Urc] {
        self.ledger().urcs
    }

    /// What a real module has and this one does not, or not wholly.
    pub fn gaps(&self) -> &'static [Gap] {
        self.ledger().gaps
    }

    fn ledger(&self) -> &'static Ledger {
        match self.maker {
            Maker::Quectel(_) => &quectel::LEDGER,
            Maker::SimCom => &simcom::LEDGER,
            Maker::Ml302 => Ml302::LEDGER,
            Maker::Mn316 => Mn316::LEDGER,
            Maker::Yuge => &yuge::LEDGER,
        }
    }
}

/// Every module attwin can be.
pub fn modules() -> &'static [Module] {
    &MODULES
}

/// The module with this identifier.
pub fn find_module(id: &str) -> Option<&'static Module> {
    MODULES.iter().find(|module| module.id == id)
}

pub(crate) fn create(config: &Config) -> (Box<dyn Dialect>, Quirks) {
    match config.module.maker {
        Maker::Quectel(variant) => (
            Box::new(quectel::Quectel::new(config, variant)),
            quectel::QUIRKS,
        ),
        Maker::SimCom => (Box::new(simcom::SimCom::new(config)), simcom::QUIRKS),
        Maker::Ml302 => (onemo::boxed::<Ml302>(), Ml302::QUIRKS),
        Maker::Mn316 => (onemo::boxed::<Mn316>(), Mn316::QUIRKS),
        Maker::Yuge => (Box::new(yuge::Yuge::new(config)), yuge::QUIRKS),
    }
}

const fn quectel(id: &'static str, variant: &'static quectel::Variant) -> Module {
    Module {
        id,
        vendor: "Quectel",
        family: "LTE Standard (EC2x, EG2x-G, EG9x, EM05)",
        commands: "AT+QMT*",
        spec: "docs/spec/quectel.md",
        prompt: quectel::PROMPT,
        restart: "AT+CFUN=1,1",
        maker: Maker::Quectel(variant),
    }
}

const fn onemo(id: &'static str, family: &'static str, spec: &'static str, maker: Maker) -> Module {
    Module {
        id,
        vendor: "China Mobile",
        family,
        commands: "AT+MQTT*",
        spec,
        prompt: onemo::PROMPT,
        restart: "AT+MREBOOT",
        maker,
    }
}

static MODULES: [Module; 9] = [
    quectel("quectel-ec25", &quectel::EC25),
    quectel("quectel-ec20", &quectel::EC20),
    quectel("quectel-ec21", &quectel::EC21),
    quectel("quectel-eg25", &quectel::EG25),
    quectel("quectel-eg95", &quectel::EG95),
    Module {
        id: "simcom-sim7028",
        vendor: "SIMCom",
        family: "SIM7028 (NB-IoT)",
        commands: "AT+CMQTT*",
        spec: "docs/spec/simcom.md",
        prompt: simcom::PROMPT,
        restart: "AT+CRESET",
        maker: Maker::SimCom,
    },
    onemo(
        "onemo-ml302",
        "OneMO ML302 (LTE Cat.1)",
        "docs/spec/onemo.md A",
        Maker::Ml302,
    ),
    onemo(
        "onemo-mn316",
        "OneMO MN316 (NB-IoT)",
        "docs/spec/onemo.md B",
        Maker::Mn316,
    ),
    Module {
        id: "yuge-clm920",
        vendor: "Yuge",
        family: "CLM920_RC3, CLM920_AC3 (LTE Cat.1)",
        commands: "AT+IMQTT*",
        spec: "docs/spec/yuge.md",
        prompt: yuge::PROMPT,
        restart: "AT+CFUN=1,1",
        maker: Maker::Yuge,
    },
];
