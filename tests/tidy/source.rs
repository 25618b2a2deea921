//! The project's files, and their code without comments, strings and unit tests, so that rules see only what runs.

use std::fs;
use std::path::Path;

/// A text file of the project.
pub(super) struct File {
    /// From the top folder, with slashes: `src/sfu/forward.rs`.
    pub(super) path: String,
    /// As it is.
    pub(super) text: String,
    /// For Rust in `src/`: `text` with comments, literals and everything under `#[cfg(test)]` blanked, each line where it
    /// was. Empty for all other files.
    pub(super) code: String,
}

impl File {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let is_code = path.starts_with("src/") && path.ends_with(".rs");
        let code = if is_code { without_tests(&without_prose(text)) } else { String::new() };
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }

    /// The path inside `src/`, for files there.
    pub(super) fn in_src(&self) -> Option<&str> {
        self.path.strip_prefix("src/")
    }
}

/// Every text file of the project, except what `.gitignore` names.
pub(super) fn tree() -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ignored = fs::read_to_string(top.join(".gitignore")).expect("the project has a .gitignore");
    let ignored: Vec<_> = ignored.lines().collect();
    let mut files = Vec::new();
    walk(top, "", &ignored, &mut files);
    blank_test_files(&mut files);
    assert!(files.iter().any(|file| file.path == "src/lib.rs"), "the walk found the project");
    files
}

/// Where `word` stands in `code` as a word of its own: not inside a longer identifier.
pub(super) fn finds<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let joins =
            |side: Option<char>, edge: Option<char>| side.is_some_and(is_of_word) && edge.is_some_and(is_of_word);
        !joins(code[..at].chars().next_back(), word.chars().next())
            && !joins(code[at + word.len()..].chars().next(), word.chars().next_back())
    })
}

/// The line, counted from one, that byte `at` is on.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn walk(folder: &Path, inside: &str, ignored: &[&str], files: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("a folder of ours can be read").flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().expect("our file names are UTF-8");
        let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
        if name == ".git" || is_ignored(&path, &name, ignored) {
            continue;
        }
        if entry.file_type().expect("an entry has a type").is_dir() {
            walk(&entry.path(), &path, ignored, files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File::new(&path, &text));
        }
    }
}

fn is_ignored(path: &str, name: &str, ignored: &[&str]) -> bool {
    ignored.iter().any(|rule| match (rule.strip_prefix('/'), rule.strip_prefix('*')) {
        (Some(whole), _) => path == whole,
        (_, Some(ending)) => name.ends_with(ending),
        _ => name == *rule,
    })
}

/// Blanks the code of files that are modules under `#[cfg(test)]` in another file.
fn blank_test_files(files: &mut [File]) {
    let tests: Vec<_> = files.iter().flat_map(test_files_of).collect();
    for file in files {
        let is_test = |test: &String| file.path == format!("{test}.rs") || file.path.starts_with(&format!("{test}/"));
        if tests.iter().any(is_test) {
            file.code.clear();
        }
    }
}

/// Where the test modules that `file` declares are, without `.rs` or `/mod.rs`.
fn test_files_of(file: &File) -> Vec<String> {
    if file.code.is_empty() {
        return Vec::new();
    }
    let stem = file.path.trim_end_matches(".rs");
    let folder = ["/mod", "/lib", "/main"].iter().find_map(|name| stem.strip_suffix(name)).unwrap_or(stem);
    let code = without_prose(&file.text);
    let modules = test_marks(&code).into_iter().filter_map(|at| {
        let item = &code[at..at + item_length(&code[at..])];
        item.strip_suffix(';')?.rsplit_once("mod ").map(|(_, name)| format!("{folder}/{name}"))
    });
    modules.collect()
}

/// Where the attributes stand that keep an item to tests.
fn test_marks(code: &str) -> Vec<usize> {
    let mut marks: Vec<_> = TEST_ONLY.iter().flat_map(|mark| code.match_indices(mark)).map(|(at, _)| at).collect();
    marks.sort_unstable();
    marks
}

const TEST_ONLY: [&str; 2] = ["#[cfg(test)]", "#[cfg(all(test,"];

/// `text` with comments and the insides of literals blanked.
fn without_prose(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kept, blanked) = next_piece(rest, first);
        code.push_str(&rest[..kept]);
        code.extend(rest[kept..kept + blanked].chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = &rest[kept + blanked..];
    }
    code
}

/// How many bytes at the start of `rest` to keep, and how many after them to blank.
fn next_piece(rest: &str, first: char) -> (usize, usize) {
    if rest.starts_with("//") {
        return (0, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (0, block_comment(rest));
    }
    if let Some(length) = raw_string(rest) {
        return (0, length);
    }
    match first {
        '"' => (0, quoted(rest, '"')),
        '\'' if is_char_literal(rest) => (0, quoted(rest, '\'')),
        _ => (first.len_utf8(), 0),
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let tail = &rest[at..];
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of the raw string that starts with this `r`, if one does: an `r#` before a word is only a name.
fn raw_string(rest: &str) -> Option<usize> {
    let after_r = rest.strip_prefix('r')?;
    let inside = after_r.trim_start_matches('#').strip_prefix('"')?;
    let hashes = after_r.len() - inside.len() - 1;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(rest.len() - inside.len() + length)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A `'` opens a literal, not a lifetime, if a second one follows one character or an escape later.
fn is_char_literal(rest: &str) -> bool {
    let mut inside = rest.chars().skip(1);
    matches!((inside.next(), inside.next()), (Some('\\'), _) | (Some(_), Some('\'')))
}

/// `code` with every item under `#[cfg(test)]` or `#[cfg(all(test, …))]` blanked.
fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = test_marks(rest).first().copied() {
        let length = item_length(&rest[at..]);
        kept.push_str(&rest[..at]);
        kept.extend(rest[at..at + length].chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = &rest[at + length..];
    }
    kept + rest
}

/// From an attribute to the end of its item: the matching brace, or a `;` or `,` before any brace.
fn item_length(rest: &str) -> usize {
    let (mut braces, mut brackets) = (0, 0);
    for (at, c) in rest.char_indices() {
        match c {
            '[' | '(' => brackets += 1,
            ']' | ')' => brackets -= 1,
            '{' => braces += 1,
            '}' => braces -= 1,
            _ => {}
        }
        let ended = c == '}' && braces == 0 || (c == ';' || c == ',') && braces == 0 && brackets == 0;
        if ended && brackets == 0 {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

#[test]
fn comments_and_literals_are_not_code() {
    let text = r####"//! HashMap
let a = "HashMap \" HashMap"; // HashMap
/* HashMap /* HashMap */ HashMap */ let b = r#"HashMap " HashMap"#; let c = br#"HashMap"#;
let quote = '"'; let real: &'static HashMap = x; let escaped = '\''; "HashMap";
"####;
    let code = without_prose(text);
    assert_eq!(finds(&code, "HashMap").count(), 1, "{code}");
    assert_eq!(line_of(&code, finds(&code, "HashMap").next().expect("one")), 4, "lines stay where they were");
}

#[test]
fn unit_tests_are_not_code() {
    let text = "use a::B;\n#[cfg(test)]\nmod tests {\n fn x() { HashMap } }\nfn after() {}\n\
                #[cfg(test)]\nuse x::HashMap;\nstruct Y {\n #[cfg(all(test, unix))]\n z: HashMap<(u8, u8), [u8; 3]>,\n q: u8 }";
    let code = without_tests(&without_prose(text));
    assert_eq!(finds(&code, "HashMap").count(), 0, "{code}");
    assert!(code.contains("use a::B;") && code.contains("fn after() {}") && code.contains("q: u8"), "{code}");
}

#[test]
fn a_file_that_is_a_test_module_is_not_code() {
    let mut files = [
        File::new(
            "src/wire/mod.rs",
            "pub mod rtp;\n#[cfg(test)]\nmod oracle;\n#[cfg(all(test, unix))]\npub(crate) mod deep;",
        ),
        File::new("src/wire/oracle.rs", "use a::B;"),
        File::new("src/wire/deep/inner.rs", "use a::B;"),
        File::new("src/wire/rtp.rs", "use a::B;"),
        File::new("src/oracle.rs", "use a::B;"),
    ];
    blank_test_files(&mut files);
    let is_code: Vec<_> = files.iter().map(|file| !file.code.is_empty()).collect();
    assert_eq!(is_code, [true, false, false, true, true]);
}

#[test]
fn a_word_inside_a_longer_one_is_not_found() {
    assert_eq!(finds("Arch Arc MyArc Arc<T> arc", "Arc").count(), 2);
    assert_eq!(finds("x.unwrap() x.unwrap_or(1)", ".unwrap()").count(), 1);
}
