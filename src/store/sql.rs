//! The store in a SQL database: one SQLite file for a single machine, PostgreSQL for several.

mod admission;
mod plan;
mod row;
mod week;
mod write;

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Executor, SqlSafeStr};

use crate::lesson::plan::Edit;
use crate::lesson::sitting::{Phase, Progress};
use crate::lesson::{Alliance, LessonId};

use self::row::{Field, from_time};
use super::{Answer, Fault, Kept, Line, Note, PlanChange, Store, Viewing};

/// Steps from one shape of the tables to the next; a step that was ever released is never changed.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("migrations/0001_first.sql")),
    (2, "county", include_str!("migrations/0002_county.sql")),
    (3, "admission", include_str!("migrations/0003_admission.sql")),
    (4, "district bells", include_str!("migrations/0004_district_bells.sql")),
];

/// Connections to PostgreSQL; all we do is short.
const CONNECTIONS_MAX: u32 = 4;

/// How long PostgreSQL may take to be there.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// The store.
#[derive(Debug)]
pub struct Sql {
    /// What it is called in faults: without a password.
    name: String,
    pool: AnyPool,
}

impl Sql {
    /// Opens the SQLite file at `path`, with its folder, and brings its tables up to date.
    ///
    /// # Errors
    /// A [`Fault`] that names the file.
    pub async fn sqlite(path: &Path) -> Result<Self, Fault> {
        let name = path.display().to_string();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| cannot_open(&name, source))?;
        }
        // One connection: SQLite has one writer.
        let pool = AnyPoolOptions::new().max_connections(1);
        Self::open(name, pool, &sqlite_url(path), Dialect::Sqlite).await
    }

    /// Connects to the PostgreSQL database at `url`, and brings its tables up to date.
    ///
    /// # Errors
    /// A [`Fault`] that names the database, without the password.
    pub async fn postgres(url: &str) -> Result<Self, Fault> {
        let name = without_password(url);
        let pool = AnyPoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(CONNECT_WAIT);
        Self::open(name, pool, url, Dialect::Postgres).await
    }

    async fn open(name: String, pool: AnyPoolOptions, url: &str, dialect: Dialect) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let to = AnyConnectOptions::from_str(url).map_err(|source| cannot_open(&name, source))?;
        let pool = pool.connect_with(to.disable_statement_logging()).await;
        let pool = pool.map_err(|source| cannot_open(&name, source))?;
        if matches!(dialect, Dialect::Sqlite) {
            // The file stays so: readers never wait for the writer.
            pool.execute("PRAGMA journal_mode = WAL").await.map_err(|source| cannot_open(&name, source))?;
        }
        dialect.migrator().run(&pool).await.map_err(|source| cannot_open(&name, source))?;
        Ok(Self { name, pool })
    }

    fn fault(&self, doing: &str, source: sqlx::Error) -> Fault {
        Fault::new(format!("the database {} failed to {doing}", self.name), source)
    }

    async fn read_kept(&self) -> sqlx::Result<Kept> {
        let mut read = self.pool.begin().await?;
        let alliance = plan::read(&mut read).await?;
        let rows = sqlx::query("SELECT lesson, phase, began_us, ended_us FROM progress").fetch_all(&mut *read).await?;
        let progress = rows.iter().map(progress_of).collect::<sqlx::Result<BTreeMap<_, _>>>()?;
        let newest = sqlx::query("SELECT COALESCE(MAX(line), 0) AS line FROM plan_log").fetch_one(&mut *read).await?;
        Ok(Kept { alliance, progress, revision: newest.number("line")? })
    }

    async fn write_alliance(&self, alliance: &Alliance, change: &PlanChange) -> sqlx::Result<()> {
        let mut write = self.pool.begin().await?;
        plan::replace(&mut write, alliance).await?;
        let newest = sqlx::query("SELECT COALESCE(MAX(line), 0) AS line FROM plan_log").fetch_one(&mut *write).await?;
        log_plan(&mut write, newest.number::<i64>("line")? + 1, change).await?;
        write.commit().await
    }

    /// The log's line is taken first: whoever comes second finds it taken, and has changed nothing.
    async fn write_edits(&self, edits: &[Edit], known: u64, change: &PlanChange) -> sqlx::Result<bool> {
        let line = i64::try_from(known).unwrap_or(i64::MAX).saturating_add(1);
        let mut write = self.pool.begin().await?;
        if !log_plan(&mut write, line, change).await? {
            return Ok(false);
        }
        for edit in edits {
            plan::edit(&mut write, edit).await?;
        }
        write.commit().await.map(|()| true)
    }

    async fn read_revision(&self) -> sqlx::Result<u64> {
        let newest = sqlx::query("SELECT COALESCE(MAX(line), 0) AS line FROM plan_log").fetch_one(&self.pool).await?;
        newest.number("line")
    }

    async fn read_plan_log(&self) -> sqlx::Result<Vec<PlanChange>> {
        let rows = sqlx::query("SELECT at_us, actor, what FROM plan_log ORDER BY line").fetch_all(&self.pool).await?;
        let change = |row: &AnyRow| {
            Ok(PlanChange { at: row.time("at_us")?, actor: row.text("actor")?, what: row.text("what")? })
        };
        rows.iter().map(change).collect()
    }

    async fn write_note(&self, note: &Note) -> sqlx::Result<()> {
        let mut write = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO progress (lesson, phase, began_us, ended_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT (lesson) DO UPDATE
             SET phase = excluded.phase, began_us = excluded.began_us, ended_us = excluded.ended_us",
        )
        .bind(note.lesson.as_str())
        .bind(note.progress.phase.as_str())
        .bind(note.progress.began.map(from_time))
        .bind(note.progress.ended.map(from_time))
        .execute(&mut *write)
        .await?;
        for what in &note.what {
            sqlx::query("INSERT INTO ledger (at_us, lesson, actor, what) VALUES ($1, $2, $3, $4)")
                .bind(from_time(note.at))
                .bind(note.lesson.as_str())
                .bind(&note.actor)
                .bind(what)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await
    }

    async fn write_viewing(&self, viewing: &Viewing) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO viewing (lesson, from_us, who, until_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT (lesson, from_us, who) DO UPDATE SET until_us = excluded.until_us",
        )
        .bind(viewing.lesson.as_str())
        .bind(from_time(viewing.from))
        .bind(&viewing.who)
        .bind(viewing.until.map(from_time))
        .execute(&self.pool)
        .await
        .map(|_| ())
    }

    async fn read_ledger(&self, lesson: &LessonId) -> sqlx::Result<Vec<Line>> {
        let rows = sqlx::query("SELECT at_us, actor, what FROM ledger WHERE lesson = $1 ORDER BY line")
            .bind(lesson.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| Ok(Line { at: row.time("at_us")?, actor: row.text("actor")?, what: row.text("what")? }))
            .collect()
    }

    async fn read_viewings(&self, lesson: &LessonId) -> sqlx::Result<Vec<Viewing>> {
        let rows = sqlx::query("SELECT from_us, who, until_us FROM viewing WHERE lesson = $1 ORDER BY from_us, who")
            .bind(lesson.as_str())
            .fetch_all(&self.pool)
            .await?;
        let viewing = |row: &AnyRow| {
            let (from, until) = (row.time("from_us")?, row.maybe_time("until_us")?);
            Ok(Viewing { lesson: lesson.clone(), who: row.text("who")?, from, until })
        };
        rows.iter().map(viewing).collect()
    }
}

impl Store for Sql {
    fn load(&self) -> Answer<'_, Kept> {
        Box::pin(async { self.read_kept().await.map_err(|source| self.fault("read the timetable", source)) })
    }

    fn put_alliance<'a>(&'a self, alliance: &'a Alliance, change: &'a PlanChange) -> Answer<'a, ()> {
        Box::pin(async {
            let written = self.write_alliance(alliance, change).await;
            written.map_err(|source| self.fault("keep the timetable", source))
        })
    }

    fn revision(&self) -> Answer<'_, u64> {
        Box::pin(async { self.read_revision().await.map_err(|source| self.fault("read its newest change", source)) })
    }

    fn plan_log(&self) -> Answer<'_, Vec<PlanChange>> {
        Box::pin(async { self.read_plan_log().await.map_err(|source| self.fault("read its changes", source)) })
    }

    fn edit_plan<'a>(&'a self, edits: &'a [Edit], known: u64, change: &'a PlanChange) -> Answer<'a, bool> {
        Box::pin(async move {
            let kept = self.write_edits(edits, known, change).await;
            kept.map_err(|source| self.fault("keep a change of the plan", source))
        })
    }

    fn note<'a>(&'a self, note: &'a Note) -> Answer<'a, ()> {
        Box::pin(async { self.write_note(note).await.map_err(|source| self.fault("keep a note", source)) })
    }

    fn put_viewing<'a>(&'a self, viewing: &'a Viewing) -> Answer<'a, ()> {
        Box::pin(async { self.write_viewing(viewing).await.map_err(|source| self.fault("keep a viewing", source)) })
    }

    fn ledger<'a>(&'a self, lesson: &'a LessonId) -> Answer<'a, Vec<Line>> {
        Box::pin(async { self.read_ledger(lesson).await.map_err(|source| self.fault("read the ledger", source)) })
    }

    fn viewings<'a>(&'a self, lesson: &'a LessonId) -> Answer<'a, Vec<Viewing>> {
        Box::pin(async { self.read_viewings(lesson).await.map_err(|source| self.fault("read the viewings", source)) })
    }
}

/// Notes a change of the plan; false if the line is taken.
async fn log_plan(to: &mut AnyConnection, line: i64, change: &PlanChange) -> sqlx::Result<bool> {
    let insert =
        "INSERT INTO plan_log (line, at_us, actor, what) VALUES ($1, $2, $3, $4) ON CONFLICT (line) DO NOTHING";
    let insert = sqlx::query(insert).bind(line).bind(from_time(change.at)).bind(&change.actor).bind(&change.what);
    Ok(insert.execute(to).await?.rows_affected() == 1)
}

/// In whose words the steps are said.
#[derive(Clone, Copy, Debug)]
enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The steps are written in SQLite's words; PostgreSQL has others for three of them.
    fn say(self, sql: &str) -> String {
        match self {
            Self::Sqlite => sql.to_owned(),
            Self::Postgres => sql
                .replace(") STRICT;", ");")
                .replace("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
                .replace("INTEGER", "BIGINT"),
        }
    }

    fn migrator(self) -> Migrator {
        let steps = MIGRATIONS.iter().map(|&(version, name, sql)| {
            let sql = AssertSqlSafe(self.say(sql)).into_sql_str();
            Migration::new(version, name.into(), MigrationType::Simple, sql, false)
        });
        Migrator::with_migrations(steps.collect())
    }
}

fn sqlite_url(path: &Path) -> String {
    SqliteConnectOptions::new().filename(path).create_if_missing(true).to_url_lossy().to_string()
}

fn cannot_open(name: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::new(format!("the database {name} cannot be opened"), source)
}

/// A database's address as it may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (before, at) = rest.rsplit_once('@').map_or(("", rest), |(before, at)| (before, at));
    let user = before.split(':').next().unwrap_or_default();
    let at = at.split('?').next().unwrap_or(at);
    if user.is_empty() { format!("{scheme}://{at}") } else { format!("{scheme}://{user}@{at}") }
}

fn progress_of(row: &AnyRow) -> sqlx::Result<(LessonId, Progress)> {
    let phase = row.named("phase", Phase::parse)?;
    let progress = Progress { phase, began: row.maybe_time("began_us")?, ended: row.maybe_time("ended_us")? };
    Ok((row.id("lesson")?, progress))
}

#[cfg(test)]
impl Sql {
    /// Leaves the mark that a later version's migration would.
    pub(super) async fn pretend_a_newer_version(&self) {
        let mark = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                    VALUES (999, 'later', true, '', 0)";
        sqlx::query(mark).execute(&self.pool).await.expect("a table of migrations");
    }

    /// What a setting of SQLite is.
    pub(super) async fn pragma(&self, name: &str) -> String {
        let row = sqlx::query(AssertSqlSafe(format!("PRAGMA {name}"))).fetch_one(&self.pool).await.expect("a setting");
        let number = |_| sqlx::Row::try_get::<i64, _>(&row, 0).map(|number| number.to_string());
        sqlx::Row::try_get::<String, _>(&row, 0).or_else(number).expect("a word or a number")
    }

    /// A file as the first version left it.
    pub(super) async fn first_version(path: &Path) -> AnyPool {
        sqlx::any::install_default_drivers();
        let pool = AnyPool::connect(&sqlite_url(path)).await.expect("a pool");
        let mut migrator = Dialect::Sqlite.migrator();
        migrator.migrations.to_mut().truncate(1);
        migrator.run(&pool).await.expect("the first step");
        pool
    }
}
