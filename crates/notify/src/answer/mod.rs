//! Answers: from a signed link to a customer's page, and from the page to commands.
//!
//! A link names one notice, and so its orders: nothing of anybody else is ever read. Looking changes nothing, so that
//! mail scanners which open links answer for nobody; only a sent form does. An answer that was given before stands, and
//! its page says so.

mod html;
mod model;

use holdfast_domain::care::{AnswerChannel, AnswerChoice, CareCommand, Evidence};
use holdfast_domain::command::Command;
use holdfast_domain::id::{NoticeId, OrderId, SubjectId};
use holdfast_domain::notice::Notice;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::Stamp;

use crate::link::{Act, Claim, KeyRing, LinkError, Purpose};
use crate::template::{Catalog, Choice};

pub(crate) use html::frame;
pub use model::{OrderPage, Standing, order_page};

/// The longest form that is read, in bytes.
pub const FORM_MAX: usize = 8_192;
/// The longest field of an address, in characters.
pub const FIELD_MAX: usize = 120;

/// Headers every page is served with: nothing is loaded from elsewhere, kept, or told to others.
pub const HEADERS: [(&str, &str); 5] = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// A page to be served, with [`HEADERS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its HTTP status.
    pub status: u16,
    /// The page.
    pub html: String,
}

/// What a form says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The order.
    pub order: Option<OrderId>,
    /// The choice's code.
    pub choice: String,
    /// Street, where an address is given.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postal: String,
}

impl Form {
    /// The form in a body of `application/x-www-form-urlencoded`. Fields it does not know are passed over.
    ///
    /// # Errors
    /// A sentence for the log, where the body is too long or no such form.
    pub fn parse(body: &[u8]) -> Result<Self, &'static str> {
        if body.len() > FORM_MAX {
            return Err("the form is longer than 8,192 bytes");
        }
        let text = core::str::from_utf8(body).map_err(|_| "the form is not UTF-8")?;
        let mut form = Self::default();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value).ok_or("the form is not percent-encoded UTF-8")?;
            match name {
                "order" => form.order = value.parse().ok(),
                "choice" => form.choice = value,
                "street" => form.street = tidy(&value)?,
                "city" => form.city = tidy(&value)?,
                "postal" => form.postal = tidy(&value)?,
                _ => {}
            }
        }
        Ok(form)
    }
}

/// A line of an address: no controls, no more than [`FIELD_MAX`] characters.
fn tidy(value: &str) -> Result<String, &'static str> {
    let value = value.trim();
    if value.chars().count() > FIELD_MAX {
        return Err("a field is longer than 120 characters");
    }
    if value.chars().any(crate::template::content::is_unfit) {
        return Err("a field holds a control character");
    }
    Ok(value.to_owned())
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                bytes.push(u8::from_str_radix(core::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// What a customer has chosen, for the writer to carry out in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The commands. Their actor is [`ACTOR`].
    pub commands: Vec<Command>,
    /// A new street for the person, to be sealed once the commands are done.
    pub address: Option<(SubjectId, NewAddress)>,
}

/// The part of an address that only sealed data hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAddress {
    /// Street.
    pub street: String,
    /// Town.
    pub city: String,
}

/// The actor of customers' answers.
pub const ACTOR: &str = "customer";

/// Opens links.
pub struct Answers {
    /// The words.
    pub catalog: Catalog,
    /// The keys links are signed with.
    pub keys: KeyRing,
}

/// A link that holds, with what it leads to.
struct Opened<'a> {
    id: NoticeId,
    notice: &'a Notice,
    orders: Vec<OrderId>,
}

impl Answers {
    /// The page a link leads to: `GET /a/{token}?choice={choice}`. `language` is the browser's, for links that cannot
    /// be read.
    #[must_use]
    pub fn open(&self, state: &State, token: &str, choice: Option<&str>, language: &str, now: Stamp) -> Page {
        match self.opened(state, token, now) {
            Ok(opened) => {
                let choice = choice.and_then(Choice::from_code);
                self.page(state, &opened, token, now, choice, None)
            }
            Err(refused) => self.refusal(refused, language),
        }
    }

    /// What a form sent to a link asks for: `POST /a/{token}`.
    ///
    /// # Errors
    /// The page to serve instead: a link that does not hold, a form that cannot be carried out, an answer that stands.
    pub fn choose(
        &self,
        state: &State,
        token: &str,
        form: &Form,
        language: &str,
        now: Stamp,
    ) -> Result<Chosen, Page> {
        let opened = self.opened(state, token, now).map_err(|refused| self.refusal(refused, language))?;
        let order = match (form.order, opened.orders.as_slice()) {
            (Some(order), orders) if orders.contains(&order) => order,
            (None, [only]) => *only,
            _ => return Err(self.refusal(LinkError::Forged, language)),
        };
        let proof = fingerprint("answer-token", 0, token);
        let evidence = Evidence { channel: AnswerChannel::Link, proof };
        let choice = match Choice::from_code(&form.choice) {
            Some(Choice::Wait) => AnswerChoice::Wait,
            Some(Choice::Cancel) => AnswerChoice::Cancel,
            Some(Choice::ChangeAddress) => {
                return self.new_address(state, &opened, order, token, form, evidence, now);
            }
            None => return Err(self.page(state, &opened, token, now, None, None)),
        };
        let notice = Some(opened.id);
        let asked = CareCommand::RecordAnswer { order, notice, choice, evidence };
        Ok(Chosen { commands: vec![Command::Care(Box::new(asked))], address: None })
    }

    /// The page after the commands of [`Answers::choose`] were asked: `refused` is the first rejection among them. An
    /// answer that stood already is no refusal to a customer.
    #[must_use]
    pub fn done(
        &self,
        state: &State,
        token: &str,
        refused: Option<&Rejection>,
        language: &str,
        now: Stamp,
    ) -> Page {
        match self.opened(state, token, now) {
            Ok(opened) => {
                let said = match refused {
                    None | Some(Rejection::AnswerStands { .. } | Rejection::OrderEnded { .. }) => {
                        "page-thanks"
                    }
                    Some(Rejection::Invalid { field: "postal" | "country", .. }) => "page-address-unknown",
                    Some(_) => "page-too-late",
                };
                self.page(state, &opened, token, now, None, Some(said))
            }
            Err(refused) => self.refusal(refused, language),
        }
    }

    fn opened<'a>(&self, state: &'a State, token: &str, now: Stamp) -> Result<Opened<'a>, LinkError> {
        let claim: Claim = self.keys.verify(token, now)?;
        claim.allow(Purpose::Answer, Act::View, false)?;
        let id = NoticeId(claim.notice);
        let notice = state.notices.get(id).ok_or(LinkError::Forged)?;
        let told = notice.orders.iter().map(|entry| entry.order);
        let orders: Vec<OrderId> =
            told.filter(|order| claim.order.is_none_or(|only| only == order.0)).collect();
        if orders.is_empty() { Err(LinkError::Forged) } else { Ok(Opened { id, notice, orders }) }
    }

    /// A new address goes to every order of the person at this merchant that no site has been told of.
    #[allow(clippy::too_many_arguments, reason = "the parts of one request")]
    fn new_address(
        &self,
        state: &State,
        opened: &Opened<'_>,
        order: OrderId,
        token: &str,
        form: &Form,
        evidence: Evidence,
        now: Stamp,
    ) -> Result<Chosen, Page> {
        let page = |said| self.page(state, opened, token, now, Some(Choice::ChangeAddress), Some(said));
        let Ok(asked) = state.order(order) else { return Err(page("page-too-late")) };
        let whole = !form.street.is_empty() && !form.city.is_empty() && !form.postal.is_empty();
        let zone = state.network.zone_of(asked.country, &form.postal);
        let Some(zone) = zone.filter(|_| whole) else { return Err(page("page-address-unknown")) };
        let same = |other: OrderId| CareCommand::ChangeAddress {
            order: other,
            zone,
            country: asked.country,
            postal: form.postal.as_str().into(),
            evidence,
        };
        let is_free = |known: &holdfast_domain::order::Order| {
            known.lines.iter().flat_map(|line| &line.allocations).all(|a| a.shipment.is_none())
        };
        if !is_free(asked) {
            return Err(page("page-too-late"));
        }
        let mut commands = vec![Command::Care(Box::new(same(order)))];
        if let Some(subject) = asked.subject {
            let open = state.live_orders().filter(|(id, known)| {
                let live = known.lines.iter().any(|line| !line.wanted().is_zero());
                *id != order && known.subject == Some(subject) && live && is_free(known)
            });
            let also = open.filter(|(_, known)| known.country == asked.country);
            commands.extend(also.map(|(id, _)| Command::Care(Box::new(same(id)))));
        }
        let address = NewAddress { street: form.street.clone(), city: form.city.clone() };
        Ok(Chosen { commands, address: asked.subject.map(|subject| (subject, address)) })
    }

    fn page(
        &self,
        state: &State,
        opened: &Opened<'_>,
        token: &str,
        now: Stamp,
        choice: Option<Choice>,
        said: Option<&str>,
    ) -> Page {
        let merchant = state.network.merchant(opened.notice.merchant);
        let (name, code, contact) =
            merchant.map_or(("", "", ""), |known| (&*known.name, &*known.code, &*known.contact));
        let words = self.catalog.words(opened.notice.language.code(), code);
        let orders: Vec<OrderPage> =
            opened.orders.iter().filter_map(|order| order_page(state, *order, now)).collect();
        let shown = html::Shown { merchant: name, contact, token, orders: &orders, choice, said };
        match html::page(&shown, &words) {
            Ok(html) => Page { status: if said == Some("page-address-unknown") { 422 } else { 200 }, html },
            // A word is missing: the catalog is checked at start, so this is our fault and not the reader's.
            Err(_) => Page { status: 500, html: String::new() },
        }
    }

    fn refusal(&self, refused: LinkError, language: &str) -> Page {
        let words = self.catalog.words(language, "");
        let (status, said) = match refused {
            LinkError::Expired(_) => (410, "page-link-expired"),
            LinkError::Forged
            | LinkError::Replayed
            | LinkError::NotAllowed(_)
            | LinkError::OtherPurpose(_) => (404, "page-link-unknown"),
        };
        Page { status, html: html::refusal(said, &words).unwrap_or_default() }
    }
}
