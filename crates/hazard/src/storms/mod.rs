//! Storms that ship with the product, typed as facts with their source, and the table they are kept in.
//!
//! Each table names its source in its heading. What is read back equals what the source's own file gives;
//! the tests compare the two where the files are at hand.

mod table;

pub use table::{Table, read_table, write_table};

use crate::track::{
    Forecast, ReadError, Track, best_track_from_atcf, tracks_from_csv, tracks_from_hurdat2, tracks_from_jma,
};

/// A storm that ships with the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShippedStorm {
    /// The name a scenario asks for, as `florence-2018`.
    pub key: &'static str,
    /// The best track's table.
    best_track: &'static str,
    /// The forecasts' table, where the forecasts as issued are shipped.
    forecasts: Option<&'static str>,
}

/// The storms that ship, by key.
pub const SHIPPED: [ShippedStorm; 3] = [
    ShippedStorm {
        key: "florence-2018",
        best_track: include_str!("../../data/storms/florence-2018.tsv"),
        forecasts: Some(include_str!("../../data/storms/florence-2018-official.tsv")),
    },
    ShippedStorm {
        key: "hinnamnor-2022",
        best_track: include_str!("../../data/storms/hinnamnor-2022.tsv"),
        forecasts: None,
    },
    ShippedStorm {
        key: "ian-2022",
        best_track: include_str!("../../data/storms/ian-2022.tsv"),
        forecasts: None,
    },
];

/// The shipped storm of a key.
#[must_use]
pub fn shipped(key: &str) -> Option<ShippedStorm> {
    SHIPPED.into_iter().find(|storm| storm.key == key)
}

impl ShippedStorm {
    /// The best track.
    #[must_use]
    pub fn track(&self) -> Track {
        let table = read_table(self.best_track).expect("the tests read every shipped table");
        table.tracks.into_iter().next().expect("the tests find a track in every shipped table")
    }

    /// The forecasts as they were issued, in order; none where they are not shipped.
    #[must_use]
    pub fn forecasts(&self) -> Vec<Forecast> {
        self.forecasts.map_or_else(Vec::new, |text| {
            read_table(text).expect("the tests read every shipped table").forecasts
        })
    }

    /// The source of the best track, in a sentence.
    #[must_use]
    pub fn source(&self) -> String {
        read_table(self.best_track).expect("the tests read every shipped table").source
    }
}

/// Hurricane Florence, AL062018: best track, landfall near Wrightsville Beach on 14 September 2018.
#[must_use]
pub fn florence_2018() -> Track {
    SHIPPED[0].track()
}

/// The National Hurricane Center's official forecasts of Florence, as they were issued.
#[must_use]
pub fn florence_2018_forecasts() -> Vec<Forecast> {
    SHIPPED[0].forecasts()
}

/// Typhoon Hinnamnor, 2211: the Japan Meteorological Agency's best track; landfall at Geoje on 5 September
/// 2022 UTC. Its winds are ten-minute means with radii of 30 and 50 kt: there is no radius of 64 kt.
#[must_use]
pub fn hinnamnor_2022() -> Track {
    SHIPPED[1].track()
}

/// Hurricane Ian, AL092022: best track, landfall at Cayo Costa on 28 September 2022.
#[must_use]
pub fn ian_2022() -> Track {
    SHIPPED[2].track()
}

/// The tracks of a text in any of the formats that are read: ATCF best track, HURDAT2, RSMC Tokyo, the common
/// table of storms, or the product's own table; told apart by the first line.
///
/// # Errors
/// [`ReadError`] of the format the first line looks like.
pub fn tracks_from_text(text: &str) -> Result<Vec<Track>, ReadError> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let first = start.lines().next().unwrap_or("");
    if first.starts_with(table::HEADING) {
        return read_table(text).map(|table| table.tracks);
    }
    if first.starts_with("66666") {
        return tracks_from_jma(text);
    }
    if first.split(',').any(|head| head.trim().trim_matches('"') == "name") {
        return tracks_from_csv(text);
    }
    // A basin is two letters in ATCF and part of a longer identifier in HURDAT2.
    match first.split(',').next().map(|field| field.trim().len()) {
        Some(2) => best_track_from_atcf(text).map(|track| vec![track]),
        Some(8) => tracks_from_hurdat2(text),
        _ => Err(ReadError::Empty(
            "an ATCF best track, HURDAT2, an RSMC Tokyo best track or a table of storms",
        )),
    }
}

#[cfg(test)]
mod tests;
