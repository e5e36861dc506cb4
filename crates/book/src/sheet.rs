//! Sheets: a file as a header and rows of text, whether it came as CSV or as a workbook.
//!
//! Every row keeps the number a person finds it by: the line of a CSV file, the row of a workbook's sheet.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use csv::StringRecord;

use crate::encoding::{Encoding, EncodingError, decode};
use crate::limits::{
    COLUMNS_MAX, FIELD_CHARS_MAX, FILE_BYTES_MAX, ROWS_MAX, WORKBOOK_BYTES_MAX, WORKBOOK_PARTS_MAX,
    WORKBOOK_UNPACKED_MAX,
};
use crate::unpack;

/// A file as text.
#[derive(Debug)]
pub struct Sheet {
    /// The file's name, and the sheet's in a workbook.
    pub name: String,
    /// The stem that says which file of the book it is: `orders` of `orders.csv`, or a workbook's sheet.
    pub stem: String,
    /// The header, trimmed.
    pub header: Vec<String>,
    /// Rows under the header with their numbers. Lines without anything in them are not rows.
    pub rows: Vec<(u64, StringRecord)>,
    /// The encoding it was found in.
    pub encoding: Encoding,
    /// What separates the fields.
    pub separator: char,
}

/// Why a file as a whole was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// Too many bytes.
    #[error("file of {bytes} bytes: at most {most} are read; split it")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// Not text.
    #[error("{0}; save it as UTF-8")]
    Encoding(#[from] EncodingError),
    /// Nothing in it.
    #[error("no header: the first row must name the columns")]
    NoHeader,
    /// A column is named twice.
    #[error("column {0:?} twice in the header; rename one")]
    ColumnTwice(String),
    /// Too many columns.
    #[error("{0} columns: at most {COLUMNS_MAX} are read; is the separator right?")]
    TooManyColumns(usize),
    /// Too many rows.
    #[error("more than {ROWS_MAX} rows; split the file")]
    TooManyRows,
    /// A field past all measure.
    #[error("row {row}: a field of more than {FIELD_CHARS_MAX} characters; a quote may be open since there")]
    HugeField {
        /// Line or row.
        row: u64,
    },
    /// A CSV that cannot be read on.
    #[error("row {row}: the CSV cannot be read on from here: {cause}")]
    Csv {
        /// Line.
        row: u64,
        /// What the reader says.
        cause: String,
    },
    /// A workbook that cannot be read.
    #[error(
        "the workbook cannot be read: {0}; open it in a spreadsheet, save it again as xlsx, or save it as CSV"
    )]
    Workbook(String),
}

/// The sheets of a file. A CSV is one; a workbook is the sheets whose names are files of the book, or else
/// its first sheet under the workbook's own name.
///
/// # Errors
/// [`SheetError`] for a file that is refused as a whole.
pub fn sheets(
    name: &str,
    bytes: &[u8],
    is_book_file: &dyn Fn(&str) -> bool,
) -> Result<Vec<Sheet>, SheetError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(SheetError::TooLarge { bytes: bytes.len() as u64, most: FILE_BYTES_MAX as u64 });
    }
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    if bytes.starts_with(b"PK\x03\x04") {
        workbook(name, stem, bytes, is_book_file)
    } else if bytes.starts_with(COMPOUND_FILE) {
        Err(SheetError::Workbook("it is protected by a password, or an old xls".to_owned()))
    } else {
        Ok(vec![delimited(name, stem, bytes)?])
    }
}

fn delimited(name: &str, stem: &str, bytes: &[u8]) -> Result<Sheet, SheetError> {
    let (text, encoding) = decode(bytes)?;
    let separator = separator_of(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut sheet = Sheet {
        name: name.to_owned(),
        stem: stem.to_owned(),
        header: Vec::new(),
        rows: Vec::new(),
        encoding,
        separator: char::from(separator),
    };
    let mut header_seen = false;
    let mut next_line = 1;
    loop {
        let at = next_line;
        let more = reader
            .read_record(&mut record)
            .map_err(|error| SheetError::Csv { row: at, cause: error.to_string() })?;
        if !more {
            break;
        }
        let row = record.position().map_or(at, csv::Position::line);
        next_line = reader.position().line();
        if record.iter().any(|field| field.len() > FIELD_CHARS_MAX && field.chars().count() > FIELD_CHARS_MAX)
        {
            return Err(SheetError::HugeField { row });
        }
        if header_seen {
            push(&mut sheet, row, record.clone())?;
        } else if record.iter().any(|field| !field.trim().is_empty()) {
            sheet.header = header_of(record.iter())?;
            header_seen = true;
        }
    }
    if header_seen { Ok(sheet) } else { Err(SheetError::NoHeader) }
}

fn push(sheet: &mut Sheet, row: u64, record: StringRecord) -> Result<(), SheetError> {
    if sheet.rows.len() as u64 >= ROWS_MAX {
        return Err(SheetError::TooManyRows);
    }
    sheet.rows.push((row, record));
    Ok(())
}

fn header_of<'a>(fields: impl Iterator<Item = &'a str>) -> Result<Vec<String>, SheetError> {
    let mut header: Vec<String> = fields.map(|field| field.trim().to_owned()).collect();
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    if header.len() > COLUMNS_MAX {
        return Err(SheetError::TooManyColumns(header.len()));
    }
    for (i, name) in header.iter().enumerate() {
        if !name.is_empty() && header[..i].contains(name) {
            return Err(SheetError::ColumnTwice(name.clone()));
        }
    }
    if header.is_empty() { Err(SheetError::NoHeader) } else { Ok(header) }
}

/// The separator that is most frequent in the first line that is not blank, outside quotes.
fn separator_of(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let count = |separator: u8| {
        let mut quoted = false;
        line.bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                !quoted && *byte == separator
            })
            .count()
    };
    // Of equals the first stays: max_by_key would take the last.
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// What an encrypted workbook and an old `.xls` begin with.
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

fn workbook(
    name: &str,
    stem: &str,
    bytes: &[u8],
    is_book_file: &dyn Fn(&str) -> bool,
) -> Result<Vec<Sheet>, SheetError> {
    if bytes.len() > WORKBOOK_BYTES_MAX {
        return Err(SheetError::TooLarge { bytes: bytes.len() as u64, most: WORKBOOK_BYTES_MAX as u64 });
    }
    unpack::check(bytes, WORKBOOK_UNPACKED_MAX, WORKBOOK_PARTS_MAX)
        .map_err(|error| SheetError::Workbook(error.to_string()))?;
    // The workbook reader is foreign code on possibly hostile bytes: a panic inside it refuses the file.
    let reading = std::panic::AssertUnwindSafe(|| workbook_sheets(name, stem, bytes, is_book_file));
    std::panic::catch_unwind(reading)
        .unwrap_or_else(|_| Err(SheetError::Workbook("its parts contradict each other".to_owned())))
}

fn workbook_sheets(
    name: &str,
    stem: &str,
    bytes: &[u8],
    is_book_file: &dyn Fn(&str) -> bool,
) -> Result<Vec<Sheet>, SheetError> {
    let broken = |error: calamine::XlsxError| SheetError::Workbook(error.to_string());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = book.sheet_names();
    let mut wanted: Vec<(String, String)> = names
        .iter()
        .filter(|sheet| is_book_file(sheet))
        .map(|sheet| (sheet.clone(), sheet.clone()))
        .collect();
    if wanted.is_empty() {
        let first = names.first().ok_or_else(|| SheetError::Workbook("it has no sheet".to_owned()))?;
        wanted.push((first.clone(), stem.to_owned()));
    }
    wanted
        .into_iter()
        .map(|(sheet_name, stem)| {
            let mut cells = book.worksheet_cells_reader(&sheet_name).map_err(broken)?;
            let mut sheet = Sheet {
                name: format!("{name}[{sheet_name}]"),
                stem,
                header: Vec::new(),
                rows: Vec::new(),
                encoding: Encoding::Workbook,
                separator: '\t',
            };
            let mut row: Vec<String> = Vec::new();
            let mut row_at = None;
            while let Some(cell) = cells.next_cell().map_err(broken)? {
                let (at, column) = cell.get_position();
                if row_at.is_some_and(|row_at| row_at != at) {
                    finish(&mut sheet, row_at, &mut row)?;
                }
                row_at = Some(at);
                let column = column as usize;
                let text = text_of(cell.get_value());
                if text.is_empty() {
                    continue;
                }
                if column >= COLUMNS_MAX {
                    return Err(SheetError::TooManyColumns(column + 1));
                }
                if text.len() > FIELD_CHARS_MAX && text.chars().count() > FIELD_CHARS_MAX {
                    return Err(SheetError::HugeField { row: u64::from(at) + 1 });
                }
                if row.len() <= column {
                    row.resize(column + 1, String::new());
                }
                row[column] = text;
            }
            finish(&mut sheet, row_at, &mut row)?;
            if sheet.header.is_empty() { Err(SheetError::NoHeader) } else { Ok(sheet) }
        })
        .collect()
}

/// Ends a row of a workbook's sheet: the first that is not blank is the header.
fn finish(sheet: &mut Sheet, at: Option<u32>, row: &mut Vec<String>) -> Result<(), SheetError> {
    let Some(at) = at else { return Ok(()) };
    if sheet.header.is_empty() {
        if !row.is_empty() {
            sheet.header = header_of(row.iter().map(String::as_str))?;
        }
    } else {
        // Empty cells at the end of a row are not stored in a workbook.
        if row.len() < sheet.header.len() {
            row.resize(sheet.header.len(), String::new());
        }
        push(sheet, u64::from(at) + 1, StringRecord::from(row.as_slice()))?;
    }
    row.clear();
    Ok(())
}

/// A workbook's cell as text; a date as `2018-09-14 07:15:00`, a bare time of day as `07:15:00`.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            if moment.as_f64() < 1.0 {
                format!("{hour:02}:{minute:02}:{second:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::Error(error) => format!("{error}"),
        DataRef::Empty => String::new(),
    }
}
