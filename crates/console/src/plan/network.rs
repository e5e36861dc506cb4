//! Whom to call, which sites there are and who backs them up, and which ways lead around a closed one.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{Id, SiteId, ZoneId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::{LaneKind, Site, SiteKind};
use holdfast_print::{Block, Section};

use super::Draft;
use crate::sketch::{Sketch, Spot, SpotKind, sketch};
use crate::words::say;

pub(super) fn contacts(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let row = |contact: &super::Contact| {
        let role = draft.role(&contact.role);
        let role = if contact.deputy { say!(w, "bcp-deputy", role = role.as_str()) } else { role };
        vec![role, contact.name.clone(), contact.site.clone(), contact.phone.clone(), contact.mail.clone()]
    };
    let mut blocks = Vec::new();
    if draft.input.contacts.is_empty() {
        blocks.push(Block::Box { text: w.say("bcp-contacts-missing") });
    } else {
        let rows = draft.input.contacts.iter().map(row).collect();
        let heads = ["bcp-role", "bcp-name", "bcp-site", "bcp-phone", "bcp-mail"];
        blocks.push(draft.table("", &heads, &[], rows));
    }
    let merchants = draft.input.state.network.merchants.iter();
    let rows = merchants.map(|merchant| {
        vec![merchant.code.to_string(), merchant.name.to_string(), merchant.contact.to_string()]
    });
    blocks.push(draft.table(
        "bcp-contacts-merchants",
        &["bcp-code", "bcp-name", "bcp-contact"],
        &[],
        rows.collect(),
    ));
    draft.section("contacts", true, blocks)
}

const fn kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::Centre => "site-kind-centre",
        SiteKind::StoreHub => "site-kind-store-hub",
        SiteKind::ThirdParty => "site-kind-third-party",
        SiteKind::Standby => "site-kind-standby",
    }
}

pub(super) fn sites(draft: &Draft<'_>) -> Section {
    let (w, state) = (draft.w, draft.input.state);
    let network = &state.network;
    let dormant = |index: usize| state.sites.get(index).is_some_and(|now| now.access == SiteAccess::Dormant);
    let spots = network.sites.iter().enumerate().map(|(index, site)| Spot {
        code: site.code.to_string(),
        place: site.place,
        kind: if dormant(index) { SpotKind::Dormant } else { SpotKind::Open },
    });
    let svg = sketch(&Sketch { spots: spots.collect(), label: w.say("bcp-map-label"), ..Sketch::default() });
    let mut blocks = vec![Block::Drawing { svg, caption: w.say("bcp-map-label") }];
    let row = |site: &Site| {
        let week: u64 = site.capacity.iter().map(|units| u64::from(*units)).sum();
        let backup = draft.input.analysis.and_then(|report| {
            let found = report.sites.iter().find(|row| *row.site == *site.code)?;
            let (code, share) = found.backup.as_ref()?;
            Some(format!("{code} ({})", w.percent(*share, 0)))
        });
        vec![
            site.code.to_string(),
            format!("{} – {}", site.name, w.say(kind(site.kind))),
            w.number(week.min(i64::MAX as u64) as i64),
            format!("{:02}:{:02}", site.cutoff_ms / 3_600_000, site.cutoff_ms / 60_000 % 60),
            site.wind_limit_kt.map_or_else(|| w.say("none"), |kt| format!("{kt} kt")),
            backup.unwrap_or_else(|| w.say("none")),
        ]
    };
    let rows = network.sites.iter().map(row).collect();
    let heads = ["bcp-site", "bcp-name", "bcp-capacity", "bcp-cutoff", "bcp-wind-limit", "bcp-backup"];
    blocks.push(draft.table("bcp-sites-table", &heads, &[2, 3, 4], rows));
    let standby: Vec<Vec<String>> = network
        .sites
        .iter()
        .filter_map(|site| {
            let terms = site.standby?;
            Some(vec![
                site.code.to_string(),
                w.span(terms.lead_time),
                draft.money(terms.activation_cost as f64),
                draft.money(terms.daily_cost as f64),
            ])
        })
        .collect();
    if standby.is_empty() {
        blocks.push(draft.text("bcp-standby-none"));
    } else {
        let heads = ["bcp-site", "bcp-lead", "bcp-activation-cost", "bcp-daily"];
        blocks.push(draft.table("bcp-standby", &heads, &[1, 2, 3], standby));
    }
    draft.section("sites", true, blocks)
}

const fn channel(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Parcel => "lane-kind-parcel",
        LaneKind::Air => "lane-kind-air",
        LaneKind::Ferry => "lane-kind-ferry",
        LaneKind::StoreHub => "lane-kind-store-hub",
        LaneKind::PickUp => "lane-kind-pick-up",
        LaneKind::Courier => "lane-kind-courier",
        LaneKind::ZoneSkip => "lane-kind-zone-skip",
        LaneKind::OwnVan => "lane-kind-own-van",
    }
}

/// What leads where: by service, and by site that is lost.
#[derive(Default)]
struct Ways {
    lanes: usize,
    sites: BTreeSet<SiteId>,
    zones: BTreeSet<ZoneId>,
    days: Vec<u8>,
}

pub(super) fn lanes(draft: &Draft<'_>) -> Section {
    let (w, network) = (draft.w, &draft.input.state.network);
    let mut by: BTreeMap<usize, Ways> = BTreeMap::new();
    for (_, lane) in network.lanes.iter() {
        let ways = by.entry(lane.service.index()).or_default();
        ways.lanes += 1;
        ways.sites.insert(lane.site);
        ways.zones.insert(lane.zone);
        ways.days.push(lane.transit_days);
    }
    let rows = by.into_iter().filter_map(|(service, mut ways)| {
        let known = network.services.get(service)?;
        ways.days.sort_unstable();
        let middle = ways.days.get(ways.days.len() / 2).copied().unwrap_or(0);
        Some(vec![
            format!("{} {}", known.carrier, known.name),
            w.say(channel(known.kind)),
            w.number(ways.lanes as i64),
            w.number(ways.sites.len() as i64),
            w.number(ways.zones.len() as i64),
            w.number(i64::from(middle)),
        ])
    });
    let heads = [
        "bcp-service",
        "bcp-channel",
        "bcp-lanes-count",
        "bcp-sites-count",
        "bcp-zones-count",
        "bcp-transit",
    ];
    let mut blocks =
        vec![draft.text("bcp-lanes-explained"), draft.table("", &heads, &[2, 3, 4, 5], rows.collect())];
    blocks.push(around(draft));
    draft.section("lanes", false, blocks)
}

/// For each site: which zones only it reaches, and which site is next cheapest for most of the others.
fn around(draft: &Draft<'_>) -> Block {
    let (w, network) = (draft.w, &draft.input.state.network);
    let mut by: BTreeMap<usize, (usize, usize, BTreeMap<SiteId, usize>, i64, usize)> = BTreeMap::new();
    for zone in 0..network.zones.len() {
        // The cheapest lane of each site that takes orders, by the price of a parcel of one kilogram.
        let mut best: BTreeMap<SiteId, i64> = BTreeMap::new();
        for (site, id) in network.lanes_to(ZoneId::from_index(zone)) {
            let Some(lane) = network.lanes.get(*id) else { continue };
            let price = lane.cost_parcel.saturating_add(lane.cost_kg);
            let kept = best.entry(*site).or_insert(price);
            *kept = (*kept).min(price);
        }
        for (site, own) in &best {
            let entry = by.entry(site.index()).or_default();
            entry.0 += 1;
            let next = best
                .iter()
                .filter(|(other, _)| *other != site)
                .min_by_key(|(other, price)| (**price, **other));
            match next {
                None => entry.1 += 1,
                Some((other, price)) => {
                    *entry.2.entry(*other).or_default() += 1;
                    entry.3 = entry.3.saturating_add((price - own).max(0));
                    entry.4 += 1;
                }
            }
        }
    }
    let rows = by.into_iter().filter_map(|(site, (zones, only, next, more, count))| {
        let known = network.sites.get(site)?;
        let mut next: Vec<(SiteId, usize)> = next.into_iter().collect();
        next.sort_by_key(|(site, zones)| (core::cmp::Reverse(*zones), *site));
        let named: Vec<String> = next
            .iter()
            .take(3)
            .filter_map(|(site, zones)| Some(format!("{} ({zones})", network.site(*site)?.code)))
            .collect();
        Some(vec![
            known.code.to_string(),
            w.number(zones as i64),
            w.number(only as i64),
            named.join(", "),
            if count == 0 { w.say("none") } else { w.minor(more / count as i64, draft.currency) },
        ])
    });
    let heads = ["bcp-if-lost", "bcp-zones-count", "bcp-only-it", "bcp-next-site", "bcp-more-a-parcel"];
    draft.table("bcp-around", &heads, &[1, 2, 4], rows.collect())
}
