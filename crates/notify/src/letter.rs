//! From a notice in the state to a letter: the edge where codes become words.
//!
//! A letter is the same on every try: its key and its links come from the notice, never from the clock or from chance.

use std::collections::BTreeMap;

use holdfast_app::dispatch::{Letter, Render};
use holdfast_app::seal::PersonalData;
use holdfast_domain::care::OrderFile;
use holdfast_domain::id::{Id as _, IncidentId, NoticeId, OrderId};
use holdfast_domain::incident::{Hazard, SiteAccess, StockAccess};
use holdfast_domain::money::Money;
use holdfast_domain::notice::{Notice, NoticeCause};
use holdfast_domain::state::State;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::{Day, Span, Stamp, Zone};
use holdfast_engine::law::clock::calendars;
use holdfast_engine::law::facts::facts;
use holdfast_engine::law::{Duty, NoticeSent, obligations};

use crate::link::{Act, Claim, KeyRing, LinkError, Purpose};
use crate::mail::{Envelope, NoticeKey, message_id, write};
use crate::template::{
    self, Action, Catalog, Channel, Choice, Contact, DayRange, ItemShown, Moment, NoticeContent, Offer,
    OrderShown, Phase, Refund, Rendered, Silence,
};

/// How long a link in a notice holds.
pub const LINK_HOLDS: Span = Span::days(90);
/// When the next word comes where nothing happens before.
const NEXT_WORD: Span = Span::hours(48);

/// What letters need beyond the state.
pub struct Letters {
    /// The words.
    pub catalog: Catalog,
    /// Signs the links.
    pub keys: KeyRing,
    /// Where answers are taken, `https://`, without a slash at its end.
    pub base: Box<str>,
    /// The address mails come from, where the merchant's contact is none.
    pub from: Box<str>,
    /// Where incidents struck, as people call it.
    pub regions: BTreeMap<IncidentId, Box<str>>,
    /// What each channel of the outlet carries, in their order.
    pub channels: Vec<Way>,
}

/// What a channel of the outlet carries, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The form of its letters.
    pub kind: Channel,
    /// Codes of the merchants that use it; all of them where none is named.
    pub merchants: Vec<Box<str>>,
    /// Whether it registers delays at a market place, which tells the customer itself, instead of writing to somebody.
    pub registers: bool,
}

impl From<Channel> for Way {
    fn from(kind: Channel) -> Self {
        Self { kind, merchants: Vec::new(), registers: false }
    }
}

/// The longest word a market place takes for why a delay is, in characters.
const REGISTERED_WHY_MAX: usize = 200;

impl Letters {
    /// What a notice says.
    #[must_use]
    pub fn content(&self, state: &State, id: NoticeId, notice: &Notice, name: &str) -> NoticeContent {
        let merchant = state.network.merchant(notice.merchant);
        let file = notice.orders.first().and_then(|entry| state.care.file(entry.order));
        let incident = notice.incident.or_else(|| last_incident(id, file));
        let hazard = incident.and_then(|id| state.incidents.get(id)).map_or(Hazard::Other, |i| i.hazard);
        let phase = phase(id, notice, file);
        let worst = notice.orders.iter().map(|order| order.cause).max().unwrap_or(NoticeCause::Delayed);
        let mut content = NoticeContent::new(
            notice.language.code(),
            template::Audience::Customer,
            phase,
            shown_hazard(hazard),
            merchant.map_or("", |merchant| &merchant.name),
        );
        content.cause = Some(match worst {
            NoticeCause::OnTheWay => template::Cause::CarrierSuspended,
            // Goods behind a closed door are not lost: what is not known to be gone is not said to be.
            NoticeCause::Backordered if goods_are_lost(state, incident) => template::Cause::StockLost,
            _ => template::Cause::SiteClosed,
        });
        content.region = incident.and_then(|id| self.regions.get(&id)).cloned();
        content.name = (!name.is_empty()).then(|| name.into());
        let shown = notice.orders.iter().take(template::content::ORDERS_MAX);
        content.orders = shown.filter_map(|entry| shown_order(state, entry.order, phase)).collect();
        content.done = vec![match worst {
            NoticeCause::Rerouted => Action::OtherSite,
            NoticeCause::Backordered => Action::Restocking,
            NoticeCause::InDoubt => Action::Tracing,
            _ => Action::HeldSafely,
        }];
        content.old_day = notice.orders.iter().map(|order| order.before).min();
        let known = notice.orders.iter().filter_map(|order| order.after);
        let range = known.clone().min().zip(known.max());
        content.new_days = range.filter(|_| phase != Phase::Cancelled).map(|(first, last)| DayRange {
            first,
            last: last.plus(1),
            confidence_pct: 90,
        });
        content.contact = self.contact(merchant.map_or("", |merchant| &merchant.contact));
        let zone = state.network.operator.as_ref().map_or(Zone::utc(), |operator| operator.zone.clone());
        if phase == Phase::Cancelled {
            content.refund = refund(state, notice);
            content.done = vec![];
            return content;
        }
        content.offers = self.offers(id, notice);
        content.silence = silence(state, notice);
        content.next_word = Some(Moment { at: notice.hold_until.after(NEXT_WORD), zone });
        content
    }

    /// The token of the link in a notice: for the orders it tells of, and for nothing else.
    #[must_use]
    pub fn token(&self, id: NoticeId, notice: &Notice) -> String {
        let order = match notice.orders.as_slice() {
            [only] => Some(only.order.0),
            _ => None,
        };
        let nonce = fingerprint("answer-link", id.0, &order.map_or(String::new(), |id| id.to_string()));
        self.keys.sign(&Claim {
            purpose: Purpose::Answer,
            notice: id.0,
            order,
            acts: [Act::View, Act::Wait, Act::Cancel, Act::ChangeAddress].into(),
            expires_at: notice.hold_until.after(LINK_HOLDS),
            nonce: u64::try_from(nonce & u128::from(u64::MAX)).unwrap_or(0),
        })
    }

    /// The token of the image in a notice: it names the notice and nobody, and allows to look.
    #[must_use]
    pub fn open_token(&self, id: NoticeId, notice: &Notice) -> String {
        self.keys.sign(&Claim {
            purpose: Purpose::Open,
            notice: id.0,
            order: None,
            acts: [Act::View].into(),
            expires_at: notice.hold_until.after(LINK_HOLDS),
            nonce: 0,
        })
    }

    /// The HTML part with the image by which its merchant counts who opens it, where it does.
    fn counted(&self, state: &State, id: NoticeId, notice: &Notice, html: String) -> String {
        let since = state.care.opens.get(&notice.merchant);
        if since.is_none_or(|since| notice.hold_until < *since) {
            return html;
        }
        let token = self.open_token(id, notice);
        let image =
            format!("<img src=\"{}/o/{token}\" width=\"1\" height=\"1\" alt=\"\">\n</body>", self.base);
        html.replacen("</body>", &image, 1)
    }

    fn offers(&self, id: NoticeId, notice: &Notice) -> Vec<Offer> {
        let token = self.token(id, notice);
        let link = |choice: Choice| format!("{}/a/{token}?choice={}", self.base, choice.code()).into();
        let choices = [Choice::Wait, Choice::Cancel, Choice::ChangeAddress];
        choices.into_iter().map(|choice| Offer { choice, link: link(choice) }).collect()
    }

    fn contact(&self, of_merchant: &str) -> Contact {
        let mail: Box<str> = if of_merchant.is_empty() { self.from.clone() } else { of_merchant.into() };
        Contact { mail: Some(mail), phone: None }
    }

    fn sender(&self, content: &NoticeContent) -> Box<str> {
        content.contact.mail.clone().filter(|mail| mail.contains('@')).unwrap_or_else(|| self.from.clone())
    }
}

impl Render for Letters {
    fn key(&self, state: &State, id: NoticeId, notice: &Notice) -> String {
        let contact = state.network.merchant(notice.merchant).map_or("", |merchant| &merchant.contact);
        let from = if contact.contains('@') { contact } else { &self.from };
        let domain = from.rsplit_once('@').map_or("holdfast.example", |(_, domain)| domain);
        let name = letter_name(state, id);
        match name.parse::<NoticeKey>() {
            Ok(key) => message_id(&key, domain),
            Err(_) => name,
        }
    }

    fn render(
        &mut self,
        state: &State,
        id: NoticeId,
        notice: &Notice,
        person: Option<&PersonalData>,
        channel: u8,
    ) -> Result<Option<Letter>, String> {
        let way = self.channels.get(usize::from(channel)).cloned().unwrap_or(Channel::Mail.into());
        let code = state.network.merchant(notice.merchant).map_or("", |merchant| &merchant.code);
        if !way.merchants.is_empty() && !way.merchants.iter().any(|known| **known == *code) {
            return Ok(None);
        }
        if way.registers {
            return self.registration(state, id, notice, code);
        }
        let Some(person) = person else { return Ok(None) };
        let kind = way.kind;
        let to = match kind {
            Channel::Mail => &person.mail,
            Channel::Webhook if !person.mail.is_empty() => &person.mail,
            Channel::Sms | Channel::AlimTalk | Channel::Webhook => &person.phone,
        };
        if to.is_empty() {
            return Ok(None);
        }
        let content = self.content(state, id, notice, &person.name);
        let say = |error: &dyn std::error::Error| error.to_string();
        let rendered = self.catalog.render(&content, kind, code).map_err(|error| say(&error))?;
        let key = self.key(state, id, notice);
        let bytes = match rendered {
            Rendered::Mail(mut body) => {
                body.html = self.counted(state, id, notice, body.html);
                let envelope = Envelope {
                    notice: letter_name(state, id).parse().map_err(|error| say(&error))?,
                    from: self.sender(&content).parse().map_err(|error| say(&error))?,
                    from_name: content.merchant.clone(),
                    to: to.parse().map_err(|error| say(&error))?,
                    reply_to: None,
                    dated: notice.hold_until,
                };
                write(envelope, &body).map_err(|error| say(&error))?.bytes
            }
            Rendered::Sms(text) => said(&content, code, serde_json::to_value(text)),
            Rendered::AlimTalk(text) => said(&content, code, serde_json::to_value(text)),
            Rendered::Webhook(json) => said(&content, code, Ok(json)),
        };
        Ok(Some(Letter { notice: id, key, to: to.clone(), bytes }))
    }
}

/// What a provider is sent: the message in its channel's form, and the codes by which it chooses a template.
fn said(
    content: &NoticeContent,
    merchant: &str,
    message: Result<serde_json::Value, serde_json::Error>,
) -> Vec<u8> {
    let numbers: Vec<&str> = content.orders.iter().map(|order| &*order.number).collect();
    serde_json::json!({
        "phase": content.phase.code(), "language": content.language, "merchant": merchant, "orders": numbers,
        "message": message.unwrap_or_default(),
    })
    .to_string()
    .into_bytes()
}

impl Letters {
    /// A delay as a market place registers it: for each order its number, the new day and why. Nothing where no later
    /// day can be given.
    fn registration(
        &self,
        state: &State,
        id: NoticeId,
        notice: &Notice,
        code: &str,
    ) -> Result<Option<Letter>, String> {
        let content = self.content(state, id, notice, "");
        if !matches!(content.phase, Phase::Delayed | Phase::DelayedAgain) {
            return Ok(None);
        }
        let document = self.catalog.document(&content, code).map_err(|error| error.to_string())?;
        let why: String = document.to_text().lines().find(|line| line.len() > 20).unwrap_or_default().into();
        let late = notice.orders.iter().filter(|entry| entry.after.is_some_and(|day| day > entry.before));
        let orders: Vec<serde_json::Value> = late
            .filter_map(|entry| {
                let order = state.order(entry.order).ok()?;
                Some(serde_json::json!({
                    "number": order.number, "new_day": entry.after?.to_string(),
                    "old_day": entry.before.to_string(), "reason": "ETC",
                    "detail": why.chars().take(REGISTERED_WHY_MAX).collect::<String>(),
                }))
            })
            .collect();
        if orders.is_empty() {
            return Ok(None);
        }
        let bytes = serde_json::json!({
            "phase": content.phase.code(), "language": content.language, "merchant": code, "orders": orders,
        });
        let key = self.key(state, id, notice);
        Ok(Some(Letter { notice: id, key, to: code.to_owned(), bytes: bytes.to_string().into_bytes() }))
    }
}

/// The name of a notice's letter: each time it is sent again is a letter of its own, or readers' programs would hide it
/// as a copy.
fn letter_name(state: &State, id: NoticeId) -> String {
    match state.care.resent.get(&id) {
        None => id.to_string(),
        Some(times) => format!("{id}-r{times}"),
    }
}

/// The notice a letter's key or Message-ID names.
#[must_use]
pub fn notice_of(key: &str) -> Option<NoticeId> {
    let (name, _) = key.trim_start_matches('<').split_once('.')?;
    let name = name.rsplit_once("-r").map_or(name, |(name, _)| name);
    name.parse().ok()
}

/// The notice whose image a token asks for.
///
/// # Errors
/// [`LinkError`] for a token that does not hold.
pub fn opened(keys: &KeyRing, token: &str, now: Stamp) -> Result<NoticeId, LinkError> {
    let claim = keys.verify(token, now)?;
    claim.allow(Purpose::Open, Act::View, false)?;
    Ok(NoticeId(claim.notice))
}

/// Whether an incident has closed a site whose goods are known to be lost.
fn goods_are_lost(state: &State, incident: Option<IncidentId>) -> bool {
    let closed = incident.and_then(|id| state.incidents.get(id)).map_or(&[][..], |known| &known.sites);
    let lost = |access: SiteAccess| matches!(access, SiteAccess::Closed { stock: StockAccess::Lost, .. });
    closed.iter().any(|site| state.sites.get(site.index()).is_some_and(|now| lost(now.access)))
}

/// The incident in whose name a customer was told before.
fn last_incident(id: NoticeId, file: Option<&OrderFile>) -> Option<IncidentId> {
    file?.told.iter().rev().filter(|told| told.notice < id).find_map(|told| told.incident)
}

fn phase(id: NoticeId, notice: &Notice, file: Option<&OrderFile>) -> Phase {
    let all = |cause| notice.orders.iter().all(|order| order.cause == cause);
    if all(NoticeCause::Cancelled) {
        return Phase::Cancelled;
    }
    if all(NoticeCause::BackOnSchedule) {
        return Phase::BackOnSchedule;
    }
    let all_known = notice.orders.iter().all(|order| order.after.is_some());
    let worst = notice.orders.iter().map(|order| order.cause).max();
    let told_before =
        file.is_some_and(|file| file.told.iter().any(|told| told.notice < id && told.offers_cancellation));
    match worst {
        Some(NoticeCause::OnTheWay) if all_known => Phase::InTransit,
        _ if !all_known => Phase::DateUnknown,
        _ if told_before => Phase::DelayedAgain,
        _ => Phase::Delayed,
    }
}

/// What silence will mean once this notice is sent, by the clock of the order that is stricter.
fn silence(state: &State, notice: &Notice) -> Silence {
    let asks = |cause| !matches!(cause, NoticeCause::BackOnSchedule | NoticeCause::OnTheWay);
    let mut answer_by: Option<Day> = None;
    for entry in notice.orders.iter().filter(|entry| asks(entry.cause)) {
        let Some(mut known) = facts(state, entry.order) else { continue };
        let sent = NoticeSent {
            sent_at: notice.hold_until,
            revised: entry.after,
            offers_cancellation: true,
            gives_reason: true,
        };
        known.notices.retain(|before| before.sent_at < sent.sent_at);
        known.answers.retain(|before| before.at < sent.sent_at);
        known.notices.push(sent);
        // What the letter says must not change with what happens after it.
        (known.shipped_at, known.delivered_at, known.cancelled_at) = (None, None, None);
        (known.will_not_ship_since, known.unable_since) = (None, None);
        let owed = obligations(&known, calendars()).unwrap_or_default();
        let consent = owed.iter().find(|duty| duty.duty == Duty::ObtainConsent).map(|duty| duty.last_day);
        answer_by = match (answer_by, consent) {
            (Some(known), Some(other)) => Some(known.min(other)),
            (known, other) => known.or(other),
        };
    }
    answer_by.map_or(Silence::Waits, |answer_by| Silence::Cancels { answer_by })
}

fn refund(state: &State, notice: &Notice) -> Option<Refund> {
    let currency = state.network.merchant(notice.merchant)?.currency;
    let mut amount = 0_i64;
    let mut by: Option<Day> = None;
    for entry in &notice.orders {
        let file = state.care.file(entry.order);
        amount = amount.saturating_add(file.map_or(0, |file| file.refund.owed));
        let owed = holdfast_engine::law::clock::owed(state, entry.order).unwrap_or_default();
        by = owed.iter().filter(|duty| duty.duty == Duty::Refund).map(|duty| duty.last_day).chain(by).max();
    }
    // Where no law names a day, two weeks: the longest any law here gives.
    let by = by.unwrap_or_else(|| notice.hold_until.local(&Zone::utc()).0.plus(14));
    Some(Refund { amount: Money::new(amount, currency), by })
}

fn shown_order(state: &State, id: OrderId, phase: Phase) -> Option<OrderShown> {
    let order = state.order(id).ok()?;
    let item = |line: &holdfast_domain::order::Line| {
        let sku = state.network.skus.get(line.sku)?;
        let quantity = if phase == Phase::Cancelled { line.ordered } else { line.wanted() };
        (!quantity.is_zero()).then(|| ItemShown { name: sku.name.clone(), quantity: u64::from(quantity.0) })
    };
    Some(OrderShown {
        number: order.number.clone(),
        items: order.lines.iter().filter_map(item).take(template::content::ITEMS_MAX).collect(),
    })
}

/// The words' hazard of an incident's.
#[must_use]
pub const fn shown_hazard(hazard: Hazard) -> template::Hazard {
    use template::Hazard as H;
    match hazard {
        Hazard::Hurricane => H::Hurricane,
        Hazard::Tornado => H::Tornado,
        Hazard::Flood => H::Flood,
        Hazard::Wildfire => H::Wildfire,
        Hazard::WinterStorm => H::WinterStorm,
        Hazard::Earthquake => H::Earthquake,
        Hazard::VolcanicAsh => H::RouteClosed,
        Hazard::PowerOutage => H::PowerOutage,
        Hazard::CyberAttack => H::CyberAttack,
        Hazard::PandemicSurge => H::Pandemic,
        Hazard::HumanError => H::HumanError,
        Hazard::CarrierStoppage => H::CarrierDown,
        Hazard::Fire => H::SiteClosed,
        Hazard::Other => H::Other,
    }
}
