//! Published facts of the shipped storms, and the tables held against the raw files where these are at hand.

use holdfast_domain::place::Place;
use holdfast_domain::time::Stamp;
use proptest::prelude::{ProptestConfig, proptest};

use super::{
    SHIPPED, Table, florence_2018, florence_2018_forecasts, hinnamnor_2022, ian_2022, read_table, shipped,
    tracks_from_text, write_table,
};
use crate::track::{Averaging, Sweep, Track, best_track_from_atcf, forecasts_from_atcf, tracks_from_csv};

const WILMINGTON: (f64, f64) = (34.2257, -77.9447);
const NORFOLK: (f64, f64) = (36.8508, -76.2859);
const FORT_MYERS: (f64, f64) = (26.6406, -81.8723);
const TAMPA: (f64, f64) = (27.9506, -82.4572);
const BUSAN: (f64, f64) = (35.1796, 129.0756);
const SEOUL: (f64, f64) = (37.5665, 126.9780);
const JEJU: (f64, f64) = (33.4996, 126.5312);

fn at((lat, lon): (f64, f64)) -> Place {
    Place::new(lat, lon).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test compares with files outside the project")]
/// The raw file of the shared data, or nothing with a word about it; strict runs must have it.
fn raw(name: &str) -> Option<String> {
    let root = std::env::var_os("HOLDFAST_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let found = std::fs::read_to_string(root.join("hazards/storms").join(name)).ok();
    if found.is_none() {
        let strict = std::env::var("HOLDFAST_STRICT").is_ok_and(|strict| strict == "1");
        assert!(!strict, "{name} is needed with HOLDFAST_STRICT=1");
        eprintln!("SKIPPED: comparison with {name} (no data folder)");
    }
    found
}

#[test]
fn shipped_tables_are_what_the_source_says() {
    if let Some(text) = raw("florence2018-bdeck.dat") {
        assert_eq!(florence_2018(), best_track_from_atcf(&text).unwrap());
    }
    if let Some(text) = raw("ian2022-bdeck.dat") {
        assert_eq!(ian_2022(), best_track_from_atcf(&text).unwrap());
    }
    if let Some(text) = raw("florence2018_OFCL_adeck.dat") {
        assert_eq!(florence_2018_forecasts(), forecasts_from_atcf(&text, "OFCL").unwrap());
    }
}

#[test]
fn every_raw_storm_reads_and_survives_the_table() {
    for name in ["ida2021", "irma2017", "michael2018", "sandy2012", "florence2018", "ian2022"] {
        let Some(text) = raw(&format!("{name}-bdeck.dat")) else { continue };
        let tracks = tracks_from_text(&text).unwrap();
        let table = Table { source: "NOAA NHC".to_owned(), tracks, forecasts: Vec::new() };
        assert_eq!(read_table(&write_table(&table)).unwrap(), table, "{name}");
        assert_eq!(tracks_from_text(&write_table(&table)).unwrap(), table.tracks, "{name}");
    }
    let Some(text) = raw("atlantic_storms_1975_2024.csv") else { return };
    let tracks = tracks_from_csv(&text).unwrap();
    // 20,778 fixes of 693 names and years (the data's own count), and Zeta of 2005 lasted into January.
    assert_eq!((tracks.len(), tracks.iter().map(|track| track.fixes.len()).sum::<usize>()), (692, 20_778));
}

#[test]
fn shipped_storms_name_their_source() {
    for storm in SHIPPED {
        assert_eq!(shipped(storm.key), Some(storm));
        assert!(
            storm.source().contains("public domain")
                || storm.source().contains("Japan Meteorological Agency")
        );
        assert!(storm.track().fixes.len() > 30);
    }
    assert_eq!((florence_2018_forecasts().len(), hinnamnor_2022().fixes.len()), (77, 69));
    assert_eq!(hinnamnor_2022().averaging, Averaging::TenMinutes);
}

/// The National Hurricane Center's peak winds: Florence 130 kt, Ian 140 kt (tropical cyclone reports).
#[test]
fn peaks_are_the_published_ones() {
    assert_eq!((florence_2018().peak_wind_kt(), ian_2022().peak_wind_kt()), (Some(130), Some(140)));
}

fn windows(track: &Track, place: (f64, f64), threshold_kt: u16) -> Vec<[String; 2]> {
    Sweep::new(track)
        .windows(at(place), threshold_kt)
        .into_iter()
        .map(|window| [window.enters.to_string(), window.leaves.to_string()])
        .collect()
}

#[test]
fn florence_brings_hurricane_winds_to_wilmington_and_none_to_norfolk() {
    let track = florence_2018();
    let [window] = windows(&track, WILMINGTON, 64).try_into().unwrap();
    let hour = |text: &str| text.parse::<Stamp>().unwrap();
    // Landfall was at Wrightsville Beach, 12 km away, at 11:15 UTC on 14 September.
    let landfall = hour("2018-09-14T11:15:00Z");
    assert!(hour(&window[0]) < landfall && landfall < hour(&window[1]), "{window:?}");
    assert!(
        hour(&window[0]) > hour("2018-09-13T12:00:00Z") && hour(&window[1]) < hour("2018-09-15T00:00:00Z")
    );
    assert!(windows(&track, NORFOLK, 64).is_empty() && windows(&track, NORFOLK, 50).is_empty());
    assert!(!windows(&track, NORFOLK, 34).is_empty());
    let peak = Sweep::new(&track).peak_wind_kt(at(WILMINGTON)).unwrap();
    assert!(peak.1 >= 64.0 && peak.1 <= 90.0, "{peak:?}");
}

#[test]
fn ian_brings_hurricane_winds_to_fort_myers_and_at_most_50_kt_to_tampa() {
    let track = ian_2022();
    assert_eq!(windows(&track, FORT_MYERS, 64).len(), 1);
    assert!(windows(&track, TAMPA, 64).is_empty());
    assert!(!windows(&track, TAMPA, 50).is_empty() && !windows(&track, TAMPA, 34).is_empty());
    let peak = Sweep::new(&track).peak_wind_kt(at(TAMPA)).unwrap().1;
    assert!((50.0..64.0).contains(&peak), "{peak}");
}

#[test]
fn hinnamnor_brings_50_kt_to_busan_and_jeju_and_30_kt_to_seoul() {
    let track = hinnamnor_2022();
    assert_eq!((windows(&track, BUSAN, 50).len(), windows(&track, JEJU, 50).len()), (1, 1));
    assert!(windows(&track, SEOUL, 50).is_empty() && windows(&track, SEOUL, 30).len() == 1);
    assert!(windows(&track, BUSAN, 64).is_empty(), "the source has no radius of 64 kt");
}

/// The Korea Meteorological Administration put the landfall at Geoje, 04:50 on 6 September, Korean time.
#[test]
fn hinnamnor_comes_ashore_at_geoje_when_it_did() {
    let landfall: Stamp = "2022-09-06T04:50:00+09:00".parse().unwrap();
    let centre = Sweep::new(&hinnamnor_2022()).centre(landfall).unwrap();
    let off_m = centre.place.distance_m(at((34.88, 128.62)));
    assert!(off_m < 40_000.0 && centre.wind_kt == 70.0, "{centre:?} is {off_m} m off");
}

#[test]
fn a_threshold_swept_wider_holds_the_narrower() {
    for track in [florence_2018(), ian_2022(), hinnamnor_2022()] {
        let sweep = Sweep::new(&track);
        let thresholds = sweep.thresholds_kt().to_vec();
        for fix in &track.fixes {
            for pair in thresholds.windows(2) {
                let (wide, narrow) = (sweep.windows(fix.place, pair[0]), sweep.windows(fix.place, pair[1]));
                for inner in narrow {
                    let held =
                        |w: &crate::track::Window| w.enters <= inner.enters && inner.leaves <= w.leaves;
                    assert!(wide.iter().any(held), "{} at {}: {inner:?} in {wide:?}", track.name, fix.at);
                }
            }
        }
    }
}

#[test]
fn the_hulls_hold_whatever_is_swept() {
    let sweep = Sweep::new(&florence_2018());
    let (from, until) = ("2018-09-13T00:00:00Z".parse().unwrap(), "2018-09-15T00:00:00Z".parse().unwrap());
    let hulls = sweep.hulls(from, until, holdfast_domain::time::Span::hours(6), 64);
    let polygons: Vec<_> = hulls.iter().map(|ring| crate::geo::Polygon::new(ring, &[]).unwrap()).collect();
    assert!(polygons.iter().any(|polygon| polygon.contains(at(WILMINGTON))));
    assert!(!polygons.iter().any(|polygon| polygon.contains(at(NORFOLK))));
    assert!(sweep.hulls(until, from, holdfast_domain::time::Span::hours(6), 64).is_empty());
    let ring = sweep.outline("2018-09-14T06:00:00Z".parse().unwrap(), 64);
    assert!(ring.len() == 37 && ring.first() == ring.last());
}

#[test]
fn tables_that_do_not_read_are_refused_by_line() {
    let good = "# holdfast-tracks 1\n# source: x\ntrack\tA\tB\t1\nfix\t2018-09-14T06:00:00Z\t34.2\t-77.2\t85\t952\tHU\t20\t34:1/2/3/4\n";
    assert_eq!(read_table(good).unwrap().tracks[0].fixes.len(), 1);
    let check = |from: &str, to: &str, expected: &str| {
        let message = read_table(&good.replace(from, to)).unwrap_err().to_string();
        assert!(message.contains(expected), "{message:?} does not say {expected:?}");
    };
    check("tracks 1", "tracks 2", "the heading");
    check("34.2", "94.2", "line 4, field position");
    check("HU", "QQ", "line 4, field stage");
    check("34:1/2/3/4", "34:1/2/3", "line 4, field radii");
    check("34:1/2/3/4", "34:1/2/3/4 34:1/2/3/4", "line 4, field radii");
    check("track\tA\tB\t1\n", "", "line 3: a fix before any track row");
    check("track\tA\tB\t1", "track\tA\tB\t5", "line 3, field averaging");
    check("fix\t", "fux\t", "line 4, field row");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_spoilt_file_is_refused_and_never_worse(
        which in 0..5_usize,
        spoilt in proptest::collection::vec((0..4_000_usize, "[ -~\\PC\\n\\t]{0,3}"), 1..6),
        cut in 0..4_000_usize,
    ) {
        const ATCF: &str = "AL, 06, 2018091411, 15, BEST,   0, 342N,  778W,  80,  956, HU,  34, NEQ,  170,  150,  140,   90, 1012,  200,  25,   0,   0,    ,   0,    , 270,   6,   FLORENCE,";
        const HURDAT2: &str = "AL062018,           FLORENCE,      1,\n20180914, 1115, L, HU, 34.2N,  77.8W,  80,  956,  170,  150,  140,   90,  100,   80,   80,   60,   70,   60,   60,   40, -999\n";
        const CSV: &str = "name,year,month,day,hour,lat,long,status,category,wind,pressure,tropicalstorm_force_diameter,hurricane_force_diameter\nAmy,1975,6,27,0,27.5,-79,tropical depression,NA,25,1013,NA,NA\n";
        const JMA: &str = "66666 2211  001 0013 2211 1 0            HINNAMNOR              20221124        \n22090518 002 5 342 1281  965     070     90120 0120 20350 0270                  \n";
        let table = include_str!("../../data/storms/florence-2018-official.tsv");
        let mut text = [ATCF, HURDAT2, CSV, JMA, table.get(..4_000).unwrap()][which].to_owned();
        for (at, with) in spoilt {
            let at = (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            let end = (at + 1..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
            text.replace_range(at..end, &with);
        }
        let cut = (cut..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        for text in [text.as_str(), &text[..cut]] {
            // Whatever the answer, it is one, and what is read can be swept and written.
            for track in tracks_from_text(text).into_iter().flatten() {
                let _ = Sweep::new(&track).windows(at(WILMINGTON), 34);
                let table = Table { source: String::new(), tracks: vec![track], forecasts: Vec::new() };
                let _ = write_table(&table);
            }
            let _ = (forecasts_from_atcf(text, "OFCL"), crate::track::tracks_from_hurdat2(text));
            let _ = (crate::track::tracks_from_jma(text), tracks_from_csv(text), read_table(text));
        }
    }
}
