//! Random damage to every format: an answer or an error, never a panic.

use super::samples::sample;
use super::{
    read_atom, read_cap, read_current_storms, read_gdacs, read_nws_geojson, read_nws_text, read_usgs, resolve,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Damaged copies of each sample.
const COPIES: u64 = 150;

fn read_all(bytes: &[u8]) {
    let mut alerts = read_cap(bytes).unwrap_or_default();
    for reading in [
        read_atom(bytes),
        read_gdacs(bytes),
        read_nws_geojson(bytes),
        read_nws_text(bytes),
        read_usgs(bytes),
        read_current_storms(bytes).map(|(_, reading)| reading),
    ] {
        alerts.extend(reading.map(|reading| reading.alerts).unwrap_or_default());
    }
    for area in alerts.iter().flat_map(|alert| &alert.areas) {
        assert!(resolve(area).shapes.len() <= 100_000);
    }
}

fn damaged(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut copy = bytes.to_vec();
    for _ in 0..random.random_range(1..12) {
        let at = random.random_range(0..copy.len());
        match random.random_range(0..4) {
            0 => copy[at] ^= 1 << random.random_range(0..8),
            1 => copy[at] = random.random_range(0..=255),
            2 => copy.truncate(at + 1),
            _ => {
                let end = (at + random.random_range(1..80)).min(copy.len());
                let piece = copy[at..end].to_vec();
                let to = random.random_range(0..copy.len());
                copy.splice(to..to, piece);
            }
        }
    }
    copy
}

#[test]
fn random_damage_never_panics() {
    let names = [
        "TCVMLB.txt",
        "google-canada.cap",
        "google-weather.cap",
        "google-xee.cap",
        "nws-5c2cf27b1f56885d61654dc47fa411d5.xml",
    ];
    let mut documents: Vec<Vec<u8>> = Vec::new();
    for name in names {
        let Some(bytes) = sample(name) else { return };
        documents.push(bytes);
    }
    documents.push(br#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[1,2,3]},"properties":{"mag":5,"time":1,"eventtype":"EQ","eventid":1,"fromdate":"2017-11-15T05:29:31"}}],"activeStorms":[{"id":"a","name":"b","classification":"HU","intensity":"90","latitude":"29.0N","longitude":"70.1W","lastUpdate":"2018-09-12T15:00:00.000Z"}]}"#.to_vec());
    for (index, document) in documents.iter().enumerate() {
        for copy in 0..COPIES {
            let seed = index as u64 * 1_000_000 + copy;
            eprintln!("document {index}, seed {seed}");
            read_all(&damaged(document, seed));
        }
    }
}
