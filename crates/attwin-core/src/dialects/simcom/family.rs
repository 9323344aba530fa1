//! The family as a whole.

use super::entry::PROMPT;
use super::ledger::LEDGER;
use super::profile::PROFILE;
use crate::handler::{CommandSet, Family, Member};

pub(crate) static FAMILY: Family = Family {
    command_set: CommandSet::SimCom,
    vendor: "SIMCom",
    commands: "AT+CMQTT*",
    spec: "docs/spec/simcom.md",
    prompt: PROMPT,
    restart: "AT+CRESET",
    ledger: &LEDGER,
    members: &[Member {
        id: "simcom-sim7028",
        products: "SIM7028 (NB-IoT)",
        profile: &PROFILE,
    }],
};
