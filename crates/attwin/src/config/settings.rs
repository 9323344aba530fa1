//! Everything a run needs to know.

use std::path::PathBuf;

use attwin_core::{Identity, Module, Timing};
use attwin_sim::broker::cloud::Clouds;
use attwin_sim::fault::FaultSpec;

use crate::net::{BrokerRoute, ConnectTo};
use crate::port::Endpoint;
use crate::twin::Boot;

/// Everything a run needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where every connection goes, if not where the firmware says.
    pub(crate) broker: Option<BrokerRoute>,
    /// What the cloud services know that the embedded broker plays.
    pub(crate) clouds: Clouds,
    /// Where single connections go.
    pub(crate) connect_to: Vec<ConnectTo>,
    /// Where state is kept.
    pub(crate) state: Option<PathBuf>,
    /// Where the trace goes.
    pub(crate) trace: Option<PathBuf>,
    /// The modules; at least one.
    pub(crate) modules: Vec<ModuleSettings>,
}

/// One module of a run.
#[derive(Debug)]
pub(crate) struct ModuleSettings {
    /// What it is called in the log, the trace and the state directory; unique.
    pub(crate) name: String,
    pub(crate) module: &'static Module,
    pub(crate) port: Endpoint,
    pub(crate) boot: Boot,
    pub(crate) timing: Timing,
    pub(crate) seed: u64,
    /// Accepted by the module, in the order to set them.
    pub(crate) quirks: Vec<(String, String)>,
    pub(crate) identity: Identity,
    pub(crate) sim_pin: Option<String>,
    /// What goes wrong.
    pub(crate) faults: Vec<FaultSpec>,
}

/// Standard input and output of the process, as far as defaults depend on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings {
    /// Standard input is a pipe or a file.
    pub(crate) piped: bool,
}
