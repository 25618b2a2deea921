//! Which CPUs there are for us, and on which of them a thread runs.

use std::io;

use super::sys;

/// The CPUs that this process may run on, by the kernel's numbers: a container may have only some of the machine's.
///
/// # Errors
/// If the kernel does not tell.
pub fn usable() -> io::Result<Vec<usize>> {
    sys::usable_cpus()
}

/// Keeps the calling thread on one CPU from now on.
pub(super) fn pin(cpu: usize) -> io::Result<()> {
    sys::pin_to_cpu(cpu).map_err(|source| {
        let name = std::thread::current().name().unwrap_or("a thread").to_owned();
        tracing::error!(thread = name, cpu, fault = %source, "a media thread cannot be kept on its CPU");
        io::Error::new(source.kind(), format!("{name} cannot be kept on CPU {cpu}: {source}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_thread_may_run_on_that_cpu_alone() {
        for cpu in usable().unwrap() {
            let seen = std::thread::spawn(move || pin(cpu).and_then(|()| usable())).join().unwrap();
            assert_eq!(seen.unwrap(), [cpu]);
        }
    }

    #[test]
    fn a_cpu_that_is_not_there_is_an_error_and_not_a_panic() {
        for cpu in [sys::CPUS_MAX - 1, sys::CPUS_MAX, usize::MAX] {
            let said = std::thread::spawn(move || pin(cpu)).join().unwrap().unwrap_err().to_string();
            assert!(said.contains(&format!("CPU {cpu}")), "{said}");
        }
    }
}
