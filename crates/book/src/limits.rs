//! The limits of what is read, each named: hostile or mistaken files are refused within them.

/// Largest file, bytes.
pub const FILE_BYTES_MAX: usize = 512 << 20;
/// Largest workbook, bytes as it is stored.
pub const WORKBOOK_BYTES_MAX: usize = 64 << 20;
/// Largest workbook, bytes when its parts are unpacked.
pub const WORKBOOK_UNPACKED_MAX: u64 = 768 << 20;
/// Most parts in a workbook.
pub const WORKBOOK_PARTS_MAX: usize = 4096;
/// Longest cell, characters: what a spreadsheet's cell can hold.
pub const FIELD_CHARS_MAX: usize = 32_767;
/// Most columns in a file.
pub const COLUMNS_MAX: usize = 256;
/// Most rows in a file.
pub const ROWS_MAX: u64 = 5_000_000;
/// Most row errors kept with their text for one file; further ones are counted.
pub const ERRORS_KEPT_MAX: usize = 10_000;
/// Most repairs kept with their text for one file; further ones are counted.
pub const REPAIRS_KEPT_MAX: usize = 1_000;
/// Longest saved column mapping, bytes.
pub const MAPPING_BYTES_MAX: usize = 256 << 10;
