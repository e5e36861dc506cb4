//! Pages outside the house: sign-in, and what is shown when something is wrong.

use maud::{Markup, html};

use crate::act::CSRF_FIELD;
use crate::parts::layout;
use crate::words::{Locale, Words, say};

/// A page that needs nobody signed in, or proves again who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alone {
    /// Sign in: posts `name`, `password` and `code` to `/sign-in`.
    SignIn {
        /// The name that was tried.
        name: String,
        /// What is wrong.
        failed: Option<SignInFailed>,
    },
    /// Prove again who it is, before a dangerous act: posts `password` and `code` to `/prove`.
    Prove {
        /// The token of the session.
        csrf: String,
        /// What is wrong.
        failed: Option<SignInFailed>,
    },
    /// Make an account by a link: posts `name` and `password` to `/setup/{token}`.
    SetUp {
        /// The link's token, of letters, digits, `-` and `_`; `None` for a link that is gone.
        token: Option<String>,
        /// What is wrong.
        failed: Option<SignInFailed>,
    },
    /// Something is wrong; the status says what.
    Problem {
        /// HTTP status: 400, 403, 404, 413, 429, 500 or 503.
        status: u16,
    },
}

/// Why a sign-in, a proof or an account did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInFailed {
    /// Name, password or code is wrong, or there is no such person: nobody learns which.
    Wrong,
    /// Too many tries; wait.
    Throttled,
    /// The session is over.
    Expired,
    /// The name is taken or not one, or the password is too weak or known to be leaked.
    Account,
}

/// Draws a page for nobody in particular.
#[must_use]
pub fn render_alone(page: &Alone, locale: Locale) -> String {
    let w = Words::of(locale);
    let (title, content) = match page {
        Alone::SignIn { name, failed } => (w.say("sign-in"), sign_in(w, name, *failed)),
        Alone::Prove { csrf, failed } => (w.say("prove"), prove(w, csrf, *failed)),
        Alone::SetUp { token, failed } => (w.say("set-up"), set_up(w, token.as_deref(), *failed)),
        Alone::Problem { status } => problem(w, *status),
    };
    layout::plain(w, &title, &content).into_string()
}

fn languages(w: Words) -> Markup {
    html! {
        p class="languages" { @for locale in Locale::ALL {
            a href={ "?lang=" (locale.tag()) } lang=(locale.tag()) hreflang=(locale.tag())
                aria-current=[(locale == w.locale).then_some("true")] { (w.say(&format!("language-{}", locale.tag()))) }
        } }
    }
}

fn wrong(w: Words, failed: Option<SignInFailed>) -> Markup {
    let key = failed.map(|failed| match failed {
        SignInFailed::Wrong => "sign-in-wrong",
        SignInFailed::Throttled => "sign-in-throttled",
        SignInFailed::Expired => "sign-in-expired",
        SignInFailed::Account => "account-refused",
    });
    html! { @if let Some(key) = key { div class="outcome bad" role="alert" { (w.say(key)) } } }
}

/// A labelled field: what it is called, its type, and what a browser may fill in.
fn field(w: Words, name: &str, key: &str, kind: &str, fill: &str, value: &str) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (w.say(key)) }
            input id=(name) name=(name) type=(kind) autocomplete=(fill) value=(value)
                required[name != "code"] inputmode=[(name == "code").then_some("numeric")];
        }
    }
}

fn sign_in(w: Words, name: &str, failed: Option<SignInFailed>) -> Markup {
    html! {
        h1 { (w.say("sign-in")) }
        (wrong(w, failed))
        form method="post" action="/sign-in" class="stack" {
            (field(w, "name", "sign-in-name", "text", "username", name))
            (field(w, "password", "password", "password", "current-password", ""))
            (field(w, "code", "second-factor-code", "text", "one-time-code", ""))
            button type="submit" class="primary" { (w.say("sign-in")) }
        }
        (languages(w))
    }
}

fn prove(w: Words, csrf: &str, failed: Option<SignInFailed>) -> Markup {
    html! {
        h1 { (w.say("prove")) }
        p { (w.say("prove-lead")) }
        (wrong(w, failed))
        form method="post" action="/prove" class="stack" {
            input type="hidden" name=(CSRF_FIELD) value=(csrf);
            (field(w, "password", "password", "password", "current-password", ""))
            (field(w, "code", "second-factor-code", "text", "one-time-code", ""))
            button type="submit" class="primary" { (w.say("prove")) }
        }
    }
}

fn set_up(w: Words, token: Option<&str>, failed: Option<SignInFailed>) -> Markup {
    let Some(token) = token else {
        return html! { h1 { (w.say("set-up")) } div class="outcome bad" role="alert" { (w.say("link-gone")) } (languages(w)) };
    };
    html! {
        h1 { (w.say("set-up")) }
        (wrong(w, failed))
        form method="post" action={ "/setup/" (token) } class="stack" {
            (field(w, "name", "sign-in-name", "text", "username", ""))
            (field(w, "password", "password-new", "password", "new-password", ""))
            button type="submit" class="primary" { (w.say("set-up")) }
        }
        (languages(w))
    }
}

fn problem(w: Words, status: u16) -> (String, Markup) {
    let known = [400, 403, 404, 413, 429, 503].contains(&status);
    let key = if known { status.to_string() } else { "500".to_owned() };
    let title = w.say(&format!("problem-{key}"));
    let content = html! {
        h1 { (title) }
        p { (w.say(&format!("problem-{key}-more"))) }
        p class="hint" { (say!(w, "problem-status", status = status.to_string())) }
        p { a href="/" { (w.say("problem-home")) } }
    };
    (title, content)
}
