//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::Config;

pub mod account;
#[cfg(feature = "load")]
pub mod load;

pub use account::AccountArgs;
#[cfg(feature = "load")]
pub use load::LoadArgs;

/// 同课: carries a lead school's lesson to the rural classrooms paired with it, live.
#[derive(Clone, Debug, PartialEq, Parser)]
#[command(name = "tongke", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// What was typed; on a typing error or `--help`, says so and ends the program.
    pub fn from_command_line() -> Self {
        Self::parse()
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Command {
    /// Serve lessons until stopped.
    Serve(ServeArgs),
    /// Say everything that is wrong with configuration files.
    CheckConfig(CheckConfigArgs),
    /// Take schools, rooms, people, pairs and timetables from spreadsheets; a running server follows within seconds.
    Import(ImportArgs),
    /// Write the plan as spreadsheets that can be imported again.
    Export(ExportArgs),
    /// Write the spreadsheets of a county that nobody lives in, for trying an import.
    County(CountyArgs),
    /// Make, list and take back people's accounts; the first administrator's is made here.
    Account(AccountArgs),
    /// Put load on a running server, and say what that costs.
    #[cfg(feature = "load")]
    Load(Box<LoadArgs>),
    /// Teach a lesson without a teacher, for trying things alone.
    #[cfg(feature = "robot")]
    Robot(RobotArgs),
}

/// What `serve` takes. A flag wins over the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct ServeArgs {
    /// The configuration file; without one, every key has its default.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Start with a lead school, two rural rooms and a lesson that runs now, and print their links.
    #[arg(long)]
    pub demo: bool,
    /// Instead of the small demo, a county for `tongke load`: so many rooms for each of its lessons. It replaces what
    /// is stored, and `limits` are raised so that all of it fits.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=20_000))]
    pub demo_rooms: Option<u16>,
    /// How many lessons of the county run at once.
    #[arg(long, value_name = "L", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=500))]
    #[arg(requires = "demo_rooms")]
    pub demo_lessons: u16,
    /// The folder for everything that is kept.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The address of plain HTTP; empty is off.
    #[arg(long, value_name = "ADDR")]
    pub http: Option<String>,
    /// The address of HTTPS; empty is off.
    #[arg(long, value_name = "ADDR")]
    pub https: Option<String>,
    /// The UDP port of the first media thread; zero takes any free ones.
    #[arg(long, value_name = "N")]
    pub media_port: Option<u16>,
    /// The address of the operators' figures.
    #[arg(long, value_name = "ADDR")]
    pub ops: Option<String>,
    /// Write the links to this file as JSON once the doors are open.
    #[arg(long, value_name = "FILE")]
    pub links_json: Option<PathBuf>,
}

/// What `check-config` takes.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct CheckConfigArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What `import` takes.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct ImportArgs {
    /// The configuration file of the server, which says where the plan is kept.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only say what would happen.
    #[arg(long)]
    pub dry_run: bool,
    /// CSV files, each called as its sheet is, and XLSX files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What `export` takes.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct ExportArgs {
    /// The configuration file of the server, which says where the plan is kept.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A folder for CSV files, or an XLSX file.
    #[arg(value_name = "TO")]
    pub to: PathBuf,
}

/// What `county` takes.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct CountyArgs {
    /// How large: county, 2+2+1, 11-pairs or 55-groups.
    #[arg(long, default_value = "county", value_parser = ["county", "2+2+1", "11-pairs", "55-groups"])]
    pub shape: String,
    /// The first day of its term, like 2026-09-01; without it, this week's Monday.
    #[arg(long, value_name = "DAY")]
    pub first_day: Option<String>,
    /// A folder for CSV files, or an XLSX file.
    #[arg(value_name = "TO")]
    pub to: PathBuf,
}

impl CheckConfigArgs {
    /// Checks each file: what to print, a line `FILE: ok` or its faults, and whether all are good.
    pub fn run(&self) -> (String, bool) {
        let mut said = String::new();
        let mut good = true;
        for file in &self.files {
            match Config::load_file(file) {
                Ok(_) => said += &format!("{}: ok\n", file.display()),
                Err(faults) => {
                    good = false;
                    said += &format!("{faults}\n");
                }
            }
        }
        (said, good)
    }
}

/// What `robot` takes.
#[cfg(feature = "robot")]
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct RobotArgs {
    /// Where the server is, like `https://127.0.0.1:8443`.
    #[arg(long)]
    pub url: String,
    /// The key of the lesson's teacher.
    #[arg(long)]
    pub key: String,
    /// How long to teach; without it, until stopped.
    #[arg(long, value_name = "N")]
    pub seconds: Option<u64>,
}
