//! The register and the audit as rows.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use super::Sql;
use super::plan::all;
use super::row::{Field, from_time};
use crate::lesson::permit::{Role, Scope};
use crate::lesson::register::{Account, Device, Grant, Login, Register, RegisterChange};
use crate::store::Answer;
use crate::store::admission::{AUDITED, AdmissionStore, AuditLine, AuditQuery};

type Statement<'q> = Query<'q, Any, AnyArguments>;

impl AdmissionStore for Sql {
    fn register(&self) -> Answer<'_, (Register, u64)> {
        Box::pin(async { self.read_register().await.map_err(|source| self.fault("read the accounts", source)) })
    }

    fn register_revision(&self) -> Answer<'_, u64> {
        Box::pin(async {
            let row = sqlx::query("SELECT revision FROM register_revision").fetch_one(&self.pool).await;
            let revision = row.and_then(|row| row.number("revision"));
            revision.map_err(|source| self.fault("read the accounts' newest change", source))
        })
    }

    fn keep<'a>(&'a self, changes: &'a [RegisterChange], line: &'a AuditLine) -> Answer<'a, u64> {
        Box::pin(async {
            let kept = self.write_changes(changes, line).await;
            kept.map_err(|source| self.fault("keep a change of the accounts", source))
        })
    }

    fn note_audit<'a>(&'a self, line: &'a AuditLine) -> Answer<'a, ()> {
        Box::pin(async {
            let noted = audit(line).execute(&self.pool).await.map(drop);
            noted.map_err(|source| self.fault("keep a line of the audit", source))
        })
    }

    fn read_audit<'a>(&'a self, query: &'a AuditQuery) -> Answer<'a, Vec<(u64, AuditLine)>> {
        Box::pin(async { self.read_lines(query).await.map_err(|source| self.fault("read the audit", source)) })
    }
}

impl Sql {
    async fn read_register(&self) -> sqlx::Result<(Register, u64)> {
        let mut read = self.pool.begin().await?;
        let row = sqlx::query("SELECT revision FROM register_revision").fetch_one(&mut *read).await?;
        let mut register = Register::default();
        for change in read_changes(&mut read).await? {
            register.apply(change);
        }
        Ok((register, row.number("revision")?))
    }

    async fn write_changes(&self, changes: &[RegisterChange], line: &AuditLine) -> sqlx::Result<u64> {
        let mut write = self.pool.begin().await?;
        // First of all, so that two who write at once wait for each other here.
        sqlx::query("UPDATE register_revision SET revision = revision + 1").execute(&mut *write).await?;
        for change in changes {
            write_change(&mut write, change).await?;
        }
        audit(line).execute(&mut *write).await?;
        let row = sqlx::query("SELECT revision FROM register_revision").fetch_one(&mut *write).await?;
        write.commit().await?;
        row.number("revision")
    }

    async fn read_lines(&self, query: &AuditQuery) -> sqlx::Result<Vec<(u64, AuditLine)>> {
        let mut sql = "SELECT line, at_us, who, what, object, school, address FROM audit
                       WHERE at_us >= $1 AND at_us < $2 AND line > $3"
            .to_owned();
        let mut given = 3;
        let mut next = || {
            given += 1;
            format!("${given}")
        };
        if query.who.is_some() {
            sql += &format!(" AND who = {}", next());
        }
        if let Some(schools) = &query.schools {
            let places: Vec<_> = schools.iter().map(|_| next()).collect();
            // A list without members is no SQL, and nothing is in it.
            let list = if places.is_empty() { "NULL".to_owned() } else { places.join(", ") };
            sql += &format!(" AND school IN ({list})");
        }
        sql += &format!(" ORDER BY line LIMIT {}", query.most);
        let mut select = sqlx::query(AssertSqlSafe(sql))
            .bind(from_time(query.from))
            .bind(from_time(query.until))
            .bind(i64::try_from(query.after).unwrap_or(i64::MAX));
        let texts = query.who.iter().map(String::as_str);
        for text in texts.chain(query.schools.iter().flatten().map(|school| school.as_str())) {
            select = select.bind(text.to_owned());
        }
        select.fetch_all(&self.pool).await?.iter().map(line_of).collect()
    }
}

fn audit(line: &AuditLine) -> Statement<'_> {
    sqlx::query("INSERT INTO audit (at_us, who, what, object, school, address) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(from_time(line.at))
        .bind(&line.who)
        .bind(line.what)
        .bind(&line.object)
        .bind(line.school.as_ref().map(ToString::to_string))
        .bind(&line.address)
}

fn line_of(row: &AnyRow) -> sqlx::Result<(u64, AuditLine)> {
    let line = AuditLine {
        at: row.time("at_us")?,
        who: row.text("who")?,
        what: row.named("what", |name| AUDITED.into_iter().find(|known| *known == name))?,
        object: row.text("object")?,
        school: row.maybe_id("school")?,
        address: row.maybe_text("address")?,
    };
    Ok((row.number("line")?, line))
}

async fn write_change(to: &mut AnyConnection, change: &RegisterChange) -> sqlx::Result<()> {
    match change {
        RegisterChange::Account(account) => write_account(to, account).await,
        RegisterChange::Give(grant) => run(to, give(grant)).await,
        RegisterChange::Take(grant) => run(to, delete("DELETE FROM account_grant WHERE id = $1", grant.as_str())).await,
        RegisterChange::Login(login) => run(to, log_in(login)).await,
        RegisterChange::Logout(login) => {
            run(to, delete("DELETE FROM login_session WHERE id = $1", login.as_str())).await
        }
        RegisterChange::Pair(device) => {
            run(to, delete("DELETE FROM device WHERE room = $1", device.room.as_str())).await?;
            run(to, pair(device)).await
        }
        RegisterChange::Unpair(room) => run(to, delete("DELETE FROM device WHERE room = $1", room.as_str())).await,
        RegisterChange::RevokeKey(key, until) => {
            let revoke = "INSERT INTO revoked_key (id, until_us) VALUES ($1, $2)
                          ON CONFLICT (id) DO UPDATE SET until_us = excluded.until_us";
            run(to, sqlx::query(revoke).bind(key.as_str()).bind(from_time(*until))).await
        }
    }
}

async fn write_account(to: &mut AnyConnection, account: &Account) -> sqlx::Result<()> {
    let put = "INSERT INTO account (id, person, password, must_change, demo, revoked) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (id) DO UPDATE SET person = excluded.person, password = excluded.password,
               must_change = excluded.must_change, demo = excluded.demo, revoked = excluded.revoked";
    let put = sqlx::query(put)
        .bind(account.id.as_str())
        .bind(account.person.as_ref().map(|person| person.as_str()))
        .bind(&account.password)
        .bind(i64::from(account.must_change))
        .bind(i64::from(account.demo))
        .bind(i64::from(account.revoked));
    run(to, put).await?;
    if account.revoked {
        run(to, delete("DELETE FROM login_session WHERE account = $1", account.id.as_str())).await?;
    }
    Ok(())
}

fn give(grant: &Grant) -> Statement<'_> {
    sqlx::query("INSERT INTO account_grant (id, account, role, scope, until_us) VALUES ($1, $2, $3, $4, $5)")
        .bind(grant.id.as_str())
        .bind(grant.account.as_str())
        .bind(grant.role.as_str())
        .bind(grant.scope.to_string())
        .bind(from_time(grant.until))
}

fn log_in(login: &Login) -> Statement<'_> {
    sqlx::query("INSERT INTO login_session (id, account, until_us) VALUES ($1, $2, $3)")
        .bind(login.id.as_str())
        .bind(login.account.as_str())
        .bind(from_time(login.until))
}

fn pair(device: &Device) -> Statement<'_> {
    sqlx::query("INSERT INTO device (id, room, since_us, paired_by) VALUES ($1, $2, $3, $4)")
        .bind(device.id.as_str())
        .bind(device.room.as_str())
        .bind(from_time(device.since))
        .bind(device.paired_by.as_str())
}

fn delete<'q>(sql: &'static str, id: &'q str) -> Statement<'q> {
    sqlx::query(sql).bind(id)
}

async fn run(to: &mut AnyConnection, statement: Statement<'_>) -> sqlx::Result<()> {
    statement.execute(to).await.map(drop)
}

/// The register as the changes that make it from an empty one.
async fn read_changes(from: &mut AnyConnection) -> sqlx::Result<Vec<RegisterChange>> {
    let mut changes =
        all(from, "SELECT id, person, password, must_change, demo, revoked FROM account", account).await?;
    changes.extend(all(from, "SELECT id, account, role, scope, until_us FROM account_grant", grant).await?);
    changes.extend(all(from, "SELECT id, account, until_us FROM login_session", login).await?);
    changes.extend(all(from, "SELECT id, room, since_us, paired_by FROM device", device).await?);
    let key = |row: &AnyRow| Ok(RegisterChange::RevokeKey(row.id("id")?, row.time("until_us")?));
    changes.extend(all(from, "SELECT id, until_us FROM revoked_key", key).await?);
    Ok(changes)
}

fn account(row: &AnyRow) -> sqlx::Result<RegisterChange> {
    let is = |column| row.number::<i64>(column).map(|number| number != 0);
    Ok(RegisterChange::Account(Account {
        id: row.id("id")?,
        person: row.maybe_id("person")?,
        password: row.text("password")?,
        must_change: is("must_change")?,
        demo: is("demo")?,
        revoked: is("revoked")?,
    }))
}

fn grant(row: &AnyRow) -> sqlx::Result<RegisterChange> {
    Ok(RegisterChange::Give(Grant {
        id: row.id("id")?,
        account: row.id("account")?,
        role: row.named("role", Role::parse)?,
        scope: row.named("scope", Scope::parse)?,
        until: row.time("until_us")?,
    }))
}

fn login(row: &AnyRow) -> sqlx::Result<RegisterChange> {
    Ok(RegisterChange::Login(Login { id: row.id("id")?, account: row.id("account")?, until: row.time("until_us")? }))
}

fn device(row: &AnyRow) -> sqlx::Result<RegisterChange> {
    Ok(RegisterChange::Pair(Device {
        id: row.id("id")?,
        room: row.id("room")?,
        since: row.time("since_us")?,
        paired_by: row.id("paired_by")?,
    }))
}
