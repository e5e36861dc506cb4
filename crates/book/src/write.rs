//! Writing a book as CSV files that read back equal.

use crate::model::Book;
use crate::row::Row;

/// The files of a book: name and UTF-8 bytes, in the order of docs/reference/formats.md. A file without rows
/// is left out.
#[must_use]
pub fn write_book(book: &Book) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    file(&mut files, book.operator.as_slice());
    file(&mut files, &book.merchants);
    file(&mut files, &book.sites);
    file(&mut files, &book.capacity_days);
    file(&mut files, &book.standby_contracts);
    file(&mut files, &book.skus);
    file(&mut files, &book.stock);
    file(&mut files, &book.inbound);
    file(&mut files, &book.zones);
    file(&mut files, &book.carriers);
    file(&mut files, &book.lanes);
    file(&mut files, &book.customers);
    file(&mut files, &book.orders);
    file(&mut files, &book.order_lines);
    file(&mut files, &book.returns);
    file(&mut files, &book.contacts);
    file(&mut files, &book.processes);
    files
}

fn file<R: Row>(files: &mut Vec<(String, Vec<u8>)>, rows: &[R]) {
    if rows.is_empty() {
        return;
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = R::FILE.columns.iter().map(|column| column.name);
    let written = writer.write_record(header).is_ok()
        && rows.iter().all(|row| writer.write_record(row.write()).is_ok());
    debug_assert!(written, "writing to memory does not fail, and every row has the header's length");
    let bytes = writer.into_inner().unwrap_or_default();
    files.push((R::FILE.name.to_owned(), bytes));
}
