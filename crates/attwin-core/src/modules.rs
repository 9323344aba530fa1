//! The registry: every module attwin can be.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::command::{Meaning, Spec};
use crate::dialects::{onemo, quectel, simcom, yuge};
use crate::explain::{Candidate, Explanation, explain};
use crate::handler::{CommandSet, Dialect, Family, Member, Quirks};
use crate::ledger::{Gap, Urc};
use crate::radio::Defaults;

/// Every family, in the order people see them. A new one is listed here and
/// nowhere else.
static FAMILIES: [&Family; 5] = [
    &quectel::FAMILY,
    &simcom::FAMILY,
    &onemo::ML302,
    &onemo::MN316,
    &yuge::FAMILY,
];

/// A module attwin can be.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Module {
    /// Identifier on the command line, `quectel-ec25`.
    pub id: &'static str,
    /// Vendor.
    pub vendor: &'static str,
    /// The products it stands for.
    pub family: &'static str,
    /// MQTT command set.
    pub commands: &'static str,
    /// Normative specification.
    pub spec: &'static str,
    /// What it says when it wants data.
    pub prompt: &'static [u8],
    /// A command line that restarts it, without CR.
    pub restart: &'static str,
    family_of: &'static Family,
    member: Member,
}

impl Module {
    const fn new(family: &'static Family, member: Member) -> Self {
        Self {
            id: member.id,
            vendor: family.vendor,
            family: member.products,
            commands: family.commands,
            spec: family.spec,
            prompt: family.prompt,
            restart: family.restart,
            family_of: family,
            member,
        }
    }

    /// The command set it speaks.
    pub const fn command_set(&self) -> CommandSet {
        self.family_of.command_set
    }

    /// Every command the module knows, in table order.
    pub fn command_table(&self) -> Vec<&'static Spec> {
        self.member.profile.specs()
    }

    /// Every unsolicited result code the module knows.
    pub fn urc_table(&self) -> impl Iterator<Item = &'static Urc> + use<> {
        let own = self.member.profile.urcs();
        self.family_of.ledger.urcs.iter().chain(own)
    }

    /// What it says when it starts with a SIM it can use.
    pub fn boot_lines(&self) -> Vec<String> {
        self.member.profile.boot_lines()
    }

    /// Error numbers of `+CME ERROR:` that its commands report.
    pub const fn errors(&self) -> &'static [Meaning] {
        self.family_of.ledger.errors
    }

    /// What a line that the module says means: one explanation for each
    /// thing it can be, none for a line it does not say.
    pub fn explain(&self, line: &str) -> Vec<Explanation> {
        let urcs = self.urc_table().flat_map(|urc| {
            // One of several lines is explained by its own, too.
            let whole = core::iter::once(urc.shape);
            let lines = urc.shape.split("\r\n");
            let lines = lines.filter(move |line| *line != urc.shape && !line.starts_with('<'));
            whole.chain(lines).map(move |shape| Candidate {
                shape,
                fields: urc.fields,
                when: urc.when.into(),
                section: urc.section,
            })
        });
        let answers = self.command_table().into_iter().flat_map(|spec| {
            let option = spec
                .option
                .map_or_else(String::new, |o| format!("=\"{o}\""));
            spec.answers.iter().map(move |answer| Candidate {
                shape: answer.shape,
                fields: answer.fields,
                when: format!("answer of AT{}{option}: {}", spec.name, spec.summary),
                section: spec.section,
            })
        });
        let finals = finals(self.member.profile.quirks().base.cme_error_space);
        let errors = finals.into_iter().map(|(shape, when)| Candidate {
            shape,
            fields: &[],
            when: when.into(),
            section: self.spec,
        });
        let mut found = explain(line, urcs.chain(answers).chain(errors));
        let is_number = |one: &&mut Explanation| one.shape.starts_with("+CME ERROR");
        let numbers = found.iter_mut().filter(is_number);
        for field in numbers.flat_map(|one| &mut one.fields) {
            if field.name == "err" {
                let mut known = self.errors().iter();
                let is_it = |known: &&Meaning| {
                    known.value == field.value || known.means.eq_ignore_ascii_case(&field.value)
                };
                field.meaning = known.find(is_it);
            }
        }
        found
    }

    /// The shape of every line it can say, with `<name>` for what varies.
    pub fn shapes(&self) -> impl Iterator<Item = &'static str> + use<> {
        let answers = self.command_table().into_iter();
        let answers = answers.flat_map(|spec| spec.answers.iter().map(|answer| answer.shape));
        let finals = finals(self.member.profile.quirks().base.cme_error_space);
        let urcs = self.urc_table().map(|urc| urc.shape);
        urcs.chain(answers).chain(finals.map(|(shape, _)| shape))
    }

    /// What a real module has and this one does not, or not wholly.
    pub const fn gaps(&self) -> &'static [Gap] {
        self.family_of.ledger.gaps
    }

    pub(crate) fn defaults(&self) -> &'static Defaults {
        self.member.profile.defaults()
    }

    pub(crate) fn quirks(&self) -> Quirks {
        self.member.profile.quirks()
    }

    pub(crate) fn create(&self) -> Box<dyn Dialect> {
        self.member.profile.create()
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Module").field(&self.id).finish()
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

/// Final result codes.
const fn finals(space: bool) -> [(&'static str, &'static str); 3] {
    let cme = if space {
        "+CME ERROR: <err>"
    } else {
        "+CME ERROR:<err>"
    };
    [
        ("OK", "the command line was carried out"),
        ("ERROR", "the command line failed; the log says why"),
        (cme, "the command line failed; AT+CMEE chooses this form"),
    ]
}

/// How many modules the families have together.
const COUNT: usize = 10;

static MODULES: [Module; COUNT] = {
    let mut all = [Module::new(FAMILIES[0], FAMILIES[0].members[0]); COUNT];
    let (mut family, mut count) = (0, 0);
    while family < FAMILIES.len() {
        let mut member = 0;
        while member < FAMILIES[family].members.len() {
            all[count] = Module::new(FAMILIES[family], FAMILIES[family].members[member]);
            member += 1;
            count += 1;
        }
        family += 1;
    }
    assert!(count == COUNT, "COUNT is the number of all members");
    all
};
