//! Everybody who takes part: teachers that publish, classrooms that watch, and how they come and go.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::bitstream::Clip;
use super::fault::Fault;
use super::links::Links;
use super::publisher::{Publishing, Recipe};
use super::sdp::{Answer, Media, publish_offer, watch_offer};
use super::signal::Door;
use super::table::SendTable;
use super::tally::Tally;
use super::threads::{Begin, Letter, Thread};
use super::watcher::Watching;
use crate::control::handshake::Identity;
use crate::io::clock;
use crate::wire::codec::Codec;

/// Everybody, and what they need.
pub(super) struct Crowd {
    stage: Arc<Stage>,
    /// Teachers' sessions: path and key.
    teachers: Vec<(String, String)>,
    /// Watchers by their number; none where one could not join.
    watchers: Vec<Option<Session>>,
    joins: usize,
    /// Why watchers could not join, and how many said so.
    pub(super) failures: BTreeMap<String, u32>,
    /// How long it took to join, and to hear.
    pub(super) entry: Tally,
}

/// What all tasks share.
struct Stage {
    door: Door,
    links: Links,
    media: Media,
    recipe: Recipe,
    clip: Arc<Clip>,
    nack: bool,
    lose_percent: f64,
    teaching: Thread,
    watching: Vec<Thread>,
    /// Voice and camera of each lesson.
    tables: Vec<(Arc<SendTable>, Arc<SendTable>)>,
}

/// A watcher's session.
struct Session {
    location: String,
    key: String,
}

/// What a crowd is made of.
pub(super) struct Plan {
    pub(super) links: Links,
    pub(super) insecure: bool,
    pub(super) recipe: Recipe,
    pub(super) nack: bool,
    pub(super) lose_percent: f64,
    pub(super) threads: usize,
    pub(super) cpus: Vec<usize>,
    pub(super) joins: usize,
}

impl Crowd {
    /// The threads, with nobody on them yet.
    pub(super) fn new(plan: Plan) -> Result<Self, Fault> {
        let identity = Identity::generate()?;
        let cpu = |n: usize| plan.cpus.get(n % plan.cpus.len().max(1)).copied();
        let thread = |n: usize| Thread::start(format!("load-watch-{n}"), n, &identity, cpu(n));
        let watching = (0..plan.threads).map(thread).collect::<Result<_, _>>()?;
        let teaching = Thread::start("load-teach".to_owned(), plan.threads, &identity, cpu(plan.threads))?;
        let stage = Stage {
            door: Door::new(&plan.links.base, plan.insecure)?,
            media: Media { fingerprint: identity.fingerprint(), codec: plan.recipe.codec, voice: plan.recipe.voice },
            recipe: plan.recipe,
            clip: Arc::new(Clip::new(plan.recipe.codec.unwrap_or(Codec::H264))),
            nack: plan.nack,
            lose_percent: plan.lose_percent,
            teaching,
            watching,
            tables: plan.links.lessons.iter().map(|_| Default::default()).collect(),
            links: plan.links,
        };
        Ok(Self {
            stage: Arc::new(stage),
            teachers: Vec::new(),
            watchers: Vec::new(),
            joins: plan.joins,
            failures: BTreeMap::new(),
            entry: Tally::default(),
        })
    }

    /// Begins every lesson.
    pub(super) async fn teach(&mut self) -> Result<(), Fault> {
        for number in 0..self.stage.links.lessons.len() {
            let lesson = &self.stage.links.lessons[number];
            let session = self
                .stage
                .teach(number)
                .await
                .map_err(|cause| Fault::NoPublisher { lesson: lesson.id.clone(), cause: Box::new(cause) })?;
            self.teachers.push(session);
        }
        Ok(())
    }

    /// Lets watchers join or leave until there are so many places taken; some may have failed.
    pub(super) async fn resize(&mut self, watchers: usize) -> Result<(), Fault> {
        if watchers < self.watchers.len() {
            let surplus = self.watchers.split_off(watchers);
            return self.leave(watchers, surplus).await;
        }
        let (mut next, mut joining) = (self.watchers.len(), JoinSet::new());
        self.watchers.resize_with(watchers, || None);
        loop {
            while next < watchers && joining.len() < self.joins {
                let (stage, number) = (self.stage.clone(), next);
                joining.spawn(async move { (number, stage.watch(number).await) });
                next += 1;
            }
            let Some(joined) = joining.join_next().await else { return Ok(()) };
            match joined.map_err(|_| Fault::ThreadEnded)? {
                (number, Ok(session)) => self.watchers[number] = Some(session),
                (_, Err(fault)) => *self.failures.entry(fault.to_string()).or_default() += 1,
            }
        }
    }

    /// How many watch.
    pub(super) fn watching(&self) -> usize {
        self.watchers.iter().flatten().count()
    }

    /// How many lessons are taught.
    pub(super) fn lessons(&self) -> usize {
        self.stage.links.lessons.len()
    }

    /// What was counted since the last time.
    pub(super) async fn count(&mut self, last: bool) -> Result<Tally, Fault> {
        let mut all = Tally::default();
        for thread in self.stage.watching.iter().chain([&self.stage.teaching]) {
            all.add_beside(&*thread.count(last).await?);
        }
        self.entry.joining.add(&all.joining);
        self.entry.hearing.add(&all.hearing);
        Ok(all)
    }

    /// Ends all publishing; watchers go on, so that what is on its way still arrives.
    pub(super) fn hush(&self) -> Result<(), Fault> {
        self.stage.teaching.tell(Letter::Hush)
    }

    /// Everybody leaves.
    pub(super) async fn close(&mut self) -> Result<(), Fault> {
        let everybody = std::mem::take(&mut self.watchers);
        self.leave(0, everybody).await?;
        for (location, key) in self.teachers.drain(..) {
            let _gone_already = self.stage.door.hang_up(&location, &key).await;
        }
        Ok(())
    }

    /// Those from number `first` on leave.
    async fn leave(&self, first: usize, sessions: Vec<Option<Session>>) -> Result<(), Fault> {
        let mut leaving = JoinSet::new();
        for (number, session) in (first..).zip(sessions) {
            let (thread, place) = self.stage.place(number);
            thread.tell(Letter::Forget(place))?;
            let Some(session) = session else { continue };
            if leaving.len() >= self.joins {
                leaving.join_next().await;
            }
            let stage = self.stage.clone();
            leaving.spawn(async move { stage.door.hang_up(&session.location, &session.key).await });
        }
        // Sessions that nobody ends time out on the server.
        while leaving.join_next().await.is_some() {}
        Ok(())
    }
}

impl Stage {
    /// The thread of a watcher, and its place there.
    fn place(&self, number: usize) -> (&Thread, u16) {
        let threads = self.watching.len();
        (&self.watching[number % threads], u16::try_from(number / threads).unwrap_or(u16::MAX))
    }

    async fn teach(&self, number: usize) -> Result<(String, String), Fault> {
        let lesson = &self.links.lessons[number];
        let token = self.door.enter(&lesson.teacher).await?;
        // A publisher of an earlier load may not have been missed yet.
        let path = format!("/whip/{}?take_over=1", lesson.id);
        let answered = self.door.offer(&path, &token, publish_offer(self.media)).await?;
        let answer = Answer::read(&answered.sdp)?;
        let (voice, camera) = self.tables[number].clone();
        let number_16 = u16::try_from(number).unwrap_or(u16::MAX);
        let publishing = Publishing {
            number: number_16,
            recipe: self.recipe,
            clip: self.clip.clone(),
            wide: answer.wide,
            voice,
            camera,
            behind_us: spread(number, self.links.lessons.len(), 1_000_000 / u64::from(self.recipe.fps.max(1))),
            until_key: u32::try_from(spread(number, self.links.lessons.len(), u64::from(self.recipe.key_every)))
                .unwrap_or(0),
        };
        let begun = self.teaching.begin(number_16, Begin::Publish(publishing, answer)).await?;
        begun.map_err(Fault::NoTransport)?;
        Ok((answered.location, lesson.teacher.clone()))
    }

    async fn watch(&self, number: usize) -> Result<Session, Fault> {
        let began_ns = clock::wall_ns();
        let (lesson, key) = self.links.watcher(number);
        let token = self.door.enter(key).await?;
        let path = format!("/whep/{}", self.links.lessons[lesson].id);
        let answered = self.door.offer(&path, &token, watch_offer(self.media)).await?;
        let answer = Answer::read(&answered.sdp)?;
        let (voice, camera) = self.tables[lesson].clone();
        let lesson = u16::try_from(lesson).unwrap_or(u16::MAX);
        let (nack, lose_percent) = (self.nack, self.lose_percent);
        let watching = Watching { lesson, answer, voice, camera, nack, lose_percent, began_ns };
        let (thread, place) = self.place(number);
        let begun = thread.begin(place, Begin::Watch(watching)).await?;
        begun.map_err(Fault::NoTransport)?;
        Ok(Session { location: answered.location, key: key.to_owned() })
    }
}

/// The `number`-th of so many places that lie equally far apart in a whole.
fn spread(number: usize, places: usize, whole: u64) -> u64 {
    number as u64 * whole / places.max(1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_are_spread_evenly() {
        assert_eq!((0..4).map(|n| spread(n, 4, 120)).collect::<Vec<_>>(), [0, 30, 60, 90]);
        assert_eq!(spread(0, 0, 7), 0);
    }
}
