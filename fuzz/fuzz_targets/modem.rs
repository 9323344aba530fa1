//! Feeds a modem arbitrary serial and network input. The first byte chooses
//! the module. Run with `cargo fuzz run modem`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((which, script)) = input.split_first() {
        let modules = attwin_core::modules();
        attwin_sim::hostile::drive(&modules[usize::from(*which) % modules.len()], script);
    }
});
