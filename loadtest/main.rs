//! The load tester; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    loadtest::main_from(std::env::args_os())
}
