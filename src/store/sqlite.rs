//! The store in one SQLite file: the default of a single machine.

mod plan;
mod row;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{SqlSafeStr, SqlitePool};

use crate::lesson::sitting::{Phase, Progress};
use crate::lesson::{Alliance, LessonId};

use self::row::{Field, from_time};
use super::{Answer, Fault, Kept, Line, Note, Store, Viewing};

/// Steps from one shape of the tables to the next; a step that was ever released is never changed.
const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "first", include_str!("migrations/0001_first.sql"))];

/// How long a second process with the file open (a backup, a shell) is waited for.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The store.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    /// One connection: SQLite has one writer, and all we do is short.
    pool: SqlitePool,
}

impl Sqlite {
    /// Opens the file at `path`, with its folder, and brings its tables up to date.
    ///
    /// # Errors
    /// A [`Fault`] that names the file.
    pub async fn open(path: &Path) -> Result<Self, Fault> {
        let fault = |source: Box<dyn std::error::Error + Send + Sync>| {
            Fault::new(format!("the database {} cannot be opened", path.display()), source)
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| fault(source.into()))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What is acknowledged also survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_WAIT);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(|source| fault(source.into()))?;
        migrator().run(&pool).await.map_err(|source| fault(source.into()))?;
        Ok(Self { path: path.to_owned(), pool })
    }

    fn fault(&self, doing: &str, source: sqlx::Error) -> Fault {
        Fault::new(format!("the database {} failed to {doing}", self.path.display()), source)
    }

    async fn read_kept(&self) -> sqlx::Result<Kept> {
        let mut read = self.pool.begin().await?;
        let alliance = plan::read(&mut read).await?;
        let rows = sqlx::query("SELECT lesson, phase, began_us, ended_us FROM progress").fetch_all(&mut *read).await?;
        let progress = rows.iter().map(progress_of).collect::<sqlx::Result<BTreeMap<_, _>>>()?;
        Ok(Kept { alliance, progress })
    }

    async fn write_alliance(&self, alliance: &Alliance) -> sqlx::Result<()> {
        let mut write = self.pool.begin().await?;
        plan::replace(&mut write, alliance).await?;
        write.commit().await
    }

    async fn write_note(&self, note: &Note) -> sqlx::Result<()> {
        let mut write = self.pool.begin().await?;
        sqlx::query("INSERT OR REPLACE INTO progress (lesson, phase, began_us, ended_us) VALUES (?, ?, ?, ?)")
            .bind(note.lesson.as_str())
            .bind(note.progress.phase.as_str())
            .bind(note.progress.began.map(from_time))
            .bind(note.progress.ended.map(from_time))
            .execute(&mut *write)
            .await?;
        for what in &note.what {
            sqlx::query("INSERT INTO ledger (at_us, lesson, actor, what) VALUES (?, ?, ?, ?)")
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
        sqlx::query("INSERT OR REPLACE INTO viewing (lesson, from_us, who, until_us) VALUES (?, ?, ?, ?)")
            .bind(viewing.lesson.as_str())
            .bind(from_time(viewing.from))
            .bind(&viewing.who)
            .bind(viewing.until.map(from_time))
            .execute(&self.pool)
            .await
            .map(|_| ())
    }

    async fn read_ledger(&self, lesson: &LessonId) -> sqlx::Result<Vec<Line>> {
        let rows = sqlx::query("SELECT at_us, actor, what FROM ledger WHERE lesson = ? ORDER BY line")
            .bind(lesson.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| Ok(Line { at: row.time("at_us")?, actor: row.text("actor")?, what: row.text("what")? }))
            .collect()
    }

    async fn read_viewings(&self, lesson: &LessonId) -> sqlx::Result<Vec<Viewing>> {
        let rows = sqlx::query("SELECT from_us, who, until_us FROM viewing WHERE lesson = ? ORDER BY from_us, who")
            .bind(lesson.as_str())
            .fetch_all(&self.pool)
            .await?;
        let viewing = |row: &SqliteRow| {
            let (from, until) = (row.time("from_us")?, row.maybe_time("until_us")?);
            Ok(Viewing { lesson: lesson.clone(), who: row.text("who")?, from, until })
        };
        rows.iter().map(viewing).collect()
    }
}

impl Store for Sqlite {
    fn load(&self) -> Answer<'_, Kept> {
        Box::pin(async { self.read_kept().await.map_err(|source| self.fault("read the timetable", source)) })
    }

    fn put_alliance<'a>(&'a self, alliance: &'a Alliance) -> Answer<'a, ()> {
        Box::pin(async {
            self.write_alliance(alliance).await.map_err(|source| self.fault("keep the timetable", source))
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

fn migrator() -> Migrator {
    let steps = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(steps.collect())
}

fn progress_of(row: &SqliteRow) -> sqlx::Result<(LessonId, Progress)> {
    let phase = row.named("phase", Phase::parse)?;
    let progress = Progress { phase, began: row.maybe_time("began_us")?, ended: row.maybe_time("ended_us")? };
    Ok((row.id("lesson")?, progress))
}

#[cfg(test)]
impl Sqlite {
    /// Leaves the mark that a later version's migration would.
    pub(super) async fn pretend_a_newer_version(&self) {
        let mark = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                    VALUES (999, 'later', 1, x'00', 0)";
        sqlx::query(mark).execute(&self.pool).await.expect("a table of migrations");
    }
}
