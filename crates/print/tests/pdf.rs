//! A document as PDF: read back by a program of another house, in both languages, page by page.
//!
//! With `HOLDFAST_PLAN` the kept version of a plan of `holdfast plan --versions` is laid out as well.

#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use std::path::Path;
use std::process::Command;

use holdfast_print::{Block, Document, Item, Section, pdf};

fn sample(language: &str, title: &str, text: &str) -> Document {
    Document {
        language: language.to_owned(),
        title: title.to_owned(),
        owner: "Kelp & Söhne".to_owned(),
        cover: vec![("Digest".to_owned(), "0123abcd".to_owned())],
        running: "version 1".to_owned(),
        contents: "Contents".to_owned(),
        sections: vec![
            Section {
                id: "first".to_owned(),
                title: text.to_owned(),
                own_page: true,
                blocks: vec![
                    Block::Box { text: "costs $5 #panic() [x] *bold* _under_ \\ `raw` @ref <b>".to_owned() },
                    Block::Checklist {
                        caption: String::new(),
                        head: ["a", "b", "c", "d"].map(str::to_owned),
                        items: vec![Item { what: text.to_owned(), who: "lead".to_owned(), within: "5".to_owned() }],
                    },
                ],
            },
            Section {
                id: "second".to_owned(),
                title: "Second".to_owned(),
                own_page: true,
                blocks: vec![
                    Block::Table {
                        caption: String::new(),
                        head: vec!["x".to_owned(), "y".to_owned()],
                        right: vec![1],
                        rows: (0..120).map(|n| vec![format!("row {n}"), n.to_string()]).collect(),
                    },
                    Block::Drawing {
                        svg: "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><rect width=\"9\" height=\"9\"/></svg>".to_owned(),
                        caption: "a drawing".to_owned(),
                    },
                ],
            },
        ],
    }
}

/// The text of a PDF in the order it was written, cell by cell, without white space, and its pages; `None` where the reader
/// is not installed.
fn read(bytes: &[u8], name: &str) -> Option<(String, usize)> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, bytes).unwrap();
    let out = match Command::new("pdftotext").arg("-raw").arg(&file).arg("-").output() {
        Ok(out) => out,
        Err(_) if std::env::var("HOLDFAST_STRICT").is_ok_and(|strict| strict == "1") => {
            panic!("pdftotext is not installed (poppler-utils)")
        }
        Err(_) => {
            eprintln!("SKIPPED: the text of the PDF (needs poppler-utils)");
            return None;
        }
    };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    let pages = text.matches('\u{c}').count();
    Some((text.chars().filter(|letter| !letter.is_whitespace()).collect(), pages))
}

fn bare(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[test]
fn text_stays_text_and_comes_out_again_in_both_languages() {
    for (language, title, text) in [
        ("en", "Continuity plan", "Count the people first"),
        ("ko", "업무 연속성 계획서", "사람부터 확인하십시오"),
    ] {
        let document = sample(language, title, text);
        let bytes = pdf(&document).unwrap();
        assert_eq!(bytes, pdf(&document).unwrap(), "the same document gives the same bytes");
        let Some((said, pages)) = read(&bytes, &format!("sample-{language}.pdf")) else { continue };
        assert!(pages >= 4, "cover, first, and a table of 120 rows over two pages: {pages}");
        for wanted in
            [title, text, "costs $5 #panic() [x] *bold* _under_", "row 119", "a drawing", "0123abcd"]
        {
            assert!(said.contains(&bare(wanted)), "{wanted:?} is in the {language} file: {said}");
        }
    }
}

/// The sentences of a document that must be on its pages.
fn sentences(document: &Document) -> Vec<String> {
    let mut all = vec![document.title.clone(), document.owner.clone()];
    for section in &document.sections {
        all.push(section.title.clone());
        for block in &section.blocks {
            match block {
                Block::Checklist { items, .. } => all.extend(items.iter().map(|item| item.what.clone())),
                Block::Quote { subject, .. } => all.push(subject.clone()),
                Block::Form { lines, .. } => all.extend(lines.iter().cloned()),
                Block::Text { .. } | Block::Box { .. } | Block::Note { .. } => {}
                Block::Table { .. } | Block::Drawing { .. } => {}
            }
        }
    }
    all
}

#[test]
fn every_section_and_every_thing_to_do_of_a_plan_is_on_its_pages() {
    let Ok(kept) = std::env::var("HOLDFAST_PLAN") else {
        eprintln!("SKIPPED: a whole plan as PDF (set HOLDFAST_PLAN to a version `holdfast plan` kept)");
        return;
    };
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&kept).unwrap()).unwrap();
    for language in ["en", "ko"] {
        let document: Document = serde_json::from_value(kept[language].clone()).unwrap();
        let bytes = pdf(&document).unwrap();
        let Some((said, pages)) = read(&bytes, &format!("plan-{language}.pdf")) else { continue };
        assert!((10..=50).contains(&pages), "short enough to hold: {pages} pages");
        let wanted = sentences(&document);
        assert!(wanted.len() > 80, "the plan was read: {}", wanted.len());
        for sentence in wanted {
            // A line may be broken at a hyphen that is not the text's own.
            assert!(said.contains(&bare(&sentence)), "{sentence:?} is in the {language} plan");
        }
    }
}
