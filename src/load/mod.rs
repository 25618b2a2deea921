//! Load for a running server: teachers that publish, thousands of classrooms that watch, and what that costs.
//!
//! Everything on the wire is real: WHIP and WHEP, connectivity checks, DTLS, SRTP, reports. `docs/load.md` says how to use
//! it, and what each figure means.

mod bitstream;
mod cpu;
mod crowd;
mod fault;
mod links;
mod mark;
mod pacer;
mod packetise;
mod peer;
mod publisher;
mod ramp;
mod report;
mod sdp;
mod signal;
mod stream;
mod table;
mod tally;
mod threads;
mod watcher;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::signal::unix::{self, SignalKind};
use tokio::time::{Instant, sleep, sleep_until};

pub use fault::Fault;

use cpu::Usage;
use crowd::{Crowd, Plan};
use links::Links;
use publisher::Recipe;
use ramp::Ramp;
use report::{Measured, RampReport, Report, StepReport, Stretch, Watchers};
use tally::Tally;

use crate::base::time::Time;
use crate::config::cli::LoadArgs;
use crate::config::cli::load::Pictures;
use crate::io::clock;
use crate::wire::codec::Codec;

/// After everybody has joined, before anything counts.
const SETTLE: Duration = Duration::from_secs(1);
/// What is on its way when publishing ends is there after this.
const LAST: Duration = Duration::from_millis(500);

/// Puts load on a server, and says what it measured.
pub fn run(args: &LoadArgs) -> Result<(), Fault> {
    let mut links = Links::read(&args.links)?;
    links.keep(args.lessons)?;
    links.check_room_for(args.watchers)?;
    // Joining is the runtime's only work, and one thread does that without getting in the server's way.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let report = runtime.block_on(measure(args, links))?;
    if args.json {
        println!("{}", serde_json::to_string(&report).map_err(std::io::Error::other)?);
    } else {
        print!("{}", report.text());
    }
    Ok(())
}

async fn measure(args: &LoadArgs, links: Links) -> Result<Report, Fault> {
    let recipe = recipe(args);
    let mut crowd = Crowd::new(Plan {
        links,
        insecure: args.insecure,
        recipe,
        nack: args.nack,
        lose_percent: args.lose,
        threads: usize::from(args.threads),
        cpus: args.cpu.clone(),
        joins: usize::from(args.joins),
    })?;
    let mut field = Field { pid: args.pid, crowd: &mut crowd };
    let watched = tokio::select! {
        watched = field.watch(args) => watched,
        () = stopped() => Err(Fault::Stopped),
    };
    let watchers = who_came(args, &mut crowd);
    crowd.close().await?;
    let (measured, ramp) = watched?;
    Ok(Report {
        lessons: crowd.lessons(),
        codec: recipe.codec.map(Codec::sdp_name),
        bitrate_bps: recipe.bps,
        fps: recipe.fps,
        watchers,
        measured,
        ramp,
    })
}

/// Waits until somebody wants it to end: then everybody leaves first, so that nobody is left on the server.
async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (unix::signal(SignalKind::terminate()), unix::signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn recipe(args: &LoadArgs) -> Recipe {
    let codec = match args.codec {
        Pictures::H264 => Codec::H264,
        Pictures::Vp8 => Codec::Vp8,
    };
    Recipe {
        codec: (!args.audio_only).then_some(codec),
        voice: !args.video_only,
        bps: args.bitrate,
        fps: args.fps,
        key_every: ((args.keyframe_every * f64::from(args.fps)).round() as u32).max(1),
        key_times: args.keyframe_times,
    }
}

fn who_came(args: &LoadArgs, crowd: &mut Crowd) -> Watchers {
    let failures: BTreeMap<String, u32> = std::mem::take(&mut crowd.failures);
    Watchers {
        asked: args.watchers,
        joined: crowd.watching(),
        failed: failures.values().sum(),
        failures,
        joining: crowd.entry.joining.percentiles(),
        hearing: crowd.entry.hearing.percentiles(),
    }
}

/// A crowd, and what is watched while it is there.
struct Field<'a> {
    crowd: &'a mut Crowd,
    pid: Option<u32>,
}

impl Field<'_> {
    async fn watch(&mut self, args: &LoadArgs) -> Result<(Option<Measured>, Option<RampReport>), Fault> {
        // A wrong number is said before anything begins.
        self.server()?;
        self.crowd.teach().await?;
        let span = Duration::from_secs(u64::from(args.duration));
        if args.ramp {
            let (measured, ramp) = self.search(args, span).await?;
            return Ok((measured, Some(ramp)));
        }
        self.gather(args.watchers).await?;
        if self.crowd.watching() == 0 {
            let first = self.crowd.failures.keys().next().cloned().unwrap_or_default();
            return Err(Fault::NobodyJoined(first));
        }
        Ok((Some(self.stretch(span, true).await?.measured()), None))
    }

    /// Lets so many watch, and waits until they do so in peace.
    async fn gather(&mut self, watchers: u32) -> Result<(), Fault> {
        eprintln!("{watchers} watchers are to be there");
        self.crowd.resize(watchers as usize).await?;
        sleep(SETTLE).await;
        // What came until now was not asked for.
        self.crowd.count(false).await.map(drop)
    }

    /// Measures for so long, with a line each second. After the last stretch nothing more is published.
    async fn stretch(&mut self, span: Duration, last: bool) -> Result<Stretch, Fault> {
        let (server, tool, began) = (self.server()?, Usage::read("self")?, clock::now());
        let mut all = Tally::default();
        let (mut before, until) = ((server.clone(), tool.clone(), began), in_time(span));
        while clock::now() < began + span {
            sleep_until(until.min(in_time(Duration::from_secs(1)))).await;
            let counted = self.crowd.count(false).await?;
            let after = (self.server()?, Usage::read("self")?, clock::now());
            let second = self.between(&before, &after, counted);
            eprintln!("{:4.0} s  {}", after.2.since(began).as_secs_f64(), second.measured().line());
            all.add(&second.tally);
            before = after;
        }
        let mut stretch = self.between(&(server, tool, began), &before, all);
        if last {
            self.crowd.hush()?;
            sleep(LAST).await;
            let rest = self.crowd.count(true).await?;
            // Nobody hears much of the silence.
            let silent = stretch.tally.silent;
            stretch.tally.add(&rest);
            stretch.tally.silent = silent;
        }
        Ok(stretch)
    }

    fn between(&self, before: &Sample, after: &Sample, tally: Tally) -> Stretch {
        Stretch {
            seconds: after.2.since(before.2).as_secs_f64(),
            watchers: self.crowd.watching(),
            tally,
            server: after.0.as_ref().zip(before.0.as_ref()).map(|(after, before)| after.since(before)),
            tool: after.1.since(&before.1),
        }
    }

    fn server(&self) -> Result<Option<Usage>, Fault> {
        let Some(pid) = self.pid else { return Ok(None) };
        Usage::read(&pid.to_string()).map(Some).map_err(|source| Fault::NoProcess { pid, source })
    }

    /// Raises the number of watchers until it is too much for the server, and finds where that begins.
    async fn search(&mut self, args: &LoadArgs, span: Duration) -> Result<(Option<Measured>, RampReport), Fault> {
        let fine = args.ramp_fine.unwrap_or_else(|| args.ramp_step.div_ceil(8));
        let mut ramp = Ramp::new(args.ramp_step, args.watchers, fine);
        let mut steps: Vec<StepReport> = Vec::new();
        let mut next = Some(args.ramp_from.unwrap_or(args.ramp_step).min(args.watchers));
        while let Some(watchers) = next {
            let failed_before: u32 = self.crowd.failures.values().sum();
            self.gather(watchers).await?;
            let measured = self.stretch(span, false).await?.measured();
            let failed = self.crowd.failures.values().sum::<u32>() - failed_before;
            let why = verdict(&measured, failed, args);
            let good = why.is_empty();
            eprintln!("{watchers} watchers: {}", if good { "good" } else { &why });
            next = ramp.next(watchers, good);
            steps.push(StepReport { watchers, good, why, measured });
        }
        let best = steps.iter().rev().find(|step| step.good && step.watchers == ramp.good());
        let report_of = best.map(|step| step.measured.clone());
        let ramp = RampReport { p99_max_ms: args.p99_max, loss_max_percent: args.loss_max, good: ramp.good(), steps };
        Ok((report_of, ramp))
    }
}

/// What the server had used, what we had used, and when.
type Sample = (Option<Usage>, Usage, Time);

fn in_time(wait: Duration) -> Instant {
    Instant::from_std(clock::instant() + wait)
}

/// Why a step was not good; empty if it was.
fn verdict(measured: &Measured, failed: u32, args: &LoadArgs) -> String {
    let faults = [
        (failed > 0, format!("{failed} could not join")),
        (measured.tool.dropped > 0, format!("the tool itself dropped {}", measured.tool.dropped)),
        (measured.silent > 0, format!("{} had a slot without a packet for a second", measured.silent)),
        (measured.gone > 0, format!("{} were lost", measured.gone)),
        (measured.wrong > 0, format!("{} packets were wrong", measured.wrong)),
        (measured.loss_percent > args.loss_max, format!("lost {:.3} %", measured.loss_percent)),
        (measured.useful.p99_ms > args.p99_max, format!("p99 {:.1} ms", measured.useful.p99_ms)),
    ];
    let said: Vec<_> = faults.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect();
    said.join(", ")
}
