//! Storm goods: what is bought before a hurricane and what is needed after it.
//!
//! Kinds after the lists that emergency managers publish for households (water, food, light, power, radio,
//! first aid, covers for roofs, pumps). Names, weights, prices and surge factors are assumed.

/// One product of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StormGood {
    /// Code of the SKU.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Category; surge is declared by category.
    pub category: &'static str,
    /// Weight of one sellable unit, grams.
    pub weight_g: u32,
    /// Price, US cents.
    pub price_cents: u32,
    /// Pieces in a sellable unit.
    pub pack: u32,
}

/// How demand for a category rises in the states a storm threatens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surge {
    /// Category of goods.
    pub category: &'static str,
    /// Factor on usual demand in the days before landfall.
    pub before: u32,
    /// Factor on usual demand in the days after it.
    pub after: u32,
}

/// Declared surge by category: assumed, and the same in every storm.
pub const SURGES: &[Surge] = &[
    Surge { category: "water", before: 12, after: 6 },
    Surge { category: "food", before: 6, after: 3 },
    Surge { category: "batteries", before: 10, after: 4 },
    Surge { category: "light", before: 8, after: 3 },
    Surge { category: "power", before: 9, after: 8 },
    Surge { category: "fuel", before: 7, after: 5 },
    Surge { category: "covers", before: 5, after: 9 },
    Surge { category: "pumps", before: 3, after: 12 },
    Surge { category: "clean-up", before: 1, after: 8 },
    Surge { category: "medical", before: 3, after: 3 },
];

/// The surge of a category; factor 1 for goods that no storm moves.
#[must_use]
pub fn surge(category: &str) -> Surge {
    SURGES.iter().copied().find(|surge| surge.category == category).unwrap_or(Surge {
        category: "",
        before: 1,
        after: 1,
    })
}

macro_rules! goods {
    ($($code:literal $name:literal $category:literal $weight:literal $price:literal $pack:literal;)+) => {
        /// The line of storm goods.
        pub const STORM_GOODS: &[StormGood] = &[$(StormGood {
            code: $code, name: $name, category: $category, weight_g: $weight, price_cents: $price, pack: $pack,
        }),+];
    };
}

goods! {
    "WAT-24" "Drinking water, 24 bottles of 0.5 l" "water" 12_600 598 24;
    "WAT-06" "Drinking water, 6 jugs of 1 gal" "water" 23_100 899 6;
    "WAT-T4" "Water purification tablets" "water" 90 995 50;
    "WAT-C5" "Collapsible water container, 5 gal" "water" 480 1399 1;
    "FOO-12" "Canned stew, 12 cans" "food" 6_400 2988 12;
    "FOO-BR" "Cereal bars, 48" "food" 2_300 1899 48;
    "FOO-ST" "Camp stove, one burner" "food" 1_900 2999 1;
    "BAT-AA" "AA batteries, 48" "batteries" 1_150 1699 48;
    "BAT-D8" "D batteries, 8" "batteries" 1_200 1349 8;
    "BAT-9V" "9 V batteries, 4" "batteries" 190 1099 4;
    "LIG-FL" "LED flashlight" "light" 260 1299 1;
    "LIG-LA" "LED lantern" "light" 620 2499 1;
    "LIG-HE" "Headlamp" "light" 110 1899 1;
    "POW-20" "Inverter generator, 2000 W" "power" 21_500 47_900 1;
    "POW-45" "Portable generator, 4500 W" "power" 44_800 54_900 1;
    "POW-BK" "Power bank, 26800 mAh" "power" 520 3999 1;
    "POW-CO" "Extension cord, 50 ft" "power" 2_700 2799 1;
    "POW-RA" "Crank weather radio" "power" 450 3499 1;
    "FUE-CA" "Fuel can, 5 gal" "fuel" 1_700 2199 1;
    "FUE-ST" "Fuel stabiliser, 32 oz" "fuel" 1_050 1399 1;
    "FUE-PR" "Propane cylinders, 4 of 1 lb" "fuel" 3_900 1999 4;
    "COV-12" "Tarp, 12 x 16 ft" "covers" 1_900 1999 1;
    "COV-30" "Tarp, 20 x 30 ft" "covers" 5_600 4999 1;
    "COV-CL" "Plywood clips, 20" "covers" 700 2499 20;
    "COV-BA" "Sandbags, 50 empty" "covers" 3_400 2899 50;
    "PUM-SU" "Sump pump, 1/2 hp" "pumps" 6_800 13_900 1;
    "PUM-UT" "Utility pump, 1/4 hp" "pumps" 4_100 8_900 1;
    "PUM-HO" "Discharge hose, 25 ft" "pumps" 2_200 1999 1;
    "CLE-BA" "Contractor bags, 50" "clean-up" 3_200 2399 50;
    "CLE-GL" "Work gloves, 6 pairs" "clean-up" 600 1699 6;
    "CLE-VA" "Wet and dry vacuum, 6 gal" "clean-up" 7_900 7_999 1;
    "CLE-DE" "Dehumidifier, 50 pints" "clean-up" 18_900 22_900 1;
    "MED-KI" "First aid kit, 300 pieces" "medical" 1_100 2_699 1;
    "MED-MA" "N95 masks, 20" "medical" 260 1_999 20;
    "MED-CO" "Cooling pouch for insulin" "medical" 140 2_899 1;
}
