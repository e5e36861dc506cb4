//! UCI Online Retail II, on a typed handful of lines and on the whole file where it is present.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read data, print and fail loudly"
)]

use std::path::PathBuf;

use holdfast_book::known::Known;
use holdfast_book::uci::{LineClass, UciError, UciOptions, UciReading, read};
use holdfast_book::{Book, read_book, write_book};
use holdfast_domain::time::Day;

const HEAD: &str = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n";

fn small(lines: &str, options: &UciOptions) -> UciReading {
    let reading = read("uci.csv", format!("{HEAD}{lines}").as_bytes(), options, &Known::none()).unwrap();
    assert!(reading.reconciliation.adds_up(), "{}", reading.reconciliation);
    reading
}

fn lines_of(reading: &UciReading, class: LineClass) -> u64 {
    reading.reconciliation.classes.get(&class).map_or(0, |tally| tally.lines)
}

#[test]
fn each_kind_of_line_has_its_class() {
    let reading = small(
        "1,85048,LIGHTS,12,2010-04-15 09:00:00,6.95,13085.0,United Kingdom\n\
         1,85048,LIGHTS,12,2010-04-15 09:00:00,6.95,13085.0,United Kingdom\n\
         1,POST,POSTAGE,1,2010-04-15 09:00:00,18.00,13085.0,United Kingdom\n\
         2,79323p,PINK LIGHTS,5,2010-04-15 10:00:00,6.75,12345.0,Germany\n\
         2,22041,FRAME,4,2010-04-15 10:00:00,0,12345.0,Germany\n\
         C3,85048,LIGHTS,-2,2010-04-15 11:00:00,6.95,13085.0,United Kingdom\n\
         C4,79323P,PINK LIGHTS,-1,2010-04-17 11:00:00,6.75,12345.0,Germany\n\
         C4,79323P,PINK LIGHTS,-9,2010-04-17 11:00:00,6.75,12345.0,Germany\n\
         C4,D,Discount,-1,2010-04-17 11:00:00,10.00,12345.0,Germany\n\
         C5,22041,FRAME,-1,2010-04-17 11:00:00,2.10,,United Kingdom\n\
         C5,M,Manual,1,2010-04-17 11:00:00,373.57,,United Kingdom\n\
         6,22041,damaged,-7,2010-04-18 11:00:00,0,,United Kingdom\n\
         7,22041,found,7,2010-04-18 11:00:00,0,,United Kingdom\n\
         8,gift_0001_20,Voucher,1,2010-04-18 12:00:00,17.02,,United Kingdom\n\
         9,PADS,PADS,1,2010-04-18 13:00:00,0.001,16705.0,United Kingdom\n\
         A10,B,Adjust bad debt,1,2010-04-29 13:36:00,-53594.36,,United Kingdom\n\
         11,85048,LIGHTS,many,2010-04-29 13:36:00,1,,United Kingdom\n\
         12,85048,LIGHTS,1,yesterday,1,,United Kingdom\n\
         13,85048,LIGHTS,1,2010-04-29 13:36:00,1.2345,,United Kingdom\n\
         ,85048,LIGHTS,1,2010-04-29 13:36:00,1,,United Kingdom\n",
        &UciOptions::default(),
    );
    for (class, lines) in [
        (LineClass::OrderLine, 3),
        (LineClass::FreeOrderLine, 1),
        (LineClass::Duplicate, 1),
        (LineClass::Carriage, 1),
        (LineClass::Cancellation, 1),
        (LineClass::Return, 1),
        (LineClass::ReturnPart, 1),
        (LineClass::ReturnUnmatched, 1),
        (LineClass::Discount, 1),
        (LineClass::Manual, 1),
        (LineClass::StockDown, 1),
        (LineClass::StockUp, 1),
        (LineClass::Voucher, 1),
        (LineClass::BookAdjustment, 1),
        (LineClass::Refused, 4),
    ] {
        assert_eq!(lines_of(&reading, class), lines, "{class:?}\n{}", reading.reconciliation);
    }
    let book = &reading.book;
    assert_eq!(book.order_lines[0].cancelled.0, 2);
    assert_eq!(
        (book.returns[0].order.as_deref(), book.returns[0].order_line.as_deref()),
        (Some("2"), Some("1"))
    );
    // Nine come back, four of them are of the sale that had five and one back already.
    assert_eq!((book.returns[1].quantity.0, book.returns[2].quantity.0), (4, 5));
    assert_eq!(book.returns[2].order, None);
    assert_eq!(book.orders[0].ordered_at.to_string(), "2010-04-15T08:00:00Z");
    let rows: Vec<u64> = reading.reconciliation.errors.iter().map(|error| error.row).collect();
    assert_eq!(rows, [18, 19, 20, 21]);
}

#[test]
fn a_window_and_a_second_import_leave_lines_out_and_say_so() {
    let text = "1,85048,LIGHTS,12,2010-04-15 09:00:00,6.95,13085.0,United Kingdom\n\
                2,85048,LIGHTS,1,2010-04-22 09:00:00,6.95,13085.0,Germany\n\
                C3,85048,LIGHTS,-1,2010-04-23 09:00:00,6.95,13085.0,Germany\n";
    let day = |text: &str| text.parse::<Day>().unwrap();
    let window = UciOptions { window: Some((day("2010-04-15"), day("2010-04-21"))), ..UciOptions::default() };
    assert_eq!(lines_of(&small(text, &window), LineClass::OutsideWindow), 2);
    let first = small(text, &UciOptions::default());
    let known = Known::of(&first.book);
    let again = read("uci.csv", format!("{HEAD}{text}").as_bytes(), &UciOptions::default(), &known).unwrap();
    assert_eq!(lines_of(&again, LineClass::Known), 3);
    assert!(again.book == Book::default() && again.reconciliation.adds_up());
}

#[test]
fn another_table_or_a_damaged_one_is_refused() {
    let read = |bytes: &[u8]| read("x", bytes, &UciOptions::default(), &Known::none());
    assert_eq!(read(b"a,b\n1,2\n"), Err(UciError::NoColumn("Invoice")));
    assert_eq!(read(b"\x1F\x8B\x08\x00cut"), Err(UciError::Gzip));
    assert!(matches!(read(b""), Err(UciError::Sheet(_))));
}

/// The shared data, or a loud skip.
fn data() -> Option<Vec<u8>> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("HOLDFAST_DATA").map_or(beside, PathBuf::from);
    let file = folder.join("orders/online_retail_II_2009_2010.csv.gz");
    let bytes = std::fs::read(&file).ok();
    if bytes.is_none() {
        let strict = std::env::var_os("HOLDFAST_STRICT").is_some_and(|strict| strict == "1");
        assert!(!strict, "{} is absent", file.display());
        eprintln!("SKIPPED: the UCI year (no data folder)");
    }
    bytes
}

/// The year by class: lines, units, thousandths of a pound. Counted by a script that shares no code; the same
/// table stands in docs/how-to/import-uci-online-retail.md.
const YEAR: &[(LineClass, u64, i64, i64)] = &[
    (LineClass::OrderLine, 502_430, 5_806_649, 9_804_647_244),
    (LineClass::FreeOrderLine, 28, 859, 0),
    (LineClass::Cancellation, 777, -37_164, -60_911_060),
    (LineClass::Return, 7_088, -158_506, -152_385_450),
    (LineClass::ReturnPart, 83, -2_286, -6_895_390),
    (LineClass::ReturnUnmatched, 1_611, -11_776, -27_232_560),
    (LineClass::Carriage, 1_740, 412, 168_894_350),
    (LineClass::Manual, 848, 1_386, -14_125_340),
    (LineClass::Discount, 100, -1_678, -7_788_320),
    (LineClass::Sample, 41, -39, -3_016_410),
    (LineClass::Fee, 74, -34, -67_630_070),
    (LineClass::Voucher, 67, 160, 1_000_800),
    (LineClass::Test, 17, 57, 203_500),
    (LineClass::BookAdjustment, 73, 11, -128_985_730),
    (LineClass::StockUp, 1_500, 176_253, 0),
    (LineClass::StockDown, 2_119, -361_120, 0),
    (LineClass::Duplicate, 6_865, 18_857, 33_709_070),
];

#[test]
fn the_whole_year_is_accounted_for() {
    let Some(bytes) = data() else { return };
    let reading = read("uci.csv.gz", &bytes, &UciOptions::default(), &Known::none()).unwrap();
    let sums = &reading.reconciliation;
    eprintln!("{sums}");
    assert!(sums.adds_up(), "{sums}");
    // Counted on the file by other means: shared/data/README.md, and awk over the columns.
    assert_eq!(
        (sums.lines_read, sums.invoices.len(), sums.customers, sums.countries),
        (525_461, 28_816, 4_383, 40)
    );
    assert_eq!(sums.lines_without_customer, 107_927);
    assert_eq!(sums.total.amount_milli, 9_539_484_634);
    for (class, lines, units, amount_milli) in YEAR {
        let tally = sums.classes[class];
        assert_eq!(
            (tally.lines, tally.units, tally.amount_milli),
            (*lines, *units, *amount_milli),
            "{class:?}"
        );
    }
    assert_eq!(sums.classes.len(), YEAR.len());
    let back = (sums.units_back.cancelled, sums.units_back.returned, sums.units_back.returned_unmatched);
    assert_eq!(back, (37_759, 159_524, 12_449));
    assert!(sums.errors.is_empty());
    assert_eq!(reading.book.orders.len(), 20_573);
    let day = |text: &str| text.parse::<Day>().unwrap();
    let week = sums.invoices_between(day("2010-04-15"), day("2010-04-21"));
    eprintln!("{week:?}");
    assert_eq!((week.sales, week.abroad, week.countries_abroad), (398, 35, 10));
    // Every part of the book is consistent: written, it reads back without a refusal.
    let files = write_book(&reading.book);
    let back = read_book(&files, &Known::none(), &[]);
    assert_eq!(back.report.refused(), 0, "{}", back.report);
    assert!(back.book == reading.book);
}

#[test]
fn cancellation_lines_of_the_year_are_all_found() {
    let Some(bytes) = data() else { return };
    let options = UciOptions { duplicates_kept: true, ..UciOptions::default() };
    let reading = read("uci.csv.gz", &bytes, &options, &Known::none()).unwrap();
    assert!(reading.reconciliation.adds_up());
    assert_eq!(lines_of(&reading, LineClass::Duplicate), 0);
    // The expected counts are taken from the columns of the file by a script that shares no code.
    let back =
        [LineClass::Cancellation, LineClass::Return, LineClass::ReturnPart, LineClass::ReturnUnmatched];
    // 10,206 lines begin with C; 624 of them hold a code that is not goods.
    assert_eq!(back.iter().map(|class| lines_of(&reading, *class)).sum::<u64>(), 10_206 - 624);
    assert_eq!(
        lines_of(&reading, LineClass::StockDown) + lines_of(&reading, LineClass::StockUp),
        2_119 + 1_506
    );
}
