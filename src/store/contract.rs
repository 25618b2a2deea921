//! What every store has to hold, run on each of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::memory::Memory;
use super::postgres_tests::Postgres;
use super::sql::Sql;
use super::*;
use crate::lesson::permit::{Role, Scope};
use crate::lesson::plan::Edit;
use crate::lesson::register::{Account, Device, Grant, Login, Register, RegisterChange};
use crate::lesson::sitting::Phase;

const NOW: Time = Time::from_micros(1_763_683_200_000_000);

/// A folder of its own for one test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("tongke-store-{}-{number}", std::process::id())))
    }

    fn database(&self) -> PathBuf {
        self.0.join("new/tongke.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn lesson() -> LessonId {
    LessonId::new("math-1").unwrap()
}

fn note(at: Time, phase: Phase, what: &[&str]) -> Note {
    let progress = Progress { phase, began: Some(NOW), ended: None };
    Note {
        at,
        lesson: lesson(),
        actor: "wang-min".into(),
        what: what.iter().map(|&what| what.into()).collect(),
        progress,
    }
}

async fn hold_the_contract(store: &dyn Store) {
    assert_eq!(store.load().await.unwrap(), Kept::default(), "a new store is empty");
    put_and_replace_an_alliance(store).await;
    edit_a_plan(store).await;
    note_what_happens(store).await;
    note_who_watches(store).await;
    keep_the_register(store).await;
    keep_the_audit(store).await;
}

async fn keep_the_register(store: &dyn Store) {
    let (mut expected, mut revision) = store.register().await.unwrap();
    assert_eq!((&expected, revision), (&Register::default(), 0));
    for change in register_changes() {
        assert_eq!(
            store.keep(std::slice::from_ref(&change), &audited(NOW, "admin", None)).await.unwrap(),
            revision + 1
        );
        expected.apply(change.clone());
        revision += 1;
        assert_eq!(store.register_revision().await.unwrap(), revision);
        assert_eq!(store.register().await.unwrap(), (expected.clone(), revision), "after {change:?}");
    }
    let all = register_changes();
    assert_eq!(store.keep(&all[..1], &audited(NOW, "admin", None)).await.unwrap(), revision + 1);
}

/// Each kind of change, those that undo another after it.
fn register_changes() -> Vec<RegisterChange> {
    fn id<T: std::str::FromStr<Err = crate::lesson::id::BadId>>(text: &str) -> T {
        text.parse().unwrap()
    }
    let account = |id_of: &str, revoked: bool| {
        let password = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA".to_owned();
        let person = (id_of == "wang").then(|| id("wang-min"));
        RegisterChange::Account(Account {
            id: id(id_of),
            person,
            password,
            must_change: !revoked,
            demo: revoked,
            revoked,
        })
    };
    let give = |name: &str, scope, until| {
        RegisterChange::Give(Grant { id: id(name), account: id("wang"), role: Role::Teacher, scope, until })
    };
    let login = |name: &str| RegisterChange::Login(Login { id: id(name), account: id("wang"), until: NOW });
    let pair = |name: &str, room: &str| {
        RegisterChange::Pair(Device { id: id(name), room: id(room), since: NOW, paired_by: id("admin") })
    };
    vec![
        account("wang", false),
        account("admin", false),
        give("g1", Scope::School(id("shiyan")), Time::NEVER),
        give("g2", Scope::Lesson(id("math-1")), NOW),
        RegisterChange::Take(id("g1")),
        login("l1"),
        login("l2"),
        login("l3"),
        RegisterChange::Logout(id("l1")),
        pair("d1", "qingshui-1"),
        pair("d2", "shiqiao-1"),
        pair("d3", "qingshui-1"),
        RegisterChange::Unpair(id("shiqiao-1")),
        RegisterChange::RevokeKey(id("k1"), NOW),
        RegisterChange::RevokeKey(id("k1"), Time::NEVER),
        account("wang", true),
    ]
}

fn audited(at: Time, who: &str, school: Option<&str>) -> AuditLine {
    let school = school.map(|school| school.parse().unwrap());
    AuditLine { at, who: who.into(), what: "login", object: String::new(), school, address: Some("192.0.2.7".into()) }
}

async fn keep_the_audit(store: &dyn Store) {
    let minute = |minute: u64| NOW + Duration::from_secs(86_400 + 60 * minute);
    let lines = [
        audited(minute(0), "wang", Some("shiyan")),
        audited(minute(1), "li", Some("qingshui")),
        audited(minute(2), "wang", None),
        audited(minute(3), "wang", Some("qingshui")),
    ];
    for line in &lines {
        store.note_audit(line).await.unwrap();
    }
    let all = AuditQuery { from: minute(0), until: minute(9), who: None, schools: None, after: 0, most: 9 };
    let read = async |query: &AuditQuery| store.read_audit(query).await.unwrap();
    let told = async |query: AuditQuery| {
        let read = read(&query).await;
        read.into_iter().map(|(_, line)| lines.iter().position(|known| *known == line).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(told(all.clone()).await, [0, 1, 2, 3]);
    assert_eq!(told(AuditQuery { from: minute(1), until: minute(3), ..all.clone() }).await, [1, 2]);
    assert_eq!(told(AuditQuery { who: Some("wang".into()), ..all.clone() }).await, [0, 2, 3]);
    let schools = |names: &[&str]| Some(names.iter().map(|name| name.parse().unwrap()).collect());
    assert_eq!(told(AuditQuery { schools: schools(&["qingshui", "other"]), ..all.clone() }).await, [1, 3]);
    assert_eq!(told(AuditQuery { schools: schools(&[]), ..all.clone() }).await, [] as [usize; 0]);
    let first = read(&AuditQuery { most: 2, ..all.clone() }).await;
    assert_eq!(first.len(), 2);
    assert_eq!(told(AuditQuery { after: first[1].0, ..all.clone() }).await, [2, 3], "a page after the other");
    let both = AuditQuery { who: Some("wang".into()), schools: schools(&["shiyan"]), ..all };
    assert_eq!(told(both).await, [0]);
}

async fn put_and_replace_an_alliance(store: &dyn Store) {
    let yesterday = Alliance::demo(NOW - Duration::from_secs(86_400));
    let (today, whole) = (Alliance::demo(NOW), Alliance::with_everything(NOW));
    let mut revisions = vec![store.revision().await.unwrap()];
    for alliance in [&yesterday, &today, &whole, &today] {
        store.put_alliance(alliance, &change()).await.unwrap();
        let kept = store.load().await.unwrap();
        assert_eq!(&kept.alliance, alliance);
        assert_eq!(kept.revision, store.revision().await.unwrap());
        revisions.push(kept.revision);
    }
    assert!(revisions.windows(2).all(|two| two[0] != two[1]), "{revisions:?}");
    assert_eq!(store.plan_log().await.unwrap(), vec![change(); 4]);
}

async fn edit_a_plan(store: &dyn Store) {
    let (demo, whole) = (Alliance::demo(NOW), Alliance::with_everything(NOW));
    for (from, to) in [(&demo, &whole), (&whole, &Alliance::default()), (&Alliance::default(), &whole), (&whole, &demo)]
    {
        store.put_alliance(from, &change()).await.unwrap();
        let (known, log) = (store.revision().await.unwrap(), store.plan_log().await.unwrap().len());
        let edits = from.edits_to(to);
        assert!(!store.edit_plan(&edits, known - 1, &change()).await.unwrap());
        assert_eq!(&store.load().await.unwrap().alliance, from, "they were of another plan");
        assert!(store.edit_plan(&edits, known, &change()).await.unwrap());
        let kept = store.load().await.unwrap();
        assert_eq!((&kept.alliance, kept.revision), (to, known + 1));
        assert_eq!(store.plan_log().await.unwrap().len(), log + 1);
    }
    edit_each_thing(store, &demo, &whole).await;
}

/// Each thing of a plan put by itself over itself, and what nothing points to taken out and put back.
async fn edit_each_thing(store: &dyn Store, demo: &Alliance, whole: &Alliance) {
    store.put_alliance(whole, &change()).await.unwrap();
    for thing in whole.to_parts().things() {
        let known = store.revision().await.unwrap();
        assert!(store.edit_plan(&[Edit::Put(thing.clone())], known, &change()).await.unwrap());
        let mut parts = whole.to_parts();
        parts.edit(Edit::Remove(thing.key()));
        if let Ok(without) = Alliance::new(parts) {
            assert!(store.edit_plan(&[Edit::Remove(thing.key())], known + 1, &change()).await.unwrap());
            assert_eq!(store.load().await.unwrap().alliance, without, "{}", thing.key());
            assert!(store.edit_plan(&[Edit::Put(thing)], known + 2, &change()).await.unwrap());
        }
        assert_eq!(&store.load().await.unwrap().alliance, whole);
    }
    store.put_alliance(demo, &change()).await.unwrap();
}

fn change() -> PlanChange {
    PlanChange { at: NOW, actor: "admin".into(), what: "import 课程表.csv".into() }
}

async fn note_what_happens(store: &dyn Store) {
    store.note(&note(NOW, Phase::Live, &["lesson live", "seat a joining"])).await.unwrap();
    store.note(&note(NOW, Phase::Ended, &["lesson ended"])).await.unwrap();
    let ledger = store.ledger(&lesson()).await.unwrap();
    let what: Vec<_> = ledger.iter().map(|line| (line.at, line.actor.as_str(), line.what.as_str())).collect();
    let told = ["lesson live", "seat a joining", "lesson ended"].map(|what| (NOW, "wang-min", what));
    assert_eq!(what, told, "in order, even within a moment");
    let progress = store.load().await.unwrap().progress;
    assert_eq!(progress[&lesson()].phase, Phase::Ended);
    store.put_alliance(&Alliance::default(), &change()).await.unwrap();
    assert_eq!(store.load().await.unwrap().progress, progress, "what happened outlives the plan");
    assert_eq!(store.ledger(&LessonId::new("other").unwrap()).await.unwrap(), []);
}

async fn note_who_watches(store: &dyn Store) {
    let viewing = |who: &str, from, until| Viewing { lesson: lesson(), who: who.into(), from, until };
    let later = NOW + Duration::from_secs(60);
    store.put_viewing(&viewing("shiqiao-1", later, None)).await.unwrap();
    store.put_viewing(&viewing("qingshui-1", NOW, None)).await.unwrap();
    store.put_viewing(&viewing("qingshui-1", NOW, Some(later))).await.unwrap();
    let kept = store.viewings(&lesson()).await.unwrap();
    assert_eq!(kept, [viewing("qingshui-1", NOW, Some(later)), viewing("shiqiao-1", later, None)]);
}

async fn open(path: &Path) -> Sql {
    Sql::sqlite(path).await.unwrap()
}

#[tokio::test]
async fn memory_holds_the_contract() {
    hold_the_contract(&Memory::default()).await;
}

#[tokio::test]
async fn sqlite_holds_the_contract() {
    let folder = Folder::new();
    hold_the_contract(&open(&folder.database()).await).await;
}

#[tokio::test]
async fn sqlite_keeps_what_it_acknowledged_when_it_is_cut_off() {
    let folder = Folder::new();
    let demo = Alliance::demo(NOW);
    let store = open(&folder.database()).await;
    store.put_alliance(&demo, &change()).await.unwrap();
    store.note(&note(NOW, Phase::Live, &["lesson live"])).await.unwrap();
    // A second connection reads the file as it is after a kill: the first was never closed.
    let again = open(&folder.database()).await;
    let kept = again.load().await.unwrap();
    assert_eq!((kept.alliance, kept.progress[&lesson()].phase), (demo.clone(), Phase::Live));
    drop((store, again));
    let kept = open(&folder.database()).await.load().await.unwrap();
    assert_eq!((kept.alliance, kept.progress[&lesson()].began), (demo, Some(NOW)));
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named_in_one_sentence() {
    let folder = Folder::new();
    std::fs::create_dir_all(&folder.0).unwrap();
    let file = folder.0.join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    for path in [file.join("tongke.db"), file.clone(), folder.0.clone()] {
        let fault = Sql::sqlite(&path).await.unwrap_err().to_string();
        assert!(fault.starts_with(&format!("the database {} cannot be opened: ", path.display())), "{fault}");
        assert_eq!(fault.lines().count(), 1, "{fault}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let folder = Folder::new();
    let store = open(&folder.database()).await;
    store.pretend_a_newer_version().await;
    drop(store);
    let fault = Sql::sqlite(&folder.database()).await.unwrap_err().to_string();
    assert!(fault.contains("999"), "{fault}");
}

#[tokio::test]
async fn sqlite_keeps_what_is_acknowledged_even_when_the_power_is_cut() {
    let folder = Folder::new();
    let store = open(&folder.database()).await;
    for (setting, wanted) in
        [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000")]
    {
        assert_eq!(store.pragma(setting).await, wanted, "{setting}");
    }
}

#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_to_date() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.database().parent().unwrap()).unwrap();
    let first = Sql::first_version(&folder.database()).await;
    for sql in [
        "INSERT INTO school VALUES ('shiyan', '实验小学', 'lead'), ('shiqiao', '石桥教学点', 'teaching_point')",
        "INSERT INTO room VALUES ('shiqiao-1', 'shiqiao', '五年级'), ('shiqiao-2', 'shiqiao', '六年级')",
        "INSERT INTO person VALUES ('wang-min', 'shiyan', '王敏')",
        "INSERT INTO pairing (lead, room, starts_us, ends_us) VALUES ('shiyan', 'shiqiao-1', 5, 90), ('shiyan', 'shiqiao-2', 10, 80)",
        "INSERT INTO entry VALUES ('math-1', '分数', '数学', 'wang-min', 'shiyan', 20, 30)",
        "INSERT INTO invitation VALUES ('math-1', 0, 'shiqiao-1')",
    ] {
        sqlx::query(sql).execute(&first).await.unwrap();
    }
    first.close().await;
    let kept = open(&folder.database()).await.load().await.unwrap();
    let pairings: Vec<_> = kept.alliance.pairings().collect();
    assert_eq!(pairings.len(), 1, "two rooms of one school are one pairing of schools");
    let micros = (pairings[0].starts.micros(), pairings[0].ends.micros());
    assert_eq!((pairings[0].id.as_str(), micros), ("shiyan-shiqiao", (5, 90)));
    assert_eq!(kept.alliance.timetable().entries().len(), 1);
}

#[tokio::test]
async fn postgres_holds_the_contract() {
    let server = Postgres::start();
    hold_the_contract(&Sql::postgres(&server.url()).await.unwrap()).await;
    let again = Sql::postgres(&server.url()).await.unwrap();
    assert_eq!(again.load().await.unwrap().progress[&lesson()].phase, Phase::Ended, "it is still there");
    again.pretend_a_newer_version().await;
    let fault = Sql::postgres(&server.url()).await.unwrap_err().to_string();
    assert!(fault.contains("999"), "{fault}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_without_its_password() {
    let folder = Folder::new();
    let fault = Sql::postgres(&format!("postgres://ops:secret@localhost/tongke?host={}", folder.0.display())).await;
    let fault = fault.unwrap_err().to_string();
    assert!(fault.starts_with("the database postgres://ops@localhost/tongke cannot be opened: "), "{fault}");
    assert!(!fault.contains("secret"), "{fault}");
}
