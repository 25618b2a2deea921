//! House rules as tests. Each rule is a pure function from files to faults, and has a bad example that it must catch.

mod homes;
mod layers;
mod papers;
mod places;
mod shape;
mod source;
mod words;

use source::File;

/// Fails with every fault, a line each.
#[track_caller]
fn expect_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n  {}\n", faults.len(), faults.join("\n  "));
}

/// Fails unless the rule finds exactly one fault in `text` as a file at `path`, and says `about`.
#[track_caller]
fn expect_caught(rule: fn(&[File]) -> Vec<String>, path: &str, text: &str, about: &str) {
    let faults = rule(&[File::new(path, text)]);
    assert!(faults.len() == 1 && faults[0].contains(about), "expected one fault about {about:?}, got {faults:?}");
}

/// Fails if the rule finds any fault in `text` as a file at `path`.
#[track_caller]
fn expect_passed(rule: fn(&[File]) -> Vec<String>, path: &str, text: &str) {
    expect_none(&rule(&[File::new(path, text)]));
}
