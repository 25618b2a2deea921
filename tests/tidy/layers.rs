//! Layers point down, and some words have no place in some layers.

use super::source::{File, finds, is_of_word, line_of, tree};
use super::{expect_caught, expect_none, expect_passed};

struct Layer {
    name: &'static str,
    /// The layers it may name.
    below: &'static [&'static str],
    /// What must not stand in its code, and why.
    forbidden: &'static [&'static str],
}

/// In the order of `src/lib.rs`: the lowest first.
const LAYERS: &[Layer] = &[
    Layer { name: "base", below: &[], forbidden: PURE },
    Layer { name: "wire", below: &["base"], forbidden: PURE },
    Layer { name: "lesson", below: &["base"], forbidden: LESSON },
    Layer { name: "sfu", below: &["base", "wire"], forbidden: SFU },
    Layer { name: "io", below: &["base", "wire", "sfu"], forbidden: &["tokio", "async", "axum", "sqlx", "lesson"] },
    Layer { name: "sheets", below: &["base", "lesson"], forbidden: &["tokio", "async", "axum", "sqlx"] },
    Layer { name: "store", below: &["base", "lesson"], forbidden: &["axum"] },
    Layer { name: "telemetry", below: &["base"], forbidden: &["axum", "sqlx", "tokio"] },
    Layer {
        name: "control",
        below: &["base", "wire", "lesson", "sfu", "io", "sheets", "store", "telemetry"],
        forbidden: &["axum", "quinn", "sqlx"],
    },
    Layer {
        name: "config",
        below: &["base", "lesson", "io", "store", "telemetry"],
        forbidden: &["axum", "sqlx", "tokio"],
    },
    Layer {
        name: "fuzzing",
        below: &["base", "wire", "lesson", "sfu", "sheets", "control"],
        forbidden: &["axum", "sqlx", "tokio"],
    },
    Layer {
        name: "http",
        below: &["base", "lesson", "sheets", "store", "telemetry", "control", "config"],
        forbidden: &["sqlx", "mio", "socket2"],
    },
    Layer {
        name: "app",
        below: &["base", "wire", "lesson", "sfu", "io", "sheets", "store", "telemetry", "control", "config", "http"],
        forbidden: &[],
    },
    Layer {
        name: "load",
        below: &["base", "wire", "lesson", "sfu", "io", "control", "config"],
        forbidden: &["axum", "sqlx"],
    },
    Layer { name: "robot", below: &["base", "wire", "io", "telemetry", "config"], forbidden: &["axum", "sqlx"] },
];

/// The pure layers know no time, no chance, no other thread, no log.
const PURE: &[&str] = &[
    "tokio",
    "async",
    "std::thread",
    "Mutex",
    "RwLock",
    "Instant",
    "SystemTime",
    "tracing",
    "std::net::UdpSocket",
    "std::fs",
    "HashMap",
    "HashSet",
    "println!",
    "eprintln!",
];
/// The core besides owns all of its state; nothing there is shared or in random order.
const SFU: &[&str] = &[
    "tokio",
    "async",
    "std::thread",
    "Mutex",
    "RwLock",
    "Arc",
    "HashMap",
    "HashSet",
    "Instant",
    "SystemTime",
    "tracing",
    "UdpSocket",
    "std::fs",
    "println!",
    "eprintln!",
];
/// The domain knows no doors, no media and no tables.
const LESSON: &[&str] = &[
    "tokio",
    "async",
    "std::thread",
    "Mutex",
    "RwLock",
    "Arc",
    "HashMap",
    "HashSet",
    "Instant",
    "SystemTime",
    "tracing",
    "axum",
    "http",
    "StatusCode",
    "sdp",
    "Sdp",
    "sqlx",
    "std::fs",
    "println!",
    "eprintln!",
];

fn faults(files: &[File]) -> Vec<String> {
    files.iter().flat_map(|file| layer_of(file).map(|layer| faults_in(file, layer)).unwrap_or_default()).collect()
}

fn layer_of(file: &File) -> Option<&'static Layer> {
    let first = file.in_src()?.split('/').next()?.trim_end_matches(".rs");
    LAYERS.iter().find(|layer| layer.name == first)
}

fn faults_in(file: &File, layer: &Layer) -> Vec<String> {
    let upward = named_layers(&file.code)
        .into_iter()
        .filter(|(_, name)| {
            *name != layer.name && !layer.below.contains(name) && LAYERS.iter().any(|l| l.name == *name)
        })
        .map(|(at, name)| (at, format!("uses crate::{name}, which is not below {}", layer.name)));
    let words = layer.forbidden.iter().flat_map(|word| {
        finds(&file.code, word).map(move |at| (at, format!("has {word:?}, which has no place in {}", layer.name)))
    });
    upward.chain(words).map(|(at, what)| format!("{}:{}: {what}", file.path, line_of(&file.code, at))).collect()
}

/// Each first name after `crate::`, also in groups: `crate::{a::b, c}` names `a` and `c`.
fn named_layers(code: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    for at in finds(code, "crate::") {
        let start = at + "crate::".len();
        if code[start..].starts_with('{') {
            names.extend(first_names_of_group(&code[start + 1..]).into_iter().map(|name| (at, name)));
        } else {
            names.push((at, word_at(&code[start..])));
        }
    }
    names
}

fn first_names_of_group(inside: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut depth, mut part_start) = (0, 0);
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                names.push(word_at(inside[part_start..at].trim_start()));
                part_start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

fn word_at(text: &str) -> &str {
    &text[..text.find(|c| !is_of_word(c)).unwrap_or(text.len())]
}

#[test]
fn layers_point_down() {
    expect_none(&faults(&tree()));
}

#[test]
fn every_part_of_the_crate_is_a_known_layer_in_the_order_of_lib_rs() {
    let lib = tree().into_iter().find(|file| file.path == "src/lib.rs").expect("there is a lib.rs");
    let modules: Vec<_> =
        lib.code.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let unknown: Vec<_> = modules.iter().filter(|module| !LAYERS.iter().any(|layer| layer.name == **module)).collect();
    assert!(unknown.is_empty(), "say in tests/tidy/layers.rs what these may use: {unknown:?}");
    for layer in LAYERS.iter().filter(|layer| modules.contains(&layer.name)) {
        let place = |name: &str| modules.iter().position(|module| *module == name);
        assert!(
            layer.below.iter().all(|below| place(below) < place(layer.name)),
            "{} uses only what is above it in lib.rs",
            layer.name
        );
    }
}

#[test]
fn an_upward_use_is_caught_in_every_shape() {
    expect_caught(faults, "src/sfu/up.rs", "use crate::lesson::Seat;", "crate::lesson");
    expect_caught(faults, "src/sfu/up.rs", "use crate::{base::time::{Time, Y}, io};", "crate::io");
    expect_caught(faults, "src/http/whip.rs", "fn a() { crate::sfu::Worker::new() }", "crate::sfu");
    expect_caught(faults, "src/wire/rtp.rs", "use crate::sfu::Peer;", "crate::sfu");
    expect_passed(faults, "src/sfu/up.rs", "use crate::wire::rtp; pub(crate) fn x() {}");
}

#[test]
fn a_word_out_of_place_is_caught() {
    expect_caught(faults, "src/sfu/up.rs", "struct A(Arc<u8>);", "Arc");
    expect_caught(faults, "src/sfu/up.rs", "use std::thread;", "std::thread");
    expect_caught(faults, "src/lesson/seat.rs", "async fn x() {}", "async");
    expect_caught(faults, "src/io/run.rs", "tokio::spawn(x)", "tokio");
    expect_caught(faults, "src/control/school.rs", "fn a(pool: sqlx::Pool) {}", "sqlx");
    expect_passed(
        faults,
        "src/sfu/up.rs",
        "// an Arc would be shared\n#[cfg(test)]\nmod tests { use std::collections::HashMap; }",
    );
}
