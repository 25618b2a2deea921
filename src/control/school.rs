//! The running alliance: what every door holds and asks.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use super::admit::Admission;
use super::figures::Rates;
use super::handshake::{Fingerprint, Handshakes, Identity};
use super::media::MediaLink;
use super::state::{Record, State};
use crate::base::limits::RECORDS_MAX;
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::{Refusal, Register};
use crate::store::{Kept, Store};
use crate::telemetry::{Telemetry, catalog};

/// How often classes are told the time and rosters are sent.
const TICK: Duration = Duration::from_millis(50);
/// Ticks between figures for teachers.
const UPLINK_TICKS: u64 = 40;
/// Ticks between looks at the threads' counters.
const MEASURE_TICKS: u64 = 20;

/// What a school is made of.
pub struct SchoolParts {
    /// Schools, rooms, people, the timetable, and how far its lessons are.
    pub kept: Kept,
    /// Who may come in besides by a link.
    pub register: Register,
    /// Who comes in.
    pub admission: Admission,
    /// Our certificate.
    pub identity: Identity,
    /// Handshakes on their way.
    pub handshakes: Handshakes,
    /// The media threads.
    pub media: Vec<MediaLink>,
    /// Addresses to announce to peers, best first.
    pub addresses: Vec<IpAddr>,
    /// Media sessions at once.
    pub sessions_max: usize,
    /// Live classes at once.
    pub lessons_max: usize,
    /// Rooms on stage at once.
    pub stage_places: usize,
    /// So many sessions more than the calmest thread a lesson's own thread has before further rooms go there.
    pub spread: usize,
    /// Where everything is counted.
    pub telemetry: Arc<Telemetry>,
}

/// The running alliance.
pub struct School {
    state: Mutex<State>,
    admission: Admission,
    fingerprint: Fingerprint,
    addresses: Vec<IpAddr>,
    sessions_max: usize,
    telemetry: Arc<Telemetry>,
    started: Time,
}

/// What a school wants to be kept for good, to be written by [`keep_records`].
pub struct Records(mpsc::Receiver<Record>);

impl School {
    /// A school with nobody in it, and what it wants to be kept.
    pub fn open(parts: SchoolParts) -> (Self, Records) {
        let (records, receiver) = mpsc::channel(RECORDS_MAX);
        let state = State {
            register: parts.register,
            alliance: Arc::new(parts.kept.alliance),
            revision: parts.kept.revision,
            progress: parts.kept.progress,
            classes: BTreeMap::new(),
            sessions: BTreeMap::new(),
            locators: BTreeMap::new(),
            pages: BTreeMap::new(),
            media: parts.media,
            handshakes: parts.handshakes,
            records: Some(records),
            lessons_max: parts.lessons_max,
            stage_places: parts.stage_places,
            spread: parts.spread,
            rates: Rates::default(),
            counted: 0,
        };
        let school = Self {
            state: Mutex::new(state),
            admission: parts.admission,
            fingerprint: parts.identity.fingerprint(),
            addresses: parts.addresses,
            sessions_max: parts.sessions_max,
            telemetry: parts.telemetry,
            started: clock::now(),
        };
        (school, Records(receiver))
    }

    /// Lets time pass, for ever: rosters, figures, the bell.
    pub async fn keep_time(&self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        for tick in 0_u64.. {
            ticks.tick().await;
            let now = clock::now();
            let mut state = self.state();
            state.end_lost_sessions(now);
            state.tick_classes(now);
            state.send_rosters(now);
            state.fill_what_waits();
            state.end_expired_pages(now);
            if tick.is_multiple_of(UPLINK_TICKS) {
                state.say_uplinks();
            }
            if tick.is_multiple_of(MEASURE_TICKS) {
                state.measure(now);
                // What somebody may be can be over by itself, in the middle of a lesson.
                state.recall(now);
            }
        }
    }

    /// The server goes down: every page is told to come back later, every session ends, and what is to be kept is
    /// all there.
    pub fn close(&self) {
        let now = clock::now();
        let mut state = self.state();
        state.end_pages();
        let sessions: Vec<_> = state.sessions.keys().copied().collect();
        sessions.into_iter().for_each(|session| state.end_session(now, session));
        state.records = None;
    }

    /// The time, for doors that count by it.
    pub fn now(&self) -> Time {
        clock::now()
    }

    /// How long it has been open.
    pub fn uptime(&self) -> Duration {
        clock::now().since(self.started)
    }

    /// A number that nobody can guess, for a media thread to begin with.
    pub fn seed() -> u64 {
        u64::from_be_bytes(super::secret::random())
    }

    /// Counts a refusal.
    pub fn count_refusal(&self, refusal: Refusal) {
        self.telemetry.add(catalog::REFUSALS, [refusal.code()], 1);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic in one request leaves a state in which every step before it was whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn admission(&self) -> &Admission {
        &self.admission
    }

    pub(super) const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    pub(super) const fn sessions_max(&self) -> usize {
        self.sessions_max
    }

    pub(super) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    pub(super) const fn started(&self) -> Time {
        self.started
    }
}

/// Writes what a school wants to be kept, in its order, until the school is gone.
pub async fn keep_records(mut records: Records, store: Arc<dyn Store>) {
    while let Some(record) = records.0.recv().await {
        let kept = match &record {
            Record::Note(note) => store.note(note).await,
            Record::Viewing(viewing) => store.put_viewing(viewing).await,
            Record::Audit(line) => store.note_audit(line).await,
        };
        if let Err(fault) = kept {
            tracing::error!(%fault, "a record could not be kept");
        }
    }
}
