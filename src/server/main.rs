//! The binary `switchboard`.

use std::process::ExitCode;

fn main() -> ExitCode {
    switchboard::main_from(std::env::args_os())
}
