//! New routes: which services and channels carried what was displaced, and the map of it.

use holdfast_console::sketch::{Flow, Sketch, Spot, SpotKind, sketch};
use holdfast_domain::id::{Id, SiteId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::money::group_thousands;
use holdfast_domain::network::LaneKind;
use holdfast_domain::place::Place;

use super::{Answers, Piece, line};
use crate::report::Shown;

const fn channel(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Parcel => "channel-parcel",
        LaneKind::Air => "channel-air",
        LaneKind::Ferry => "channel-ferry",
        LaneKind::StoreHub => "channel-store-hub",
        LaneKind::PickUp => "channel-pick-up",
        LaneKind::Courier => "channel-courier",
        LaneKind::ZoneSkip => "channel-zone-skip",
        LaneKind::OwnVan => "channel-own-van",
    }
}

pub(super) fn routes(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let parts = with.parts;
    let parcels: u64 = parts.services.iter().map(|service| service.parcels).sum();
    let (now, calm) = parts.carriage;
    let mut out = vec![line(
        shown,
        "part-routes-line",
        &[
            ("parcels", &group_thousands(parcels)),
            ("opened", &group_thousands(parts.lanes_opened as u64)),
            ("now", &shown.money(now)),
            ("calm", &shown.money(calm)),
            ("zones", &with.truth.zones.len()),
            ("closed", &with.truth.lanes.iter().map(|(_, lanes, _)| lanes.len()).sum::<usize>()),
        ],
    )];
    let rows = parts.services.iter().filter(|service| service.parcels + service.calm > 0).map(|service| {
        vec![
            service.name.clone(),
            shown.say(channel(service.kind)),
            group_thousands(service.parcels),
            group_thousands(service.calm),
            group_thousands(service.zones as u64),
        ]
    });
    let keys = [
        "part-column-service",
        "part-column-channel",
        "column-parcels",
        "part-column-calm",
        "part-column-zones",
    ];
    let head = keys.iter().map(|key| shown.say(key)).collect();
    out.push(Piece::Table { head, rows: rows.collect(), words: vec![0, 1] });
    out.push(Piece::Map { svg: map(shown, with), legend: shown.say("part-routes-map") });
    out
}

/// Closed sites, those that took over, and the lanes that displaced orders took.
fn map(shown: &Shown<'_>, with: &Answers<'_>) -> String {
    let network = &with.state.network;
    let shut = |site: SiteId| shown.report.closures.iter().any(|closed| closed.site == site);
    let took = |site: SiteId| with.parts.flows.iter().any(|(from, ..)| *from == site);
    let spots = network.sites.iter().enumerate().map(|(index, site)| {
        let id = SiteId::from_index(index);
        let asleep = with.state.sites.get(index).is_some_and(|now| now.access == SiteAccess::Dormant);
        let kind = match (shut(id), took(id), asleep) {
            (true, ..) => SpotKind::Shut,
            (_, true, _) => SpotKind::TookOver,
            (_, _, true) => SpotKind::Dormant,
            _ => SpotKind::Open,
        };
        Spot { code: site.code.to_string(), place: site.place, kind }
    });
    let zone = |id: &holdfast_domain::id::ZoneId| network.zones.get(id.index()).map(|zone| zone.place);
    let flows = with.parts.flows.iter().filter_map(|(site, to, weight)| {
        Some(Flow { from: network.site(*site)?.place, to: zone(to)?, weight: *weight })
    });
    let track: Vec<Place> =
        with.track.map(|track| track.fixes.iter().map(|fix| fix.place).collect()).unwrap_or_default();
    sketch(&Sketch {
        spots: spots.collect(),
        flows: flows.collect(),
        rests: with.truth.zones.keys().filter_map(zone).collect(),
        track,
        label: shown.say("part-routes-map"),
    })
}
