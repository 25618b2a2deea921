//! The command line of `tongke load`.

use clap::{Args, ValueEnum};

/// What pictures are sent in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pictures {
    /// H.264, constrained baseline.
    #[default]
    H264,
    /// VP8.
    Vp8,
}

/// What `load` takes.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct LoadArgs {
    /// The links that `tongke serve --links-json` has written; `-` reads them from standard input.
    #[arg(long, value_name = "FILE")]
    pub links: String,
    /// How many classrooms watch; with `--ramp`, the most to try.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub watchers: u32,
    /// How many lessons of the links are taught; all if not given. Watchers take turns through them.
    #[arg(long, value_name = "L")]
    pub lessons: Option<usize>,
    /// Seconds to measure, once all have joined; with `--ramp`, at each step.
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub duration: u32,
    /// What the cameras send.
    #[arg(long, value_enum, default_value_t)]
    pub codec: Pictures,
    /// Publish and watch the voice alone.
    #[arg(long)]
    pub audio_only: bool,
    /// Publish and watch the picture alone
    #[arg(long, conflicts_with = "audio_only")]
    pub video_only: bool,
    /// Bits a second of each camera, without headers: like 1500k or 2.5M.
    #[arg(long, value_name = "RATE", default_value = "1500k", value_parser = rate)]
    pub bitrate: u64,
    /// Pictures a second of each camera.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub fps: u32,
    /// Seconds from one key frame to the next, if nobody asks for one.
    #[arg(long, value_name = "S", default_value_t = 4.0, value_parser = positive)]
    pub keyframe_every: f64,
    /// How much larger a key frame is than another picture.
    #[arg(long, value_name = "X", default_value_t = 5.0, value_parser = positive)]
    pub keyframe_times: f64,
    /// Ask for missing packets again, as browsers do.
    #[arg(long)]
    pub nack: bool,
    /// Throw away so many per cent of what comes, as if every line were bad: with `--nack` the server has to repair it.
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0, value_parser = percent)]
    pub lose: f64,
    /// Threads that watch; publishers have one more.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub threads: u8,
    /// Processors to keep the threads on, counted from zero, like 1,3: watchers' first, in turn.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub cpu: Vec<usize>,
    /// How many may join at once.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub joins: u16,
    /// The server's process: its processor time, memory and waits are reported too.
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Print one JSON object at the end.
    #[arg(long)]
    pub json: bool,
    /// Take any certificate; on this machine that is so anyway.
    #[arg(long)]
    pub insecure: bool,
    /// Search for the most watchers that the server carries well.
    #[arg(long)]
    pub ramp: bool,
    /// Where the search begins; a step's height if not given.
    #[arg(long, value_name = "N", requires = "ramp", value_parser = clap::value_parser!(u32).range(1..))]
    pub ramp_from: Option<u32>,
    /// The height of a step.
    #[arg(long, value_name = "N", requires = "ramp", default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub ramp_step: u32,
    /// How exactly the result is to be known; an eighth of a step if not given.
    #[arg(long, value_name = "N", requires = "ramp", value_parser = clap::value_parser!(u32).range(1..))]
    pub ramp_fine: Option<u32>,
    /// A step is good if 99 of 100 pictures and sounds arrive within this many milliseconds…
    #[arg(long, value_name = "MS", requires = "ramp", default_value_t = 10.0, value_parser = positive)]
    pub p99_max: f64,
    /// …and no more than this many per cent of the packets are lost.
    #[arg(long, value_name = "PERCENT", requires = "ramp", default_value_t = 0.01, value_parser = percent)]
    pub loss_max: f64,
}

/// Bits a second: a number, with `k` or `M` behind it or without.
fn rate(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.split_at(text.len().saturating_sub(1)) {
        (number, "k" | "K") => (number, 1e3),
        (number, "M" | "m") => (number, 1e6),
        _ => (text, 1.0),
    };
    let bps = number.parse::<f64>().map_err(|_| "a rate is like 1500k or 2.5M".to_owned())? * unit;
    if (10_000.0..=100e6).contains(&bps) { Ok(bps as u64) } else { Err("a camera has 10k to 100M".to_owned()) }
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.001..=1e6).contains(number));
    number.ok_or_else(|| "it must be a number above zero".to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "it must be a number from 0 to 100".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_a_unit_or_none() {
        assert_eq!(rate("1500k"), Ok(1_500_000));
        assert_eq!(rate("2.5M"), Ok(2_500_000));
        assert_eq!(rate("64000"), Ok(64_000));
        for bad in ["", "k", "fast", "1G", "-1M", "9k", "1000M", "NaN"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        assert!(positive("0").is_err() && positive("NaN").is_err() && positive("2.5") == Ok(2.5));
        assert!(percent("-1").is_err() && percent("101").is_err() && percent("0") == Ok(0.0));
    }
}
