//! Words that no file of the project may hold.

use super::source::{File, finds, line_of, tree};
use super::{expect_caught, expect_none, expect_passed};

/// Host names of package registries and their mirrors: a checkout must build wherever its owner's clients point.
/// Split so that this file does not hold them itself.
const HOSTS: &[&str] = &[
    concat!("registry", ".npmjs.org"),
    concat!("npm", "mirror.com"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("deb.", "debian.org"),
    concat!("archive.", "ubuntu.com"),
];

/// Notes to oneself; what is not done goes to the changelog's list or to nobody.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// Names that hide what a thing does.
const NAMES: &[&str] = &[concat!("Man", "ager"), concat!("ut", "ils"), concat!("hel", "pers")];

fn faults(files: &[File]) -> Vec<String> {
    files.iter().flat_map(|file| banned(file, HOSTS).chain(banned(file, NOTES)).chain(vague(file))).collect()
}

fn banned<'a>(file: &'a File, words: &'a [&'a str]) -> impl Iterator<Item = String> + 'a {
    words.iter().flat_map(move |word| {
        finds(&file.text, word).map(move |at| format!("{}:{}: has {word:?}", file.path, line_of(&file.text, at)))
    })
}

/// Vague names in our own Rust, and getters that say `get_`.
fn vague(file: &File) -> impl Iterator<Item = String> + '_ {
    let named = NAMES.iter().flat_map(move |name| file.code.match_indices(name).map(move |(at, _)| (at, *name)));
    let getters = file.code.match_indices("fn get_");
    let in_path = NAMES.iter().filter(|name| file.path.split(['/', '.']).any(|part| part == **name));
    named
        .chain(getters)
        .map(|(at, name)| format!("{}:{}: is named {name:?}, which says nothing", file.path, line_of(&file.code, at)))
        .chain(in_path.map(|name| format!("{}: is named {name:?}, which says nothing", file.path)))
}

#[test]
fn no_file_holds_a_banned_word() {
    expect_none(&faults(&tree()));
}

#[test]
fn a_banned_word_is_caught() {
    expect_caught(faults, "web/package-lock.json", &format!("https://{}/x", HOSTS[0]), HOSTS[0]);
    expect_caught(faults, "docs/operate.md", &format!("{}: later", NOTES[0]), NOTES[0]);
    expect_caught(faults, "src/control/school.rs", &format!("struct School{};", NAMES[0]), NAMES[0]);
    expect_caught(faults, "src/control/school.rs", "fn get_room() {}", "fn get_");
    expect_caught(faults, &format!("src/base/{}.rs", NAMES[1]), "", NAMES[1]);
    expect_passed(faults, "docs/operate.md", "Open the file manager and get a coffee.");
}
