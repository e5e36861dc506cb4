//! Providers of text messages, AlimTalk and chat, and the registration of delays at a market place, as channels of the
//! sending loop: signed JSON over HTTPS.
//!
//! Each letter carries an `Idempotency-Key` that is the same on every try, so a receiver does it once however often it
//! hears it. Where the provider keeps that promise, a lost answer is no doubt: the letter is handed over again under the
//! same key. Where it does not, a lost answer waits for a person, as with mail.

use std::collections::BTreeMap;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use holdfast_app::dispatch::{Channel, Letter, Outcome};
use holdfast_connect::http::{Http, HttpError, Request, Secret};
use serde_json::{Value, json};
use sha2::Sha256;

/// The header that carries the signature: `t=<seconds>,v1=<hex>`, HMAC-SHA256 over `<seconds>.<body>`.
pub const SIGNATURE: &str = "Holdfast-Signature";
/// Letters handed over at once by threads of their own.
const AT_ONCE: usize = 8;

/// How a provider is spoken to.
pub struct WebhookSettings {
    /// Its name in logs.
    pub name: &'static str,
    /// What it is sent: `sms`, `alimtalk`, `chat` or `smartstore`.
    pub kind: &'static str,
    /// Where.
    pub url: String,
    /// What signs.
    pub secret: Secret,
    /// Codes of approved templates, by phase; where there are none, none is asked for.
    pub templates: BTreeMap<String, String>,
    /// Whether the provider does a letter once however often it hears its key.
    pub repeatable: bool,
    /// Seconds of Unix time.
    pub now: fn() -> i64,
}

/// A provider.
pub struct WebhookChannel {
    settings: WebhookSettings,
    http: Arc<dyn Http>,
}

impl WebhookChannel {
    /// A provider that is asked through `http`, which sends once: the loop tries again by its own schedule.
    pub fn new(settings: WebhookSettings, http: Arc<dyn Http>) -> Self {
        Self { settings, http }
    }

    fn hand(&self, letter: &Letter) -> Outcome {
        let Ok(said) = serde_json::from_slice::<Value>(&letter.bytes) else { return Outcome::Refused };
        let phase = said.get("phase").and_then(Value::as_str).unwrap_or_default();
        let template = self.settings.templates.get(phase);
        if !self.settings.templates.is_empty() && template.is_none() {
            // No text but an approved one may go this way.
            return Outcome::Refused;
        }
        let body = json!({
            "key": letter.key, "kind": self.settings.kind, "to": letter.to, "template": template, "notice": said,
        });
        let body = body.to_string().into_bytes();
        let at = (self.settings.now)();
        let signature = Secret::new(format!("t={at},v1={}", sign(self.settings.secret.reveal(), at, &body)));
        // A key is a Message-ID; its angle brackets are no part of a header's token.
        let key = letter.key.trim_matches(['<', '>']);
        let request =
            Request::post_json(&self.settings.url, body).with_secret(SIGNATURE, signature).once(key);
        match self.http.send(&request) {
            Ok(answer) if answer.is_done() || answer.status == 409 => Outcome::Taken,
            Ok(answer) if answer.is_passing() => Outcome::Later,
            Ok(_) => Outcome::Refused,
            Err(HttpError::Unheard { .. } | HttpError::TooLarge { .. }) if !self.settings.repeatable => {
                Outcome::Doubt
            }
            Err(_) => Outcome::Later,
        }
    }
}

/// The signature of a body at a moment, in hexadecimal.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn sign(secret: &str, at: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Channel for WebhookChannel {
    fn name(&self) -> &'static str {
        self.settings.name
    }

    fn send(&mut self, letters: &[Letter]) -> Vec<Outcome> {
        let this = &*self;
        let share = letters.len().div_ceil(AT_ONCE).max(1);
        std::thread::scope(|scope| {
            let parts: Vec<_> = letters
                .chunks(share)
                .map(|part| (part.len(), scope.spawn(move || part.iter().map(|l| this.hand(l)).collect())))
                .collect();
            // A thread that broke off may have sent any of its letters.
            let whole = |(count, part): (usize, std::thread::ScopedJoinHandle<'_, Vec<Outcome>>)| {
                part.join().unwrap_or_else(|_| vec![Outcome::Doubt; count])
            };
            parts.into_iter().flat_map(whole).collect()
        })
    }

    fn taken(&mut self, _key: &str) -> Option<bool> {
        // To be handed over again is harmless here, which is all that is asked for.
        self.settings.repeatable.then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use holdfast_app::dispatch::{Channel as _, Letter, Outcome};
    use holdfast_connect::http::{Http, HttpError, Request, Response, Secret};
    use holdfast_domain::id::NoticeId;

    use super::{SIGNATURE, WebhookChannel, WebhookSettings, sign};

    type Answer = fn() -> Result<Response, HttpError>;
    struct Script(Mutex<Vec<Request>>, Answer);
    impl Http for Script {
        fn send(&self, request: &Request) -> Result<Response, HttpError> {
            self.0.lock().unwrap().push(request.clone());
            (self.1)()
        }
    }

    fn status(status: u16) -> Result<Response, HttpError> {
        Ok(Response { status, headers: Vec::new(), body: Vec::new() })
    }

    fn unheard() -> Result<Response, HttpError> {
        Err(HttpError::Unheard { host: "h".into(), why: "w".into() })
    }

    fn channel(
        answer: Answer,
        repeatable: bool,
        templates: &[(&str, &str)],
    ) -> (WebhookChannel, Arc<Script>) {
        let script = Arc::new(Script(Mutex::default(), answer));
        let settings = WebhookSettings {
            name: "texts",
            kind: "sms",
            url: "https://sms.example/send".into(),
            secret: Secret::new("0123456789abcdef"),
            templates: templates.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
            repeatable,
            now: || 1_700_000_000,
        };
        (WebhookChannel::new(settings, script.clone()), script)
    }

    fn letter(phase: &str) -> Letter {
        let bytes =
            serde_json::json!({"phase": phase, "message": {"text": "hello"}}).to_string().into_bytes();
        Letter { notice: NoticeId(3), key: "<not-3.holdfast@k.example>".into(), to: "+8210".into(), bytes }
    }

    #[test]
    fn a_letter_is_signed_keyed_and_names_its_template() {
        let (mut sms, script) = channel(|| status(202), true, &[("delayed", "HF_DELAY_1")]);
        assert_eq!(sms.send(&[letter("delayed"), letter("cancelled")]), [Outcome::Taken, Outcome::Refused]);
        let sent = script.0.lock().unwrap();
        assert_eq!(sent.len(), 1, "a text without an approved template never leaves");
        let header = |name: &str| {
            sent[0]
                .headers
                .iter()
                .find(|(known, _)| &**known == name)
                .map(|(_, value)| value.reveal().to_owned())
        };
        assert_eq!(header("Idempotency-Key").as_deref(), Some("not-3.holdfast@k.example"));
        let expected = sign("0123456789abcdef", 1_700_000_000, &sent[0].body);
        assert_eq!(header(SIGNATURE), Some(format!("t=1700000000,v1={expected}")));
        assert_ne!(expected, sign("0123456789abcdeg", 1_700_000_000, &sent[0].body));
        let body: serde_json::Value = serde_json::from_slice(&sent[0].body).unwrap();
        assert_eq!((body["template"].as_str(), body["to"].as_str()), (Some("HF_DELAY_1"), Some("+8210")));
        assert!(!format!("{:?}", sent[0]).contains("+8210"), "what is printed names nobody");
    }

    #[test]
    fn each_answer_is_read_for_what_it_is() {
        let of = |answer, repeatable| channel(answer, repeatable, &[]).0.send(&[letter("delayed")])[0];
        assert_eq!(of(|| status(200), true), Outcome::Taken);
        assert_eq!(of(|| status(409), true), Outcome::Taken, "known under this key");
        assert_eq!(of(|| status(400), true), Outcome::Refused);
        assert_eq!(of(|| status(429), true), Outcome::Later);
        assert_eq!(of(|| status(503), true), Outcome::Later);
        assert_eq!((of(unheard, true), of(unheard, false)), (Outcome::Later, Outcome::Doubt));
        let unreached: Answer = || Err(HttpError::Unreached { host: "h".into(), why: "w".into() });
        assert_eq!(of(unreached, false), Outcome::Later);
    }
}
