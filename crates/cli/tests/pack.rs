//! A day without screens: what was shipped from the printed pack is never shipped again, and no row is lost.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{arg, book, code, json, run, said, text};

/// Imports a small book and makes the pack of its first day; gives the journal and the pack's folder.
fn packed(folder: &Path, more: &[&str]) -> (PathBuf, PathBuf) {
    let (books, journal, out) = (folder.join("book"), folder.join("shop.db"), folder.join("safe"));
    book(&books, 300);
    let imported = run(&["--json", "import", "--book", arg(&books), "--journal", arg(&journal)]);
    assert_eq!(code(&imported), 0, "{}", said(&imported));
    let args = ["--json", "pack", arg(&journal), "--out", arg(&out), "--days", "30"];
    let made = run(&[&args[..], more].concat());
    assert_eq!(code(&made), 0, "{}", said(&made));
    let made = json(&made);
    assert!(made["parcels"].as_u64().unwrap() > 100, "{made}");
    (journal, PathBuf::from(made["folder"].as_str().unwrap()))
}

/// The sheet with answers: every third row shipped, every seventh unclear, the others stayed.
fn ticked(folder: &Path) -> (PathBuf, BTreeMap<&'static str, usize>) {
    let template = std::fs::read_to_string(folder.join("ticks.csv")).unwrap();
    let mut counts = BTreeMap::new();
    let mut lines = template.lines();
    let mut sheet = format!("{}\n", lines.next().unwrap());
    for (number, line) in lines.enumerate() {
        let answer = match number {
            n if n % 3 == 0 => "shipped",
            n if n % 7 == 0 => "?",
            _ => "stayed",
        };
        *counts.entry(answer).or_default() += 1;
        let fields: Vec<&str> = line.split(',').collect();
        let tracking = if answer == "shipped" { format!("T{number}") } else { String::new() };
        sheet
            .push_str(&format!("{},{},{},{answer},2018-09-13,{tracking}\n", fields[0], fields[1], fields[2]));
    }
    let path = folder.join("ticked.csv");
    std::fs::write(&path, sheet).unwrap();
    (path, counts)
}

fn settle(journal: &Path, folder: &Path, sheet: &Path, more: &[&str]) -> std::process::Output {
    let pack = folder.join("pack.json");
    let args = ["--json", "settle", arg(journal), "--pack", arg(&pack), "--ticks", arg(sheet)];
    run(&[&args[..], more].concat())
}

#[test]
fn what_left_on_paper_is_never_shipped_again() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, pack) = packed(folder.path(), &[]);
    let (sheet, counts) = ticked(&pack);
    let before = json(&run(&["--json", "verify", arg(&journal)]));
    let dry = json(&settle(&journal, &pack, &sheet, &["--dry-run"]));
    assert_eq!(dry["outcomes"]["shipped"], counts["shipped"]);
    let settled = settle(&journal, &pack, &sheet, &[]);
    assert_eq!(code(&settled), 0, "{} {}", said(&settled), text(&settled));
    let settled = json(&settled);
    assert_eq!(settled["outcomes"]["shipped"], counts["shipped"]);
    assert_eq!(settled["outcomes"]["in_doubt"], counts["?"]);
    assert_eq!(settled["outcomes"]["stayed"], counts["stayed"]);
    let after = json(&run(&["--json", "verify", arg(&journal)]));
    assert_eq!(after["whole"], true, "{after}");
    let shipments = |of: &serde_json::Value| of["shipments"].as_u64().unwrap();
    assert_eq!(shipments(&after) - shipments(&before), counts["shipped"] as u64, "a parcel for each tick");
    // The same sheet again, as somebody in doubt will do: nothing happens.
    let again = json(&settle(&journal, &pack, &sheet, &[]));
    assert_eq!(again["done"], 0, "{again}");
    let once = json(&run(&["--json", "verify", arg(&journal)]));
    assert_eq!(once["shipments"], after["shipments"]);
    // A new pack holds what stayed, and neither what left nor what is held for a person to look at.
    let next = folder.path().join("next");
    let made = json(&run(&["--json", "pack", arg(&journal), "--out", arg(&next), "--days", "30"]));
    // An order of which one parcel is in doubt is held whole.
    let parcels = made["parcels"].as_u64().unwrap() as usize;
    assert!((counts["stayed"] - counts["?"]..=counts["stayed"]).contains(&parcels), "{made}");
}

#[test]
fn a_sheet_that_is_not_whole_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, pack) = packed(folder.path(), &[]);
    let before = json(&run(&["--json", "verify", arg(&journal)]))["state_digest"].clone();
    let sheet = pack.join("wrong.csv");
    let template = std::fs::read_to_string(pack.join("ticks.csv")).unwrap();
    let first = template.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    for (text, cause) in [
        ("row,result\n".to_owned(), "has no answer"),
        ("row,result\n1-99x,shipped\n".to_owned(), "is none of pack"),
        (format!("row,result\n{first},shipped\n"), "has no day"),
        (format!("row,result,day\n{first},shipped,2018-09-13\n{first},stayed,\n"), "answered twice"),
        (format!("row,result\n{first},perhaps\n"), "is no result"),
    ] {
        std::fs::write(&sheet, text).unwrap();
        let refused = settle(&journal, &pack, &sheet, &[]);
        assert_ne!(code(&refused), 0);
        assert!(said(&refused).contains(cause), "{cause}: {}", said(&refused));
    }
    assert_eq!(json(&run(&["--json", "verify", arg(&journal)]))["state_digest"], before);
}

#[test]
fn a_pack_is_readable_by_its_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let identity = age::x25519::Identity::generate();
    let key = identity.to_public().to_string();
    let (_, pack) = packed(folder.path(), &["--to", &key, "--lang", "ko"]);
    let mut html = 0;
    for file in std::fs::read_dir(&pack).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(path.extension().unwrap(), "age", "{path:?}");
        let bytes = std::fs::read(&path).unwrap();
        let plain = age::decrypt(&identity, &bytes).unwrap();
        assert!(age::decrypt(&age::x25519::Identity::generate(), &bytes).is_err());
        if path.to_str().unwrap().ends_with(".html.age") {
            let text = String::from_utf8(plain).unwrap();
            assert!(text.contains("비상용 출고 자료") && !text.contains('⟦'), "words are missing");
            html += 1;
        }
    }
    assert!(html > 0);
}
