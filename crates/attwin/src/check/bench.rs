//! What scenarios are played against.

use attwin_core::Module;
use attwin_sim::scenario::{Failure as Finding, Place, Scenario, VirtualBench};

/// Something scenarios can be played against.
pub(super) trait Bench: Sync {
    /// Plays one run.
    fn play(&self, scenario: &Scenario, module: &'static Module) -> Played;
    /// With how many of a scenario's modules it can be played.
    fn takes_all_modules(&self) -> bool;
}

/// The result of one run.
pub(super) struct Played {
    pub(super) result: Result<(), Box<Finding>>,
    /// Lines that could not be carried out and were left out.
    pub(super) skipped: Vec<Place>,
}

/// A module, a network and a broker in virtual time.
pub(super) struct Virtual;

impl Bench for Virtual {
    fn play(&self, scenario: &Scenario, module: &'static Module) -> Played {
        Played {
            result: VirtualBench::new(scenario, module).and_then(VirtualBench::play),
            skipped: Vec::new(),
        }
    }

    fn takes_all_modules(&self) -> bool {
        true
    }
}
