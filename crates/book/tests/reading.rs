//! What becomes of good and bad rows: each planted fault is found with file, row, column, cause and remedy.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read data, print and fail loudly"
)]

mod common;

use common::{read, read_again};
use holdfast_book::encoding::Encoding;
use holdfast_book::kind::OrderStatus;
use holdfast_domain::money::{Currency, Money};

const SITES: (&str, &str) = ("sites.csv", "code,name,kind,place\nILM1,Wilmington,centre,34.2257 -77.9447\n");
const SKUS: (&str, &str) =
    ("skus.csv", "merchant,code,name,price\nacme,W-24,Water,6.99\nacme,T-1,Tarp,12.50\n");
const ORDERS: (&str, &str) = (
    "orders.csv",
    "merchant,number,ordered_at,ship_country,ship_postal\n\
     acme,1,2018-09-10T14:02:00Z,US,28401\nacme,2,2018-09-10T15:00:00Z,US,2108\n",
);
const LINES: (&str, &str) = (
    "order_lines.csv",
    "merchant,order,line,sku,quantity\nacme,1,1,W-24,2\nacme,1,2,T-1,1\nacme,2,1,W-24,3\n",
);

/// Reads `file` beside a good book and expects exactly one error, at `row` and `column`, about `cause`.
fn refuses(name: &str, text: &str, row: u64, column: &str, cause: &str) {
    let good = [SITES, SKUS, ORDERS, LINES];
    let mut files: Vec<_> = good.iter().filter(|(other, _)| *other != name).copied().collect();
    files.push((name, text));
    let reading = read(&files);
    assert!(reading.report.adds_up(), "{}", reading.report);
    let report = reading.report.files.iter().find(|report| report.file == name).unwrap();
    let [error] = &report.errors[..] else { panic!("one error expected for {text:?}: {:?}", report.errors) };
    assert_eq!((error.row, error.column.as_str()), (row, column), "{error}");
    assert!(error.cause.contains(cause), "{error}");
    assert!(!error.remedy.is_empty() && report.refused == 1, "{error}");
}

#[test]
fn a_good_folder_is_read_and_adds_up() {
    let reading = read(&[LINES, SITES, ORDERS, SKUS]);
    assert_eq!(reading.report.refused(), 0, "{}", reading.report);
    assert_eq!((reading.book.orders.len(), reading.book.order_lines.len()), (2, 3));
    assert_eq!(reading.book.merchants[0].code, "acme");
    assert_eq!(reading.book.orders[1].ship_postal.as_deref(), Some("02108"));
    let orders = reading.report.files.iter().find(|file| file.file == "orders.csv").unwrap();
    assert_eq!((orders.repairs[0].before.as_str(), orders.repairs[0].after.as_str()), ("2108", "02108"));
}

#[test]
fn each_kind_of_fault_is_refused_with_its_place() {
    let line = |row: &str| format!("merchant,order,line,sku,quantity,unit_price,cancelled_at\n{row}\n");
    refuses("order_lines.csv", &line("acme,1,1,W-24,two,,"), 2, "quantity", "whole number");
    refuses("order_lines.csv", &line("acme,1,1,W-24,-2,,"), 2, "quantity", "below zero");
    refuses("order_lines.csv", &line("acme,1,1,W-24,1.5,,"), 2, "quantity", "whole number");
    refuses("order_lines.csv", &line("acme,1,1,W-24,99999999999,,"), 2, "quantity", "whole number");
    refuses("order_lines.csv", &line("acme,1,1,W-24,2,6.999,"), 2, "unit_price", "amount of USD");
    refuses("order_lines.csv", &line("acme,1,1,W-24,2,500.5원,"), 2, "unit_price", "amount of KRW");
    refuses("order_lines.csv", &line("acme,1,1,W-24,2,,14/09/2018"), 2, "cancelled_at", "moment");
    refuses("order_lines.csv", &line("acme,1,1,,2,,"), 2, "sku", "empty");
    refuses("order_lines.csv", &line("acme,1,1,NONE,2,,"), 2, "sku", "skus.csv has no such row");
    refuses("order_lines.csv", &line("acme,9,1,W-24,2,,"), 2, "order", "orders.csv has no such row");
    refuses("order_lines.csv", &line("acme,1,1,W-24"), 2, "", "4 fields where the header has 7");
    refuses("order_lines.csv", &line("acme,1,1,W-24,2,,,extra"), 2, "", "8 fields");
    refuses(
        "order_lines.csv",
        &line("acme,1,1,W-24,2,,\nacme,1,1,W-24,3,,"),
        3,
        "line",
        "row 2 has the same key",
    );
    let site =
        |row: &str| format!("code,name,kind,place,timezone,calendar,capacity,county_fips,cutoff\n{row}\n");
    refuses("sites.csv", &site("A,A,shed,1 1,,,,,"), 2, "kind", "allowed words");
    refuses("sites.csv", &site("A,A,centre,91 1,,,,,"), 2, "place", "globe");
    refuses("sites.csv", &site("A,A,centre,NaN 1,,,,,"), 2, "place", "globe");
    refuses("sites.csv", &site("A,A,centre,1 1,Mars/Base,,,,"), 2, "timezone", "time zone");
    refuses("sites.csv", &site("A,A,centre,1 1,,mon tueday,,,"), 2, "calendar", "calendar");
    refuses("sites.csv", &site("A,A,centre,1 1,,,1 2 3,,"), 2, "capacity", "week");
    refuses("sites.csv", &site("A,A,centre,1 1,,,,ABC,"), 2, "county_fips", "county");
    refuses("sites.csv", &site("A,A,centre,1 1,,,,,25:00"), 2, "cutoff", "time of day");
    let sku = |row: &str| format!("merchant,code,name,gtin\n{row}\nacme,W-24,Water,\nacme,T-1,Tarp,\n");
    refuses("skus.csv", &sku("acme,X,X,4006381333932"), 2, "gtin", "barcode");
    let order = |row: &str| {
        format!(
            "merchant,number,ordered_at,ship_country,status\n{row}\nacme,1,2018-09-10,US,\nacme,2,2018-09-10,US,\n"
        )
    };
    refuses("orders.csv", &order("acme,7,2018-09-10,Atlantis,"), 2, "ship_country", "country");
    refuses("orders.csv", &order("acme,7,2018-09-10,US,lost"), 2, "status", "allowed words");
    refuses("orders.csv", &order("acme,7,2018-13-10,US,"), 2, "ordered_at", "moment");
    let merchants = "code,name,currency\nacme,Acme,USD\n";
    let reading = read(&[
        ("merchants.csv", merchants),
        ("skus.csv", "merchant,code,name,price\nacme,A,A,\"5,000원\"\n"),
    ]);
    assert!(reading.report.files[1].errors[0].cause.contains("counts in USD"), "{}", reading.report);
    refuses("contacts.csv", "role,name,email\nlead,Ada,nobody\n", 2, "email", "mail address");
    refuses("contacts.csv", "role,name,site\nlead,Ada,NOWHERE\n", 2, "site", "sites.csv has no such row");
    refuses("processes.csv", "code,name,legal_scale\npick,Picking,7\n", 2, "legal_scale", "scale");
    refuses("contacts.csv", "role,email\nlead,a@b.c\n", 1, "name", "lacks a required column");
}

#[test]
fn all_errors_of_a_row_are_told_and_the_row_counts_once() {
    let reading = read(&[("sites.csv", "code,name,kind,place\n,A,shed,north\n")]);
    assert_eq!(reading.report.files[0].errors.len(), 3);
    assert_eq!((reading.report.files[0].refused, reading.report.files[0].read), (1, 1));
}

#[test]
fn duplicates_blank_rows_unknown_columns_and_files_are_counted() {
    let text = "merchant;code;name;colour\nacme;W;Water;blue\n\n;;;\nacme;W;Water;green\n";
    let reading = read(&[("skus.csv", text), ("notes.csv", "a,b\n1,2\n3,4\n")]);
    let (notes, skus) = (&reading.report.files[0], &reading.report.files[1]);
    assert_eq!((skus.accepted, skus.duplicates, skus.ignored["blank rows"]), (1, 1, 1));
    assert_eq!((skus.separator, skus.columns_unread.as_slice()), (';', &["colour".to_owned()][..]));
    assert_eq!((notes.read_as.as_str(), notes.ignored.values().sum::<u64>()), ("nothing", 2));
    assert!(reading.report.adds_up());
}

#[test]
fn importing_twice_gives_nothing_new() {
    let files = [SITES, SKUS, ORDERS, LINES];
    let first = read(&files);
    let second = read_again(&files, &first.book);
    assert_eq!(second.report.accepted(), 0);
    assert!(second.report.files.iter().all(|file| file.known == file.read && file.read > 0));
    assert!(second.book.orders.is_empty() && second.book.merchants.is_empty());
    // A line added since is new, and may refer to what is known.
    let third =
        read_again(&[("order_lines.csv", "merchant,order,line,sku,quantity\nacme,2,2,T-1,1\n")], &first.book);
    assert_eq!((third.report.accepted(), third.report.refused()), (1, 0), "{}", third.report);
}

#[test]
fn a_second_operator_is_refused() {
    let reading = read(&[("operator.csv", "name,currency\nKelp,KRW\nWrack,USD\n")]);
    assert_eq!(reading.book.operator.unwrap().name, "Kelp");
    assert!(reading.report.adds_up() && reading.report.refused() == 1);
}

#[test]
fn korean_values_are_read_as_they_are_written() {
    let operator = ("operator.csv", "name,currency,timezone,country\n해조,KRW,Asia/Seoul,KR\n");
    let skus = ("skus.csv", "code\tname\tprice\nG-1\t생수 2L, 6개\t\"12,000원\"\n");
    let orders = (
        "orders.csv",
        "number,ordered_at,ship_country,ship_postal,ship_street,ship_phone\n\
         1,2022-09-05 오후 2:03:00,대한민국,6236,\"서울특별시 강남구 테헤란로 152, 3층\",1012345678\n\
         2,44809.5,KR,48058,부산광역시 해운대구 센텀중앙로 90,010-1234-5678\n\
         3,2022. 9. 5. 14:00,KR,63122,제주특별자치도 제주시 문연로 6,01012345678\n",
    );
    let reading = read(&[operator, skus, orders]);
    assert_eq!(reading.report.refused(), 0, "{}", reading.report);
    let book = reading.book;
    assert_eq!(book.skus[0].price, Some(Money::new(12_000, Currency::KRW)));
    assert_eq!(book.orders[0].ordered_at.to_string(), "2022-09-05T05:03:00Z");
    assert_eq!(book.orders[1].ordered_at.to_string(), "2022-09-05T03:00:00Z");
    assert_eq!(book.orders[2].ordered_at.to_string(), "2022-09-05T05:00:00Z");
    assert_eq!(book.orders[0].ship_postal.as_deref(), Some("06236"));
    assert_eq!(book.orders[0].ship_street.as_deref(), Some("서울특별시 강남구 테헤란로 152, 3층"));
    assert!(book.orders.iter().all(|order| order.ship_phone.as_deref() == Some("010-1234-5678")));
    assert_eq!(reading.report.files.iter().map(|file| file.repairs_count).sum::<u64>(), 2);
    assert_eq!((book.merchants[0].code.as_str(), book.orders[0].status), ("main", OrderStatus::Open));
}

#[test]
fn encodings_and_separators_are_recognised() {
    let text = "code,name,kind,place\nICN1,김포,centre,37.6 126.7\n";
    let (cp949, _, lossy) = encoding_rs::EUC_KR.encode(text);
    assert!(!lossy);
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8Bom),
        (cp949.to_vec(), Encoding::Cp949),
        (utf16, Encoding::Utf16),
    ] {
        let reading = common::read_bytes("sites.csv", &bytes);
        assert_eq!(reading.report.files[0].encoding, encoding);
        assert_eq!(reading.book.sites[0].name, "김포");
    }
}
