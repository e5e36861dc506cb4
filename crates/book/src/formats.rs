//! The documentation of the files, written from the declarations that read them.

use core::fmt::Write;

use crate::row::{Column, FileSpec};
use crate::{FILES, limits};

/// The part of docs/reference/formats.md between its two marks: every file and column.
#[must_use]
pub fn reference() -> String {
    let mut out = String::new();
    for file in &FILES {
        section(&mut out, file);
    }
    out
}

/// The limits, as a table.
#[must_use]
pub fn limits_table() -> String {
    format!(
        "| limit | value |\n|---|---|\n\
         | size of a file | {} MiB |\n| size of a workbook, packed / unpacked | {} MiB / {} MiB |\n\
         | rows | {} |\n| columns | {} |\n| characters in a cell | {} |\n\
         | row errors kept with their text, for each file | {} |\n",
        limits::FILE_BYTES_MAX >> 20,
        limits::WORKBOOK_BYTES_MAX >> 20,
        limits::WORKBOOK_UNPACKED_MAX >> 20,
        limits::ROWS_MAX,
        limits::COLUMNS_MAX,
        limits::FIELD_CHARS_MAX,
        limits::ERRORS_KEPT_MAX,
    )
}

fn section(out: &mut String, file: &FileSpec) {
    let required =
        ["sites.csv", "skus.csv", "stock.csv", "orders.csv", "order_lines.csv"].contains(&file.name);
    let need = if required { "needed" } else { "optional" };
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "## {}\n\n{} File {need}; key: {}.\n\n| column | | type | example | empty means | meaning |\n|---|---|---|---|---|---|\n",
        file.name,
        file.about.trim(),
        file.key.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
    );
    for column in file.columns {
        let _ = writeln!(
            out,
            "| `{}` | {} | {}{} | `{}` | {} | {} |",
            column.name,
            if column.required { "required" } else { "" },
            if column.several { "several: " } else { "" },
            column.kind,
            column.example.replace('|', "\\|"),
            default(column),
            column.about.trim()
        );
    }
    out.push('\n');
}

/// What stands for an empty cell, in words.
fn default(column: &Column) -> String {
    if column.required {
        return "refused".to_owned();
    }
    let plain: String = column.default.chars().filter(|c| !c.is_whitespace()).collect();
    match plain.as_str() {
        "None" => "not known".to_owned(),
        "Vec::new()" => "none".to_owned(),
        "true" => "yes".to_owned(),
        "false" => "no".to_owned(),
        "Quantity::ZERO" => "0".to_owned(),
        "Currency::USD" => "USD".to_owned(),
        "Zone::utc()" => "UTC".to_owned(),
        "Calendar::weekdays_only()" => "mon tue wed thu fri".to_owned(),
        "TimeOfDay::from_hm(14,0)" => "14:00".to_owned(),
        other => match (other.split_once('"'), other.rsplit_once("::")) {
            (Some((_, rest)), _) => rest.split('"').next().unwrap_or("").to_owned(),
            (None, Some((_, variant))) => variant.to_lowercase(),
            (None, None) => other.to_owned(),
        },
    }
}
