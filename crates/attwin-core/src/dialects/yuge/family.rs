//! The family as a whole.

use super::ledger::LEDGER;
use super::profile::PROFILE;
use super::publish::PROMPT;
use crate::handler::{CommandSet, Family, Member};

pub(crate) static FAMILY: Family = Family {
    command_set: CommandSet::Yuge,
    vendor: "Yuge",
    commands: "AT+IMQTT*",
    spec: "docs/spec/yuge.md",
    prompt: PROMPT,
    restart: "AT+CFUN=1,1",
    ledger: &LEDGER,
    members: &[Member {
        id: "yuge-clm920",
        products: "CLM920_RC3, CLM920_AC3 (LTE Cat.1)",
        profile: &PROFILE,
    }],
};
