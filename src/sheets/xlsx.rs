//! XLSX files: what Excel and WPS keep.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::Sheet;
use super::file::{CELLS_MAX, FileFault, ROWS_MAX};

/// Every sheet of a workbook that is not empty.
pub(super) fn read(place: &str, bytes: &[u8]) -> Result<Vec<Sheet>, FileFault> {
    let unreadable = |why: String| FileFault::Unreadable { place: place.to_owned(), why };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|fault| unreadable(fault.to_string()))?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|fault| unreadable(fault.to_string()))?;
        let place = format!("{place}/{name}");
        if range.height() > ROWS_MAX || range.width() > CELLS_MAX {
            return Err(FileFault::TooMany { place });
        }
        let first = range.start().map_or(0, |(row, _)| row as usize);
        let mut rows = (first + 1..).zip(range.rows().map(|cells| cells.iter().map(text).collect::<Vec<_>>()));
        if let Some((_, headings)) = rows.next() {
            sheets.push(Sheet { place, name, headings, rows: rows.collect() });
        }
    }
    Ok(sheets)
}

/// A cell as it would be typed: days and times in one way, whole numbers without a point.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
            // Below one day it is a time of any day.
            if moment.as_f64() < 1.0 {
                format!("{hour:02}:{minute:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02}")
            }
        }
    }
}

/// One workbook of these sheets, with headings that stay in view.
///
/// # Errors
/// If a sheet is larger than a workbook may be.
pub fn write_xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    for sheet in sheets {
        let page = book.add_worksheet().set_name(&sheet.name)?;
        page.set_freeze_panes(1, 0)?;
        for (column, heading) in (0..).zip(&sheet.headings) {
            page.write_with_format(0, column, heading, &bold)?;
        }
        for (row, (_, cells)) in (1..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells) {
                page.write_string(row, column, cell)?;
            }
        }
        page.autofit();
    }
    book.save_to_buffer()
}
