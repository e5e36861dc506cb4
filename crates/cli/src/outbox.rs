//! The outbox of a drill: every notice that left, as a mail in a folder. None is sent.

use std::collections::BTreeMap;
use std::path::Path;

use holdfast_app::dispatch::Render as _;
use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{Id, NoticeId, SubjectId};
use holdfast_domain::notice::{Notice, NoticeStatus};
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
    for (id, notice) in notices.into_iter().filter(|(_, notice)| notice.status == NoticeStatus::Sent) {
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
        if !put.samples.contains_key(language) {
            let content = letters.content(state, id, &notice, &person.name);
            let code = &state.network.merchants[notice.merchant.index()].code;
            if let Ok(Rendered::Mail(body)) = letters.catalog.render(&content, Channel::Mail, code) {
                put.samples.insert(language.to_owned(), (body.subject, body.text));
            }
        }
    }
    Ok(put)
}
