//! Each merchant's status page as files: what the incidents in the state say to the public, in every language.
//!
//! A page names no order, no customer and no stock; drills are never on it. The files are static and link to nothing
//! elsewhere, so they can be served from anywhere while the rest is down.

use fluent_bundle::FluentArgs;
use holdfast_domain::id::{Id, IncidentId, MerchantId};
use holdfast_domain::incident::{Incident, Phase};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp, Zone};

use crate::letter::shown_hazard;
use crate::status::{self, INCIDENTS_MAX, Page, State as Standing, StatusError, Update};
use crate::template::Catalog;
use crate::template::catalog::Words;
use crate::template::phrase::args;

/// How long a past incident stays on the page.
pub const PAST_SHOWN: Span = Span::days(90);

/// A file of a status site, by its path below the site's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// The path, with forward slashes.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// All files of all merchants' pages: for each merchant `<code>/index.html`, `status.atom` and `banner.html` in its own
/// language, and the same below `<code>/<language>/` for every language there is.
///
/// # Errors
/// [`StatusError`] for an address that is none, or a word that is missing.
pub fn files(state: &State, catalog: &Catalog, base: &str, now: Stamp) -> Result<Vec<SiteFile>, StatusError> {
    let languages: Vec<String> = catalog.languages().map(str::to_owned).collect();
    let mut out = Vec::new();
    for (index, merchant) in state.network.merchants.iter().enumerate() {
        let id = MerchantId::from_index(index);
        let folder = folder_name(&merchant.code, id);
        let own = merchant.language.code();
        let below = languages.iter().map(|language| (format!("{folder}/{language}"), language.as_str()));
        for (place, language) in std::iter::once((folder.clone(), own)).chain(below) {
            let words = catalog.words(language, &merchant.code);
            let page = page(state, id, &format!("{base}/{place}"), &words, now)?;
            let mut file = |name: &str, text: String| {
                out.push(SiteFile { path: format!("{place}/{name}"), text });
            };
            file("index.html", status::page_html(&page, &words)?);
            file("status.atom", status::atom(&page, &words)?);
            file("banner.html", status::banner(&page, &words)?);
        }
    }
    Ok(out)
}

/// A merchant's code as a folder: letters, digits and hyphens; its id where none is left.
fn folder_name(code: &str, id: MerchantId) -> String {
    let plain: String =
        code.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() || plain.len() != code.len() { id.to_string() } else { plain.to_owned() }
}

/// The page of one merchant in the language of `words`.
///
/// # Errors
/// As [`files`].
pub fn page(
    state: &State,
    merchant: MerchantId,
    base: &str,
    words: &Words<'_>,
    now: Stamp,
) -> Result<Page, StatusError> {
    let mut incidents = Vec::new();
    let shown = state.incidents.iter().filter(|(id, incident)| {
        !incident.drill && is_recent(incident, now) && touches(state, *id, incident, merchant)
    });
    for (id, incident) in shown {
        incidents.push(one(state, id, incident, words)?);
    }
    // The newest are shown where there are more than fit.
    let surplus = incidents.len().saturating_sub(INCIDENTS_MAX);
    incidents.drain(..surplus);
    let known = state.network.merchant(merchant);
    Ok(Page {
        merchant: known.map_or("".into(), |known| known.name.clone()),
        base: base.into(),
        zone: state.network.operator.as_ref().map_or(Zone::utc(), |operator| operator.zone.clone()),
        made_at: now,
        incidents,
    })
}

fn is_recent(incident: &Incident, now: Stamp) -> bool {
    incident.phase != Phase::Watch && incident.ended.is_none_or(|ended| ended.after(PAST_SHOWN) > now)
}

/// Whether an incident is of interest to a merchant's customers: it closed a site the merchant has goods at, or one of
/// its customers was told of it.
fn touches(state: &State, id: IncidentId, incident: &Incident, merchant: MerchantId) -> bool {
    let told =
        state.notices.iter().any(|(_, notice)| notice.incident == Some(id) && notice.merchant == merchant);
    told || state.stock.iter().any(|(sku, site, shelf)| {
        incident.sites.contains(&site)
            && shelf.on_hand > 0
            && state.network.skus.get(sku).is_some_and(|known| known.merchant == merchant)
    })
}

fn one(
    state: &State,
    id: IncidentId,
    incident: &Incident,
    words: &Words<'_>,
) -> Result<status::Incident, StatusError> {
    let hazard = format!("hazard-{}", shown_hazard(incident.hazard).code());
    let title = words.say(&hazard, &args! { "region" = "none".to_owned() })?;
    let say = |standing: Standing, at: Stamp| -> Result<Update, StatusError> {
        let text = words.say(&format!("status-says-{}", standing.code()), &FluentArgs::new())?;
        Ok(Update { at, state: standing, text: text.into() })
    };
    let mut updates = vec![say(Standing::Investigating, incident.opened)?];
    if let Some(declared) = incident.declared {
        updates.push(say(Standing::Identified, declared)?);
    }
    if let Some(ended) = incident.ended {
        let standing =
            if incident.phase == Phase::Closed { Standing::Resolved } else { Standing::Monitoring };
        updates.push(say(standing, ended)?);
    }
    // An incident whose steps fell into one moment is shown by its last.
    let mut last: Vec<Update> = Vec::new();
    for update in updates {
        if last.last().is_some_and(|known| known.at == update.at) {
            last.pop();
        }
        last.push(update);
    }
    let regions: std::collections::BTreeSet<Box<str>> = incident
        .sites
        .iter()
        .filter_map(|site| state.network.site(*site))
        .map(|site| site.region.clone())
        .filter(|region| !region.is_empty())
        .collect();
    Ok(status::Incident {
        id: id.to_string().into(),
        title: title.into(),
        touches: regions.into_iter().collect(),
        window: None,
        updates: last,
    })
}
