//! `holdfast plan` as a newcomer uses it: a document in both languages, a version for each change, and nothing written
//! over.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{arg, code, run, said};

/// What a plan of the demo is asked with: enough orders for every table, few enough for a test.
fn plan(more: &[&str]) -> std::process::Output {
    let mut args = vec!["plan", "--demo", "--orders", "600", "--years", "5"];
    args.extend(more);
    run(&args)
}

#[test]
fn a_plan_holds_every_part_in_both_languages_and_its_versions_say_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, versions) = (folder.path().join("plan.html"), folder.path().join("versions"));
    let with = ["--out", arg(&file), "--versions", arg(&versions)];
    let first = plan(&with);
    assert_eq!(code(&first), 0, "{}", said(&first));
    let page = std::fs::read_to_string(&file).unwrap();
    for wanted in [
        "Three in the morning: do this first",
        "When this plan is activated",
        "Threat register",
        "Sites and who backs them up",
        "Critical stock",
        "Lanes and the ways around",
        "What customers are sent",
        "Checklist: storm",
        "Recovery of the computers",
        "Calendar of tests",
        "Where the figures come from",
        "Sign-off",
        "This is the first version.",
        "ILM1",
    ] {
        assert!(page.contains(wanted), "{wanted:?} is in the plan");
    }
    assert!(
        !page.contains('⟦') && !page.contains("<script"),
        "every sentence has its words, and none is a program"
    );
    assert!(!page.contains("src=") && !page.contains("href=\"http"), "it stands alone");

    // The same again is the same version; another network is the next one, and says what is different.
    assert_eq!(code(&plan(&with)), 0);
    assert_eq!(std::fs::read_dir(&versions).unwrap().count(), 1);
    let other = run(&[
        "plan",
        "--demo",
        "--orders",
        "601",
        "--years",
        "5",
        "--lang",
        "ko",
        "--out",
        arg(&file),
        "--versions",
        arg(&versions),
    ]);
    assert_eq!(code(&other), 0, "{}", said(&other));
    let page = std::fs::read_to_string(&file).unwrap();
    for wanted in ["새벽 세 시", "업무 연속성 계획서", "핵심 재고", "점검표: 컴퓨터", "서명", "바뀐 점"]
    {
        assert!(page.contains(wanted), "{wanted:?} is in the plan");
    }
    assert!(!page.contains('⟦'), "every sentence has its words");
    // Roles, formulas and remarks, which books and analyses write in English.
    assert!(page.contains("사고 책임자 (대행)") && page.contains("<td>고객지원 책임자</td>"));
    for english in ["incident lead", "sum of all events", "losses of hazards with", "assumed:"] {
        assert!(!page.contains(english), "{english:?} is said in Korean");
    }
    assert_eq!(std::fs::read_dir(&versions).unwrap().count(), 2);

    // A version that was changed by hand is found, and nothing is written.
    let kept = versions.join("plan-00001.json");
    let text = std::fs::read_to_string(&kept).unwrap().replacen("ILM1", "ILM9", 1);
    std::fs::write(&kept, text).unwrap();
    let spoiled = plan(&with);
    assert_eq!(code(&spoiled), 3, "{}", said(&spoiled));
    assert!(said(&spoiled).contains("changed after it was made"), "{}", said(&spoiled));
}

#[test]
fn a_form_nobody_can_write_is_refused_with_the_way_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = plan(&["--out", arg(&folder.path().join("plan.pdf"))]);
    if cfg!(feature = "pdf") {
        assert_eq!(code(&pdf), 0, "{}", said(&pdf));
    } else {
        assert_eq!(code(&pdf), 2, "{}", said(&pdf));
        assert!(said(&pdf).contains("--features pdf"), "{}", said(&pdf));
    }
    assert_eq!(code(&plan(&["--out", arg(&folder.path().join("plan.docx"))])), 2);
}

#[test]
fn evidence_holds_what_was_done_and_names_what_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let (data, books) = (folder.path().join("data"), folder.path().join("book"));
    std::fs::create_dir_all(&data).unwrap();
    common::book(&books, 300);
    let journal = data.join("holdfast.db");
    let imported = run(&["import", "--book", arg(&books), "--journal", arg(&journal)]);
    assert_eq!(code(&imported), 0, "{}", said(&imported));
    let (out, report) = (folder.path().join("evidence"), folder.path().join("report"));
    let gather = || run(&["--json", "evidence", "--data", arg(&data), "--out", arg(&out)]);

    let bare = gather();
    assert_eq!(code(&bare), 1, "nothing was done yet: {}", said(&bare));
    assert_eq!(common::json(&bare)["missing"].as_array().unwrap().len(), 4);

    let plan = folder.path().join("plan.html");
    let made = run(&["plan", "--data", arg(&data), "--years", "5", "--out", arg(&plan)]);
    assert_eq!(code(&made), 0, "{}", said(&made));
    let raised = run(&[
        "finding",
        "--data",
        arg(&data),
        "--add",
        "no torch at the gate",
        "--owner",
        "Ada",
        "--due",
        "2026-12-31",
    ]);
    assert_eq!(code(&raised), 0, "{}", said(&raised));
    let fire = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/fire.toml");
    let drill =
        || run(&["drill", fire, "--book", arg(&books), "--record", arg(&data), "--out", arg(&report)]);
    assert_eq!(code(&drill()), 0);
    let page = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(
        page.contains("no torch at the gate") && page.contains("Ada"),
        "an open finding comes up in the drill"
    );

    let found = gather();
    let answer = common::json(&found);
    assert_eq!(
        (answer["plans"].as_u64(), answer["drills"].as_u64(), answer["findings_open"].as_u64()),
        (Some(1), Some(1), Some(1)),
        "{answer}"
    );
    // No restore was proved: that alone is still missing.
    assert_eq!(answer["missing"].as_array().unwrap().len(), 1, "{answer}");
    let evidence = std::fs::read_to_string(out.join("evidence.html")).unwrap();
    for wanted in ["8.5 Exercise programme", "no torch at the gate", "10 Improvement"] {
        assert!(evidence.contains(wanted), "{wanted:?}");
    }
    assert!(!evidence.contains('⟦'));

    let done = run(&["finding", "--data", arg(&data), "--done", "1", "--note", "two torches hang there"]);
    assert_eq!(code(&done), 0, "{}", said(&done));
    assert_eq!(common::json(&gather())["findings_open"].as_u64(), Some(0));
    assert_eq!(code(&run(&["finding", "--data", arg(&data), "--done", "1"])), 1, "what is done is done once");
}
