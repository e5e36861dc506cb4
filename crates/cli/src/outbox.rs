//! The outbox of a drill: every notice that left, as a mail in a folder. None is sent.

use std::collections::BTreeMap;
use std::path::Path;

use holdfast_app::dispatch::Render as _;
use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{Id, NoticeId, SubjectId};
use holdfast_domain::notice::{Notice, NoticeCause, NoticeStatus};
use holdfast_domain::time::Stamp;
use holdfast_notify::letter::Letters;
use holdfast_notify::link::KeyRing;
use holdfast_notify::mail::NoticeKey;
use holdfast_notify::outbox_folder::OutboxFolder;
use holdfast_notify::template::{Catalog, Channel, Rendered};
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
    /// What a few customers were told, each for another cause where there are so many.
    pub told: Vec<Told>,
}

/// What one customer was told.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// The merchant's name.
    pub merchant: String,
    /// The merchant's number for the order.
    pub number: String,
    /// When it could leave.
    pub at: Stamp,
    /// What happened to the order.
    pub cause: NoticeCause,
    /// The language, by its two letters.
    pub language: String,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text.
    pub text: String,
}

/// Customers whose words are told.
const TOLD: usize = 3;

/// The first notice of each cause, then the first of all, until there are enough.
fn chosen(notices: &[(NoticeId, Notice)]) -> Vec<NoticeId> {
    let cause = |notice: &Notice| notice.orders.first().map(|entry| entry.cause);
    let mut causes = Vec::new();
    let mut firsts: Vec<NoticeId> = Vec::new();
    for (id, notice) in notices {
        if let Some(cause) = cause(notice).filter(|cause| !causes.contains(cause)) {
            causes.push(cause);
            firsts.push(*id);
        }
    }
    let rest: Vec<NoticeId> = notices.iter().map(|(id, _)| *id).filter(|id| !firsts.contains(id)).collect();
    firsts.into_iter().chain(rest).take(TOLD).collect()
}

/// Writes every notice that left into `folder`, once.
pub fn fill(
    writer: &mut WorldWriter,
    entries: &[Entry],
    region: &str,
    folder: &Path,
) -> Result<Put, Failure> {
    let place = |error: &dyn std::error::Error| {
        Failure::new(Code::Input, chain(error), "name another folder with --out")
    };
    let outbox = OutboxFolder::open(folder).map_err(|error| place(&error))?;
    let keys = KeyRing::new(1, &writer.link_secret()).expect("a secret of 32 bytes is long enough");
    let mut letters = Letters {
        catalog: Catalog::embedded(),
        keys,
        base: "https://answers.holdfast.example".into(),
        from: "notices@holdfast.example".into(),
        regions: BTreeMap::new(),
        channels: vec![Channel::Mail.into()],
    };
    let mut sealed: BTreeMap<SubjectId, &[u8]> = BTreeMap::new();
    for event in entries.iter().flat_map(|entry| &entry.events) {
        if let Event::SubjectSealed { subject, sealed: blob, .. } = event {
            sealed.insert(*subject, blob);
        }
    }
    if !region.is_empty() {
        let incidents = writer.engine().state.incidents.iter();
        letters.regions = incidents.map(|(id, _)| (id, region.into())).collect();
    }
    let notices: Vec<(NoticeId, Notice)> =
        writer.engine().state.notices.iter().map(|(id, notice)| (id, notice.clone())).collect();
    let mut put = Put::default();
    let sent: Vec<(NoticeId, Notice)> =
        notices.into_iter().filter(|(_, notice)| notice.status == NoticeStatus::Sent).collect();
    let with_address: Vec<(NoticeId, Notice)> =
        sent.iter().filter(|(_, notice)| notice.subject.is_some()).cloned().collect();
    let to_tell = chosen(&with_address);
    for (id, notice) in sent {
        let person = match notice.subject.and_then(|subject| Some((subject, *sealed.get(&subject)?))) {
            Some((subject, blob)) => writer.person(subject, blob).map_err(|error| place(&error))?,
            None => None,
        };
        let Some(person) = person.filter(|person| !person.mail.is_empty()) else {
            put.without_address += 1;
            continue;
        };
        let state = &writer.engine().state;
        let letter = match letters.render(state, id, &notice, Some(&person), 0) {
            Ok(Some(letter)) => letter,
            Ok(None) => continue,
            Err(error) => {
                put.refused.push(format!("{id}: {error}"));
                continue;
            }
        };
        let key = id.to_string().parse::<NoticeKey>().map_err(|error| place(&error))?;
        outbox.put_bytes(&key, &letter.bytes).map_err(|error| place(&error))?;
        put.mails += 1;
        let language = notice.language.code();
        *put.languages.entry(language.to_owned()).or_default() += 1;
        let tell = to_tell.contains(&id);
        if tell || !put.samples.contains_key(language) {
            let content = letters.content(state, id, &notice, &person.name);
            let code = &state.network.merchants[notice.merchant.index()].code;
            if let Ok(Rendered::Mail(body)) = letters.catalog.render(&content, Channel::Mail, code) {
                if let Some(entry) = notice.orders.first().filter(|_| tell) {
                    put.told.push(Told {
                        merchant: state.network.merchants[notice.merchant.index()].name.to_string(),
                        number: state
                            .order(entry.order)
                            .map_or_else(|_| String::new(), |o| o.number.to_string()),
                        at: notice.hold_until,
                        cause: entry.cause,
                        language: language.to_owned(),
                        subject: body.subject.clone(),
                        text: body.text.clone(),
                    });
                }
                put.samples.entry(language.to_owned()).or_insert((body.subject, body.text));
            }
        }
    }
    Ok(put)
}
