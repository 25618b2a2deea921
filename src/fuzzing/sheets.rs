//! Spreadsheets as somebody hands them in.

use crate::lesson::Alliance;
use crate::lesson::alliance::Parts;
use crate::lesson::calendar::Day;
use crate::sheets::{Kind, Shape, export, import, read_bytes};

/// The first byte says which sheet it is, and whether as CSV or as XLSX.
pub fn sheets(bytes: &[u8]) {
    let Some((first, file)) = bytes.split_first() else { return };
    let kind = Kind::ALL[usize::from(first & 0x7f) % Kind::ALL.len()];
    let ending = if first & 0x80 == 0 { "csv" } else { "xlsx" };
    let Ok(sheets) = read_bytes(&format!("{}.{ending}", kind.names().1), file) else { return };
    match import(small(), &sheets) {
        Ok(imported) => is_whole(&imported.alliance),
        Err(faults) => {
            assert!(!faults.0.is_empty(), "a refusal has a reason");
            assert!(faults.0.iter().all(|fault| !fault.what.zh().is_empty() && !fault.what.en().is_empty()));
        }
    }
}

fn small() -> Parts {
    let first: Day = "2026-09-01".parse().expect("a day");
    Shape::TwoTwoOne.build(first).to_parts()
}

/// What was taken fits together, and goes out and in again as it is.
fn is_whole(alliance: &Alliance) {
    let again = import(Parts::default(), &export(alliance)).expect("what was taken can be taken");
    assert!(again.alliance == *alliance, "out and in again changes nothing");
}
