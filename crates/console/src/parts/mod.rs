//! Parts every screen is put together from. Each gives markup and knows nothing of the state.

pub(crate) mod form;
pub(crate) mod icon;
pub(crate) mod layout;
pub(crate) mod plot;
pub(crate) mod table;

use maud::{Markup, html};

use crate::page::Page;
use icon::Shape;

/// How something stands; always shown by a shape and a word beside the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Warn,
    Bad,
    Info,
    Quiet,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Quiet => "quiet",
        }
    }

    const fn shape(self) -> Shape {
        match self {
            Self::Good => Shape::Dot,
            Self::Warn => Shape::Triangle,
            Self::Bad => Shape::Square,
            Self::Info => Shape::Diamond,
            Self::Quiet => Shape::Ring,
        }
    }
}

/// A word with a shape.
pub(crate) fn chip(tone: Tone, text: &str) -> Markup {
    html! { span class={ "chip " (tone.class()) } { (icon::shape(tone.shape())) (text) } }
}

/// A link to a page.
pub(crate) fn link(page: &Page, text: &str) -> Markup {
    html! { a href=(page.address()) { (text) } }
}

/// A link whose text is a name from outside.
pub(crate) fn link_named(page: &Page, text: &str) -> Markup {
    html! { a href=(page.address()) { bdi { (text) } } }
}

/// A button-like link.
pub(crate) fn go(address: &str, text: &str, class: &str) -> Markup {
    html! { a class={ "button " (class) } href=(address) { (text) } }
}

/// A figure with its name, and what has to be said with it.
pub(crate) struct Stat {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) hint: Option<String>,
    pub(crate) tone: Option<Tone>,
    pub(crate) to: Option<String>,
}

impl Stat {
    pub(crate) fn new(label: String, value: String) -> Self {
        Self { label, value, hint: None, tone: None, to: None }
    }

    pub(crate) fn hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    pub(crate) fn tone(self, tone: Tone) -> Self {
        Self { tone: Some(tone), ..self }
    }

    /// The tone, where there is anything to say.
    pub(crate) fn tone_if(self, when: bool, tone: Tone) -> Self {
        if when { self.tone(tone) } else { self }
    }

    pub(crate) fn to(self, page: &Page) -> Self {
        Self { to: Some(page.address()), ..self }
    }
}

/// Figures side by side.
pub(crate) fn stats(all: &[Stat]) -> Markup {
    html! {
        dl class="stats" {
            @for stat in all {
                div class={ "stat " (stat.tone.map_or("", Tone::class)) } {
                    dt { (stat.label) }
                    dd {
                        @if let Some(to) = &stat.to { a href=(to) { (stat.value) } } @else { (stat.value) }
                        @if let Some(hint) = &stat.hint { span class="hint" { (hint) } }
                    }
                }
            }
        }
    }
}

/// Names and values, one under the other.
pub(crate) fn facts(all: &[(String, Markup)]) -> Markup {
    html! {
        dl class="facts" {
            @for (label, value) in all { div { dt { (label) } dd { (value) } } }
        }
    }
}

/// A part of a page with a heading.
pub(crate) fn section(id: &str, title: &str, content: Markup) -> Markup {
    html! {
        section id=(id) class="panel" aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (content)
        }
    }
}

/// A part of a page that can be folded away; open at first, so that it is there without a script.
pub(crate) fn folding(id: &str, title: &str, content: Markup) -> Markup {
    html! {
        section id=(id) class="panel fold" aria-labelledby={ (id) "-title" } {
            details open { summary { h2 id={ (id) "-title" } { (title) } } (content) }
        }
    }
}

/// A part of a page with a heading and something beside it.
pub(crate) fn section_with(id: &str, title: &str, beside: Markup, content: Markup) -> Markup {
    html! {
        section id=(id) class="panel" aria-labelledby={ (id) "-title" } {
            div class="panel-head" { h2 id={ (id) "-title" } { (title) } div class="beside" { (beside) } }
            (content)
        }
    }
}

/// A sentence where there is nothing to list.
pub(crate) fn nothing(text: &str) -> Markup {
    html! { p class="nothing" { (text) } }
}

/// What a number means, where it comes from: closed at first.
pub(crate) fn explained(title: &str, text: &str) -> Markup {
    html! { details class="explained" { summary { (title) } p { (text) } } }
}

/// How full something is; the number stands beside it in text.
pub(crate) fn bar(value: u64, whole: u64, tone: Tone) -> Markup {
    let share = if whole == 0 { u64::from(value > 0) * 100 } else { (value * 100 / whole).min(100) };
    html! {
        svg class={ "bar " (tone.class()) } viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect class="rest" width="100" height="6" {}
            rect class="full" width=(share) height="6" {}
        }
    }
}
