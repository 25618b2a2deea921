//! What a process has used so far, read from `/proc` (proc(5)).

use std::collections::BTreeMap;
use std::fs;
use std::io;

/// Ticks of the clock that `/proc` counts in: the same on every Linux, whatever the kernel's own is (time(7)).
const TICKS_PER_S: f64 = 100.0;

/// What one thread has used.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ThreadUse {
    pub(super) name: String,
    pub(super) user_s: f64,
    pub(super) system_s: f64,
    /// Times it waited by itself.
    pub(super) voluntary: u64,
    /// Times it was made to wait.
    pub(super) involuntary: u64,
}

/// What a process has used.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// By the whole process, threads that have ended included.
    pub(super) user_s: f64,
    pub(super) system_s: f64,
    pub(super) rss_kib: u64,
    pub(super) threads: BTreeMap<u64, ThreadUse>,
}

impl Usage {
    /// Of a process; of this one for `self`.
    pub(super) fn read(pid: &str) -> io::Result<Self> {
        let (_, user_s, system_s) = stat(&fs::read_to_string(format!("/proc/{pid}/stat"))?).ok_or_else(unreadable)?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
            let id = entry.file_name().to_string_lossy().parse().unwrap_or(0);
            // It may have ended since.
            if let Some(thread) = thread(&entry.path()) {
                threads.insert(id, thread);
            }
        }
        Ok(Self { user_s, system_s, rss_kib: figure(&status, "VmRSS:"), threads })
    }

    /// What was used since `before`.
    pub(super) fn since(&self, before: &Self) -> Self {
        let threads = self.threads.iter().map(|(id, now)| {
            let then = before.threads.get(id).cloned().unwrap_or_default();
            let thread = ThreadUse {
                name: now.name.clone(),
                user_s: now.user_s - then.user_s,
                system_s: now.system_s - then.system_s,
                voluntary: now.voluntary.saturating_sub(then.voluntary),
                involuntary: now.involuntary.saturating_sub(then.involuntary),
            };
            (*id, thread)
        });
        Self {
            user_s: self.user_s - before.user_s,
            system_s: self.system_s - before.system_s,
            rss_kib: self.rss_kib,
            threads: threads.collect(),
        }
    }

    /// The most that any one thread used.
    pub(super) fn busiest_s(&self) -> f64 {
        self.threads.values().map(|thread| thread.user_s + thread.system_s).fold(0.0, f64::max)
    }
}

fn thread(path: &std::path::Path) -> Option<ThreadUse> {
    let (name, user_s, system_s) = stat(&fs::read_to_string(path.join("stat")).ok()?)?;
    let status = fs::read_to_string(path.join("status")).ok()?;
    let (voluntary, involuntary) =
        (figure(&status, "voluntary_ctxt_switches:"), figure(&status, "nonvoluntary_ctxt_switches:"));
    Some(ThreadUse { name, user_s, system_s, voluntary, involuntary })
}

/// Name, user and system seconds of a line of `stat`. The name stands in brackets and may itself hold any character.
fn stat(line: &str) -> Option<(String, f64, f64)> {
    let (head, rest) = line.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let mut fields = rest.split_whitespace().skip(11);
    let mut seconds = || Some(fields.next()?.parse::<f64>().ok()? / TICKS_PER_S);
    Some((name, seconds()?, seconds()?))
}

/// The number behind a key of `status`; zero if it is not there.
fn figure(status: &str, key: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn unreadable() -> io::Error {
    io::Error::other("its figures cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name_holds() {
        let line = "42 (a) b( c) S 1 2 3 4 5 6 7 8 9 10 250 130 0 0 20 0 3 0 7 8 9";
        assert_eq!(stat(line), Some(("a) b( c".into(), 2.5, 1.3)));
        assert_eq!(stat("42 (cut) S 1"), None);
        assert_eq!(figure("VmRSS:\t  1234 kB\nThreads:\t3\n", "VmRSS:"), 1_234);
        assert_eq!(figure("", "VmRSS:"), 0);
    }

    #[test]
    fn this_process_has_figures_and_no_process_has_none() {
        let before = Usage::read("self").unwrap();
        assert!(before.rss_kib > 1_000 && !before.threads.is_empty());
        let after = Usage::read("self").unwrap().since(&before);
        assert!(after.user_s >= 0.0 && after.user_s < 60.0);
        assert!(Usage::read("0").is_err());
    }

    #[test]
    fn a_thread_that_began_in_between_counts_from_zero() {
        let thread = |user_s| ThreadUse { name: "x".into(), user_s, ..ThreadUse::default() };
        let usage = |threads: &[(u64, f64)]| Usage {
            threads: threads.iter().map(|(id, user_s)| (*id, thread(*user_s))).collect(),
            ..Usage::default()
        };
        let used = usage(&[(1, 5.0), (2, 3.0)]).since(&usage(&[(1, 4.0)]));
        assert!((used.busiest_s() - 3.0).abs() < 1e-9);
    }
}
