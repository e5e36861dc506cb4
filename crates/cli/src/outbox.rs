//! The outbox of a drill: every notice that left, as a mail in a folder. None is sent.

use std::collections::BTreeMap;
use std::path::Path;

use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{Id, NoticeId, SubjectId};
use holdfast_domain::incident::Hazard;
use holdfast_domain::notice::{Notice, NoticeCause, NoticeStatus};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Zone};
use holdfast_notify::mail::{Envelope, NoticeKey, write};
use holdfast_notify::outbox_folder::OutboxFolder;
use holdfast_notify::template::{
    self, Action, Catalog, Channel, Choice, Contact, DayRange, ItemShown, Moment, NoticeContent, Offer,
    OrderShown, Phase, Rendered, Silence,
};
use holdfast_sim::world::WorldWriter;
use serde::Serialize;

use crate::exit::{Code, Failure, chain};

/// What was put into the outbox.
#[derive(Debug, Default, Serialize)]
pub struct Put {
    /// Mails written.
    pub mails: usize,
    /// By language.
    pub languages: BTreeMap<String, usize>,
    /// Notices whose customer has no mail address, or is not named.
    pub without_address: usize,
    /// Notices that could not be rendered, with the reason: must be none.
    pub refused: Vec<String>,
    /// Subject and text of one mail in each language.
    pub samples: BTreeMap<String, (String, String)>,
}

/// Writes every notice that left into `folder`, once.
pub fn fill(
    writer: &mut WorldWriter,
    entries: &[Entry],
    hazard: Hazard,
    region: &str,
    folder: &Path,
) -> Result<Put, Failure> {
    let place = |error: &dyn std::error::Error| {
        Failure::new(Code::Input, chain(error), "name another folder with --out")
    };
    let outbox = OutboxFolder::open(folder).map_err(|error| place(&error))?;
    let catalog = Catalog::embedded();
    let mut sealed: BTreeMap<SubjectId, &[u8]> = BTreeMap::new();
    let mut queued: BTreeMap<NoticeId, holdfast_domain::time::Stamp> = BTreeMap::new();
    for entry in entries {
        for event in &entry.events {
            match event {
                Event::SubjectSealed { subject, sealed: blob, .. } => {
                    sealed.insert(*subject, blob);
                }
                Event::NoticeQueued(_) => {
                    queued.insert(NoticeId::from_index(queued.len()), entry.at);
                }
                _ => {}
            }
        }
    }
    let notices: Vec<(NoticeId, Notice)> =
        writer.engine().state.notices.iter().map(|(id, notice)| (id, notice.clone())).collect();
    let mut put = Put::default();
    for (id, notice) in notices.into_iter().filter(|(_, notice)| notice.status == NoticeStatus::Sent) {
        let person = match notice.subject.and_then(|subject| Some((subject, *sealed.get(&subject)?))) {
            Some((subject, blob)) => writer.person(subject, blob).map_err(|error| place(&error))?,
            None => None,
        };
        let Some(person) = person.filter(|person| !person.mail.is_empty()) else {
            put.without_address += 1;
            continue;
        };
        let content = content(&writer.engine().state, &notice, hazard, region, &person.name);
        let merchant = writer.engine().state.network.merchants[notice.merchant.index()].code.clone();
        let body = match catalog.render(&content, Channel::Mail, &merchant) {
            Ok(Rendered::Mail(body)) => body,
            Ok(_) => continue,
            Err(error) => {
                put.refused.push(format!("{id}: {error}"));
                continue;
            }
        };
        let dated = queued.get(&id).copied().unwrap_or(notice.hold_until);
        match envelope(&id, &content, &person.mail, dated)
            .and_then(|envelope| write(envelope, &body).map_err(|e| e.to_string()))
        {
            Ok(message) => {
                outbox.put(&message).map_err(|error| place(&error))?;
                put.mails += 1;
                *put.languages.entry(notice.language.code().to_owned()).or_default() += 1;
                put.samples.entry(notice.language.code().to_owned()).or_insert((body.subject, body.text));
            }
            Err(cause) => put.refused.push(format!("{id}: {cause}")),
        }
    }
    Ok(put)
}

fn envelope(
    id: &NoticeId,
    content: &NoticeContent,
    mail: &str,
    dated: holdfast_domain::time::Stamp,
) -> Result<Envelope, String> {
    let sender = content.contact.mail.as_deref().unwrap_or("notices@holdfast.example");
    Ok(Envelope {
        notice: id.to_string().parse::<NoticeKey>().map_err(|error| error.to_string())?,
        from: sender.parse().map_err(|error| format!("{error}"))?,
        from_name: content.merchant.clone(),
        to: mail.parse().map_err(|error| format!("{error}"))?,
        reply_to: None,
        dated,
    })
}

fn content(state: &State, notice: &Notice, hazard: Hazard, region: &str, name: &str) -> NoticeContent {
    let merchant = &state.network.merchants[notice.merchant.index()];
    let worst = notice.orders.iter().map(|order| order.cause).max().unwrap_or(NoticeCause::Delayed);
    let known: Vec<_> = notice.orders.iter().filter_map(|order| order.after).collect();
    let all_known = known.len() == notice.orders.len();
    let back = notice.orders.iter().all(|order| order.cause == NoticeCause::BackOnSchedule);
    let phase = match worst {
        NoticeCause::OnTheWay if all_known => Phase::InTransit,
        _ if back => Phase::BackOnSchedule,
        _ if all_known => Phase::Delayed,
        _ => Phase::DateUnknown,
    };
    let mut content = NoticeContent::new(
        notice.language.code(),
        template::Audience::Customer,
        phase,
        shown_hazard(hazard),
        &merchant.name,
    );
    content.cause = Some(match worst {
        NoticeCause::OnTheWay => template::Cause::CarrierSuspended,
        NoticeCause::Backordered => template::Cause::StockLost,
        _ => template::Cause::SiteClosed,
    });
    content.region = (!region.is_empty()).then(|| region.into());
    content.name = (!name.is_empty()).then(|| name.into());
    content.orders =
        notice.orders.iter().take(50).filter_map(|entry| shown_order(state, entry.order)).collect();
    content.done = match worst {
        NoticeCause::Rerouted => vec![Action::OtherSite],
        NoticeCause::Backordered => vec![Action::Restocking],
        NoticeCause::InDoubt => vec![Action::Tracing],
        _ => vec![Action::HeldSafely],
    };
    content.old_day = notice.orders.iter().map(|order| order.before).min();
    let range = known.iter().min().zip(known.iter().max());
    content.new_days =
        range.map(|(first, last)| DayRange { first: *first, last: last.plus(1), confidence_pct: 90 });
    let token = notice.orders.first().map_or(0, |order| order.order.0);
    content.offers = [Choice::Wait, Choice::Cancel, Choice::ChangeAddress]
        .into_iter()
        .map(|choice| Offer {
            choice,
            link: format!("https://status.holdfast.example/{}/{token}", choice.code()).into(),
        })
        .collect();
    content.silence = Silence::Waits;
    content.next_word = Some(Moment {
        at: notice.hold_until.after(Span::hours(48)),
        zone: state.network.operator.as_ref().map_or(Zone::utc(), |o| o.zone.clone()),
    });
    let contact: Box<str> =
        if merchant.contact.is_empty() { "help@holdfast.example".into() } else { merchant.contact.clone() };
    content.contact = Contact { mail: Some(contact), phone: None };
    content
}

fn shown_order(state: &State, id: holdfast_domain::id::OrderId) -> Option<OrderShown> {
    let order = state.order(id).ok()?;
    let item = |line: &holdfast_domain::order::Line| {
        let sku = state.network.skus.get(line.sku)?;
        Some(ItemShown { name: sku.name.clone(), quantity: u64::from(line.wanted().0) })
    };
    Some(OrderShown {
        number: order.number.clone(),
        items: order.lines.iter().take(100).filter_map(item).collect(),
    })
}

const fn shown_hazard(hazard: Hazard) -> template::Hazard {
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
