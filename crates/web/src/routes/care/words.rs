//! What a notice says, before it leaves: its own words, or a draft of a merchant's, linted and laid over a real notice.

use axum::extract::{Path, State};
use holdfast_notify::letter::Letters;
use holdfast_notify::link::KeyRing;
use holdfast_notify::template::{Channel, Rendered};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::notices::of_path;
use crate::app::App;
use crate::config::put_words;
use crate::guard::Who;
use crate::problem::{FieldError, Problem};
use crate::routes::body::Json;
use crate::routes::network::merchant_code;

/// The longest draft, in bytes.
const DRAFT_MAX: usize = 64 << 10;

/// A draft.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DraftIn {
    /// Messages in Fluent that replace those of the notice's language for its merchant; the words as they are without.
    words: String,
}

/// What a notice says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WordsOut {
    /// The notice.
    notice: String,
    /// Code of its merchant.
    merchant: String,
    /// The language it is in.
    language: String,
    /// The mail's subject.
    subject: String,
    /// The mail's text.
    text: String,
    /// The mail as a page.
    html: String,
}

/// Says a notice as its reader will, without the reader's name: as the words are now, or with a draft of them. Nothing is
/// changed and nothing leaves; the links in it lead nowhere. To keep a draft, put it into the folder of `[words]`.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/words", tag = "notices", params(("notice" = String, Path)), request_body = DraftIn, responses(
    (status = 200, description = "What it says", body = WordsOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The draft lacks a fact, or the notice cannot be said", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn words(
    State(app): State<App>,
    who: Who,
    Path(notice): Path<String>,
    Json(given): Json<DraftIn>,
) -> Result<axum::Json<WordsOut>, Problem> {
    let view = app.view();
    let id = of_path(&who, view.state(), &notice)?;
    if given.words.len() > DRAFT_MAX {
        return Err(Problem::field("words", "at most 64 KiB"));
    }
    let say = move |app: &App| {
        let state = view.state();
        let known = state.notices.get(id).ok_or_else(|| Problem::not_found("notice"))?;
        let merchant = merchant_code(state, known.merchant);
        let mut catalog = app.config.words.catalog();
        if !given.words.trim().is_empty() {
            let wrong = |detail: String| FieldError { field: "words".to_owned(), detail };
            put_words(&mut catalog, &merchant, known.language.code(), &given.words)
                .map_err(|problems| Problem::invalid(problems.into_iter().map(wrong).collect()))?;
        }
        // A key nobody holds: whoever may look at a notice may not answer it.
        let keys = KeyRing::new(1, blake3::hash(b"preview").as_bytes())
            .map_err(|error| Problem::internal(&error))?;
        let from = app.config.mail.as_ref().map_or("notices@holdfast.example", |mail| &mail.from);
        let letters = Letters {
            catalog,
            keys,
            base: "https://preview.holdfast.example".into(),
            from: from.into(),
            regions: std::collections::BTreeMap::new(),
            channels: vec![Channel::Mail.into()],
        };
        let content = letters.content(state, id, known, "");
        let said = letters.catalog.render(&content, Channel::Mail, &merchant);
        match said.map_err(|error| Problem::field("words", error.to_string()))? {
            Rendered::Mail(mail) => Ok(WordsOut {
                notice: id.to_string(),
                merchant,
                language: mail.language,
                subject: mail.subject,
                text: mail.text,
                html: mail.html,
            }),
            _ => Err(Problem::field("notice", "it is no mail")),
        }
    };
    app.block(say).await?.map(axum::Json)
}
