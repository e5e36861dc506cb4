//! Before the disaster, as a user runs it: critical inventory, backup sites, feeds' documents.

mod common;

use common::{arg, book, code, json, run, said, text};
use serde_json::Value;

/// A small run of `holdfast critical` on the demo.
const SMALL: [&str; 8] = ["critical", "--demo", "--orders", "1500", "--years", "100", "--seed", "3"];

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(leaves).sum(),
        Value::Array(entries) => entries.iter().map(leaves).sum(),
        _ => 1,
    }
}

#[test]
fn the_frontier_rises_and_every_figure_says_where_from() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let csv = folder.path().join("csv");
    let mut args = SMALL.to_vec();
    args.extend(["--points", "4", "--samples", "40", "--json", "--csv", arg(&csv), "--html", arg(&page)]);
    let output = run(&args);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let answer = json(&output);
    let points = answer["laid"]["points"].as_array().unwrap();
    assert!(points.len() >= 4, "{points:?}");
    let of = |point: &Value, name: &str| point["figures"][name].as_f64().unwrap();
    for pair in points.windows(2) {
        assert!(of(&pair[0], "spent_minor") < of(&pair[1], "spent_minor"));
        assert!(of(&pair[0], "promises_kept") <= of(&pair[1], "promises_kept"));
        assert!(of(&pair[0], "revenue_kept_minor") <= of(&pair[1], "revenue_kept_minor"));
    }
    for point in points.iter().chain([&answer["laid"]["worth_it"], &answer["laid"]["chosen"]]) {
        assert_eq!(point["accepted"], true, "{point}");
        assert!(point["gap"].as_f64().unwrap() < 0.02, "{point}");
    }
    assert!(answer["statement"].as_str().unwrap().contains("doubling every SKU"));
    // As many ways as there are figures in the JSON, none of them empty.
    let figures = std::fs::read_to_string(csv.join("figures.csv")).unwrap();
    let rows: Vec<&str> = figures.lines().skip(1).collect();
    assert_eq!(rows.len(), leaves(&answer));
    let without: Vec<&&str> = rows.iter().filter(|row| row.contains(",\"\",\"\",")).collect();
    assert!(without.is_empty(), "no way to {:?}", &without[..without.len().min(5)]);
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.contains("<svg") && html.contains("polyline") && !html.contains("NaN"), "a plot");
    for name in ["skus.csv", "lays.csv", "frontier.csv"] {
        assert!(std::fs::read_to_string(csv.join(name)).unwrap().lines().count() > 1, "{name}");
    }
    let mut args = SMALL.to_vec();
    args.extend(["--points", "4", "--samples", "40", "--where", "laid.worth_it"]);
    let told = text(&run(&args));
    assert!(told.contains("laid.worth_it.figures.promises_kept") && told.contains("formula:"), "{told}");
}

#[test]
fn what_cannot_be_asked_is_refused_with_the_remedy() {
    for (more, wanted, remedy) in [
        (vec!["--incident", "typhoon,2018-09-01,2018-09-02"], "no hazard", "hurricane"),
        (vec!["--incident", "flood,2018-09-05,2018-09-01"], "ends before it begins", "swap"),
        (vec!["--incident", "flood,soon,2018-09-01"], "read incident", "2010-04-15"),
        (vec!["--incident", "flood,2018-09-01,2018-09-02,ZZ"], "no zone begins with", "zones.csv"),
        (vec!["--at", "NOWHERE"], "no site is called", "name one of"),
        (vec!["--points", "0"], "points", "1 to 50"),
        (
            vec!["--where", "laid.moon", "--points", "2", "--samples", "20"],
            "there is none",
            "a key of the JSON",
        ),
    ] {
        let mut args = SMALL.to_vec();
        args.extend(more.iter().copied());
        let output = run(&args);
        let told = said(&output);
        assert!([2, 3].contains(&code(&output)), "{more:?}: {told}");
        assert!(told.contains(wanted) && told.contains(remedy), "{more:?}: {told}");
    }
}

#[test]
fn backups_are_chosen_for_a_book() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), 1_500);
    let output = run(&["sites", "--book", arg(folder.path()), "--years", "150", "--keep", "5", "--json"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let answer = json(&output);
    for name in ["cost", "bound", "open_sites", "seconds", "gap", "proven"] {
        assert!(!answer[name].is_null(), "{name}");
    }
    assert!(answer["bound"].as_i64().unwrap() <= answer["cost"].as_i64().unwrap());
    assert!(answer["cost"].as_i64().unwrap() <= answer["cost_without"].as_i64().unwrap());
    assert_eq!(answer["kept"]["open_sites"].as_array().unwrap().len(), 5);
    let told = text(&run(&["sites", "--book", arg(folder.path()), "--years", "150", "--where", "cost"]));
    assert!(told.contains("formula: contracts + rate"), "{told}");
    let output = run(&["sites", "--book", arg(folder.path()), "--candidate", "NOWHERE=1,2,3"]);
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("no site is called \"NOWHERE\""), "{}", said(&output));
    assert_eq!(code(&run(&["sites"])), 2);
}

#[test]
fn a_document_is_read_or_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let area = write(
        "area.json",
        br#"{"type":"Polygon","coordinates":[[[-79,33.5],[-77,33.5],[-77,35.5],[-79,35.5],[-79,33.5]]]}"#,
    );
    let output = run(&["hazards", arg(&area), "--orders", "200"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(text(&output).contains("1 drawn areas") && text(&output).contains("ILM1"), "{}", text(&output));
    let bad = write("feed.xml", b"<!DOCTYPE a [<!ENTITY b \"c\">]><alert>&b;</alert>");
    let cut = write("cut.json", br#"{"activeStorms":[{"id":"#);
    let output = run(&["hazards", arg(&area), arg(&bad), arg(&cut), "--orders", "200", "--json"]);
    assert_eq!(code(&output), 3);
    let answers = json(&output);
    assert!(answers[0]["error"].is_null());
    assert!(answers[1]["error"].as_str().unwrap().contains("document type"), "{answers}");
    assert!(answers[2]["error"].as_str().unwrap().contains("line 1"), "{answers}");
    let output = run(&["hazards", arg(&area), "--kind", "horoscope"]);
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("write one of cap"), "{}", said(&output));
}

/// Every figure of an answer is asked where it comes from, and none is without a way.
fn every_figure_answers(args: &[&str]) {
    let answer = json(&run(&[args, &["--json"]].concat()));
    let output = run(&[args, &["--json", "--where", "all"]].concat());
    assert_eq!(code(&output), 0, "{}", said(&output));
    let asked = json(&output);
    let asked = asked.as_array().unwrap();
    assert_eq!(asked.len(), leaves(&answer), "{args:?}");
    for one in asked {
        let trace = &one["trace"];
        let told = trace["formula"].as_str().is_some_and(|formula| !formula.is_empty());
        let from = trace["inputs"].as_array().is_some_and(|inputs| !inputs.is_empty());
        let version = trace["version"].as_str().is_some_and(|version| version.starts_with("continuity "));
        assert!(told && from && version, "{args:?}: {one}");
    }
}

#[test]
fn every_figure_of_the_three_analyses_says_where_it_comes_from() {
    every_figure_answers(&["bia", "--orders", "600", "--years", "30", "--calibrate", "4"]);
    every_figure_answers(&["sites", "--demo", "--orders", "600", "--years", "60", "--keep", "3"]);
    every_figure_answers(&[
        "critical",
        "--orders",
        "600",
        "--years",
        "60",
        "--points",
        "2",
        "--samples",
        "20",
    ]);
}

/// English words in a row, beyond names and what files and options are called.
fn english(line: &str) -> bool {
    let sentence = [
        "the", "of", "and", "a", "is", "are", "for", "with", "that", "which", "no", "not", "to", "by", "from",
    ];
    let words: Vec<&str> =
        line.split(|c: char| !c.is_ascii_alphabetic() && c != '\'').filter(|word| !word.is_empty()).collect();
    words.iter().filter(|word| sentence.contains(word)).count() >= 2
}

/// An alert as Korea's weather service would send it.
const KOREAN_ALERT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>KMA-2211</identifier><sender>kma.go.kr</sender>
<sent>2022-09-05T12:00:00+09:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
<info><language>ko-KR</language><category>Met</category><event>태풍 경보</event><urgency>Expected</urgency>
<severity>Extreme</severity><certainty>Likely</certainty><expires>2022-09-06T18:00:00+09:00</expires>
<area><areaDesc>부산</areaDesc><circle>35.1,129.0 60</circle></area></info></alert>"#;

#[test]
fn reports_in_korean_hold_no_english_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    // Busan, and a drawn area nobody is in.
    let (alert, drawn) = (folder.path().join("kma.xml"), folder.path().join("sea.json"));
    std::fs::write(&alert, KOREAN_ALERT).unwrap();
    std::fs::write(&drawn, r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#).unwrap();
    let runs: [&[&str]; 5] = [
        &["hazards", arg(&alert), arg(&drawn), "--book-demo", "korea", "--orders", "100"],
        &[
            "bia",
            "--book-demo",
            "korea",
            "--orders",
            "600",
            "--years",
            "60",
            "--calibrate",
            "10",
            "--html",
            arg(&page),
        ],
        &[
            "bia",
            "--book-demo",
            "korea",
            "--orders",
            "600",
            "--years",
            "20",
            "--calibrate",
            "0",
            "--where",
            "site",
        ],
        &[
            "critical",
            "--book-demo",
            "korea",
            "--orders",
            "600",
            "--years",
            "60",
            "--points",
            "2",
            "--samples",
            "20",
        ],
        &["sites", "--book-demo", "korea", "--orders", "600", "--years", "60", "--keep", "2"],
    ];
    for args in runs {
        let output = run(&[args, &["--lang", "ko"]].concat());
        // What a book says of a process is in the book's language.
        let from_the_book = |line: &&str| !line.contains("대체 방법");
        let told = text(&output);
        let found: Vec<&str> = told.lines().filter(from_the_book).filter(|line| english(line)).collect();
        assert!(!told.is_empty() && found.is_empty(), "{args:?}: {found:#?}");
    }
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("<html lang=\"ko\"") && html.contains("업무 영향 분석"));
}

#[test]
fn a_demo_book_is_written_as_files_and_never_over_others() {
    let folder = tempfile::tempdir().unwrap();
    let books = folder.path().join("book");
    let output = run(&["sample", arg(&books), "--book-demo", "korea", "--orders", "300", "--json"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let answer = json(&output);
    assert!(answer["files"].as_array().unwrap().len() > 10, "{answer}");
    // Won has no minor unit: what the book's money says is what is told.
    let from_files = json(&run(&["sites", "--book", arg(&books), "--years", "60", "--json"]));
    assert_eq!(from_files["currency"], "KRW");
    let again = run(&["sample", arg(&books)]);
    assert_eq!(code(&again), 3);
    assert!(said(&again).contains("not empty"), "{}", said(&again));
    let unknown = run(&["bia", "--book-demo", "atlantis"]);
    assert_eq!(code(&unknown), 2);
    assert!(said(&unknown).contains("florence"), "{}", said(&unknown));
}
