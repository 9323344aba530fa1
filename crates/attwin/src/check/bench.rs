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
    /// The module asked for TLS, and there was none.
    pub(super) without_tls: bool,
}

/// A module, a network and a broker in virtual time.
pub(super) struct Virtual;

impl Bench for Virtual {
    fn play(&self, scenario: &Scenario, module: &'static Module) -> Played {
        let mut without_tls = false;
        let result = VirtualBench::new(scenario, module).and_then(|mut bench| {
            let result = bench.run();
            without_tls = bench.asked_for_tls();
            result
        });
        Played {
            result,
            skipped: Vec::new(),
            without_tls,
        }
    }

    fn takes_all_modules(&self) -> bool {
        true
    }
}
