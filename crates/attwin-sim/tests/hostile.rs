//! The fuzz target's short deterministic version: every module against
//! arbitrary hosts and networks.

use attwin_core::modules;
use attwin_sim::hostile::drive;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_panics(script in proptest::collection::vec(any::<u8>(), 0..600), which: prop::sample::Index) {
        drive(which.get(modules()), &script);
    }
}
