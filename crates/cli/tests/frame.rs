//! The frame every command stands in: exit codes, errors with place, cause and remedy, JSON, no colours.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{arg, book, code, json, program, run, said, text};

/// OR-Library's smallest case by hand: two warehouses of capacity 10 and 8, three customers.
const CAP: &str = "2 3\n10 5\n8 4\n4\n8 12\n3\n9 3\n5\n10 20\n";
/// A p-median: three nodes on a line, one median.
const PMEDIAN: &str = "3 2 1\n1 2 4\n2 3 6\n";

#[test]
fn exit_codes_are_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let (books, journal) = (folder.path().join("book"), folder.path().join("j.db"));
    book(&books, 20);
    let cases: [(&[&str], i32); 12] = [
        (&["--version"], 0),
        (&["--help"], 0),
        (&[], 2),
        (&["no-such-command"], 2),
        (&["import", "--journal", "j.db"], 2),
        (&["import", "--book", "a", "--uci", "b", "--journal", "j.db"], 2),
        (&["verify", arg(&nowhere)], 3),
        (&["import", "--book", arg(&nowhere), "--journal", arg(&journal)], 3),
        (&["replan", arg(&nowhere)], 3),
        (&["sites", "--daskin", arg(&nowhere)], 2),
        (&["preposition", arg(&nowhere)], 3),
        (&["doctor", "--book", arg(&books)], 0),
    ];
    for (args, expected) in cases {
        let output = run(args);
        assert_eq!(code(&output), expected, "{args:?}: {}{}", text(&output), said(&output));
    }
}

#[test]
fn bad_input_is_told_with_place_cause_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let (cap, case, not_journal) = (
        file("cap", "2 x\n"),
        file("case.json", "{\"commodities\": 7}"),
        file("text.db", "this is a text, not a journal"),
    );
    let instance = file("r.txt", "holdfast-replan 1\nnonsense\n");
    let cases: [&[&str]; 5] = [
        &["sites", "--orlib-cap", arg(&cap)],
        &["preposition", arg(&case)],
        &["verify", arg(&not_journal)],
        &["replan", arg(&instance)],
        &["import", "--book", arg(folder.path()), "--mapping", "no-such-mapping", "--journal", "j"],
    ];
    for args in cases {
        let output = run(args);
        assert_eq!(code(&output), 3, "{args:?}: {}", said(&output));
        let told = said(&output);
        assert!(told.contains("error: ") && told.contains("\n  do: "), "{args:?}: {told}");
        let machine = run(&[&["--json"], args].concat());
        let error = &json(&machine)["error"];
        for part in ["code", "cause", "remedy"] {
            assert!(error[part].as_str().is_some_and(|text| !text.is_empty()), "{args:?}: {error}");
        }
    }
}

#[test]
fn a_bad_row_is_named_and_the_rest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("j.db"));
    book(&books, 20);
    let path = books.join("stock.csv");
    let mut stock = std::fs::read_to_string(&path).unwrap();
    let last = stock.lines().count() + 1;
    stock.push_str("ILM1,nobody,nothing,many,\n");
    std::fs::write(&path, stock).unwrap();
    let output = run(&["--json", "import", "--book", arg(&books), "--journal", arg(&journal)]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    let answer = json(&output);
    assert_eq!(answer["adds_up"], true);
    assert_eq!(answer["counts"]["orders"]["new"], 20);
    let files = answer["source"]["files"].as_array().unwrap();
    let errors: Vec<_> = files.iter().flat_map(|file| file["errors"].as_array().unwrap()).collect();
    assert!(errors.iter().any(|error| error["row"] == last && error["file"] == "stock.csv"), "{errors:?}");
    assert!(
        errors.iter().all(|error| error["column"] != "" && error["cause"] != "" && error["remedy"] != "")
    );
    let doctor = run(&["doctor", "--book", arg(&books)]);
    assert_eq!(code(&doctor), 1);
    assert!(text(&doctor).contains(&format!("stock.csv row {last}")), "{}", text(&doctor));
}

#[test]
fn doctor_says_what_stays_open_for_want_of_which_file() {
    let folder = tempfile::tempdir().unwrap();
    let books = folder.path().join("book");
    book(&books, 20);
    std::fs::remove_file(books.join("processes.csv")).unwrap();
    let output = run(&["--json", "doctor", "--book", arg(&books)]);
    let answer = json(&output);
    assert_eq!(answer["usable"], true);
    assert!(answer["missing"].as_array().unwrap().iter().any(|missing| missing["file"] == "processes.csv"));
    std::fs::remove_file(books.join("stock.csv")).unwrap();
    let output = run(&["--json", "doctor", "--book", arg(&books)]);
    assert_eq!(code(&output), 1);
    assert_eq!(json(&output)["usable"], false);
}

#[test]
fn every_command_prints_json_alone_and_no_colours() {
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("j.db"));
    book(&books, 20);
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let (cap, pmedian, copies) = (file("cap", CAP), file("pmed", PMEDIAN), folder.path().join("copies"));
    let again = folder.path().join("again.db");
    let copy = copies.join("j.db");
    let commands: [&[&str]; 9] = [
        &["import", "--book", arg(&books), "--journal", arg(&journal)],
        &["doctor", "--book", arg(&books)],
        &["verify", arg(&journal)],
        &["explain", arg(&journal), "ord-0"],
        &["backup", arg(&journal), "--to", arg(&copies)],
        &["restore", arg(&copy), "--to", arg(&again)],
        &["erase", arg(&journal), "sub-0"],
        &["sites", "--orlib-cap", arg(&cap)],
        &["sites", "--orlib-pmedian", arg(&pmedian)],
    ];
    for args in commands {
        let output = run(&[args, &["--json"]].concat());
        assert_eq!(code(&output), 0, "{args:?}: {}{}", text(&output), said(&output));
        assert!(json(&output).is_object(), "{args:?}");
        assert!(said(&output).is_empty(), "{args:?} says {}", said(&output));
        // As text it has neither colours nor a progress bar off a terminal. A second copy or import is refused or
        // finds nothing new, which is told as text too.
        let plain = run(args);
        for bytes in [&plain.stdout, &plain.stderr] {
            assert!(!bytes.contains(&0x1b), "{args:?} prints escapes");
            assert!(!bytes.contains(&b'\r'), "{args:?} prints a progress bar");
        }
    }
}

#[test]
fn small_instances_are_solved_to_the_cost_worked_out_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let (cap, pmedian) = (file("cap", CAP), file("pmed", PMEDIAN));
    // The demands 4, 3 and 5 are 12 in all, so both warehouses open (5 + 4). The first serves the first customer (8)
    // and the third (10) with 9 of its 10 places, the second serves the second (3).
    let solved = json(&run(&["--json", "sites", "--orlib-cap", arg(&cap)]));
    assert_eq!(solved["cost"].as_f64().unwrap(), 9.0 + 8.0 + 3.0 + 10.0, "{solved}");
    assert_eq!(solved["proven"], true);
    assert_eq!(solved["open_sites"].as_array().unwrap().len(), 2);
    assert!(solved["seconds"].as_f64().is_some() && solved["bound"].as_f64().is_some());
    // What only a book can answer is not passed over.
    let asked = run(&["sites", "--orlib-cap", arg(&cap), "--where", "cost"]);
    assert_eq!(code(&asked), 2, "{}", said(&asked));
    assert!(said(&asked).contains("--where") && said(&asked).contains("\n  do: "), "{}", said(&asked));
    let solved = json(&run(&["--json", "sites", "--orlib-pmedian", arg(&pmedian)]));
    assert_eq!(solved["cost"].as_f64().unwrap(), 10.0, "the middle node is 4 and 6 away: {solved}");
    assert_eq!(solved["open_sites"], serde_json::json!([2]));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let books = folder.path().join("book");
    book(&books, 20);
    let mut child = program()
        .args(["doctor", "--book", arg(&books)])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
