//! A server started for one story, and ended with it.

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};
use tongke::base::time::Time;
use tongke::lesson::Alliance;
use tongke::robot::door::{Door, Entered};
use tongke::store::{Place, PlanChange};

/// How long a server may take to open its doors, on a machine that does other things too.
const OPEN_WITHIN: Duration = Duration::from_secs(10);

/// A running server with its demo lesson.
pub(super) struct Server {
    process: Option<Child>,
    folder: PathBuf,
    /// How its addresses begin.
    pub(super) base: String,
    /// Where its figures are.
    pub(super) ops: String,
    links: Value,
}

impl Server {
    /// As it is when nobody configured anything.
    pub(super) async fn start() -> Self {
        Self::with("").await
    }

    /// With some keys of its configuration file.
    pub(super) async fn with(config: &str) -> Self {
        Self::begin(fresh_folder(), config, &[]).await
    }

    /// With this alliance, in which a lesson runs now, instead of the demo's own.
    pub(super) async fn of(alliance: &Alliance, config: &str) -> Self {
        let folder = fresh_folder();
        let data = folder.join("data");
        std::fs::create_dir(&data).unwrap();
        let store = tongke::store::open(&Place::Sqlite(data.join("tongke.db"))).await.unwrap();
        let change = PlanChange { at: Time::default(), actor: "story".into(), what: "an alliance".into() };
        store.put_alliance(alliance, &change).await.unwrap();
        Self::begin(folder, config, &[]).await
    }

    /// With so many lessons at once, each with so many rooms.
    pub(super) async fn county(lessons: u16, rooms: u16) -> Self {
        let more = ["--demo-lessons", &lessons.to_string(), "--demo-rooms", &rooms.to_string()];
        Self::begin(fresh_folder(), "", &more).await
    }

    async fn begin(folder: PathBuf, config: &str, more: &[&str]) -> Self {
        // Whoever was first chose the same.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let ops = format!("127.0.0.1:{}", free_port());
        let links = folder.join("links.json");
        std::fs::write(folder.join("tongke.toml"), config).unwrap();
        let mut command = serve(&folder, "127.0.0.1:0", &ops, 0);
        command.arg("--config").arg(folder.join("tongke.toml")).arg("--links-json").arg(&links).args(more);
        let mut process = command.spawn().expect("the server's binary is built with the tests");
        let links = within(OPEN_WITHIN, async || {
            assert!(process.try_wait().unwrap().is_none(), "the server has ended: {}", log(&folder));
            serde_json::from_str(&std::fs::read_to_string(&links).ok()?).ok()
        });
        let links: Value = links.await.expect("the doors open");
        let base = links["base"].as_str().unwrap().to_owned();
        Self { process: Some(process), folder, base, ops, links }
    }

    /// Where its links are written.
    pub(super) fn links_file(&self) -> PathBuf {
        self.folder.join("links.json")
    }

    /// The folder for everything that it keeps.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The number of its process.
    pub(super) fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, Child::id)
    }

    /// Its doors, as a client sees them.
    pub(super) fn door(&self) -> Door {
        Door::new(&self.base).unwrap()
    }

    /// The key of the first link of a role.
    pub(super) fn key(&self, role: &str) -> String {
        self.keys(role).swap_remove(0)
    }

    /// The keys of all links of a role.
    pub(super) fn keys(&self, role: &str) -> Vec<String> {
        let links = self.links["links"].as_array().unwrap().iter().filter(|link| link["role"] == role);
        links.map(|link| link["url"].as_str().unwrap().split_once("key=").unwrap().1.to_owned()).collect()
    }

    /// Its process.
    pub(super) const fn process(&mut self) -> &mut Child {
        self.process.as_mut().expect("it runs until it is terminated")
    }

    /// What it has logged so far.
    pub(super) fn log(&self) -> String {
        log(&self.folder)
    }

    /// Shows the key of a role.
    pub(super) async fn enter(&self, role: &str) -> Entered {
        self.door().enter(&self.key(role)).await.unwrap()
    }

    /// The lesson that runs now.
    pub(super) async fn lesson(&self) -> String {
        self.enter("teacher").await.lesson.unwrap().id
    }

    /// A counter or gauge, summed over its labels that contain `label`.
    pub(super) async fn figure(&self, name: &str, label: &str) -> f64 {
        let text = reqwest::get(format!("http://{}/metrics", self.ops)).await.unwrap().text().await.unwrap();
        let lines = text.lines().filter(|line| line.starts_with(name) && line.contains(label));
        lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    }

    /// Tells it to end, as an init system does: its exit code, and how long it took.
    pub(super) async fn terminate(mut self) -> (Option<i32>, Duration) {
        let mut process = self.process.take().expect("it runs until it is terminated");
        let begun = Instant::now();
        signal(&process, "TERM");
        let code = within(Duration::from_secs(20), async || process.try_wait().unwrap()).await;
        let _ended = process.kill();
        (code.expect("it ends").code(), begun.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ended = process.kill();
            let _reaped = process.wait();
        }
        let _left_behind = std::fs::remove_dir_all(&self.folder);
    }
}

/// A server's command line, its log in its folder.
pub(super) fn serve(folder: &Path, http: &str, ops: &str, media_port: u16) -> Command {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongke"));
    command.args(["serve", "--demo", "--http", http, "--https", "", "--ops", ops]);
    command.arg("--media-port").arg(media_port.to_string()).arg("--data-dir").arg(folder.join("data"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command
}

/// A signal for a process that we started.
pub(super) fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Runs the program until it ends by itself.
pub(super) async fn tongke(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tongke"));
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    tokio::time::timeout(Duration::from_secs(20), command.output()).await.expect("it ends by itself").unwrap()
}

/// Asks again and again until there is an answer, or it is too late.
pub(super) async fn within<T>(time: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + time;
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        if Instant::now() > until {
            return None;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// A folder of its own, gone with the story that made it.
pub(super) fn fresh_folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("tongke-native-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A port that is free, for TCP and for UDP, and not one of those that the kernel gives to others (RFC 6056 §3.2).
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mine = std::process::id().wrapping_mul(97);
    loop {
        let number = mine.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        let port = 20_000 + u16::try_from(number).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && UdpSocket::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}
