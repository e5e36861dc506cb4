//! Zones by distance against the US Postal Service's own chart (shared/data/carriers, about 2019).

use std::io::Read;
use std::path::PathBuf;

use holdfast_plan::route::zone::{Zip3, Zip3Table, ZoneBands};

const AREAS: &str = include_str!("../../book/data/geo/us_zip3.csv");

/// The data folder, or `None` after saying what is skipped.
fn data(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("HOLDFAST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("HOLDFAST_STRICT").is_none_or(|v| v != "1"), "no data folder for {what}");
    eprintln!("SKIPPED: {what} (no data folder)");
    None
}

/// Pairs compared, exactly right, at most one zone off.
#[derive(Default, Debug)]
struct Tally {
    pairs: u32,
    exact: u32,
    near: u32,
}

impl Tally {
    fn count(&mut self, computed: u8, published: u8) {
        // Zone 1 is the local part of zone 2 and has no band of its own; 9 is the freely associated states.
        let published = published.max(2);
        self.pairs += 1;
        self.exact += u32::from(computed == published);
        self.near += u32::from(computed.abs_diff(published) <= 1);
    }
    fn share(&self, part: u32) -> f64 {
        f64::from(part) / f64::from(self.pairs)
    }
}

#[test]
fn bands_give_the_published_zone_for_85_percent_of_the_pairs() {
    let Some(folder) = data("postal zones") else { return };
    let table = Zip3Table::parse(AREAS).unwrap();
    let packed = std::fs::read(folder.join("carriers/usps_zones_zip3.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();

    let bands = ZoneBands::postal();
    let (mut to_900, mut from_900, mut unplaced) = (Tally::default(), Tally::default(), 0);
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let place = |text: &str| table.get(text.parse::<Zip3>().unwrap()).map(|area| area.place);
        let (Some(origin), Some(destination)) = (place(cells[0]), place(cells[1])) else {
            unplaced += 1;
            continue;
        };
        let tally = if cells[1] < "900" { &mut to_900 } else { &mut from_900 };
        tally.count(bands.between(origin, destination).0, cells[2].parse().unwrap());
    }
    for (name, tally) in [("to 005-899", &to_900), ("to 900-999", &from_900)] {
        eprintln!(
            "{name}: {} pairs, exact {:.2} %, within one {:.2} %",
            tally.pairs,
            100.0 * tally.share(tally.exact),
            100.0 * tally.share(tally.near)
        );
    }
    eprintln!("{unplaced} pairs have an end without a place (military mail, territories)");
    // Destinations from 900 on are left out of the floor: there the file repeats one zone for most areas of an
    // origin (Miami to Seattle and to Los Angeles both as zone 6), which no distance can give.
    assert!(to_900.pairs > 190_000, "{to_900:?}");
    assert!(to_900.share(to_900.exact) >= 0.85, "{to_900:?}");
    assert!(to_900.share(to_900.near) >= 0.998, "{to_900:?}");
}
