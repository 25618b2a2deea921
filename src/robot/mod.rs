//! A lead teacher made of software, for trying things alone and for tests.

pub mod client;
pub mod door;
mod fault;
mod page;
mod picture;
mod studio;

use std::convert::Infallible;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub use fault::Fault;

use client::{Publisher, Road};
use door::{Door, Lesson};
use page::Patience;
use studio::Studio;

use crate::config::cli::RobotArgs;

/// Teaches until stopped, until the time is over, or until it cannot go on.
pub fn run(args: &RobotArgs) -> Result<(), Fault> {
    tokio::runtime::Runtime::new()?.block_on(async {
        Studio::check().await?;
        let door = Door::new(&args.url)?;
        let lesson = lesson(&door, &args.key).await?;
        println!("{} · {}: teaching; Ctrl-C stops", lesson.title, lesson.id);
        let (session, sessions) = watch::channel(None);
        let (lost, losses) = watch::channel(None);
        let ended = tokio::select! {
            ended = stopped(args.seconds) => ended,
            fault = page::attend(&door, &args.key, sessions, &lost) => Err(fault),
            Err(fault) = teach(&door, &args.key, &lesson, &session, losses) => Err(fault),
        };
        let location = session.borrow().clone();
        if let Some(location) = location {
            leave(&door, &args.key, &location).await;
        }
        ended
    })
}

/// The lesson that a teacher's key is for.
async fn lesson(door: &Door, key: &str) -> Result<Lesson, Fault> {
    let entered = door.enter(key).await?;
    if entered.role != "teacher" {
        return Err(Fault::NotATeacher);
    }
    match entered.lesson {
        Some(lesson) if lesson.state == "ended" => Err(Fault::LessonOver),
        Some(lesson) => Ok(lesson),
        None => Err(Fault::NotATeacher),
    }
}

/// Sends the lesson, and begins again when the transport fails or the server has lost the session: only the first time
/// must nobody else be teaching.
async fn teach(
    door: &Door,
    key: &str,
    lesson: &Lesson,
    session: &watch::Sender<Option<String>>,
    mut losses: watch::Receiver<Option<String>>,
) -> Result<Infallible, Fault> {
    let mut patience = Patience::new();
    loop {
        let take_over = session.borrow().is_some();
        let Err(fault) = send(door, key, lesson, take_over, session, &mut losses).await;
        let was_up = session.borrow().is_some();
        if !fault.passes() || !was_up {
            return Err(fault);
        }
        eprintln!("tongke: {fault}; connecting again");
        patience.wait().await;
    }
}

/// One session, from offer to failure.
async fn send(
    door: &Door,
    key: &str,
    lesson: &Lesson,
    take_over: bool,
    session: &watch::Sender<Option<String>>,
    losses: &mut watch::Receiver<Option<String>>,
) -> Result<Infallible, Fault> {
    let token = door.enter(key).await?.token;
    let mut publisher = client::publish(door, &lesson.id, &token, take_over, Road::Udp).await?;
    session.send_replace(Some(publisher.call.location.clone()));
    let location = Some(publisher.call.location.clone());
    let Err(fault) = tokio::select! {
        fault = carry(&mut publisher, &lesson.title) => fault,
        Ok(_) = losses.wait_for(|lost| *lost == location) => Err(Fault::SessionLost),
    };
    publisher.call.close().await;
    Err(fault)
}

/// Fills a session with a lesson that begins once it can be seen.
async fn carry(publisher: &mut Publisher, title: &str) -> Result<Infallible, Fault> {
    publisher.call.connected().await?;
    let mut studio = Studio::open(title).await?;
    tokio::select! {
        fault = studio.carry(&publisher.voice, &publisher.camera, &publisher.screen) => Err(fault),
        () = publisher.call.failed() => Err(Fault::NoMedia("the transport has failed")),
    }
}

/// Ends the session; the lesson itself stays, for whoever teaches next.
async fn leave(door: &Door, key: &str, location: &str) {
    let token = door.enter(key).await.map(|entered| entered.token);
    if let Ok(token) = token {
        let _gone_already = door.hang_up(location, &token).await;
    }
}

/// Waits for a signal or for the end of the time.
async fn stopped(seconds: Option<u64>) -> Result<(), Fault> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let time = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = time => {}
    }
    Ok(())
}
