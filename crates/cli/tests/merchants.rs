//! Sixty merchants share fourteen sites, two of which are lost: each one's page holds its own and nothing of another's.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use holdfast_book::demo::{Options, fourteen_sites_sixty_merchants};
use holdfast_book::{Book, write_book};

const SEED: u64 = 11;
const ORDERS: u32 = 600;

/// What marks everything a merchant owns: no mark is the beginning of another.
fn mark(merchant: usize) -> String {
    format!("kanari{merchant}x")
}

/// The book, with each merchant's mark in its code, its name, its SKUs' codes and names and its orders' numbers.
fn marked() -> Book {
    let mut book = fourteen_sites_sixty_merchants(SEED, &Options::orders(ORDERS));
    let marks: BTreeMap<String, String> =
        book.merchants.iter().enumerate().map(|(at, row)| (row.code.clone(), mark(at))).collect();
    let of = |merchant: &str| marks[merchant].clone();
    let put = |merchant: &str, text: &mut String| *text = format!("{}{text}", of(merchant));
    for row in &mut book.skus {
        let owner = row.merchant.clone();
        put(&owner, &mut row.code);
        put(&owner, &mut row.name);
        row.substitutes.clear();
        put(&owner, &mut row.merchant);
    }
    for row in &mut book.stock {
        let owner = row.merchant.clone();
        put(&owner, &mut row.sku);
        put(&owner, &mut row.merchant);
    }
    for row in &mut book.inbound {
        let owner = row.merchant.clone();
        put(&owner, &mut row.sku);
        put(&owner, &mut row.merchant);
    }
    for row in &mut book.orders {
        let owner = row.merchant.clone();
        put(&owner, &mut row.number);
        put(&owner, &mut row.merchant);
    }
    for row in &mut book.order_lines {
        let owner = row.merchant.clone();
        put(&owner, &mut row.order);
        put(&owner, &mut row.sku);
        put(&owner, &mut row.merchant);
    }
    for row in &mut book.merchants {
        let owner = row.code.clone();
        put(&owner, &mut row.name);
        put(&owner, &mut row.code);
    }
    book
}

fn marks_in(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> =
        text.match_indices("kanari").filter_map(|(at, _)| text[at..].split_inclusive('x').next()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn no_merchant_sees_anything_of_another_and_each_sees_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (book, pages, out) =
        (folder.path().join("book"), folder.path().join("pages"), folder.path().join("out"));
    std::fs::create_dir_all(&book).unwrap();
    for (name, bytes) in write_book(&marked()) {
        std::fs::write(book.join(name), bytes).unwrap();
    }
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/two_of_fourteen_lost.toml");
    let output = common::run(&[
        "drill",
        common::arg(&scenario),
        "--book",
        common::arg(&book),
        "--merchant-reports",
        common::arg(&pages),
        "--out",
        common::arg(&out),
        "--lang",
        "ko",
        "--json",
    ]);
    assert_eq!(common::code(&output), 0, "{}", common::said(&output));
    let report = common::json(&output);
    let (mut listed, mut broken) = (0, 0);
    for merchant in 0..60 {
        let page =
            std::fs::read_to_string(pages.join(format!("{}shop{:02}.html", mark(merchant), merchant + 1)));
        let page = page.unwrap();
        assert_eq!(marks_in(&page), [mark(merchant).as_str()], "the page of merchant {merchant}");
        assert!(!page.contains('⟦'), "the page of merchant {merchant} has a hole");
        listed += usize::from(page.matches(&mark(merchant)).count() > 3);
        broken += usize::from(page.contains("약속을 지키지 못한"));
        // Its kept promises stand in the operator's report, and in its own page.
        for (name, tally) in report["policies"].as_array().unwrap().iter().map(|p| (&p[0], &p[1])) {
            let mine = &tally["merchants"][merchant.to_string()];
            if let Some(kept) = mine["on_time"].as_u64() {
                assert!(
                    page.contains(&format!("<td>{kept} (")),
                    "{name}: {kept} kept of merchant {merchant}"
                );
            }
        }
    }
    assert!(listed > 30, "pages list goods and orders: {listed}");
    assert!(broken > 5, "pages list broken promises: {broken}");
    assert_eq!(std::fs::read_dir(&pages).unwrap().count(), 60);
    // The operator's own page names them all, in words of the language asked for.
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert_eq!(marks_in(&page).len(), 60);
    let text = std::fs::read_to_string(out.join("report.txt")).unwrap();
    assert!(!page.contains('⟦') && !text.contains('⟦'), "a message is missing");
    assert!(text.contains("판매사"));
    // Sites that never come back were shut until the run ended.
    let hours = text.lines().find_map(|line| line.trim().strip_prefix("센터가 닫힌 시간")).unwrap();
    let hours: u64 = hours.trim().replace(',', "").parse().unwrap();
    assert!(hours > 2 * 24, "{hours} hours");
    // A reason that holds for plan after plan is said once.
    let reasons: Vec<&str> =
        text.lines().filter_map(|line| Some(line.split_once("트럭을 보낼 수 없음")?.1)).collect();
    assert!(reasons.windows(2).all(|two| two[0] != two[1]), "{reasons:?}");
    assert_eq!(report["recounted"].as_array().unwrap().len(), report["policies"].as_array().unwrap().len());
}
