//! A journal's life from outside: import, import again, verify, explain, back up, restore, erase.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{arg, book, code, json, run, said, text};

#[test]
fn a_book_is_imported_once_however_often_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("shop.db"));
    book(&books, 300);
    let import = |what: &str| {
        let output = run(&["--json", "import", "--book", arg(&books), "--journal", arg(&journal)]);
        assert_eq!(code(&output), 0, "{what}: {}", said(&output));
        json(&output)
    };
    let first = import("the first time");
    assert_eq!(first["adds_up"], true);
    assert_eq!(first["counts"]["orders"]["new"], 300);
    assert_eq!(first["counts"]["orders"]["known"], 0);
    let again = import("the second time");
    assert_eq!(again["counts"]["orders"]["new"], 0);
    assert_eq!(again["counts"]["orders"]["known"], 300);
    assert_eq!(again["counts"]["setup"]["new"], 0);
    assert_eq!(again["version"], first["version"], "nothing was written");
    assert_eq!(again["chain"], first["chain"]);
}

#[test]
fn another_book_finds_what_the_journal_knows_under_other_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("shop.db"));
    book(&books, 60);
    // The same book with its SKUs in another order: the second import must still find each.
    let part = folder.path().join("part");
    book(&part, 60);
    let skus = std::fs::read_to_string(part.join("skus.csv")).unwrap();
    let mut lines: Vec<&str> = skus.lines().collect();
    let header = lines.remove(0);
    lines.reverse();
    std::fs::write(part.join("skus.csv"), format!("{header}\n{}\n", lines.join("\n"))).unwrap();
    let orders = std::fs::read_to_string(books.join("orders.csv")).unwrap();
    let lines: Vec<&str> = orders.lines().collect();
    std::fs::write(books.join("orders.csv"), format!("{}\n", lines[..31].join("\n"))).unwrap();
    let order_lines = std::fs::read_to_string(books.join("order_lines.csv")).unwrap();
    let kept = order_lines.lines().filter(|line| {
        line.starts_with("merchant")
            || lines[1..31].iter().any(|order| {
                let key = |text: &str| text.split(',').take(2).collect::<Vec<_>>().join(",");
                key(order) == key(line)
            })
    });
    std::fs::write(books.join("order_lines.csv"), format!("{}\n", kept.collect::<Vec<_>>().join("\n")))
        .unwrap();
    let first = run(&["--json", "import", "--book", arg(&books), "--journal", arg(&journal)]);
    assert_eq!(json(&first)["counts"]["orders"]["new"], 30, "{}", said(&first));
    let second = run(&["--json", "import", "--book", arg(&part), "--journal", arg(&journal)]);
    let second = json(&second);
    assert_eq!(second["counts"]["orders"]["new"], 30);
    assert_eq!(second["counts"]["orders"]["known"], 30);
    assert_eq!(second["counts"]["setup"]["new"], 0, "{second}");
    assert_eq!(second["refusals"].as_array().unwrap().len(), 0);
    assert_eq!(code(&run(&["verify", arg(&journal)])), 0);
}

#[test]
fn an_order_says_why_it_goes_where_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("shop.db"));
    book(&books, 40);
    assert_eq!(code(&run(&["import", "--book", arg(&books), "--journal", arg(&journal)])), 0);
    let output = run(&["--json", "explain", arg(&journal), "ord-7"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let answer = json(&output);
    let sites = answer["sites"].as_array().unwrap();
    assert_eq!(sites.len(), 14, "every site has a verdict");
    assert!(
        sites.iter().any(|site| site["verdict"]["verdict"] == "chosen" || site["verdict"] == "chosen"),
        "{answer}"
    );
    let terms = &answer["terms"];
    let sum: i64 = ["parcel", "line", "late", "price"].iter().map(|term| terms[term].as_i64().unwrap()).sum();
    assert_eq!(answer["cost"].as_i64().unwrap(), sum, "the explanation costs what the decision did");
    let number = format!("{}/{}", answer["merchant"].as_str().unwrap(), answer["number"].as_str().unwrap());
    let by_number = run(&["--json", "explain", arg(&journal), &number]);
    assert_eq!(json(&by_number)["order"], "ord-7");
    assert!(text(&run(&["explain", arg(&journal), "ord-7"])).contains("CHOSEN"));
    let unknown = run(&["explain", arg(&journal), "no-such-order"]);
    assert_eq!(code(&unknown), 3);
    assert!(said(&unknown).contains("no order of that number"), "{}", said(&unknown));
}

#[test]
fn a_copy_comes_back_whole_and_an_erased_person_stays_erased() {
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("shop.db"));
    book(&books, 40);
    assert_eq!(code(&run(&["import", "--book", arg(&books), "--journal", arg(&journal)])), 0);
    // The keys are copied before the erasure, the journal after it: the worst that can be put together.
    let (early, late) = (folder.path().join("early"), folder.path().join("late"));
    assert_eq!(code(&run(&["backup", arg(&journal), "--to", arg(&early)])), 0);
    let erased = run(&["--json", "erase", arg(&journal), "sub-0"]);
    assert_eq!(code(&erased), 0, "{}", said(&erased));
    assert_eq!(json(&erased)["erased_before"], false);
    assert_eq!(json(&run(&["--json", "erase", arg(&journal), "sub-0"]))["erased_before"], true);
    let copied = json(&run(&["--json", "backup", arg(&journal), "--to", arg(&late)]));
    let twice = run(&["backup", arg(&journal), "--to", arg(&late)]);
    assert_eq!(code(&twice), 3, "a copy is never written over");
    assert!(said(&twice).contains("do: "));
    let again = folder.path().join("again.db");
    let (copy, keys) = (late.join("shop.db"), early.join("keys/shop.keys"));
    let back = run(&["--json", "restore", arg(&copy), "--to", arg(&again), "--keys", arg(&keys)]);
    assert_eq!(code(&back), 0, "{}", said(&back));
    let back = json(&back);
    assert_eq!((&back["version"], &back["chain"]), (&copied["version"], &copied["chain"]));
    assert_eq!(back["keys_destroyed"], 1);
    let (before, after) =
        (run(&["--json", "verify", arg(&journal)]), run(&["--json", "verify", arg(&again)]));
    assert_eq!((code(&before), code(&after)), (0, 0));
    assert_eq!(json(&before)["state_digest"], json(&after)["state_digest"]);
    use holdfast_app::port::Journal as _;
    use holdfast_domain::id::SubjectId;
    let mut journal = holdfast_journal::sqlite::SqliteJournal::open(&again).unwrap();
    assert!(journal.subject_key(SubjectId(0)).unwrap().is_none(), "the old key did not come back");
    assert!(journal.subject_key(SubjectId(1)).unwrap().is_some(), "the others did");
}

#[test]
fn a_damaged_journal_is_told_apart_and_verified_up_to_the_damage() {
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("shop.db"));
    book(&books, 200);
    assert_eq!(
        code(&run(&["import", "--book", arg(&books), "--journal", arg(&journal), "--group", "20"])),
        0
    );
    let whole = json(&run(&["--json", "verify", arg(&journal)]));
    assert_eq!(whole["whole"], true);
    // One bit of an order's number, behind SQLite's back.
    let mut bytes = std::fs::read(&journal).unwrap();
    let orders = std::fs::read_to_string(books.join("orders.csv")).unwrap();
    let numbers = orders.lines().skip(100).filter_map(|line| line.split(',').nth(1));
    let find = |number: &str| bytes.windows(number.len()).position(|part| part == number.as_bytes());
    let at = numbers.filter_map(|number| find(number)).next().expect("order numbers stand in plain");
    bytes[at] ^= 1;
    std::fs::write(&journal, bytes).unwrap();
    let hurt = run(&["--json", "verify", arg(&journal)]);
    assert_eq!(code(&hurt), 4, "{}", text(&hurt));
    assert!(said(&hurt).contains("do: "), "{}", said(&hurt));
    let answer = json(&hurt);
    let whole_until = answer["version"].as_u64().unwrap();
    assert!(answer["fault"].as_str().unwrap().contains("damaged"), "{answer}");
    assert!(whole_until > 0 && whole_until < whole["version"].as_u64().unwrap());
    let before = run(&["--json", "verify", arg(&journal), "--until", &whole_until.to_string()]);
    assert_eq!((code(&before), &json(&before)["version"]), (0, &answer["version"]));
}
