//! Pages outside the house: sign-in, and what is shown when something is wrong.

use maud::{Markup, html};

use crate::act::CSRF_FIELD;
use crate::parts::layout;
use crate::words::{Locale, Words, say};

/// A page that needs nobody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alone {
    /// Sign in.
    SignIn {
        /// The token of the form.
        csrf: String,
        /// The code that was tried.
        code: String,
        /// Where to go afterwards: a path of ours.
        then: String,
        /// What is wrong.
        failed: Option<SignInFailed>,
    },
    /// The second factor.
    SecondFactor {
        /// The token of the form.
        csrf: String,
        /// Where to go afterwards.
        then: String,
        /// Whether a code was wrong.
        failed: bool,
    },
    /// Something is wrong; the status says what.
    Problem {
        /// HTTP status: 400, 403, 404, 413, 429, 500 or 503.
        status: u16,
    },
}

/// Why a sign-in did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInFailed {
    /// Name or password is wrong, or there is no such person: nobody learns which.
    Wrong,
    /// Too many tries; wait.
    Throttled,
    /// The session is over.
    Expired,
}

/// Draws a page for nobody in particular.
#[must_use]
pub fn render_alone(page: &Alone, locale: Locale) -> String {
    let w = Words::of(locale);
    let (title, content) = match page {
        Alone::SignIn { csrf, code, then, failed } => {
            (w.say("sign-in"), sign_in(w, csrf, code, then, *failed))
        }
        Alone::SecondFactor { csrf, then, failed } => {
            (w.say("second-factor"), second(w, csrf, then, *failed))
        }
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

fn sign_in(w: Words, csrf: &str, code: &str, then: &str, failed: Option<SignInFailed>) -> Markup {
    let key = failed.map(|failed| match failed {
        SignInFailed::Wrong => "sign-in-wrong",
        SignInFailed::Throttled => "sign-in-throttled",
        SignInFailed::Expired => "sign-in-expired",
    });
    html! {
        h1 { (w.say("sign-in")) }
        @if let Some(key) = key { div class="outcome bad" role="alert" { (w.say(key)) } }
        form method="post" action="/sign-in" class="stack" {
            input type="hidden" name=(CSRF_FIELD) value=(csrf);
            input type="hidden" name="then" value=(then);
            div class="field" { label for="code" { (w.say("sign-in-name")) } input id="code" name="code" type="text" autocomplete="username" required value=(code); }
            div class="field" { label for="password" { (w.say("password")) } input id="password" name="password" type="password" autocomplete="current-password" required; }
            button type="submit" class="primary" { (w.say("sign-in")) }
        }
        (languages(w))
    }
}

fn second(w: Words, csrf: &str, then: &str, failed: bool) -> Markup {
    html! {
        h1 { (w.say("second-factor")) }
        @if failed { div class="outcome bad" role="alert" { (w.say("second-factor-wrong")) } }
        form method="post" action="/sign-in/second" class="stack" {
            input type="hidden" name=(CSRF_FIELD) value=(csrf);
            input type="hidden" name="then" value=(then);
            div class="field" { label for="number" { (w.say("second-factor-code")) } input id="number" name="number" type="text" inputmode="numeric" autocomplete="one-time-code" required; }
            button type="submit" class="primary" { (w.say("sign-in")) }
        }
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
