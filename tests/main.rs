//! All tests of the whole: one crate, a module a file, so that they are linked once.

mod deploy;
mod tidy;
