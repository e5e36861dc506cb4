//! From the facts of a notice to what is sent: one content, rendered for each channel.
//!
//! Order of work: the content is checked whole, the words are looked up, a [`Document`] of finished
//! sentences is made, and a channel lays it out within its limits. Any gap stops before sending: a missing
//! fact, message or variable is an error and never a blank.

pub mod catalog;
pub mod content;
mod document;
pub(crate) mod html;
pub(crate) mod phrase;
mod short;

use serde::{Deserialize, Serialize};

pub use catalog::{Catalog, LintProblem, Unsaid};
pub use content::{
    Action, Ask, Audience, Cause, Choice, Contact, ContentProblem, DayRange, Hazard, ItemShown, Moment,
    NoticeContent, Offer, OrderShown, Phase, Refund, Silence,
};
pub use document::{Document, Row};
pub use short::{AlimTalk, Button, SmsKind, SmsText};

/// A way to the reader.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Electronic mail, as HTML and as plain text.
    Mail,
    /// Text message.
    Sms,
    /// KakaoTalk AlimTalk.
    AlimTalk,
    /// JSON for a provider or a partner's system.
    Webhook,
}

/// A mail's subject and its body in both forms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MailBody {
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML page.
    pub html: String,
    /// The language in use, for the Content-Language header.
    pub language: String,
}

/// A notice in the form of its channel.
#[derive(Clone, PartialEq, Debug)]
pub enum Rendered {
    /// For [`Channel::Mail`].
    Mail(MailBody),
    /// For [`Channel::Sms`].
    Sms(SmsText),
    /// For [`Channel::AlimTalk`].
    AlimTalk(AlimTalk),
    /// For [`Channel::Webhook`].
    Webhook(serde_json::Value),
}

/// Why a notice cannot be rendered. Nothing is sent then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The content is incomplete or unfit.
    #[error("render a notice: {}", list(.0))]
    Content(Vec<ContentProblem>),
    /// A message or one of its variables is missing.
    #[error("render a notice")]
    Unsaid(#[from] Unsaid),
    /// The text does not fit its channel.
    #[error(
        "fit a notice into {channel}: it has {length} {unit}, at most {max} are allowed; shorten the texts"
    )]
    TooLong {
        /// The channel.
        channel: &'static str,
        /// How long it is.
        length: usize,
        /// How long it may be.
        max: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A character the channel has no code for.
    #[error("write {character:?} in {channel}: its character set has no such character; replace it")]
    Unencodable {
        /// The channel.
        channel: &'static str,
        /// The character.
        character: char,
    },
}

fn list(problems: &[ContentProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Catalog {
    /// Renders `content` for `channel`, in the reader's language and in the words of `merchant_key` where it
    /// has its own.
    ///
    /// # Errors
    /// [`RenderError`], before anything could be sent.
    pub fn render(
        &self,
        content: &NoticeContent,
        channel: Channel,
        merchant_key: &str,
    ) -> Result<Rendered, RenderError> {
        let document = self.document(content, merchant_key)?;
        Ok(match channel {
            Channel::Mail => Rendered::Mail(MailBody {
                text: document.to_text(),
                html: html::page(&document),
                subject: document.subject,
                language: document.language,
            }),
            Channel::Sms => Rendered::Sms(short::sms(&document)?),
            Channel::AlimTalk => Rendered::AlimTalk(short::alimtalk(&document)?),
            Channel::Webhook => Rendered::Webhook(document.to_json()),
        })
    }

    /// The finished sentences of `content`, before any channel's layout.
    ///
    /// # Errors
    /// [`RenderError::Content`] or [`RenderError::Unsaid`].
    pub fn document(&self, content: &NoticeContent, merchant_key: &str) -> Result<Document, RenderError> {
        let problems = content.problems();
        if !problems.is_empty() {
            return Err(RenderError::Content(problems));
        }
        Ok(document::compose(content, &self.words(&content.language, merchant_key))?)
    }
}

#[cfg(test)]
pub(crate) mod tests;
