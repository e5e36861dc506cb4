//! docs/reference/formats.md says what the code reads. `HOLDFAST_BLESS=1` writes it anew.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read data, print and fail loudly"
)]

use std::path::PathBuf;

use holdfast_book::known::Known;
use holdfast_book::{FILES, formats, mapping, read_book};

const BEGIN: &str = "<!-- columns: written from the declarations in crates/book -->\n";
const END: &str = "<!-- end of columns -->\n";

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/formats.md")
}

#[test]
fn the_reference_page_has_every_file_and_column_as_the_code_has_them() {
    let text = std::fs::read_to_string(page()).expect("docs/reference/formats.md is there");
    let (head, rest) = text.split_once(BEGIN).expect("the page has its first mark");
    let (_, tail) = rest.split_once(END).expect("the page has its second mark");
    let wanted = format!("{head}{BEGIN}\n{}\n{}{END}{tail}", formats::limits_table(), formats::reference());
    if std::env::var_os("HOLDFAST_BLESS").is_some() {
        std::fs::write(page(), wanted).expect("the page can be written");
    } else {
        assert!(
            text == wanted,
            "docs/reference/formats.md is not what the code says: run with HOLDFAST_BLESS=1"
        );
    }
}

#[test]
fn the_examples_of_every_column_are_read() {
    let files: Vec<(String, String)> = FILES
        .iter()
        .map(|file| {
            let quoted = |text: &str| format!("\"{text}\"");
            let header: Vec<&str> = file.columns.iter().map(|column| column.name).collect();
            let row: Vec<String> = file.columns.iter().map(|column| quoted(column.example)).collect();
            (file.name.to_owned(), format!("{}\n{}\n", header.join(","), row.join(",")))
        })
        .collect();
    let reading = read_book(&files, &Known::none(), &mapping::shipped());
    assert_eq!(reading.report.refused(), 0, "{}", reading.report);
    for file in &reading.report.files {
        assert!(file.columns_unread.is_empty() && file.repairs.is_empty(), "{file:?}");
    }
}

#[test]
fn every_column_says_what_it_means() {
    for file in FILES {
        assert!(!file.about.trim().is_empty() && !file.key.is_empty(), "{}", file.name);
        for column in file.columns {
            let about = column.about.trim();
            assert!(about.ends_with('.') && !column.example.is_empty(), "{} {}", file.name, column.name);
        }
    }
}
