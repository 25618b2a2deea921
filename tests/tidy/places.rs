//! Things that live in exactly one place: unsafe, the clock, what is printed.

use super::source::{File, finds, line_of, tree};
use super::{expect_caught, expect_none, expect_passed};

/// What, where it may stand in `src/`, and why nowhere else.
const PLACES: &[(&str, &[&str], &str)] = &[
    ("unsafe", &["io/sys.rs", "io/sys/"], "only io/sys.rs and io/sys/ talk to the kernel by hand"),
    ("Instant::now", &["io/clock.rs"], "everything else is handed the time"),
    ("SystemTime::now", &["io/clock.rs"], "everything else is handed the time"),
    (".elapsed()", &["io/clock.rs"], "subtract from the time that was handed in"),
    ("println!", &["main.rs", "app", "config/", "load/", "robot/"], "only what a person started speaks to that person"),
    ("print!", &["load/"], "only what a person started speaks to that person"),
    (
        "eprintln!",
        &["main.rs", "app", "config/", "load/", "robot/"],
        "only what a person started speaks to that person",
    ),
    (".unwrap()", &[], "say why it holds with expect, or give the no a name"),
    (
        ".route(",
        &["http/router.rs", "http/ops.rs"],
        "a door is declared with what it needs, in the list of http/router.rs",
    ),
    ("dbg!", &[], "it is for the desk"),
    ("todo!", &[], "what is not written is not promised"),
    ("unimplemented!", &[], "what is not written is not promised"),
];

fn faults(files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let Some(place) = file.in_src() else { continue };
        for (word, _, why) in PLACES.iter().filter(|(_, homes, _)| !homes.iter().any(|home| place.starts_with(home))) {
            for at in finds(&file.code, word) {
                faults.push(format!("{}:{}: has {word}: {why}", file.path, line_of(&file.code, at)));
            }
        }
    }
    faults
}

#[test]
fn what_lives_in_one_place_stays_there() {
    expect_none(&faults(&tree()));
}

#[test]
fn a_second_place_is_caught() {
    expect_caught(faults, "src/io/run.rs", "unsafe { recvmmsg() }", "unsafe");
    expect_caught(faults, "src/control/school.rs", "let now = tokio::time::Instant::now();", "handed the time");
    expect_caught(faults, "src/wire/rtp.rs", "let x = bytes.first().unwrap();", "unwrap");
    expect_caught(faults, "src/control/school.rs", "println!(\"x\");", "println!");
    expect_caught(faults, "src/http/api.rs", "Router::new().route(path, get(x))", "in the list");
    expect_passed(faults, "src/io/sys.rs", "// SAFETY: x\nunsafe { recvmmsg() }");
    expect_passed(faults, "src/io/sys/shared.rs", "// SAFETY: x\nunsafe { sendmsg() }");
    expect_caught(faults, "src/io/sysctl.rs", "unsafe { sendmsg() }", "unsafe");
    expect_passed(faults, "src/io/run.rs", "#![deny(unsafe_code)] // not unsafe\nlet x = y.unwrap_or(1);");
}
