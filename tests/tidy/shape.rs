//! The outside of files: how they open, how long they are, and that every test file is run.

use super::source::{File, tree};
use super::{expect_caught, expect_none, expect_passed};

/// Past this a file has two subjects. (A function's 70 lines are clippy's to count.)
const LINES_MAX: usize = 700;

/// How a file of each kind opens: with a sentence on what it is for.
const OPENINGS: &[(&str, &[&str])] = &[
    (".rs", &["//! "]),
    (".ts", &["// ", "/**", "/* "]),
    (".tsx", &["// ", "/**", "/* "]),
    (".mjs", &["// ", "/**", "/* "]),
    (".css", &["/*"]),
    (".py", &["\"\"\"", "# "]),
    (".sh", &["#"]),
];

fn faults(files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let Some((_, openings)) = OPENINGS.iter().find(|(ending, _)| file.path.ends_with(ending)) else { continue };
        if !openings.iter().any(|opening| file.text.starts_with(opening)) {
            faults.push(format!("{}: does not open with a sentence on what it is for", file.path));
        }
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{}: {lines} lines, more than {LINES_MAX}", file.path));
        }
    }
    faults
}

#[test]
fn files_say_what_they_are_for_and_end_in_time() {
    expect_none(&faults(&tree()));
}

#[test]
fn a_mute_or_endless_file_is_caught() {
    expect_caught(faults, "src/sfu/up.rs", "use a::B;\n", "sentence");
    expect_caught(faults, "web/lib/media.ts", "import x\n", "sentence");
    expect_caught(faults, "src/sfu/up.rs", &format!("//! Up.\n{}", "x\n".repeat(LINES_MAX)), "lines");
    expect_passed(faults, "src/sfu/up.rs", "//! Arriving tracks.\n");
}

/// Every `tests/*.rs` is a module of `tests/main.rs` or a `[[test]]` of its own; else it would never run.
fn orphans(files: &[File]) -> Vec<String> {
    let text_of = |path: &str| files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let (main, manifest) = (text_of("tests/main.rs"), text_of("Cargo.toml"));
    let names = files.iter().filter_map(|file| file.path.strip_prefix("tests/")?.strip_suffix(".rs"));
    names
        .filter(|name| !name.contains('/') && *name != "main")
        .filter(|name| !main.contains(&format!("mod {name};")) && !manifest.contains(&format!("\"tests/{name}.rs\"")))
        .map(|name| format!("tests/{name}.rs is never run: list it in tests/main.rs or under [[test]]"))
        .collect()
}

#[test]
fn every_test_file_is_run() {
    expect_none(&orphans(&tree()));
}

#[test]
fn a_test_file_that_is_never_run_is_caught() {
    expect_caught(orphans, "tests/forgotten.rs", "//! Never run.\n", "tests/forgotten.rs");
}
