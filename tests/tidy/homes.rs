//! One foreign library, one home: where each crate of others may be named.

use super::source::{File, finds, line_of, tree};
use super::{expect_caught, expect_none, expect_passed};

/// A crate, or a module of one, and the places in `src/` that may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("argon2", &["control/password"]),
    ("async_trait", &["robot/"]),
    ("aws_lc_rs", &["wire/", "sfu/", "control/"]),
    ("axum", &["http/", "app"]),
    ("axum_server", &["http/", "app"]),
    ("calamine", &["sheets/xlsx"]),
    ("clap", &["config/"]),
    ("csv", &["sheets/file"]),
    ("encoding_rs", &["sheets/file"]),
    ("crc32fast", &["wire/"]),
    ("futures_util", &["robot/"]),
    ("hdrhistogram", &["load/"]),
    ("hyper_util", &["http/"]),
    ("if_addrs", &["app", "io/", "config/"]),
    ("jsonwebtoken", &["control/admit"]),
    ("libc", &["io/"]),
    ("mio", &["io/"]),
    ("prometheus", &["telemetry/"]),
    ("rcgen", &["control/handshake", "http/", "app"]),
    ("reqwest", &["load/", "robot/"]),
    ("rtc", &["control/handshake", "control/negotiate", "robot/"]),
    ("rtc::dtls", &["control/handshake"]),
    ("rtc::sdp", &["control/negotiate"]),
    ("rtrb", &["io/lane"]),
    ("rust_embed", &["http/"]),
    ("rust_xlsxwriter", &["sheets/xlsx"]),
    ("rustls", &["control/handshake", "http/", "app", "load/", "robot/"]),
    ("serde_json", &["store/", "control/", "config/", "http/", "app", "load/", "robot/"]),
    ("socket2", &["io/"]),
    ("sqlx", &["store/"]),
    ("time", &["lesson/calendar"]),
    ("tokio", &["store/", "control/", "http/", "app", "load/", "robot/", "main.rs"]),
    ("tokio_tungstenite", &["robot/"]),
    ("toml", &["config/"]),
    ("tower_http", &["http/"]),
    ("tracing_subscriber", &["telemetry/"]),
    ("webrtc", &["robot/"]),
];

fn faults(files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let Some(place) = file.in_src() else { continue };
        for (name, _) in HOMES.iter().filter(|(_, homes)| !homes.iter().any(|home| place.starts_with(home))) {
            for at in named_from_root(&file.code, name) {
                faults.push(format!(
                    "{}:{}: names {name}, whose home is elsewhere",
                    file.path,
                    line_of(&file.code, at)
                ));
            }
        }
    }
    faults
}

/// Where `name` starts a path: followed by `::` or, in a `use`, by `;` or `as`, and not itself inside a path.
fn named_from_root<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    finds(code, name).filter(move |&at| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let is_use = before.ends_with("use ") && (after.starts_with(';') || after.starts_with(" as "));
        (after.starts_with("::") || is_use) && (!before.ends_with("::") || before.ends_with(" ::"))
    })
}

#[test]
fn every_foreign_crate_is_named_only_at_home() {
    expect_none(&faults(&tree()));
}

#[test]
fn every_dependency_has_a_home_or_is_common_to_all() {
    const COMMON: &[&str] = &["bytes", "serde", "thiserror", "tracing"];
    let manifest = tree().into_iter().find(|file| file.path == "Cargo.toml").expect("there is a Cargo.toml");
    let homeless: Vec<_> = dependencies(&manifest.text)
        .into_iter()
        .filter(|name| !COMMON.contains(&name.as_str()) && !HOMES.iter().any(|(known, _)| known == name))
        .collect();
    assert_eq!(homeless, [""; 0], "give these a home in tests/tidy/homes.rs");
}

fn dependencies(manifest: &str) -> Vec<String> {
    let start = manifest.find("[dependencies]").expect("the manifest has dependencies");
    let section = manifest[start..].lines().skip(1).take_while(|line| !line.starts_with('['));
    section
        .filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_")))
        .filter(|name| !name.starts_with('#'))
        .collect()
}

#[test]
fn a_crate_away_from_home_is_caught() {
    expect_caught(faults, "src/control/school.rs", "use rtc::{sdp::x, dtls};", "rtc");
    expect_caught(faults, "src/http/api.rs", "fn x() { jsonwebtoken::encode() }", "jsonwebtoken");
    expect_caught(faults, "src/app.rs", "use sqlx as db;", "sqlx");
    expect_caught(faults, "src/control/negotiate.rs", "use rtc::dtls::x;", "rtc::dtls");
    expect_passed(faults, "src/app.rs", "use crate::telemetry::prometheus::Telemetry; let toml = 1;");
    expect_passed(faults, "src/control/negotiate/offer.rs", "use rtc::sdp::SessionDescription;");
}
