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
