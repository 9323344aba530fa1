//! The `attwin` program; see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    attwin::cli::main()
}
