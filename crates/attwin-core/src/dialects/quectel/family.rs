//! The family as a whole.

use super::Quectel;
use super::bg95::BG95;
use super::ledger::LEDGER;
use super::profile::{EC20, EC21, EC25, EG25, EG95};
use super::publish::PROMPT;
use crate::handler::{CommandSet, Family, Member, Profile};

pub(crate) static FAMILY: Family = Family {
    command_set: CommandSet::Quectel,
    vendor: "Quectel",
    commands: "AT+QMT*",
    spec: "docs/spec/quectel.md",
    prompt: PROMPT,
    restart: "AT+CFUN=1,1",
    ledger: &LEDGER,
    members: &[
        lte_standard("quectel-ec25", &EC25),
        lte_standard("quectel-ec20", &EC20),
        lte_standard("quectel-ec21", &EC21),
        lte_standard("quectel-eg25", &EG25),
        lte_standard("quectel-eg95", &EG95),
        Member {
            id: "quectel-bg95",
            products: "LPWA (BG95)",
            profile: &BG95,
        },
    ],
};

const fn lte_standard(id: &'static str, profile: &'static Profile<Quectel>) -> Member {
    Member {
        id,
        products: "LTE Standard (EC2x, EG2x-G, EG9x, EM05)",
        profile,
    }
}
