//! What to run: the command line and the configuration file, as one.
//!
//! [`arguments`] is the command line, [`file`] the file; this module puts both
//! together, and the command line wins. Everything is checked before anything starts.

mod arguments;
mod cloud;
mod error;
mod file;
mod quirks;
mod settings;
mod timing;

use std::path::Path;
use std::str::FromStr;

use attwin_core::{Identity, Module};
use attwin_sim::broker::cloud::Clouds;
use attwin_sim::fault::FaultSpec;

use crate::failure::Failure;
use crate::lookup;
use crate::port::Endpoint;

use file::{ConfigFile, ModuleEntry};

pub(crate) use arguments::RunArgs;
pub(crate) use settings::{ModuleSettings, Settings, Surroundings};

impl Settings {
    /// Reads the configuration file, if one is named, and lets the command
    /// line override it.
    pub(crate) fn new(args: RunArgs, surroundings: Surroundings) -> Result<Self, Failure> {
        let file = match &args.config {
            Some(path) => ConfigFile::read(path)?,
            None => ConfigFile::default(),
        };
        Self::merge(args, &file, surroundings)
    }

    fn merge(
        args: RunArgs,
        file: &ConfigFile,
        surroundings: Surroundings,
    ) -> Result<Self, Failure> {
        let connect_to = file.connect_to()?;
        let clouds = file.clouds(args.seed.or(file.seed).unwrap_or_default())?;
        let list = entries(&args, file)?;
        let single = list.len() == 1;
        if args.port.is_some() && !single {
            return Err(Failure::usage(
                "--port is for a single module; give each of several its port in the configuration \
                 file",
            ));
        }
        let piped = single && surroundings.piped;
        let mut modules: Vec<_> = list
            .into_iter()
            .zip(0..)
            .map(|((entry, module), number)| {
                let default = ModuleEntry::default();
                let entry = entry.unwrap_or(&default);
                module_settings(&args, file, entry, module, piped, number)
            })
            .collect();
        if !single && modules.iter().any(|module| module.port == Endpoint::Stdio) {
            return Err(Failure::usage(
                "stdio is for a single module; give each of them a port of its own, such as pty",
            ));
        }
        give_names(&mut modules, file)?;
        quirks::set(&mut modules, &args.quirk, file)?;
        set_faults(&mut modules, &args.fault, file)?;
        Ok(Self {
            broker: args.broker.or_else(|| file.broker.clone()),
            clouds,
            connect_to: if args.connect_to.is_empty() {
                connect_to
            } else {
                args.connect_to
            },
            state: args.state.or_else(|| file.state.clone()),
            trace: args.trace.or_else(|| file.trace.clone()),
            modules,
        })
    }
}

/// What a configuration file says for a broker alone; what is for modules is
/// read and left.
pub(crate) fn clouds(path: &Path) -> Result<Clouds, Failure> {
    let file = ConfigFile::read(path)?;
    Ok(file.clouds(file.seed.unwrap_or_default())?)
}

/// Which modules to be: those of the file, or the one of the command line.
fn entries<'a>(
    args: &RunArgs,
    file: &'a ConfigFile,
) -> Result<Vec<(Option<&'a ModuleEntry>, &'static Module)>, Failure> {
    let named = args
        .module
        .as_deref()
        .map(lookup::module_argument)
        .transpose()?;
    match (named, file.module.as_slice()) {
        (Some(module), []) => Ok(vec![(None, module)]),
        (Some(module), [only]) => Ok(vec![(Some(only), module)]),
        (Some(_), _) => Err(Failure::usage(
            "the configuration file names several modules; leave out MODULE, or remove all but \
             one of them from the file",
        )),
        (None, []) => Err(Failure::usage(
            "which module? Write for example `attwin run quectel-ec25`; `attwin modules` lists all",
        )),
        (None, list) => Ok(list
            .iter()
            .map(|entry| (Some(entry), entry.module))
            .collect()),
    }
}

fn module_settings(
    args: &RunArgs,
    file: &ConfigFile,
    entry: &ModuleEntry,
    module: &'static Module,
    piped: bool,
    number: u64,
) -> ModuleSettings {
    let (own, shared) = (&entry.identity, &file.identity);
    let text =
        |own: &Option<String>, shared: &Option<String>| own.clone().or_else(|| shared.clone());
    // Modules of one run differ unless the file gives them the same seed.
    let counted = |seed: u64| seed.wrapping_add(number);
    let seed = match (args.seed, entry.seed) {
        (Some(seed), _) => counted(seed),
        (None, Some(seed)) => seed,
        (None, None) => counted(file.seed.unwrap_or_default()),
    };
    let mut identity = Identity::default();
    identity.imei = text(&own.imei, &shared.imei);
    identity.imsi = text(&own.imsi, &shared.imsi);
    identity.iccid = text(&own.iccid, &shared.iccid);
    identity.model = text(&own.model, &shared.model);
    identity.firmware = text(&own.firmware, &shared.firmware);
    identity.operator = text(&own.operator, &shared.operator);
    identity.address = own.address.or(shared.address);
    ModuleSettings {
        name: entry.name.clone().unwrap_or_else(|| module.id.to_owned()),
        module,
        port: args
            .port
            .clone()
            .or_else(|| entry.port.clone())
            .unwrap_or_else(|| default_port(piped)),
        boot: args.boot.or(entry.boot).or(file.boot).unwrap_or_default(),
        timing: args
            .timing
            .or(entry.timing)
            .or(file.timing)
            .unwrap_or_default()
            .into(),
        seed,
        quirks: Vec::new(),
        identity,
        sim_pin: text(&own.sim_pin, &shared.sim_pin),
        faults: Vec::new(),
    }
}

fn default_port(stdio: bool) -> Endpoint {
    match Endpoint::from_str("pty") {
        Ok(pty) if !stdio => pty,
        _ => Endpoint::Stdio,
    }
}

/// Numbers modules of the same name where the file gave none.
fn give_names(modules: &mut [ModuleSettings], file: &ConfigFile) -> Result<(), Failure> {
    let total = modules.len();
    for (i, entry) in file.module.iter().enumerate() {
        if total > 1 && entry.name.is_none() {
            modules[i].name = format!("{}-{}", modules[i].module.id, i + 1);
        }
    }
    for i in 1..total {
        if modules[..i]
            .iter()
            .any(|other| other.name == modules[i].name)
        {
            return Err(Failure::usage(format!(
                "two modules are called `{}`; give each a `name` of its own in the configuration \
                 file",
                modules[i].name
            )));
        }
    }
    Ok(())
}

/// Notes what goes wrong with each: what the command line says, or what the
/// file says of all and of that one.
fn set_faults(
    modules: &mut [ModuleSettings],
    arguments: &[FaultSpec],
    file: &ConfigFile,
) -> Result<(), Failure> {
    for (number, module) in modules.iter_mut().enumerate() {
        if arguments.is_empty() {
            module.faults = file.faults(&file.faults)?;
            if let Some(entry) = file.module.get(number) {
                module.faults.extend(file.faults(&entry.faults)?);
            }
        } else {
            arguments.clone_into(&mut module.faults);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
