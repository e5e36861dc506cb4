//! The frame of every page: landmarks, menu, drill banner, what the last act came to.

use holdfast_app::drills::Standing;
use maud::{DOCTYPE, Markup, html};

use super::icon;
use crate::assets;
use crate::page::Page;
use crate::screen::Cx;
use crate::viewer::Right;
use crate::words::{Locale, say};

/// An entry of the menu: its sign, the page, whether this viewer has it.
fn entries(cx: &Cx<'_>) -> Vec<(&'static str, Page)> {
    let viewer = cx.viewer;
    let all = [
        ("now", Page::Now, true),
        ("orders", Page::orders("open"), true),
        ("stock", Page::Stock(crate::page::StockQuery::default()), true),
        ("sites", Page::Sites, true),
        ("shipments", Page::Shipments(crate::page::ShipmentQuery::default()), true),
        ("incidents", Page::Incidents, true),
        ("before", Page::Before, viewer.may(Right::SeeHouse)),
        ("drills", Page::Drills, viewer.may(Right::SeeHouse)),
        ("statistics", Page::Statistics, viewer.may(Right::SeeHouse)),
        ("notices", Page::Notices, true),
        ("connections", Page::Connections, true),
        ("support", Page::Support(String::new()), viewer.may(Right::Support)),
        ("people", Page::People, viewer.may(Right::Manage)),
        ("settings", Page::Settings, viewer.may(Right::SeeAudit)),
        ("audit", Page::Audit(None), viewer.may(Right::SeeAudit)),
    ];
    all.into_iter().filter(|(.., shown)| *shown).map(|(sign, page, _)| (sign, page)).collect()
}

/// Which entry of the menu a page belongs to.
const fn entry_of(page: &Page) -> &'static str {
    match page {
        Page::Now => "now",
        Page::Orders(_) | Page::Order(_) => "orders",
        Page::Stock(_) | Page::Sku(_) => "stock",
        Page::Sites | Page::Site(_) | Page::Lanes => "sites",
        Page::Incidents
        | Page::NewIncident(..)
        | Page::DeclareThreat(_)
        | Page::Incident(..)
        | Page::Preview(_) => "incidents",
        Page::Before | Page::Figure(_) => "before",
        Page::Statistics => "statistics",
        Page::Settings => "settings",
        Page::People => "people",
        Page::Audit(_) => "audit",
        Page::Support(_) => "support",
        Page::Notices => "notices",
        Page::Drills | Page::Drill(_) => "drills",
        Page::Connections | Page::Connection(_) => "connections",
        Page::Shipments(_) | Page::Packing(_) => "shipments",
    }
}

/// The address with another language, on the same page.
fn in_language(address: &str, locale: Locale) -> String {
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}lang={}", locale.tag())
}

/// The whole page.
pub(crate) fn page(cx: &Cx<'_>, page: &Page, title: &str, content: &Markup) -> Markup {
    let w = cx.words;
    let operator = cx.view.state().network.operator.as_ref();
    let house = operator.map_or_else(|| w.say("product"), |operator| operator.name.to_string());
    let drill =
        cx.view.state().incidents.iter().any(|(_, incident)| {
            incident.drill && incident.phase != holdfast_domain::incident::Phase::Closed
        });
    let body = html! {
        a class="skip" href="#main" { (w.say("skip")) }
        @if drill { div class="drill" role="status" { strong { (w.say("drill-banner")) } " " (w.say("drill-banner-more")) } }
        (rehearsed(cx, page))
        header class=(if drill || rehearses(cx, page) { "top rehearsing" } else { "top" }) {
            a class="brand" href="/" { img src=(assets::address("mark.svg")) alt="" width="28" height="28"; span { bdi { (house) } } }
            @if drill || rehearses(cx, page) { p class="drill-word" aria-hidden="true" { (w.say("drill-banner")) } }
            p class="clock" { time datetime=(cx.view.now.to_string()) { (w.moment(cx.view.now, &cx.view.zone())) } }
            a class="menu-open" href="#menu" { (icon::sign("menu")) span { (w.say("menu")) } }
        }
        div class="frame" {
            nav id="menu" aria-label=(w.say("menu")) {
                a class="menu-close" href="#main" { (icon::sign("close")) span { (w.say("menu-close")) } }
                ul {
                    @for (sign, to) in entries(cx) {
                        li {
                            a href=(to.address()) aria-current=[(entry_of(page) == sign).then_some("page")] {
                                (icon::sign(sign)) span { (w.say(&format!("nav-{sign}"))) }
                                @if sign == "incidents" && cx.open_incidents() > 0 { span class="badge" { (cx.open_incidents()) } }
                            }
                        }
                    }
                }
                div class="me" {
                    p { strong { bdi { (cx.viewer.name) } } br; (w.say(&format!("role-{}", cx.viewer.role.key()))) }
                    p class="languages" {
                        @for locale in Locale::ALL {
                            a href=(in_language(&page.address(), locale)) lang=(locale.tag()) hreflang=(locale.tag())
                                aria-current=[(locale == cx.viewer.locale).then_some("true")] { (w.say(&format!("language-{}", locale.tag()))) }
                        }
                    }
                    p { a href="/second-factor" { (w.say("second-factor")) } }
                    (super::form::button(cx, "/sign-out", &[], &w.say("sign-out"), "plain"))
                }
            }
            main id="main" tabindex="-1" {
                (cx.outcome_markup())
                (content)
            }
        }
        footer { p { (say!(w, "footer", version = cx.view.state().version)) } p class="live" hidden data-lost=(w.say("live-lost")) data-back=(w.say("live-back")) data-new=(w.say("live-new")) role="status" {} }
    };
    whole(cx, title, &house, &body)
}

/// Whether a page is about a drill on a copy, or one runs meanwhile.
fn rehearses(cx: &Cx<'_>, page: &Page) -> bool {
    let running = matches!(cx.view.beside.drilled.standing, Standing::Running(_));
    cx.may(Right::SeeHouse) && (running || entry_of(page) == "drills")
}

/// The banner of drills on a copy: on every page while one runs, and always on their own pages.
fn rehearsed(cx: &Cx<'_>, page: &Page) -> Markup {
    let (w, standing) = (cx.words, &cx.view.beside.drilled.standing);
    let running = matches!(standing, Standing::Running(_)) && cx.may(Right::SeeHouse);
    html! {
        @if running {
            div class="drill" role="status" { strong { (w.say("drill-banner")) } " " (w.say("drill-copy-running")) " " a href="/drills" { (w.say("drill-copy-look")) } }
        } @else if entry_of(page) == "drills" {
            div class="drill" role="status" { strong { (w.say("drill-banner")) } " " (w.say("drill-copy")) }
        }
    }
}

/// A page outside the house: sign-in, errors.
pub(crate) fn plain(words: crate::words::Words, title: &str, content: &Markup) -> Markup {
    let product = words.say("product");
    document(
        words,
        title,
        &product,
        None,
        &html! {
            main id="main" class="alone" {
                p class="brand" { img src=(assets::address("mark.svg")) alt="" width="40" height="40"; span { (product) } }
                (content)
            }
        },
    )
}

fn whole(cx: &Cx<'_>, title: &str, house: &str, body: &Markup) -> Markup {
    document(cx.words, title, house, Some(cx.view.state().version), body)
}

fn document(w: crate::words::Words, title: &str, house: &str, version: Option<u64>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(w.locale.tag()) data-version=[version] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (house) }
                link rel="icon" href=(assets::address("mark.svg"));
                link rel="stylesheet" href=(assets::address("console.css"));
                script src=(assets::address("console.js")) defer {}
            }
            body { (body) }
        }
    }
}
