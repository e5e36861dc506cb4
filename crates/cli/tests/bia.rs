//! `holdfast bia` as its users run it: figures, traces, files, threads, scores, and errors that say what to do.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{arg, book, code, json, run, said, text};

const SMALL: [&str; 5] = ["bia", "--orders", "900", "--years", "40"];

fn small(more: &[&str]) -> std::process::Output {
    run(&[&SMALL[..], more].concat())
}

#[test]
fn the_demo_is_analysed_held_against_the_engine_and_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, html) = (folder.path().join("csv"), folder.path().join("bia.html"));
    let output =
        run(&[&["--json"], &SMALL[..], &["--calibrate", "40", "--csv", arg(&csv), "--html", arg(&html)]]
            .concat());
    let answer = json(&output);
    let calibration = &answer["calibration"];
    assert_eq!(calibration["events"], 40);
    // At an event's own length the fast form is the engine, order by order.
    for figure in ["late", "unserved", "cost"] {
        assert_eq!(calibration["exact"][figure]["p95"], 0.0, "{calibration}");
        assert_eq!(calibration["exact"][figure]["aggregate"], 0.0, "{calibration}");
    }
    assert_eq!(code(&output), if answer["holds"] == true { 0 } else { 1 }, "{}", said(&output));
    assert!(answer["events_per_second"].as_f64().unwrap() > 0.0);
    let figures = answer["figures"].as_array().unwrap();
    let written = std::fs::read_to_string(csv.join("figures.csv")).unwrap();
    assert_eq!(written.lines().count(), figures.len() + 1);
    for figure in figures {
        let id = figure["id"].as_str().unwrap();
        let line = written.lines().find(|line| line.starts_with(&format!("\"{id}\","))).unwrap();
        assert!(line.ends_with("continuity 2"), "{line}");
    }
    let events = std::fs::read_to_string(csv.join("calibration.csv")).unwrap();
    assert_eq!(events.lines().count(), 41);
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(page.matches("<svg").count() >= 4 && !page.contains("<script") && !page.contains("NaN"));
    assert!(page.contains("missing") && page.contains("site.ILM1.tts_h"));
    // Each line of the years' figures says that its rates and downtimes are assumed in part.
    let marked = page.matches("<span class=\"m\">assumed in part</span></td></tr>").count();
    assert!(marked >= 4 + answer["sites"].as_array().unwrap().len(), "{marked}");
}

#[test]
fn one_thread_and_two_say_the_same_and_a_figure_says_where_it_is_from() {
    let stable = |threads: &str| {
        let mut answer =
            json(&run(&[&["--json"], &SMALL[..], &["--calibrate", "20", "--threads", threads]].concat()));
        for timed in ["seconds", "events_per_second"] {
            answer[timed].take();
        }
        answer.to_string()
    };
    assert_eq!(stable("1"), stable("2"));
    let output = small(&["--where", "annual.average"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(text(&output).contains("formula:") && text(&output).contains("assumed"), "{}", text(&output));
    let nothing = small(&["--where", "annual.avarage"]);
    assert_eq!(code(&nothing), 2);
    assert!(said(&nothing).contains("process.CODE"));
}

#[test]
fn rates_of_ones_own_change_what_they_say_and_bad_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let floods = |more: &[&str]| {
        let answer = json(&run(&[&["--json"], &SMALL[..], &["--calibrate", "0"], more].concat()));
        let rows = answer["hazards"].as_array().unwrap().clone();
        let flood = rows.iter().find(|row| row["hazard"] == "flood");
        flood.map_or(0.0, |row| row["events_per_year"].as_f64().unwrap())
    };
    assert!(floods(&["--override", "ILM1:flood=5"]) > floods(&[]) + 3.0);
    let (bad, gone) =
        (file("bad.tsv", "# x\nflood\tminor\tUS\t-1\t0\t1\t60\tpublished\tme\n"), folder.path().join("gone"));
    let hours = file("hours.tsv", "flood\tminor\t9\t5\tdeclared\tme\n");
    let nri = file("nri.csv", "a,b\n1,2\n");
    let row = |fields: &str| format!("flood\tminor\tUS\t{fields}\n");
    let often = file("often.tsv", &row("1e9\t0\t1e10\t60\tpublished\tme"));
    let twice = file("twice.tsv", &row("0.1\t0\t1\t60\tpublished\tme").repeat(2));
    let empty = file("empty.tsv", "# nothing yet\n");
    let for_ever = file("ever.tsv", "flood\tminor\t1e300\t1e305\tdeclared\tme\n");
    let guessed = file("guessed.tsv", "flood\tminor\t9\t15\tguessed\tme\n");
    let nowhere = file("nowhere.tsv", "flood\tminor\tNorth Carolina\t0.1\t0\t1\t60\tpublished\tme\n");
    let header =
        "STCOFIPS,STATEABBRV,COUNTY,POPULATION,BUILDVALUE,EAL_VALT,RISK_SCORE,RESL_SCORE,RFLD_AFREQ\n";
    let negative = file("negative.csv", &format!("{header}37129,NC,New Hanover,1,1,1,1,1,-5\n"));
    let bare = file("bare.csv", header);
    let cases: [(&[&str], i32, &str); 18] = [
        (&["--downtimes", arg(&guessed)], 3, "basis"),
        (&["--rates", arg(&nowhere)], 3, "a state as US-NC"),
        (&["--nri", arg(&negative)], 3, "RFLD_AFREQ"),
        (&["--nri", arg(&bare)], 3, "at least one row"),
        (&["--rates", arg(&often)], 3, "at most 1,000"),
        (&["--rates", arg(&twice)], 3, "line 2"),
        (&["--rates", arg(&empty)], 3, "at least one row"),
        (&["--downtimes", arg(&for_ever)], 3, "three years"),
        (&["--threads", "0"], 2, "0 threads"),
        (&["--override", "ILM1:flood=NaN"], 2, "zero or more"),
        (&["--rates", arg(&bad)], 3, "line 2"),
        (&["--rates", arg(&gone)], 3, "gone"),
        (&["--downtimes", arg(&hours)], 3, "p95_h"),
        (&["--nri", arg(&nri)], 3, "STCOFIPS"),
        (&["--override", "ILM1:flood"], 2, "there is no ="),
        (&["--override", "NOWHERE:flood=1"], 2, "no such site"),
        (&["--override", "ILM1:frogs=1"], 2, "the hazards are"),
        (&["--override", "ILM1:flood=-1"], 2, "zero or more"),
    ];
    for (args, expected, part) in cases {
        let output = small(args);
        assert_eq!(code(&output), expected, "{args:?}: {}", said(&output));
        let told = said(&output);
        assert!(told.contains(part) && told.contains("\n  do: "), "{args:?}: {told}");
    }
}

#[test]
fn books_that_do_not_suffice_are_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let books = folder.path().join("book");
    book(&books, 0);
    let output = run(&["bia", "--book", arg(&books)]);
    assert_eq!(code(&output), 3, "{}", said(&output));
    assert!(said(&output).contains("without an order"), "{}", said(&output));
    let many = run(&["bia", "--orders", "4000000000"]);
    assert!(code(&many) == 2 && said(&many).contains("1000000"), "{}", said(&many));
    let zero = small(&["--years", "0"]);
    assert_eq!(code(&zero), 2, "{}", said(&zero));
}

#[test]
fn a_drill_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("drill");
    let drill = run(&["demo", "--orders", "900", "--seed", "7", "--out", arg(&out)]);
    assert_eq!(code(&drill), 0, "{}", said(&drill));
    let report = out.join("report.json");
    let scored = run(&["--json", "bia", "--orders", "900", "--seed", "7", "--score", arg(&report)]);
    assert_eq!(code(&scored), 0, "{}", said(&scored));
    let answer = json(&scored);
    let rows = answer["policies"].as_array().unwrap();
    assert!(rows.len() >= 3);
    for row in rows {
        for figure in ["late", "unserved", "cost"] {
            assert!(row[figure]["forecast"].is_number() && row[figure]["actual"].is_number(), "{row}");
        }
    }
    let other = folder.path().join("other.json");
    std::fs::write(&other, "{}").unwrap();
    let refused = run(&["bia", "--orders", "900", "--score", arg(&other)]);
    assert_eq!(code(&refused), 3);
    assert!(said(&refused).contains("report.json"), "{}", said(&refused));
}
