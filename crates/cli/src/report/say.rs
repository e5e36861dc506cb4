//! Sentences of the analyses in the reader's language: the English sentence, its numbers and names cut out, is the key.
//!
//! The analyses are written by pure crates that know English alone, down to the formula of each figure; a phrase book
//! for each other language (`locales/<language>/analysis.txt`) holds the same sentences with holes. Invariant, held by a
//! test: what the commands print in Korean holds no English sentence.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};

use super::html::escape;
use crate::words::Lang;

/// A hole in an English sentence.
const HOLE: &str = "{}";

/// A sentence in both languages.
struct Phrase {
    /// What stands between the holes.
    fixed: Vec<&'static str>,
    /// The other language.
    said: Vec<Part>,
    /// Letters that have to be there: of two phrases that fit, the one with more is meant.
    weight: usize,
}

enum Part {
    Text(&'static str),
    /// What stood in a hole: as it was, or said in the language itself.
    Hole {
        at: usize,
        say: bool,
    },
}

/// Says English sentences in a language.
pub struct Say {
    lang: Lang,
    exact: BTreeMap<&'static str, &'static str>,
    holed: Vec<Phrase>,
}

impl Say {
    /// The phrases that are compiled in.
    pub fn new(lang: Lang) -> Self {
        let file = match lang {
            Lang::En => "",
            Lang::Ko => include_str!("../../locales/ko/analysis.txt"),
        };
        let (mut exact, mut holed) = (BTreeMap::new(), Vec::new());
        for (english, said) in pairs(file) {
            if english.contains(HOLE) {
                let fixed: Vec<&str> = english.split(HOLE).collect();
                let weight = fixed.iter().map(|part| part.len()).sum();
                holed.push(Phrase { fixed, said: parts(said), weight });
            } else {
                exact.insert(english, said);
            }
        }
        holed.sort_by_key(|phrase: &Phrase| core::cmp::Reverse(phrase.weight));
        Self { lang, exact, holed }
    }

    /// A sentence in the language; what the phrase book does not know stays as it is: a code, a name, a number.
    pub fn of(&self, text: &str) -> String {
        if self.lang == Lang::En {
            return text.to_owned();
        }
        let bare = text.trim();
        let said = self.exact.get(bare).map(|said| (*said).to_owned()).or_else(|| self.fit(bare));
        match said {
            Some(said) if !bare.is_empty() => text.replacen(bare, &said, 1),
            _ => text.to_owned(),
        }
    }

    fn fit(&self, text: &str) -> Option<String> {
        self.holed.iter().find_map(|phrase| {
            let holes = holes(&phrase.fixed, text)?;
            let part = |part: &Part| match part {
                Part::Text(text) => (*text).to_owned(),
                Part::Hole { at, say } => {
                    let hole = holes.get(*at).copied().unwrap_or_default();
                    if *say { self.each(hole) } else { hole.to_owned() }
                }
            };
            Some(phrase.said.iter().map(part).collect())
        })
    }

    /// What stood in a hole, said whole, or each part of a list.
    fn each(&self, hole: &str) -> String {
        let whole = self.of(hole);
        if whole != hole || !hole.contains(", ") {
            return whole;
        }
        hole.split(", ").map(|one| self.of(one)).collect::<Vec<_>>().join(", ")
    }

    /// A table of the presets of all commands, its cells said.
    pub fn table(&self, table: &Table) -> Table {
        if self.lang == Lang::En {
            return table.clone();
        }
        let mut said = Table::new();
        said.load_style(UTF8_HORIZONTAL_ONLY);
        let row = |row: &comfy_table::Row| -> Vec<String> {
            row.cell_iter().map(|cell| self.of(&cell.content())).collect()
        };
        if let Some(header) = table.header() {
            said.set_header(row(header));
        }
        for one in table.row_iter() {
            said.add_row(row(one));
        }
        for column in said.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        said
    }

    /// An HTML page, its texts and labels said; markup and style stay.
    pub fn page(&self, page: &str) -> String {
        if self.lang == Lang::En {
            return page.to_owned();
        }
        let mut out = String::with_capacity(page.len());
        let (mut rest, mut styled) = (page, false);
        while let Some(open) = rest.find('<') {
            let (text, tag) = rest.split_at(open);
            let keeps = styled || text.trim().is_empty();
            out.push_str(&if keeps { text.to_owned() } else { escape(&self.of(&plain(text))) });
            let end = tag.find('>').map_or(tag.len(), |at| at + 1);
            let (tag, after) = tag.split_at(end);
            styled = tag.starts_with("<style");
            out.push_str(&self.tag(tag));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn tag(&self, tag: &str) -> String {
        if tag.starts_with("<html") {
            return tag.replace("lang=\"en\"", &format!("lang=\"{}\"", self.lang.code()));
        }
        let label = "aria-label=\"";
        let Some((before, rest)) = tag.split_once(label) else { return tag.to_owned() };
        let Some((text, after)) = rest.split_once('"') else { return tag.to_owned() };
        format!("{before}{label}{}\"{after}", self.of(text))
    }
}

/// A text of a page as it was before it was escaped.
fn plain(text: &str) -> String {
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    marks.iter().fold(text.to_owned(), |text, (escaped, mark)| text.replace(escaped, mark))
}

/// Sentences of a phrase book: English, then the other language, a line each; empty lines and `#` between them.
fn pairs(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut lines = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    core::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
}

/// `{0}` is what stood in the first hole, `{0!}` the same said in the language.
fn parts(said: &'static str) -> Vec<Part> {
    let mut out = Vec::new();
    let mut rest = said;
    while let Some((text, after)) = rest.split_once('{') {
        out.push(Part::Text(text));
        let Some((hole, more)) = after.split_once('}') else { break };
        let (number, say) = hole.strip_suffix('!').map_or((hole, false), |number| (number, true));
        out.push(Part::Hole { at: number.parse().unwrap_or(usize::MAX), say });
        rest = more;
    }
    out.push(Part::Text(rest));
    out
}

/// What stands in the holes of a sentence; `None` if it is another sentence.
fn holes<'a>(fixed: &[&str], text: &'a str) -> Option<Vec<&'a str>> {
    let (first, others) = fixed.split_first()?;
    let (last, middle) = others.split_last()?;
    let mut rest = text.strip_prefix(first)?.strip_suffix(last)?;
    let mut found = Vec::with_capacity(others.len());
    for part in middle {
        let (hole, after) = rest.split_once(part)?;
        found.push(hole);
        rest = after;
    }
    found.push(rest);
    found.iter().all(|hole| !hole.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{Say, holes, pairs, parts};
    use crate::words::Lang;

    #[test]
    fn a_sentence_is_known_by_what_stands_between_its_holes() {
        assert_eq!(holes(&["", " of ", " are"], "3 of 5 are"), Some(vec!["3", "5"]));
        assert_eq!(holes(&["", " of ", " are"], "3 in 5 are"), None);
        assert_eq!(holes(&["", " of ", " are"], " of 5 are"), None, "an empty hole");
    }

    #[test]
    fn every_phrase_of_the_book_has_both_halves_and_the_same_holes() {
        let file = include_str!("../../locales/ko/analysis.txt");
        let mut seen = std::collections::BTreeSet::new();
        let mut count = 0;
        for (english, korean) in pairs(file) {
            let wanted: std::collections::BTreeSet<usize> =
                (0..english.matches(super::HOLE).count()).collect();
            let there: std::collections::BTreeSet<usize> = parts(korean)
                .iter()
                .filter_map(|part| match part {
                    super::Part::Hole { at, .. } => Some(*at),
                    super::Part::Text(_) => None,
                })
                .collect();
            assert_eq!(there, wanted, "{english}");
            let hangul = korean.chars().any(|c| ('가'..='힣').contains(&c));
            assert!(hangul || !english.chars().any(char::is_alphabetic), "{english}: {korean}");
            assert!(!english.chars().any(|c| ('가'..='힣').contains(&c)), "out of step at {english}");
            assert!(seen.insert(english), "twice: {english}");
            count += 1;
        }
        assert!(count > 250, "{count} phrases");
    }

    #[test]
    fn a_page_is_said_without_its_style_and_markup() {
        let say = Say::new(Lang::Ko);
        let page =
            say.page("<html lang=\"en\"><style>site{}</style><h2 class=\"site\">site</h2><td>ILM1</td>");
        assert_eq!(page, "<html lang=\"ko\"><style>site{}</style><h2 class=\"site\">센터</h2><td>ILM1</td>");
        assert_eq!(Say::new(Lang::En).of("site"), "site");
    }
}
