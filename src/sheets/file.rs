//! Files into sheets: CSV as Excel and everybody else write it, and XLSX.

use super::Sheet;
use super::xlsx;

/// The largest file: a county's whole term is under one.
const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Rows of one sheet, and cells of one row: beyond what is planned for a county.
pub(super) const ROWS_MAX: usize = 200_000;
pub(super) const CELLS_MAX: usize = 64;

/// Why a file could not be read as sheets.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each says it in words")]
pub enum FileFault {
    #[error("{place}: 文件超过 32 MiB | the file is larger than 32 MiB")]
    TooLarge { place: String },
    #[error("{place}: 超过 {ROWS_MAX} 行或 {CELLS_MAX} 列 | more than {ROWS_MAX} rows or {CELLS_MAX} columns")]
    TooMany { place: String },
    #[error("{place}: 只能导入 .csv 和 .xlsx 文件 | only .csv and .xlsx files can be imported")]
    Ending { place: String },
    #[error("{place}: 无法读取 | cannot be read: {why}")]
    Unreadable { place: String, why: String },
}

/// The sheets of a file of this name: one of a CSV file, which is called as the file is, and all of an XLSX file.
///
/// # Errors
/// A [`FileFault`] that names the file.
pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Vec<Sheet>, FileFault> {
    let place = || name.to_owned();
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileFault::TooLarge { place: place() });
    }
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match file.rsplit_once('.').map(|(stem, ending)| (stem, ending.to_lowercase())) {
        Some((stem, ending)) if ending == "csv" => Ok(vec![read_csv(name, stem, bytes)?]),
        Some((_, ending)) if ending == "xlsx" => xlsx::read(name, bytes),
        _ => Err(FileFault::Ending { place: place() }),
    }
}

fn read_csv(place: &str, name: &str, bytes: &[u8]) -> Result<Sheet, FileFault> {
    let text = decode(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut sheet = Sheet { place: place.to_owned(), name: name.to_owned(), ..Sheet::default() };
    for record in reader.records() {
        let record =
            record.map_err(|fault| FileFault::Unreadable { place: place.to_owned(), why: fault.to_string() })?;
        // The line in the file is the row in a spreadsheet as long as no cell holds a line break.
        let row = record.position().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(0);
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        if cells.len() > CELLS_MAX || sheet.rows.len() == ROWS_MAX {
            return Err(FileFault::TooMany { place: place.to_owned() });
        }
        if sheet.headings.is_empty() {
            sheet.headings = cells;
        } else {
            sheet.rows.push((row, cells));
        }
    }
    Ok(sheet)
}

/// UTF-8 with or without a mark in front, else GB18030: what Excel in China writes.
fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// A sheet as a CSV file that Excel opens as UTF-8.
pub fn write_csv(sheet: &Sheet) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer("\u{feff}".as_bytes().to_vec());
    let rows = std::iter::once(&sheet.headings).chain(sheet.rows.iter().map(|(_, cells)| cells));
    for cells in rows {
        writer.write_record(cells).expect("memory takes it, and every row has a cell for each heading");
    }
    writer.into_inner().expect("memory takes it")
}
