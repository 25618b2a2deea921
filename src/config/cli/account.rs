//! The command line of `tongke account`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What `account` takes.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct AccountArgs {
    /// The configuration file of the server, which says where accounts are kept.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub act: AccountAct,
}

/// What to do with accounts. A running server follows within a second.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AccountAct {
    /// Make an account, or let one be something more; a new one's password is printed, and changed at the first login.
    Add {
        /// What its owner types: a-z, 0-9 and -.
        #[arg(value_name = "USER")]
        user: String,
        /// The id of the person whose it is, as in the plan.
        #[arg(long, value_name = "ID")]
        person: Option<String>,
        /// What they may be: `district_admin`, `school_admin`, `teacher`, `assistant`, `observer`, `patrol`, `inspector` or ops.
        #[arg(long)]
        role: String,
        /// Where: all, district:ID, school:ID, lesson:ID or room:ID.
        #[arg(long)]
        scope: String,
        /// The last day, like 2027-07-10; without it, until it is taken back.
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        /// Read the password from standard input: it is not changed at the first login then.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account a new password, printed, to be changed at the next login; whoever is in is out.
    Password {
        /// Whose.
        #[arg(value_name = "USER")]
        user: String,
        /// Read the password from standard input: it is not changed at the next login then.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List accounts and what they may be.
    List,
    /// Take an account back, for good.
    Revoke {
        /// Whose.
        #[arg(value_name = "USER")]
        user: String,
    },
}
