//! The composition root: builds every part and joins them.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use tokio::sync::mpsc;

use crate::base::limits::MEDIA_NEWS_MAX;
use crate::config::cli::ServeArgs;
use crate::config::{Config, Faults, LogFormat};
use crate::control::admit::{Admission, BadSecret};
use crate::control::gate::Gate;
use crate::control::handshake::{HandshakeEvent, HandshakeFault, Handshakes, Identity};
use crate::control::media::MediaLink;
use crate::control::replan::follow_plan;
use crate::control::school::{School, SchoolParts, keep_records};
use crate::http::certificate::CertificateFault;
use crate::http::listen::ListenFault;
use crate::io::clock;
use crate::io::pool::{self, MediaPort, PoolFault, PoolPlan};
use crate::io::socket::Wishes;
use crate::lesson::{Alliance, Entry, Phase};
use crate::sfu::discard::Discard;
use crate::sfu::event::Event;
use crate::store::{self, Kept, PlanChange, Store};
use crate::telemetry::log::{self, Format, LogFault};
use crate::telemetry::{Telemetry, catalog};

use doors::OpenDoors;

pub mod account;
mod demo_accounts;
mod doors;
mod figures;
mod links;
#[cfg(feature = "robot")]
mod mishap;
pub mod plan;

/// Threads for handshakes: one does 1,000 a second, and a second keeps a slow one from delaying the others.
const HANDSHAKE_THREADS: usize = 2;
/// Connections that are being served get this long when the server goes down.
const GOODBYE_WAIT: Duration = Duration::from_secs(2);

/// Why the server does not start, or had to stop: one sentence.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each says it in words")]
pub enum AppFault {
    #[error(transparent)]
    Config(#[from] Faults),
    #[error(transparent)]
    Log(#[from] LogFault),
    #[error("the data folder {folder} cannot be written: {source}")]
    DataDir { folder: String, source: io::Error },
    #[error(transparent)]
    Store(#[from] store::Fault),
    #[error(transparent)]
    Secret(#[from] BadSecret),
    #[error(transparent)]
    Handshake(#[from] HandshakeFault),
    #[error("{0}; is Tongke running already, or another program on that port?")]
    Media(#[from] PoolFault),
    #[error("{0}; is Tongke running already, or another program on that port?")]
    Listen(#[from] ListenFault),
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    #[error("the links cannot be written to {path}: {source}")]
    Links { path: String, source: io::Error },
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the media thread {0} has stopped by itself; the log says why")]
    MediaThread(usize),
    #[error("a task that everything needs has stopped by itself; the log says why")]
    Task,
}

/// Runs the server until it is told to stop.
pub fn serve(args: &ServeArgs) -> Result<(), AppFault> {
    let config = Config::load(args)?;
    let format = match config.log.format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    log::start(config.log.level, format)?;
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|source| AppFault::DataDir { folder: config.data_dir.display().to_string(), source })?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(config, args))
}

async fn run(config: Config, args: &ServeArgs) -> Result<(), AppFault> {
    let telemetry = Arc::new(Telemetry::new());
    let store = store::open(&config.store).await?;
    let kept = load(&*store, &config).await?;
    demo_accounts::put_or_take(&*store, config.demo).await?;
    let (register, register_revision) = store.register().await?;
    let admission = Admission::load_or_make(&config.admission.secret_file, config.admission.token_life)?;
    let doors = OpenDoors::bind(&config)?;

    let (handshake_news, handshakes_heard) = mpsc::channel::<HandshakeEvent>(MEDIA_NEWS_MAX);
    let identity = Identity::generate()?;
    // A handshake thread may wait: it holds up only other handshakes.
    let sink = move |event| drop(handshake_news.blocking_send(event));
    let handshakes = Handshakes::spawn(&identity, HANDSHAKE_THREADS, sink)?;
    let (media_news, media_heard) = mpsc::channel::<Event>(MEDIA_NEWS_MAX);
    let ports = start_media(&config, &media_news, telemetry.clone())?;

    let addresses = if config.media.addresses.is_empty() { own_addresses() } else { config.media.addresses.clone() };
    let (school, records) = School::open(SchoolParts {
        kept,
        register,
        admission,
        identity,
        handshakes,
        media: ports.iter().map(media_link).collect(),
        addresses: addresses.clone(),
        sessions_max: config.limits.sessions_max,
        lessons_max: config.limits.lessons_max,
        stage_places: config.stage_places,
        spread: config.media.spread,
        telemetry: telemetry.clone(),
    });
    let school = Arc::new(school);
    let mut writer = tokio::spawn(keep_records(records, store.clone()));
    let mut tasks = tokio::task::JoinSet::new();
    let gate = Gate::new(school.clone(), store.clone(), register_revision, config.admission.login_life);
    let gate = Arc::new(gate);
    tasks.spawn({
        let gate = gate.clone();
        async move { gate.follow().await }
    });
    tasks.spawn(follow_plan(school.clone(), store));
    #[cfg(feature = "robot")]
    tasks.spawn(mishap::panic_when_told(ports.first().map(|port| port.mailbox.clone())));
    tasks.spawn({
        let school = school.clone();
        async move { school.keep_time().await }
    });
    tasks.spawn(hear(school.clone(), media_heard, handshakes_heard));

    let ports = Arc::new(ports);
    let handle = Handle::new();
    let open = doors.addresses();
    // The doors are bound: whoever follows a link now is served in a moment.
    links::announce(&config, args, &open, &school.links(config.admission.key_life), &addresses)?;
    let serving = doors.serve(&config, &addresses, (&school, &gate), &telemetry, &ports, &handle).await?;
    let ended = tokio::select! {
        ended = until_stopped(&ports) => ended,
        // Neither ends but by a panic, and nothing works without both.
        _ = tasks.join_next() => Err(AppFault::Task),
    };

    school.close();
    handle.graceful_shutdown(Some(GOODBYE_WAIT));
    for door in serving {
        let _ended = door.await;
    }
    if tokio::time::timeout(GOODBYE_WAIT, &mut writer).await.is_err() {
        tracing::error!("the store is too slow: the last records are lost");
    }
    stop_media(ports);
    ended
}

/// Tells the school what media threads and handshakes have to say, as long as there are any.
async fn hear(school: Arc<School>, mut media: mpsc::Receiver<Event>, mut handshakes: mpsc::Receiver<HandshakeEvent>) {
    loop {
        tokio::select! {
            Some(event) = media.recv() => school.hear_media(event),
            Some(event) = handshakes.recv() => school.hear_handshake(event),
            else => break,
        }
    }
}

fn media_link(port: &MediaPort) -> MediaLink {
    MediaLink { port: port.port, mailbox: port.mailbox.clone(), board: port.board.clone() }
}

/// The alliance and how far its lessons are; for a demonstration, one with lessons today.
async fn load(store: &dyn Store, config: &Config) -> Result<Kept, AppFault> {
    let now = clock::now();
    let demo = PlanChange { at: now, actor: "demo".into(), what: "a demonstration".into() };
    if let Some(county) = config.county {
        store.put_alliance(&Alliance::county(county, now), &demo).await?;
    }
    let mut kept = store.load().await?;
    if config.demo {
        let soon = now + Duration::from_secs(10 * 60);
        let runs = |entry: &Entry| entry.starts <= now && soon < entry.ends;
        if config.county.is_none() && !kept.alliance.timetable().entries().iter().any(runs) {
            store.put_alliance(&Alliance::demo(now), &demo).await?;
            kept = store.load().await?;
        }
        // A demonstration begins anew each time: its lesson can be taught again after it was ended.
        kept.progress.retain(|_, progress| progress.phase != Phase::Ended);
    }
    Ok(kept)
}

fn start_media(
    config: &Config,
    news: &mpsc::Sender<Event>,
    telemetry: Arc<Telemetry>,
) -> Result<Vec<MediaPort>, AppFault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let plan = PoolPlan {
        ip: config.media.listen,
        port_first: config.media.port_first,
        threads: config.media.threads.unwrap_or(cores),
        pin: config.media.pin.clone(),
        wishes: Wishes {
            receive_bytes: config.media.receive_buffer_bytes,
            send_bytes: config.media.send_buffer_bytes,
            offload: config.media.offload,
        },
    };
    let news = news.clone();
    // A media thread never waits. What the school cannot take in now it learns from the next figures.
    let tell = move |index: usize, event: Event| {
        if news.try_send(event).is_err() {
            telemetry.add(catalog::PACKETS_DISCARDED, [&index.to_string(), Discard::EventsFull.name()], 1);
        }
    };
    let ports = pool::start(&plan, School::seed, &tell)?;
    for port in &ports {
        let ((receive, send), offload) = (port.buffers, port.offload);
        tracing::info!(
            thread = port.index,
            port = port.port,
            receive,
            send,
            segments = offload.segment,
            joins = offload.join,
            "media thread"
        );
        // The kernel reports twice what it was asked for, its own bookkeeping included.
        if receive < plan.wishes.receive_bytes || send < plan.wishes.send_bytes {
            tracing::warn!(receive, send, "the kernel grants smaller socket buffers: see deploy/sysctl");
        }
    }
    Ok(ports)
}

/// Waits for a signal, or for a media thread that ends by itself.
async fn until_stopped(ports: &[MediaPort]) -> Result<(), AppFault> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut look = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = look.tick() => {
                if let Some(port) = ports.iter().find(|port| port.has_ended()) {
                    return Err(AppFault::MediaThread(port.index));
                }
            }
        }
    }
}

fn stop_media(ports: Arc<Vec<MediaPort>>) {
    let Ok(ports) = Arc::try_unwrap(ports) else {
        tracing::error!("somebody still reads the media threads' figures: they end with the process");
        return;
    };
    for port in ports {
        if let Err(fault) = port.stop() {
            tracing::error!(%fault, "a media thread");
        }
    }
}

/// Every address of this machine that a peer might reach, IPv4 first, loopback last.
fn own_addresses() -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .map(|interface| interface.ip())
        .filter(|ip| !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()))
        .collect();
    found.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    found.dedup();
    if found.is_empty() { vec![Ipv4Addr::LOCALHOST.into()] } else { found }
}
