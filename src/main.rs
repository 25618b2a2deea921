//! The command line.

use std::process::ExitCode;

use tongke::config::cli::{Cli, Command};

fn main() -> ExitCode {
    match Cli::from_command_line().command {
        Command::Serve(args) => report(tongke::app::serve(&args)),
        Command::CheckConfig(args) => {
            let (text, good) = args.run();
            println!("{}", text.trim_end());
            if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Command::Import(args) => report(tongke::app::plan::import(&args)),
        Command::Export(args) => report(tongke::app::plan::export(&args)),
        Command::County(args) => report(tongke::app::plan::county(&args)),
        Command::Account(args) => report(tongke::app::account::run(&args)),
        #[cfg(feature = "load")]
        Command::Load(args) => report(tongke::load::run(&args)),
        #[cfg(feature = "robot")]
        Command::Robot(args) => report(tongke::robot::run(&args)),
    }
}

/// One clear sentence is better than a trace.
fn report<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    let Err(fault) = result else { return ExitCode::SUCCESS };
    eprintln!("tongke: {fault}");
    ExitCode::FAILURE
}
