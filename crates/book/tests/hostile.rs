//! Files that are cut off, swollen, mistaken or made to hurt are refused within named limits, and never panic.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read data, print and fail loudly"
)]

mod common;

use common::{read, read_bytes, workbook, xml_row, zip};
use holdfast_book::limits::FIELD_CHARS_MAX;
use proptest::prelude::{ProptestConfig, any, proptest};

fn refused_whole(name: &str, bytes: &[u8], cause: &str) {
    let reading = read_bytes(name, bytes);
    let [error] = &reading.report.files_refused[..] else {
        panic!("{name} should be refused: {}", reading.report)
    };
    assert!(error.cause.contains(cause), "{error}");
    assert!(reading.book == holdfast_book::Book::default());
}

#[test]
fn files_that_are_no_tables_are_refused_as_a_whole() {
    refused_whole("skus.csv", b"", "no header");
    refused_whole("skus.csv", b"\n\n  \n", "no header");
    refused_whole("skus.csv", b"code,name,code\n", "twice");
    refused_whole(
        "skus.csv",
        b"code,name\nA,\xFF\xFE\xFF\n",
        "neither UTF-8 nor CP949, the first of them in line 2",
    );
    let many: Vec<String> = (0..300).map(|i| format!("c{i}")).collect();
    refused_whole("skus.csv", many.join(",").as_bytes(), "300 columns");
    refused_whole("skus.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest", "password");
}

#[test]
fn a_huge_field_and_an_open_quote_are_found_where_they_begin() {
    let huge = format!("code,name\nA,Water\nB,{}\n", "x".repeat(FIELD_CHARS_MAX + 1));
    refused_whole("skus.csv", huge.as_bytes(), "row 3: a field of more than 32767 characters");
    let exact = format!("code,name\nB,{}\n", "x".repeat(FIELD_CHARS_MAX));
    assert_eq!(read(&[("skus.csv", &exact)]).book.skus.len(), 1);
    // An open quote swallows the rest: with little rest it is an uneven row.
    let reading = read(&[("skus.csv", "code,name,category\nA,\"Water,x\nB,Tarp,x\nC,Rope,x\n")]);
    assert_eq!((reading.report.files[0].refused, reading.book.skus.len()), (1, 0), "{}", reading.report);
    assert!(reading.report.files[0].errors[0].remedy.contains("close open quotes"));
}

#[test]
fn a_file_cut_off_in_the_middle_loses_only_what_is_cut() {
    let whole = "code,name,price\nA,\"Water, still\",6.99\nB,Tarp,12.50\nC,Rope,3.00\n";
    for cut in 0..whole.len() {
        let reading = read(&[("skus.csv", &whole[..cut])]);
        assert!(reading.report.adds_up());
        assert!(reading.book.skus.len() <= 3);
    }
}

#[test]
fn quoting_keeps_separators_quotes_and_line_ends_and_counts_lines() {
    let reading = read(&[("skus.csv", "code,name\nA,\"6\"\" pipe,\nblack\"\nB,\nC,Rope\n")]);
    assert_eq!(reading.book.skus[0].name, "6\" pipe,\nblack");
    assert_eq!(reading.report.files[0].errors[0].row, 4);
}

#[test]
fn a_workbook_is_read_like_a_csv() {
    let rows = [
        xml_row(1, &["number", "ordered_at", "ship_country", "ship_postal"]),
        xml_row(2, &["#1001", "@44809.59375", "US", "#2108"]),
        xml_row(5, &["#1002", "@44810", "US", ""]),
        xml_row(6, &["#1003", "soon", "US", ""]),
    ];
    let reading = read_bytes("shop.xlsx", &workbook("orders", &rows.concat()));
    assert!(reading.report.files_refused.is_empty(), "{}", reading.report);
    let [first, second] = &reading.book.orders[..] else { panic!("two orders expected: {}", reading.report) };
    assert_eq!((first.number.as_str(), first.ship_postal.as_deref()), ("1001", Some("02108")));
    assert_eq!(first.ordered_at.to_string(), "2022-09-05T14:15:00Z");
    assert_eq!(second.ordered_at.to_string(), "2022-09-06T00:00:00Z");
    let error = &reading.report.files[0].errors[0];
    assert_eq!(
        (error.file.as_str(), error.row, error.column.as_str()),
        ("shop.xlsx[orders]", 6, "ordered_at")
    );
}

#[test]
fn a_workbook_with_far_cells_swollen_parts_or_missing_ones_is_refused() {
    let head = xml_row(1, &["code", "name"]);
    let far = format!(r#"{head}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#);
    refused_whole("skus.xlsx", &workbook("skus", &far), "columns");
    refused_whole("skus.xlsx", &zip(&[("a", vec![0])]), "workbook");
    let parts: Vec<(String, Vec<u8>)> = (0..5000).map(|i| (format!("p{i}"), Vec::new())).collect();
    let parts: Vec<(&str, Vec<u8>)> =
        parts.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    refused_whole("skus.xlsx", &zip(&parts), "5000 parts");
}

#[test]
fn a_part_that_swells_is_noticed_before_it_is_opened() {
    use std::io::Write;
    let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    deflated.write_all(&vec![b' '; 4 << 20]).unwrap();
    let packed = deflated.finish().unwrap();
    let mut bytes = zip(&[("xl/sharedStrings.xml", packed)]);
    // Say that the part is deflated, in its own head and in the directory.
    bytes[8] = 8;
    let entry = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes[entry + 10] = 8;
    assert_eq!(holdfast_book::unpack::check(&bytes, 8 << 20, 10), Ok(()));
    assert!(matches!(
        holdfast_book::unpack::check(&bytes, 1 << 20, 10),
        Err(holdfast_book::unpack::UnpackError::Swells { .. })
    ));
}

#[test]
fn a_workbook_cut_anywhere_is_refused_without_a_panic() {
    let rows = [xml_row(1, &["code", "name"]), xml_row(2, &["A", "Water"])].concat();
    let bytes = workbook("skus", &rows);
    assert_eq!(read_bytes("skus.xlsx", &bytes).book.skus.len(), 1);
    for cut in (4..bytes.len()).step_by(7) {
        let reading = read_bytes("skus.xlsx", &bytes[..cut]);
        assert_eq!(reading.report.files_refused.len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused_and_add_up(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for name in ["orders.csv", "skus.xlsx", "x.csv"] {
            assert!(read_bytes(name, &bytes).report.adds_up());
        }
    }

    #[test]
    fn any_text_in_cells_is_read_or_refused_and_adds_up(cells in proptest::collection::vec(".{0,12}", 12)) {
        let rows: Vec<String> = cells.chunks(4).map(|row| row.join(",")).collect();
        let text = format!("number,ordered_at,ship_country,ship_postal\n{}\n", rows.join("\n"));
        assert!(read(&[("orders.csv", &text)]).report.adds_up());
    }

    #[test]
    fn any_export_is_read_or_refused_and_adds_up(cells in proptest::collection::vec("[0-9a가 .:|@#=-]{0,6}|[12]|2022-09-05", 24)) {
        let rows: Vec<String> = cells.chunks(6).map(|row| row.join(",")).collect();
        let text = format!("상품주문번호,주문번호,주문일시,상품번호,수량,수취인명\n{}\n", rows.join("\n"));
        let reading = read(&[("x.csv", &text)]);
        assert_eq!(reading.report.files[0].read_as, "naver-smartstore");
        assert!(reading.report.adds_up());
        assert_eq!(reading.report.accepted(), reading.book.order_lines.len() as u64);
        // Every line has its order and its SKU.
        for line in &reading.book.order_lines {
            assert!(reading.book.orders.iter().any(|order| order.number == line.order));
        }
    }

    #[test]
    fn a_workbook_with_one_byte_changed_never_panics(at in 0_usize..2000, byte in any::<u8>()) {
        let rows = [xml_row(1, &["code", "name"]), xml_row(2, &["A", "Water"])].concat();
        let mut bytes = workbook("skus", &rows);
        let at = at % bytes.len();
        bytes[at] = byte;
        assert!(read_bytes("skus.xlsx", &bytes).report.adds_up());
    }
}
