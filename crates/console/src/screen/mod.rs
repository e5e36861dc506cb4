//! Screens: one file each, a pure function from what is known to markup.

mod audit;
mod before;
mod care;
mod connections;
mod drill;
mod drills;
mod incident;
mod incidents;
mod lanes;
mod notices;
mod now;
mod opened;
mod order;
mod orders;
mod outside;
mod packing;
mod people;
mod plan;
mod preview;
mod settings;
mod shipments;
mod site;
mod sites;
mod sku;
mod statistics;
mod stock;
mod support;
mod tasks;

use holdfast_domain::incident::Phase;
use holdfast_domain::reject::Rejection;
use maud::{Markup, html};

use crate::act::Refused;
use crate::page::{Fields, Page};
use crate::parts::{form, layout};
use crate::view::View;
use crate::viewer::{Right, Viewer};
use crate::words::Words;

pub use outside::{Alone, SignInFailed, render_alone as render_plain};

/// What the last act came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Done and durable: the key of what to say.
    Done(String),
    /// The form could not be read, or its asker may not.
    Refused(Refused),
    /// The rules refused it: stable code and the cause in English, by rejection.
    Rejected(Vec<(String, String)>),
    /// Another person has to approve it first; the code it waits under.
    NeedsSecond(String),
    /// Not carried out; ask again.
    Retry,
    /// Nobody knows yet whether it was carried out.
    Unknown,
}

impl From<&Rejection> for Outcome {
    fn from(rejection: &Rejection) -> Self {
        Self::Rejected(vec![(rejection.code().to_owned(), rejection.to_string())])
    }
}

impl Outcome {
    /// The outcome of a problem by its stable code, as the service has them.
    #[must_use]
    pub fn of_problem(code: &str, detail: &str) -> Self {
        match code {
            "busy" | "stopped" | "too-many-requests" => Self::Retry,
            "outcome-unknown" | "internal" => Self::Unknown,
            "forbidden" => Self::Refused(Refused::NotAllowed),
            "second-approver-needed" => Self::NeedsSecond(detail.to_owned()),
            _ => Self::Rejected(vec![(code.to_owned(), detail.to_owned())]),
        }
    }

    /// What `done=` in an address says, if it is one of ours.
    #[must_use]
    pub fn of_address(fields: &Fields) -> Option<Self> {
        let key = fields.one("done");
        let ours = key.starts_with("done-")
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && !Words::of(crate::words::Locale::En).say(key).starts_with('⟦');
        ours.then(|| Self::Done(key.to_owned()))
    }
}

/// An act that was tried: what it came to, and the form as it was filled in.
#[derive(Clone, Debug)]
pub struct Tried<'a> {
    /// What it came to.
    pub outcome: Outcome,
    /// The form, to show again.
    pub fields: Option<&'a Fields>,
}

/// What every screen is drawn with.
pub(crate) struct Cx<'a> {
    pub(crate) view: View<'a>,
    pub(crate) viewer: &'a Viewer,
    pub(crate) words: Words,
    pub(crate) tried: Option<&'a Tried<'a>>,
}

impl Cx<'_> {
    pub(crate) fn open_incidents(&self) -> usize {
        self.view.state().incidents.iter().filter(|(_, incident)| incident.phase != Phase::Closed).count()
    }

    pub(crate) fn may(&self, right: Right) -> bool {
        self.viewer.may(right)
    }

    /// What is wrong with a field of the form that was tried.
    pub(crate) fn fault(&self, field: &str) -> Option<String> {
        let Some(Tried { outcome: Outcome::Refused(Refused::Faults(faults)), .. }) = self.tried else {
            return None;
        };
        faults.iter().find(|fault| fault.field == field).map(|fault| self.words.say(fault.why))
    }

    /// What was filled into a field of the form that was tried.
    pub(crate) fn tried_value(&self, field: &str) -> Option<&str> {
        self.tried
            .and_then(|tried| tried.fields)
            .map(|fields| fields.one(field))
            .filter(|value| !value.is_empty())
    }

    /// What the last act came to, for people.
    pub(crate) fn outcome_markup(&self) -> Markup {
        let w = self.words;
        let Some(tried) = self.tried else { return html! {} };
        match &tried.outcome {
            Outcome::Done(key) => html! { div class="outcome good" role="status" { (w.say(key)) } },
            Outcome::Retry => html! { div class="outcome warn" role="alert" { (w.say("outcome-retry")) } },
            Outcome::Unknown => {
                html! { div class="outcome warn" role="alert" { (w.say("outcome-unknown")) } }
            }
            Outcome::Refused(Refused::Faults(faults)) => html! {
                div class="outcome bad" role="alert" {
                    p { (w.say("outcome-faults")) }
                    ul { @for fault in faults { li { a href={ "#" (fault.field) } { (w.say(&format!("field-{}", fault.field))) } ": " (w.say(fault.why)) } } }
                }
            },
            Outcome::Refused(Refused::NotAllowed | Refused::NoSuch) => {
                html! { div class="outcome bad" role="alert" { (w.say("outcome-not-allowed")) } }
            }
            Outcome::Rejected(rejections) => html! {
                div class="outcome bad" role="alert" {
                    p { (w.say("outcome-rejected")) }
                    ul { @for (code, cause) in rejections { li {
                        @if Rejection::CODES.contains(&code.as_str()) {
                            strong { (w.say(&format!("reject-{code}"))) } " "
                            (w.say(&format!("remedy-{code}"))) " "
                        } @else if let Some(said) = w.known(&format!("trouble-{code}")) {
                            strong { (said) } " "
                        }
                        span class="code" { (code) ": " (cause) }
                    } } }
                }
            },
            Outcome::NeedsSecond(detail) => html! {
                div class="outcome warn" role="alert" {
                    p { (w.say("outcome-second")) }
                    (w.say("outcome-second-more")) " " span class="code" { (detail) }
                }
            },
        }
    }
}

/// Draws a page for a viewer. A page the viewer may not see, or a thing that is not there, is drawn as not found: who
/// may not see a thing does not learn that it exists. The flag says whether it was found.
#[must_use]
pub fn render(page: &Page, view: &View<'_>, viewer: &Viewer, tried: Option<&Tried<'_>>) -> (String, bool) {
    let cx = Cx { view: *view, viewer, words: Words::of(viewer.locale), tried };
    match draw(&cx, page) {
        Some((title, content)) => (layout::page(&cx, page, &title, &content).into_string(), true),
        None => {
            let title = cx.words.say("not-found");
            let content =
                html! { header class="page" { h1 { (title) } } p { (cx.words.say("not-found-more")) } };
            (layout::page(&cx, page, &title, &content).into_string(), false)
        }
    }
}

/// Title and content of a page.
fn draw(cx: &Cx<'_>, page: &Page) -> Option<(String, Markup)> {
    let house = cx.may(Right::SeeHouse);
    Some(match page {
        Page::Now => now::draw(cx),
        Page::Orders(query) => orders::draw(cx, query),
        Page::Order(id) => order::draw(cx, *id)?,
        Page::Stock(query) => stock::draw(cx, query),
        Page::Sku(id) => sku::draw(cx, *id)?,
        Page::Sites => sites::draw(cx),
        Page::Site(id) => site::draw(cx, *id)?,
        Page::Lanes => lanes::draw(cx),
        Page::Incidents => incidents::draw(cx),
        Page::DeclareThreat(id) if cx.may(Right::Command) => incidents::draw_threat(cx, id),
        Page::NewIncident(hazard, sites) if cx.may(Right::Command) => incidents::draw_new(cx, *hazard, sites),
        Page::Incident(id, from) if house => incident::draw(cx, *id, *from)?,
        Page::Preview(query) if house => preview::draw(cx, query)?,
        Page::Before if house => before::draw(cx),
        Page::Figure(id) if house => before::draw_figure(cx, id)?,
        Page::Statistics if house => statistics::draw(cx),
        Page::Settings if cx.may(Right::SeeAudit) => settings::draw(cx),
        Page::People if cx.may(Right::Manage) => people::draw(cx),
        Page::Audit(before) if cx.may(Right::SeeAudit) => audit::draw(cx, *before),
        Page::Support(text) if cx.may(Right::Support) => support::draw(cx, text),
        Page::Notices => notices::draw(cx),
        Page::Drills if house => drills::draw(cx),
        Page::Drill(number) if house => drill::draw(cx, *number)?,
        Page::Connections => connections::draw(cx),
        Page::Connection(id) => connections::draw_one(cx, id)?,
        Page::Shipments(query) => shipments::draw(cx, query),
        Page::Packing(query) if cx.may(Right::ActOnStock) => packing::draw(cx, query),
        _ => return None,
    })
}

/// The heading of a page: title, a line below, and what can be done, beside.
fn head(title: &Markup, below: &Markup, acts: &Markup) -> Markup {
    html! {
        header class="page" {
            div { h1 { (title) } div class="below" { (below) } }
            div class="acts" { (acts) }
        }
    }
}

/// A heading of text alone.
fn plain_head(title: &str, below: &str) -> Markup {
    head(&html! { (title) }, &html! { (below) }, &html! {})
}

/// The choice of a merchant, for those who see several.
fn merchant_filter(cx: &Cx<'_>, chosen: Option<holdfast_domain::id::MerchantId>) -> Markup {
    let network = &cx.view.state().network;
    if cx.viewer.scope().is_some() || network.merchants.len() < 2 {
        return html! {};
    }
    let mut options = vec![(String::new(), cx.words.say("all-merchants"))];
    options.extend((0_u16..).zip(&network.merchants).map(|(index, merchant)| {
        (holdfast_domain::id::MerchantId(index).to_string(), merchant.name.to_string())
    }));
    let chosen = chosen.map(|merchant| merchant.to_string()).unwrap_or_default();
    form::select(cx, "merchant", &cx.words.say("merchant"), &options, &chosen)
}

/// The choice of a site.
fn site_filter(cx: &Cx<'_>, chosen: Option<holdfast_domain::id::SiteId>) -> Markup {
    let mut options = vec![(String::new(), cx.words.say("all-sites"))];
    options.extend((0_u16..).zip(&cx.view.state().network.sites).map(|(index, site)| {
        (holdfast_domain::id::SiteId(index).to_string(), format!("{} · {}", site.code, site.name))
    }));
    let chosen = chosen.map(|site| site.to_string()).unwrap_or_default();
    form::select(cx, "site", &cx.words.say("site"), &options, &chosen)
}
