//! Forms: labelled fields, faults beside the field they belong to, and the token every form carries.

use maud::{Markup, html};

use crate::act::CSRF_FIELD;
use crate::screen::Cx;

/// A form that changes something.
pub(crate) fn post(cx: &Cx<'_>, action: &str, class: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(action) class=(class) {
            input type="hidden" name=(CSRF_FIELD) value=(cx.viewer.csrf);
            (content)
        }
    }
}

/// A hidden field.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A form's one button.
pub(crate) fn submit(text: &str, class: &str) -> Markup {
    html! { button type="submit" class=(class) { (text) } }
}

/// A form of one button and hidden fields.
pub(crate) fn button(cx: &Cx<'_>, action: &str, fields: &[(&str, &str)], text: &str, class: &str) -> Markup {
    post(
        cx,
        action,
        "inline",
        &html! {
            @for (name, value) in fields { (hidden(name, value)) }
            (submit(text, class))
        },
    )
}

/// A field of text: its type as HTML has it.
pub(crate) fn text(
    cx: &Cx<'_>,
    id: &str,
    label: &str,
    kind: &str,
    value: &str,
    hint: Option<&str>,
) -> Markup {
    let fault = cx.fault(id);
    let described = hint.map(|_| format!("{id}-hint"));
    let value = cx.tried_value(id).unwrap_or(value);
    html! {
        div class="field" {
            label for=(id) { (label) }
            input id=(id) name=(id) type=(kind) value=(value) aria-describedby=[described.as_deref()]
                aria-invalid=[fault.is_some().then_some("true")] autocomplete="off";
            @if let Some(hint) = hint { p class="hint" id={ (id) "-hint" } { (hint) } }
            @if let Some(fault) = fault { p class="fault" { (fault) } }
        }
    }
}

/// A choice of one among few.
pub(crate) fn select(
    cx: &Cx<'_>,
    id: &str,
    label: &str,
    options: &[(String, String)],
    chosen: &str,
) -> Markup {
    let fault = cx.fault(id);
    let chosen = cx.tried_value(id).unwrap_or(chosen);
    html! {
        div class="field" {
            label for=(id) { (label) }
            select id=(id) name=(id) aria-invalid=[fault.is_some().then_some("true")] {
                @for (value, text) in options { option value=(value) selected[value == chosen] { (text) } }
            }
            @if let Some(fault) = fault { p class="fault" { (fault) } }
        }
    }
}

/// One tick.
pub(crate) fn tick(name: &str, value: &str, on: bool, label: &Markup) -> Markup {
    html! {
        label class="tick" { input type="checkbox" name=(name) value=(value) checked[on]; span { (label) } }
    }
}

/// One of several, of which one is chosen.
pub(crate) fn choice(name: &str, value: &str, on: bool, label: &Markup) -> Markup {
    html! {
        label class="tick" { input type="radio" name=(name) value=(value) checked[on]; span { (label) } }
    }
}

/// Fields that belong together.
pub(crate) fn group(legend: &str, content: &Markup) -> Markup {
    html! { fieldset { legend { (legend) } (content) } }
}
