//! A document as HTML: text stays text, and a changed fact is found.

use holdfast_print::{Block, Changed, Document, Section, changes, facts, html};

fn document(value: &str) -> Document {
    Document {
        language: "en".to_owned(),
        title: "Plan".to_owned(),
        contents: "Contents".to_owned(),
        sections: vec![Section {
            id: "sites".to_owned(),
            title: "Sites".to_owned(),
            own_page: true,
            blocks: vec![
                Block::Table {
                    caption: String::new(),
                    head: vec!["site".to_owned(), "units".to_owned()],
                    right: vec![1],
                    rows: vec![
                        vec!["ILM1".to_owned(), value.to_owned()],
                        vec!["ILM1".to_owned(), "again".to_owned()],
                    ],
                },
                Block::Text { text: "<script>alert(1)</script>".to_owned() },
            ],
        }],
        ..Document::default()
    }
}

#[test]
fn text_from_outside_is_never_markup() {
    let page = html(&document("7"));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    assert!(page.contains("<a href=\"#sites\">") && page.contains("id=\"sites\""));
}

#[test]
fn a_changed_cell_is_one_change_and_another_digest() {
    let (before, after) = (document("7"), document("8"));
    let found = changes(&facts(&before), &facts(&after));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].changed, &*found[0].before, &*found[0].after), (Changed::Altered, "7", "8"));
    assert!(found[0].place.contains("ILM1"));
    assert_ne!(before.digest(), after.digest());
    assert_eq!(changes(&facts(&before), &facts(&before)), Vec::new());
}
