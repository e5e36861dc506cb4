//! Sentences of the analyses in the reader's language: the English sentence, its numbers and names cut out, is the key.
//!
//! The analyses are written by pure crates that know English alone, down to the formula of each figure; a phrase book
//! for each other language (`locales/<language>/analysis.txt`) holds the same sentences with holes. Invariant, held by a
//! test: what the commands print in Korean holds no English sentence.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};

use super::html::escape;
use super::particle;
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
    /// Two particles, of which the sound before them chooses one.
    Particle(&'static str, &'static str),
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
        self.after("", text)
    }

    /// The same for a text that goes on behind another one: a particle it begins with joins that.
    fn after(&self, before: &str, text: &str) -> String {
        if self.lang == Lang::En {
            return text.to_owned();
        }
        let bare = text.trim();
        let exact = || Some(self.put(before, &parts(self.exact.get(bare)?), &[]));
        let said = exact().or_else(|| self.list(bare)).or_else(|| self.fit(before, bare));
        match said {
            Some((joins, said)) if !bare.is_empty() => {
                let text = if joins { text.trim_start() } else { text };
                text.replacen(bare, &said, 1)
            }
            _ => text.to_owned(),
        }
    }

    fn fit(&self, before: &str, text: &str) -> Option<(bool, String)> {
        let found = |phrase: &Phrase| Some(self.put(before, &phrase.said, &holes(&phrase.fixed, text)?));
        self.holed.iter().find_map(found)
    }

    /// A sentence with its holes filled, and whether it begins with a particle: no space stands before one.
    fn put(&self, before: &str, said: &[Part], holes: &[&str]) -> (bool, String) {
        let mut out = String::new();
        for part in said {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Particle(consonant, vowel) => {
                    let sound = if out.is_empty() { before } else { &out };
                    let chosen = particle::choose(sound, (*consonant, *vowel));
                    out.push_str(chosen);
                }
                Part::Hole { at, say } => {
                    let hole = holes.get(*at).copied().unwrap_or_default();
                    out.push_str(&if *say { self.each(hole) } else { hole.to_owned() });
                }
            }
        }
        (matches!(said, [Part::Text(""), Part::Particle(..), ..]), out)
    }

    /// A list of words and names: its words said. What may be a sentence somebody wrote is none.
    fn list(&self, text: &str) -> Option<(bool, String)> {
        let items: Vec<&str> = text.split(", ").collect();
        let said: Vec<String> = items.iter().map(|item| self.each(item)).collect();
        let is_name = |item: &str| !item.contains(' ') || !item.starts_with(|c: char| c.is_ascii_lowercase());
        let known = items.iter().zip(&said).filter(|(item, said)| *item != said).count();
        let whole = items.iter().zip(&said).all(|(item, said)| item != said || is_name(item));
        (items.len() > 1 && known > 0 && whole).then(|| (false, said.join(", ")))
    }

    /// What stood in a hole, said whole, or each part of a list.
    fn each(&self, hole: &str) -> String {
        if !hole.contains(", ") {
            let fit = || self.fit("", hole).map(|(_, said)| said);
            return self
                .exact
                .get(hole)
                .map(|said| (*said).to_owned())
                .or_else(fit)
                .unwrap_or_else(|| hole.to_owned());
        }
        let whole = self.of(hole);
        if whole != hole {
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

    /// An HTML page, its texts and labels said; markup, style and code stay.
    pub fn page(&self, page: &str) -> String {
        if self.lang == Lang::En {
            return page.to_owned();
        }
        let mut out = String::with_capacity(page.len());
        let (mut rest, mut styled, mut last) = (page, false, String::new());
        while let Some(open) = rest.find('<') {
            let (text, tag) = rest.split_at(open);
            if styled || text.trim().is_empty() {
                out.push_str(text);
            } else {
                last = self.after(&last, &plain(text));
                out.push_str(&escape(&last));
            }
            let end = tag.find('>').map_or(tag.len(), |at| at + 1);
            let (tag, after) = tag.split_at(end);
            styled = tag.starts_with("<style") || tag.starts_with("<code");
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

/// `{0}` is what stood in the first hole, `{0!}` the same said in the language, `[은/는]` the particle that fits.
fn parts(said: &'static str) -> Vec<Part> {
    let mut out = Vec::new();
    let mut rest = said;
    while let Some((text, after)) = rest.split_once('{') {
        texts(text, &mut out);
        let Some((hole, more)) = after.split_once('}') else { break };
        let (number, say) = hole.strip_suffix('!').map_or((hole, false), |number| (number, true));
        out.push(Part::Hole { at: number.parse().unwrap_or(usize::MAX), say });
        rest = more;
    }
    texts(rest, &mut out);
    out
}

/// Text, and the particles in it.
fn texts(text: &'static str, out: &mut Vec<Part>) {
    let found = text.split_once('[').and_then(|(before, rest)| {
        let (pair, after) = rest.split_once(']')?;
        let (consonant, vowel) = pair.split_once('/')?;
        Some((before, consonant, vowel, after))
    });
    let Some((before, consonant, vowel, after)) = found else {
        out.push(Part::Text(text));
        return;
    };
    out.extend([Part::Text(before), Part::Particle(consonant, vowel)]);
    texts(after, out);
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
                    super::Part::Text(_) | super::Part::Particle(..) => None,
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
        let joined = say.page("<p><b>Declared</b> is what people said in the book,</p><code>site</code>");
        assert_eq!(joined, "<p><b>신고</b>는 사람이 장부에 적은 것,</p><code>site</code>");
        let joined =
            say.page("<b>missing</b> what nobody has said; all else is computed. Money in whole KRW.<i>");
        assert!(joined.starts_with("<b>미기재</b>는 아무도 적지 않은 것이며,"), "{joined}");
    }

    #[test]
    fn lists_of_words_and_names_are_said_and_sentences_are_not() {
        let say = Say::new(Lang::Ko);
        assert_eq!(say.of("billing, handover"), "청구, 운송사 인계");
        assert_eq!(say.of("ICN1, Harbour 3PL, order intake"), "ICN1, Harbour 3PL, 주문 접수");
        assert_eq!(say.of("carrier tern, carrier gannet"), "운송사 tern, 운송사 gannet");
        for kept in
            ["wms, label-printer", "paper lists by hand, picking", "goods wait in the yard, counted on paper"]
        {
            assert_eq!(say.of(kept), kept);
        }
        assert_eq!(say.of("1.5 days of cover without ICN1"), "ICN1이 없으면 재고 1.5일분");
        assert_eq!(say.of("0.2 days of cover without KMP3 센터"), "KMP3 센터가 없으면 재고 0.2일분");
    }
}
