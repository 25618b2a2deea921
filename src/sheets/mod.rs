//! The plan as sheets of a spreadsheet: read, checked row by row with every fault in words, and written.

mod columns;
mod export;
mod fault;
mod file;
mod fixture;
mod import;
mod reader;
mod week;
mod xlsx;

#[cfg(test)]
mod tests;

pub use columns::{Column, Kind};
pub use export::export;
pub use fault::{SheetFault, SheetFaults, What};
pub use file::{FileFault, read_bytes, write_csv};
pub use fixture::Shape;
pub use import::{Imported, import};
pub use xlsx::write_xlsx;

/// One sheet: a heading for each column, and rows of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Where it is from: the file, and the sheet's name in it if there are several.
    pub place: String,
    /// What it is called: the file's name without its ending, or the sheet's own.
    pub name: String,
    /// The headings.
    pub headings: Vec<String>,
    /// The rows below, each with its number as spreadsheets count: the headings are row 1.
    pub rows: Vec<(usize, Vec<String>)>,
}
