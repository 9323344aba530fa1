//! The modules attwin can be: one folder per command set.

use alloc::boxed::Box;

use crate::command::Spec;
use crate::ledger::{Gap, Ledger, Urc};
use crate::modem::{Config, Dialect};
use crate::quirks::Quirks;
use crate::radio::Profile;

pub(crate) mod quectel;
pub(crate) mod simcom;

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
}

impl Module {
    /// What it is and where it seems to be.
    pub(crate) fn profile(&self) -> &'static Profile {
        match self.maker {
            Maker::Quectel(variant) => &variant.profile,
            Maker::SimCom => &simcom::PROFILE,
        }
    }

    /// Every command the module knows, in table order.
    pub fn command_table(&self) -> alloc::vec::Vec<&'static Spec> {
        match self.maker {
            Maker::Quectel(_) => quectel::describe(),
            Maker::SimCom => simcom::describe(),
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
    }
}

const fn quectel(id: &'static str, variant: &'static quectel::Variant) -> Module {
    Module {
        id,
        vendor: "Quectel",
        family: "LTE Standard (EC2x, EG2x-G, EG9x, EM05)",
        commands: "AT+QMT*",
        spec: "spec/quectel.md",
        prompt: quectel::PROMPT,
        restart: "AT+CFUN=1,1",
        maker: Maker::Quectel(variant),
    }
}

static MODULES: [Module; 6] = [
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
        spec: "spec/simcom.md",
        prompt: simcom::PROMPT,
        restart: "AT+CRESET",
        maker: Maker::SimCom,
    },
];
