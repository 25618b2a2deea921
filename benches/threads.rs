//! What a second media thread adds: the most that one lesson can be, on one thread and on two.
//!
//! `cargo bench --bench threads` prints packets a second that leave (400 rooms, 1,100 bytes, frames of four) when a little
//! more comes than can leave, and the ratio: the teacher sends faster, step by step, until that is so.
//! Each thread has a CPU of its own; the teacher takes a few hundredths of one, and nobody reads what comes to the rooms,
//! so that nobody takes the threads' time. It needs two CPUs.

use std::io;
use std::net::UdpSocket;
use std::thread::sleep;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::io::clock::now;

#[expect(dead_code, reason = "shared with the simulator")]
#[path = "../tests/sim/client.rs"]
mod client;
#[expect(dead_code, reason = "shared with another bench")]
mod stage;

use stage::{HERE, Stage, WISHES};

const ROOMS: usize = 400;
const FRAME: u32 = 4;
/// Packets a second of the teacher at first, which any machine carries, and how much more each next time, in per cent.
const RATE_FIRST: u32 = 1_000;
const RATE_STEP: u32 = 125;
/// Seconds at one rate.
const LASTS: u32 = 4;
/// Less than this of what was to leave, and more comes than can.
const ALL: f64 = 0.97;
const RUNS: usize = 3;

fn main() -> io::Result<()> {
    let rooms = (0..ROOMS).map(|_| UdpSocket::bind((HERE, 0))).collect::<io::Result<Vec<_>>>()?;
    println!("{:<20} {:>16} {:>8}", "threads", "packets a second", "ratio");
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        one.push(most(&rooms, &[0])?);
        two.push(most(&rooms, &[0, 1])?);
    }
    let (one, two) = (median(one), median(two));
    println!("{:<20} {one:>16.0}", "one");
    println!("{:<20} {two:>16.0} {:>8.2}", "two, bridged", two / one);
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// What a thread's board said first and last, and when: it is written once a second, and true at that moment.
#[derive(Clone, Copy, Default)]
struct Seen {
    first: Option<(u64, Time)>,
    last: Option<(u64, Time)>,
}

impl Seen {
    fn look(&mut self, forwarded: u64, now: Time) {
        if self.last.is_some_and(|(before, _)| before == forwarded) || forwarded == 0 {
            return;
        }
        self.first = self.first.or(self.last.map(|_| (forwarded, now)));
        self.last = Some((forwarded, now));
    }

    fn rate(self) -> f64 {
        let (Some((first, from)), Some((last, until))) = (self.first, self.last) else { return 0.0 };
        (last - first) as f64 / until.since(from).as_secs_f64()
    }
}

/// The most packets a second that leave.
fn most(rooms: &[UdpSocket], cpus: &[usize]) -> io::Result<f64> {
    let (mut rate, mut best) = (RATE_FIRST, 0.0_f64);
    loop {
        let carried = carried(rooms, cpus, rate)?;
        best = best.max(carried);
        if carried < ALL * f64::from(rate) * rooms.len() as f64 {
            return Ok(best);
        }
        rate = rate * RATE_STEP / 100;
    }
}

/// Packets a second that leave while the teacher sends at this rate.
fn carried(rooms: &[UdpSocket], cpus: &[usize], rate: u32) -> io::Result<f64> {
    let stage = Stage::open(rooms, Some(cpus), WISHES)?;
    let packets = stage.pictures(0, rate * LASTS, FRAME);
    let mut seen = [Seen::default(); 2];
    let begun = now();
    for (number, frame) in (1..).zip(packets.chunks(FRAME as usize)) {
        frame.iter().try_for_each(|packet| stage.publish(packet))?;
        let due = begun + Duration::from_secs(1) * FRAME * number / rate;
        sleep(due.since(now()));
        seen.iter_mut().zip(stage.forwarded()).for_each(|(seen, forwarded)| seen.look(forwarded, now()));
    }
    stage.close()?;
    Ok(seen.iter().map(|seen| seen.rate()).sum())
}
