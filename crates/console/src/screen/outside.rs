//! Pages outside the house: sign-in, and what is shown when something is wrong.

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

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
        /// The page to go on with.
        then: String,
        /// What is wrong.
        failed: Option<SignInFailed>,
    },
    /// Set up a second factor: posts `secret` and `code` to `/second-factor`.
    SecondFactor {
        /// The token of the session.
        csrf: String,
        /// Whether there is one, which a new one replaces.
        there: bool,
        /// The secret that is offered, as hexadecimal text.
        secret: String,
        /// The address an authenticator reads it from: `otpauth://…secret=…`.
        address: String,
        /// Whether a code was given that is none of this secret.
        failed: bool,
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
        Alone::Prove { csrf, then, failed } => (w.say("prove"), prove(w, csrf, then, *failed)),
        Alone::SecondFactor { csrf, there, secret, address, failed } => {
            (w.say("second-factor"), second_factor(w, csrf, *there, secret, address, *failed))
        }
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

fn prove(w: Words, csrf: &str, then: &str, failed: Option<SignInFailed>) -> Markup {
    html! {
        h1 { (w.say("prove")) }
        p { (w.say("prove-lead")) }
        (wrong(w, failed))
        form method="post" action="/prove" class="stack" {
            input type="hidden" name=(CSRF_FIELD) value=(csrf);
            input type="hidden" name="then" value=(then);
            (field(w, "password", "password", "password", "current-password", ""))
            (field(w, "code", "second-factor-code", "text", "one-time-code", ""))
            button type="submit" class="primary" { (w.say("prove")) }
        }
    }
}

/// Modules of white around a code, so that cameras find it.
const QUIET: i32 = 4;

/// An address as a code a camera reads; nothing for one that is too long.
fn code_of(w: Words, address: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Medium) else { return html! {} };
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            path += &format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    let whole = size + 2 * QUIET;
    html! {
        svg class="qr" role="img" aria-label=(w.say("second-factor-code-read")) viewBox={ "0 0 " (whole) " " (whole) } {
            path d=(path) {}
        }
    }
}

fn second_factor(w: Words, csrf: &str, there: bool, secret: &str, address: &str, failed: bool) -> Markup {
    let key =
        address.split_once("secret=").map_or("", |(_, rest)| rest.split('&').next().unwrap_or_default());
    let groups: Vec<&str> =
        (0..key.len()).step_by(4).filter_map(|at| key.get(at..(at + 4).min(key.len()))).collect();
    html! {
        h1 { (w.say("second-factor")) }
        p { (w.say(if there { "second-factor-there" } else { "second-factor-lead" })) }
        @if failed { div class="outcome bad" role="alert" { (w.say("second-factor-wrong")) } }
        form method="post" action="/second-factor" class="stack" {
            input type="hidden" name=(CSRF_FIELD) value=(csrf);
            input type="hidden" name="secret" value=(secret);
            (code_of(w, address))
            p class="hint" { (w.say("second-factor-key")) " " span class="code" { (groups.join(" ")) } }
            div class="field" {
                label for="code" { (w.say("second-factor-now")) }
                input id="code" name="code" type="text" autocomplete="one-time-code" inputmode="numeric" required;
            }
            button type="submit" class="primary" { (w.say("second-factor-set")) }
        }
        p { a href="/" { (w.say("problem-home")) } }
        (languages(w))
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
