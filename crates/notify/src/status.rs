//! The public status page of a merchant, its Atom feed and a banner: strings to be served from plain files
//! when everything else is down.
//!
//! Nothing here is about one order or one person. The page loads nothing from elsewhere and runs no script.

use fluent_bundle::FluentArgs;
use holdfast_domain::time::{Stamp, Zone};
use serde::{Deserialize, Serialize};

use crate::template::Unsaid;
use crate::template::catalog::Words;
use crate::template::content::{Moment, is_link};
use crate::template::html::escape;
use crate::template::phrase::{self, args};

/// The most incidents a page or feed shows.
pub const INCIDENTS_MAX: usize = 100;

/// Where an incident stands, as status pages say it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Announced, not yet begun.
    Planned,
    /// Something is wrong; it is being looked into.
    Investigating,
    /// What is wrong is known and being worked on.
    Identified,
    /// It is mended and being watched.
    Monitoring,
    /// It is over.
    Resolved,
}

impl State {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }
}

/// One thing that was said about an incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Update {
    /// When.
    pub at: Stamp,
    /// Where the incident stood.
    pub state: State,
    /// What was said, in the page's language.
    pub text: Box<str>,
}

/// One incident or planned work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Incident {
    /// Its id: stable, part of links and feed ids. Letters, digits and hyphens.
    pub id: Box<str>,
    /// Its title, in the page's language.
    pub title: Box<str>,
    /// What it touches: areas, services.
    pub touches: Vec<Box<str>>,
    /// From when to when, for planned work.
    pub window: Option<(Stamp, Stamp)>,
    /// What was said, oldest first; at least one.
    pub updates: Vec<Update>,
}

/// Everything a status page shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Page {
    /// The merchant's name.
    pub merchant: Box<str>,
    /// Where the page is served, `https://`, without a slash at its end.
    pub base: Box<str>,
    /// In whose time it is told.
    pub zone: Zone,
    /// When it was made.
    pub made_at: Stamp,
    /// All incidents, in any order.
    pub incidents: Vec<Incident>,
}

/// Why a page cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// A word is missing.
    #[error("make a status page")]
    Unsaid(#[from] Unsaid),
    /// The page's address is not one.
    #[error("make a status page at {0:?}: write an address that begins with https://")]
    NotAnAddress(Box<str>),
    /// An incident's id does not fit into a link, or it says nothing.
    #[error("show incident {0:?}: its id has letters, digits and hyphens, and it has at least one update")]
    Unfit(Box<str>),
    /// Too many.
    #[error("show {0} incidents: at most 100 fit; leave the oldest out")]
    TooMany(usize),
}

impl Incident {
    fn latest(&self) -> Option<&Update> {
        self.updates.iter().max_by_key(|update| update.at)
    }

    fn state(&self) -> State {
        self.latest().map_or(State::Investigating, |update| update.state)
    }
}

impl Page {
    fn check(&self) -> Result<(), StatusError> {
        if !is_link(&self.base) {
            return Err(StatusError::NotAnAddress(self.base.clone()));
        }
        if self.incidents.len() > INCIDENTS_MAX {
            return Err(StatusError::TooMany(self.incidents.len()));
        }
        let fits = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        match self.incidents.iter().find(|incident| !fits(&incident.id) || incident.updates.is_empty()) {
            Some(unfit) => Err(StatusError::Unfit(unfit.id.clone())),
            None => Ok(()),
        }
    }

    /// The incidents in `states`, the one with the newest word first.
    fn in_states(&self, states: &[State]) -> Vec<&Incident> {
        let mut found: Vec<_> =
            self.incidents.iter().filter(|incident| states.contains(&incident.state())).collect();
        found.sort_by_key(|incident| {
            (incident.latest().map(|update| core::cmp::Reverse(update.at)), &incident.id)
        });
        found
    }

    fn when(&self, at: Stamp, words: &Words<'_>) -> Result<String, Unsaid> {
        phrase::moment(words, &Moment { at, zone: self.zone.clone() })
    }
}

const ACTIVE: [State; 3] = [State::Investigating, State::Identified, State::Monitoring];

const STYLE: &str = "body{margin:0;background:#f4f6f8;color:#14202b;font:16px/1.5 -apple-system,\
    'Apple SD Gothic Neo','Malgun Gothic',Segoe UI,Roboto,sans-serif}main{max-width:720px;margin:0 auto;\
    padding:24px}section,article{margin:0 0 24px}article{background:#fff;border-radius:8px;padding:16px 20px}\
    .now{border-left:6px solid #1b7f4b}.now.trouble{border-color:#b3541e}time{color:#44546a}\
    .state{font-weight:600}@media(prefers-color-scheme:dark){body{background:#10161c;color:#e6ebf0}\
    article{background:#1a232c}time{color:#a9b6c4}a{color:#7db7f0}}";

/// The page as HTML.
///
/// # Errors
/// [`StatusError`].
pub fn page_html(page: &Page, words: &Words<'_>) -> Result<String, StatusError> {
    page.check()?;
    let none = FluentArgs::new();
    let title = words.say("status-title", &args! { "merchant" = page.merchant.to_string() })?;
    let active = page.in_states(&ACTIVE);
    let (class, now) = if active.is_empty() {
        ("now", words.say("status-all-well", &none)?)
    } else {
        let count = active.len() as i64;
        ("now trouble", words.say("status-trouble", &args! { "count" = count })?)
    };
    let made = words.say("status-made", &args! { "moment" = page.when(page.made_at, words)? })?;
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"alternate\" type=\"application/atom+xml\" href=\"{base}/status.atom\">\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <article class=\"{class}\"><p class=\"state\">{now}</p><p><time>{made}</time></p></article>\n",
        lang = escape(words.language()),
        title = escape(&title),
        base = escape(&page.base),
        now = escape(&now),
        made = escape(&made),
    );
    let sections = [
        ("status-current", active),
        ("status-planned-work", page.in_states(&[State::Planned])),
        ("status-past", page.in_states(&[State::Resolved])),
    ];
    for (heading, incidents) in sections {
        if incidents.is_empty() {
            continue;
        }
        html.push_str(&format!("<section>\n<h2>{}</h2>\n", escape(&words.say(heading, &none)?)));
        for incident in incidents {
            html.push_str(&article(page, incident, words)?);
        }
        html.push_str("</section>\n");
    }
    let feed = escape(&words.say("status-feed", &none)?);
    html.push_str(&format!(
        "<p><a href=\"{}/status.atom\">{feed}</a></p>\n</main>\n</body>\n</html>\n",
        escape(&page.base)
    ));
    Ok(html)
}

fn article(page: &Page, incident: &Incident, words: &Words<'_>) -> Result<String, Unsaid> {
    let mut html =
        format!("<article id=\"{}\">\n<h3>{}</h3>\n", escape(&incident.id), escape(&incident.title));
    if let Some((from, until)) = incident.window {
        let (first, last) = (page.when(from, words)?, page.when(until, words)?);
        let window = words.say("date-range", &args! { "first" = first, "last" = last })?;
        html.push_str(&format!("<p>{}</p>\n", escape(&window)));
    }
    if !incident.touches.is_empty() {
        let touches = incident.touches.join(", ");
        let line = words.say("status-touches", &args! { "places" = touches })?;
        html.push_str(&format!("<p>{}</p>\n", escape(&line)));
    }
    let mut updates: Vec<&Update> = incident.updates.iter().collect();
    updates.sort_by_key(|update| core::cmp::Reverse(update.at));
    for update in updates {
        let state = words.say(&format!("status-{}", update.state.code()), &FluentArgs::new())?;
        html.push_str(&format!(
            "<p><span class=\"state\">{}</span> – {}<br><time datetime=\"{}\">{}</time></p>\n",
            escape(&state),
            escape(&update.text),
            update.at,
            escape(&page.when(update.at, words)?),
        ));
    }
    html.push_str("</article>\n");
    Ok(html)
}

/// The feed as Atom (RFC 4287): an entry for each update, newest first.
///
/// # Errors
/// [`StatusError`].
pub fn atom(page: &Page, words: &Words<'_>) -> Result<String, StatusError> {
    page.check()?;
    let title = words.say("status-title", &args! { "merchant" = page.merchant.to_string() })?;
    let base = xml(&page.base);
    let mut entries: Vec<(&Incident, &Update)> =
        page.incidents.iter().flat_map(|i| i.updates.iter().map(move |update| (i, update))).collect();
    entries.sort_by_key(|(incident, update)| (core::cmp::Reverse(update.at), &incident.id));
    let updated = entries.first().map_or(page.made_at, |(_, update)| update.at);
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<title>{}</title>\n\
         <id>{base}/status.atom</id>\n<link rel=\"self\" href=\"{base}/status.atom\"/>\n\
         <link rel=\"alternate\" href=\"{base}/\"/>\n<updated>{updated}</updated>\n\
         <author><name>{}</name></author>\n",
        xml(words.language()),
        xml(&title),
        xml(&page.merchant),
    );
    for (incident, update) in entries {
        let state = words.say(&format!("status-{}", update.state.code()), &FluentArgs::new())?;
        let link = format!("{base}/#{}", xml(&incident.id));
        feed.push_str(&format!(
            "<entry>\n<title>{}: {}</title>\n<id>{link}-{}</id>\n<link href=\"{link}\"/>\n\
             <updated>{}</updated>\n<content type=\"text\">{}</content>\n</entry>\n",
            xml(&state),
            xml(&incident.title),
            update.at.0,
            update.at,
            xml(&update.text),
        ));
    }
    feed.push_str("</feed>\n");
    Ok(feed)
}

/// A banner for the shop's own pages while an incident lasts; empty when all is well.
///
/// # Errors
/// [`StatusError`].
pub fn banner(page: &Page, words: &Words<'_>) -> Result<String, StatusError> {
    page.check()?;
    let active = page.in_states(&ACTIVE);
    let Some(newest) = active.first() else { return Ok(String::new()) };
    let more = escape(&words.say("status-more", &FluentArgs::new())?);
    Ok(format!(
        "<aside class=\"holdfast-banner\" role=\"status\" lang=\"{}\" style=\"padding:12px 16px;\
         background:#fff4e5;color:#14202b;border-bottom:2px solid #b3541e;font:15px/1.4 sans-serif\">{} \
         <a href=\"{}/#{}\" style=\"color:#0b5cad\">{more}</a></aside>\n",
        escape(words.language()),
        escape(&newest.title),
        escape(&page.base),
        escape(&newest.id),
    ))
}

/// `text` for XML: escaped, and without the controls XML 1.0 cannot hold.
fn xml(text: &str) -> String {
    let allowed = |c: &char| {
        matches!(c, '\t' | '\n' | '\r')
            || (*c >= ' ' && !matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
    };
    escape(&text.chars().filter(allowed).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{Incident, Page, State, StatusError, Update, atom, banner, page_html};
    use crate::template::Catalog;
    use holdfast_domain::time::{Stamp, Zone};

    fn stamp(text: &str) -> Stamp {
        text.parse().unwrap()
    }

    fn incident(id: &str, title: &str, updates: &[(&str, State, &str)]) -> Incident {
        let updates = updates.iter().map(|(at, state, text)| Update {
            at: stamp(at),
            state: *state,
            text: (*text).into(),
        });
        Incident {
            id: id.into(),
            title: title.into(),
            touches: vec!["Florida".into()],
            window: None,
            updates: updates.collect(),
        }
    }

    fn page() -> Page {
        Page {
            merchant: "Kelp & Co".into(),
            base: "https://status.kelp.example".into(),
            zone: Zone::named("Asia/Seoul").unwrap(),
            made_at: stamp("2022-09-29T01:00:00Z"),
            incidents: vec![
                incident("old", "Power outage", &[("2022-08-01T00:00:00Z", State::Resolved, "Over.")]),
                incident(
                    "ian",
                    "Hurricane <Ian>",
                    &[
                        ("2022-09-28T19:00:00Z", State::Investigating, "Landfall."),
                        ("2022-09-28T23:00:00Z", State::Identified, "Orders move to Ohio & Texas."),
                    ],
                ),
                incident("move", "New shelves", &[("2022-09-20T00:00:00Z", State::Planned, "Sunday.")]),
            ],
        }
    }

    #[test]
    fn a_page_tells_what_is_what_is_planned_and_what_was() {
        let catalog = Catalog::embedded();
        let html = page_html(&page(), &catalog.words("en", "")).unwrap();
        let order: Vec<usize> =
            ["Hurricane &lt;Ian&gt;", "Orders move", "Landfall", "New shelves", "Power outage"]
                .iter()
                .map(|text| html.find(text).unwrap_or_else(|| panic!("{text} is not in {html}")))
                .collect();
        assert!(order.is_sorted(), "{html}");
        assert!(!html.contains("<Ian>") && !html.contains("<script"));
        let korean = page_html(&page(), &catalog.words("ko", "")).unwrap();
        for text in
            ["<html lang=\"ko\">", "원인 파악", "2022년 9월 29일(목) 오전 8시(한국 시간)", "지난 공지"]
        {
            assert!(korean.contains(text), "{text} is not in {korean}");
        }
    }

    #[test]
    fn a_feed_is_atom_with_stable_ids() {
        let feed = atom(&page(), &Catalog::embedded().words("en", "")).unwrap();
        assert_eq!(feed.matches("<entry>").count(), 4);
        assert!(feed.contains("<updated>2022-09-28T23:00:00Z</updated>"));
        assert!(feed.contains("<id>https://status.kelp.example/#ian-1664406000000</id>"), "{feed}");
        assert!(feed.contains("Ohio &amp; Texas"));
    }

    #[test]
    fn a_banner_shows_while_something_is_wrong() {
        let catalog = Catalog::embedded();
        let mut page = page();
        assert!(banner(&page, &catalog.words("en", "")).unwrap().contains("#ian"));
        page.incidents.remove(1);
        assert_eq!(banner(&page, &catalog.words("en", "")).unwrap(), "");
    }

    #[test]
    fn unfit_pages_are_refused() {
        let catalog = Catalog::embedded();
        let words = catalog.words("en", "");
        let mut bad = page();
        bad.base = "javascript:x".into();
        assert!(matches!(page_html(&bad, &words), Err(StatusError::NotAnAddress(_))));
        let mut bad = page();
        bad.incidents[0].id = "a\"b".into();
        assert!(matches!(atom(&bad, &words), Err(StatusError::Unfit(_))));
        let mut bad = page();
        bad.incidents[0].updates.clear();
        assert!(matches!(banner(&bad, &words), Err(StatusError::Unfit(_))));
    }
}
