//! What the papers say is true: signposts, the tree, links, and the list of metrics.

use std::collections::BTreeSet;
use std::path::Path;

use tongke::telemetry::catalog::METRICS;

use super::source::{File, finds, is_of_word, tree};
use super::{expect_caught, expect_none};

const README: &str = "README.md";

/// Every `src/…/file.rs::name` in README's backticks leads to exactly one item of that name in that file.
fn lost_signposts(files: &[File]) -> Vec<String> {
    let posts = files.iter().filter(|file| file.path == README).flat_map(|file| signposts(&file.text));
    let mut faults = Vec::new();
    for (path, name) in posts {
        let items = files.iter().find(|file| file.path == path).map(|file| items_named(&file.code, name));
        match items {
            None => faults.push(format!("{README} points to {path}, which is not there")),
            Some(1) => {}
            Some(n) => faults.push(format!("{README} points to {name} in {path}, which has {n} items of that name")),
        }
    }
    faults
}

fn signposts(readme: &str) -> Vec<(&str, &str)> {
    let quoted = readme.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| text.split_once(".rs::").map(|(path, name)| (&text[..path.len() + 3], name))).collect()
}

/// How many functions, types, constants or modules called `name` the code defines.
fn items_named(code: &str, name: &str) -> usize {
    const KINDS: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static", "mod"];
    let defined =
        |at: usize| KINDS.iter().any(|kind| code[..at].trim_end().ends_with(kind) && code[..at].ends_with(' '));
    finds(code, name).filter(|&at| defined(at)).count()
}

#[test]
fn readmes_signposts_lead_somewhere() {
    let files = tree();
    let readme = files.iter().find(|file| file.path == README).expect("there is a README");
    assert!(signposts(&readme.text).len() >= 5, "the table is there to be read");
    expect_none(&lost_signposts(&files));
}

#[test]
fn a_signpost_to_nowhere_is_caught() {
    let sign = "| a packet forwarded? | `src/sfu/forward.rs::forward` |";
    expect_caught(lost_signposts, README, sign, "not there");
    for (code, count) in [("fn forwarded() {} // fn forward", 0), ("fn forward() {} fn forward() {}", 2)] {
        let faults = lost_signposts(&[File::new(README, sign), File::new("src/sfu/forward.rs", code)]);
        assert!(faults.len() == 1 && faults[0].contains(&format!("{count} items")), "{faults:?}");
    }
    expect_none(&lost_signposts(&[File::new(README, sign), File::new("src/sfu/forward.rs", "pub fn forward() {}")]));
}

/// Every entry of README's tree, and every relative link of any paper, is there.
fn lost_paths(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let links = links(&file.text).into_iter().map(|link| joined(folder, link));
        let entries = if file.path == README { tree_entries(&file.text) } else { Vec::new() };
        let lost = links.chain(entries.into_iter().map(str::to_owned)).filter(|path| !exists(path));
        faults.extend(lost.map(|path| format!("{} names {path}, which is not there", file.path)));
    }
    faults
}

/// The targets of `[…](…)` that are neither addresses nor places in the same page.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")).collect()
}

fn joined(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The first word of each line of the block fenced with ```text.
fn tree_entries(readme: &str) -> Vec<&str> {
    let block = readme.lines().skip_while(|line| *line != "```text").skip(1).take_while(|line| *line != "```");
    block.filter_map(|line| line.split_whitespace().next()).map(|entry| entry.trim_end_matches('/')).collect()
}

fn exists(path: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists()
}

#[test]
fn what_papers_name_is_there() {
    expect_none(&lost_paths(&tree(), exists));
}

#[test]
fn a_paper_that_names_what_is_not_there_is_caught() {
    let none = |_: &str| false;
    let readme =
        File::new(README, "```text\nsrc/  the code\n```\n[how](docs/operate.md#x) [there](https://example.org)");
    assert_eq!(
        lost_paths(&[readme], none),
        ["README.md names docs/operate.md, which is not there", "README.md names src, which is not there"]
    );
    let page = File::new("docs/threats.md", "[limits](../src/base/limits.rs)");
    assert_eq!(lost_paths(&[page], none), ["docs/threats.md names src/base/limits.rs, which is not there"]);
}

/// `docs/metrics.md` has every metric of the catalogue, and no other.
fn wrong_metrics(files: &[File]) -> Vec<String> {
    let Some(page) = files.iter().find(|file| file.path == "docs/metrics.md") else {
        return vec!["docs/metrics.md is missing".to_owned()];
    };
    let written: BTreeSet<_> = page.text.split(|c| !is_of_word(c)).filter(|word| word.starts_with("tongke_")).collect();
    let known: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    let missing = known.difference(&written).map(|name| format!("docs/metrics.md does not explain {name}"));
    let unknown = written
        .difference(&known)
        .map(|name| format!("docs/metrics.md explains {name}, which is not in the catalogue"));
    missing.chain(unknown).collect()
}

#[test]
fn every_metric_is_explained() {
    expect_none(&wrong_metrics(&tree()));
}

#[test]
fn a_metric_nobody_explains_or_nobody_counts_is_caught() {
    let all_but_first: Vec<_> = METRICS.iter().skip(1).map(|metric| metric.name).collect();
    let page = format!("{} `tongke_invented_total`", all_but_first.join(" "));
    let faults = wrong_metrics(&[File::new("docs/metrics.md", &page)]);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains(METRICS[0].name) && faults[1].contains("tongke_invented_total"), "{faults:?}");
}
