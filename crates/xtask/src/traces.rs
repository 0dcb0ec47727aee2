//! What a notebook must not keep of the machine that it was written or run on: paths, names, times.

use std::env;
use std::sync::LazyLock;

/// Where people's and systems' files are; with one of these in front a path is not of this project.
const ROOTS: [&str; 12] = [
    "/home/",
    "/Users/",
    "/root/",
    "/tmp/",
    "/private/",
    "/var/",
    "/usr/",
    "/opt/",
    "/mnt/",
    "/rustc/",
    "/nix/",
    "file://",
];

/// Names shorter than this may well be words of a text.
const SHORTEST_NAME: usize = 5;
/// What machines and users are often called; each is an ordinary word, too.
const ORDINARY: [&str; 8] =
    ["localhost", "debian", "ubuntu", "runner", "docker", "jupyter", "student", "vagrant"];

/// This machine's and this user's names, as far as they can be told from words.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let variables =
        ["HOSTNAME", "COMPUTERNAME", "USER", "USERNAME"].map(|name| env::var(name).ok());
    let names = [host].into_iter().chain(variables).flatten().map(|name| name.trim().to_owned());
    names.filter(|name| is_telling(name)).collect()
});

/// The folders of this user and of this work.
static HERE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let home = env::var("HOME").ok();
    let here = env::current_dir().ok().map(|folder| folder.display().to_string());
    [home, here].into_iter().flatten().filter(|folder| folder.len() > 1).collect()
});

fn is_telling(name: &str) -> bool {
    name.chars().count() >= SHORTEST_NAME && !ORDINARY.contains(&name)
}

/// Paths that begin at a root, and names of this machine and its user.
pub(crate) fn of_machine(text: &str) -> impl Iterator<Item = String> {
    let paths: Vec<String> = paths(text).map(|path| format!("an absolute path: {path}")).collect();
    let names = NAMES.iter().filter(|name| has_word(text, name));
    paths.into_iter().chain(names.map(|name| format!("the name of a machine or a user: {name}")))
}

/// Code that reads a clock: what it shows differs each time.
pub(crate) fn of_clock(source: &str) -> impl Iterator<Item = String> {
    const CLOCKS: [&str; 4] = ["Instant::now", "SystemTime", ".elapsed()", ":timing"];
    let read = CLOCKS.into_iter().filter(|clock| source.contains(clock));
    read.map(|clock| format!("a clock is read: {clock}"))
}

/// Durations as Rust prints them: `12.5ms`, `1.25s`. A number with a unit of its own, `3.5 min`, may be data.
pub(crate) fn of_duration(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || "(),;:<>\"'".contains(c));
    words.filter(|word| is_duration(word)).map(|word| format!("a duration: {word}"))
}

fn is_duration(word: &str) -> bool {
    let number = |unit: &str| word.strip_suffix(unit).filter(|rest| rest.parse::<f64>().is_ok());
    ["ms", "µs", "ns"].iter().any(|unit| number(unit).is_some())
        || number("s").is_some_and(|rest| rest.contains('.'))
}

fn paths(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || "\"'`()[]<>=,;".contains(c));
    words.filter(|word| {
        let on_windows =
            word.get(1..3) == Some(":\\") && word.starts_with(|c: char| c.is_ascii_uppercase());
        let on_this_machine = HERE.iter().any(|folder| word.starts_with(folder));
        ROOTS.iter().any(|root| word.starts_with(root)) || on_windows || on_this_machine
    })
}

fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        is_edge(text[..at].chars().next_back()) && is_edge(text[at + name.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_are_found_and_others_are_not() {
        for text in [
            "at /home/me/a.rs:1",
            "x=\"/tmp/y\"",
            "(file:///x)",
            "C:\\Users\\me",
            "at /rustc/1/core.rs",
        ] {
            assert_eq!(of_machine(text).count(), 1, "{text}");
        }
        for text in [
            "../crates/a",
            "and/or",
            "1/(σ√(2π))",
            "</td>",
            "https://a.org/tmp/b",
            "// tmp/x",
            "a/tmp/b",
        ] {
            assert_eq!(of_machine(text).count(), 0, "{text}");
        }
    }

    #[test]
    fn durations_are_found_and_data_is_not() {
        for text in ["took 12.5ms", "(1.25s)", "350ns", "1.5µs,"] {
            assert_eq!(of_duration(text).count(), 1, "{text}");
        }
        for text in ["3.5 s", "2s", "12 ms later", "terms", "1.5"] {
            assert_eq!(of_duration(text).count(), 0, "{text}");
        }
    }

    #[test]
    fn names_count_as_whole_words() {
        assert!(
            has_word("on build-7f3a: yes", "build-7f3a") && has_word("build-7f3a", "build-7f3a")
        );
        assert!(!has_word("rebuild-7f3a", "build-7f3a") && !has_word("", "build-7f3a"));
        assert!(is_telling("build-7f3a") && !is_telling("me") && !is_telling("ubuntu"));
    }
}
