//! A module's firmware in miniature: boots a modem and sends it `AT`.
#![no_std]
#![no_main]

use attwin_core::{Config, Input, Instant, Modem, Output, RadioEvent, modules};

#[global_allocator]
static ALLOCATOR: libc_alloc::LibcAlloc = libc_alloc::LibcAlloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

// The `alloc` that comes with the toolchain was compiled to unwind; here
// nothing ever does.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    loop {}
}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let mut modem = Modem::new(Config::new(&modules()[0]));
    modem.handle(Instant::ZERO, Input::Radio(RadioEvent::PowerOn));
    modem.handle(Instant::ZERO, Input::Serial(b"AT\r"));
    let mut said = 0;
    while let Some(output) = modem.poll_output() {
        if let Output::Serial { bytes, .. } = output {
            said += bytes.len();
        }
    }
    if said > 0 { 0 } else { 1 }
}
