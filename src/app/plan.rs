//! The plan from and to spreadsheets, on the command line.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::AppFault;
use crate::config::Config;
use crate::config::cli::{CountyArgs, ExportArgs, ImportArgs, ServeArgs};
use crate::io::clock;
use crate::lesson::calendar::{BadDay, Day};
use crate::lesson::clash::Clash;
use crate::sheets::{self, FileFault, Imported, Shape, Sheet, SheetFaults};
use crate::store::{self, PlanChange, Store};

/// How often an import is checked anew because somebody else changed the plan meanwhile.
const TRIES_MAX: usize = 3;

/// How many overruns an import names: they are hints, and one bell makes many.
const OVERRUNS_TOLD_MAX: usize = 10;

/// Why a plan was not taken or not given: in words.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each says it in words")]
pub enum PlanFault {
    #[error(transparent)]
    App(#[from] AppFault),
    #[error(transparent)]
    Store(#[from] store::Fault),
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{0}")]
    Unreadable(#[from] FileFault),
    #[error("{0}")]
    Sheets(#[from] SheetFaults),
    #[error("{path}: {why}")]
    Workbook { path: String, why: String },
    #[error("别人正在修改计划,请重试 | the plan is being changed by others: try again")]
    Busy,
    #[error("--first-day: {0}")]
    Day(#[from] BadDay),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Takes files into the plan of the server with this configuration.
///
/// # Errors
/// Everything that is wrong; nothing is taken then.
pub fn import(args: &ImportArgs) -> Result<(), PlanFault> {
    let mut steps = Steps::begin();
    let mut sheets = Vec::new();
    for file in &args.files {
        steps.say(&format!("读取 reading {}", file.display()));
        let bytes = std::fs::read(file).map_err(|source| file_fault(file, source))?;
        sheets.extend(sheets::read_bytes(&file.display().to_string(), &bytes)?);
    }
    with_store(args.config.as_deref(), async |store| {
        for _ in 0..TRIES_MAX {
            steps.say("读取现有数据 reading the plan there is");
            let kept = store.load().await?;
            steps.say("核对 checking");
            let imported = sheets::import(kept.alliance.to_parts(), &sheets)?;
            say_imported(&imported);
            if args.dry_run {
                println!("试运行:未写入 | dry run: nothing was kept");
                return Ok(());
            }
            steps.say("写入 keeping");
            let edits = kept.alliance.edits_to(&imported.alliance);
            if store.edit_plan(&edits, kept.revision, &change(&args.files)).await? {
                println!("已导入 imported ({:.1} s)", steps.seconds());
                return Ok(());
            }
        }
        Err(PlanFault::Busy)
    })
}

/// What an import would do.
fn say_imported(imported: &Imported) {
    for (kind, rows) in &imported.rows {
        println!("{:<8} {rows:>6} 行 rows ({})", kind.names().0, kind.names().1);
    }
    println!("课程 lessons: {}", imported.alliance.timetable().entries().len());
    say_overruns(&imported.overruns);
}

fn change(files: &[PathBuf]) -> PlanChange {
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    PlanChange { at: clock::now(), actor: actor(), what: format!("import {}", files.join(" ")) }
}

/// Names the first lessons between which there is less time than an overrun takes.
fn say_overruns(overruns: &[Clash]) {
    for Clash { one, other, .. } in overruns.iter().take(OVERRUNS_TOLD_MAX) {
        println!("提示:{one} 拖堂会影响 {other} | an overrun of {one} would reach into {other}");
    }
    if overruns.len() > OVERRUNS_TOLD_MAX {
        let more = overruns.len() - OVERRUNS_TOLD_MAX;
        println!("提示:还有 {more} 处 | and {more} more");
    }
}

/// Writes the plan of the server with this configuration.
///
/// # Errors
/// If it cannot be read, or a file not be written.
pub fn export(args: &ExportArgs) -> Result<(), PlanFault> {
    with_store(args.config.as_deref(), async |store| {
        let kept = store.load().await?;
        write(&args.to, &sheets::export(&kept.alliance))
    })
}

/// Writes the files of a county that nobody lives in.
///
/// # Errors
/// If a file cannot be written.
pub fn county(args: &CountyArgs) -> Result<(), PlanFault> {
    let first = match &args.first_day {
        Some(day) => day.parse()?,
        None => this_monday(),
    };
    let shape = Shape::parse(&args.shape).expect("the command line takes no other");
    write(&args.to, &sheets::export(&shape.build(first)))
}

fn this_monday() -> Day {
    let today = Day::of(clock::now());
    (1..today.weekday()).fold(today, |day, _| day.before())
}

/// One workbook if it is to be called so, else a folder of CSV files.
fn write(to: &Path, sheets: &[Sheet]) -> Result<(), PlanFault> {
    if to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
        let bytes = sheets::write_xlsx(sheets)
            .map_err(|why| PlanFault::Workbook { path: to.display().to_string(), why: why.to_string() })?;
        std::fs::write(to, bytes).map_err(|source| file_fault(to, source))?;
        println!("{}", to.display());
        return Ok(());
    }
    std::fs::create_dir_all(to).map_err(|source| file_fault(to, source))?;
    for sheet in sheets {
        let path = to.join(format!("{}.csv", sheet.name));
        std::fs::write(&path, sheets::write_csv(sheet)).map_err(|source| file_fault(&path, source))?;
        println!("{} ({} 行 rows)", path.display(), sheet.rows.len());
    }
    Ok(())
}

/// Does something with the store of the server with this configuration.
pub(super) fn with_store<F: From<AppFault> + From<store::Fault>>(
    config: Option<&Path>,
    act: impl AsyncFnOnce(&dyn Store) -> Result<(), F>,
) -> Result<(), F> {
    let args = ServeArgs { config: config.map(PathBuf::from), ..ServeArgs::default() };
    let config = Config::load(&args).map_err(AppFault::from)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(AppFault::from)?;
    runtime.block_on(async {
        let store = store::open(&config.store).await?;
        act(&*store).await
    })
}

/// Who typed the command.
pub(super) fn actor() -> String {
    std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "command line".into())
}

fn file_fault(path: &Path, source: io::Error) -> PlanFault {
    PlanFault::File { path: path.display().to_string(), source }
}

/// Says what is being done, with the time since the beginning.
struct Steps {
    began: Instant,
}

impl Steps {
    fn begin() -> Self {
        Self { began: clock::instant() }
    }

    fn seconds(&self) -> f64 {
        clock::instant().duration_since(self.began).as_secs_f64()
    }

    fn say(&mut self, what: &str) {
        // Whoever does not look misses nothing.
        let _unseen = writeln!(io::stderr(), "{:5.1} s  {what}", self.seconds());
    }
}
