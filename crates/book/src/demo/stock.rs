//! Which site of a demo book holds what, and how much: a stated rule, no copy of any real shop.
//!
//! Goods are ranked by expected units. The first fifth (A) lies at half of the active sites, the next three
//! tenths (B) at a third, the rest (C) at two, drawn by the sites' weights; storm goods at two thirds. One C
//! good in twenty-five lies at one site alone, where the network has such sites. A holder gets the part of the
//! expected demand that lives nearest to it, times the cover, and two units more. A standby site keeps an
//! eighth of the expected demand of A and storm goods, and nothing else.

use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Day, Stamp};

use crate::demo::chance::{Weighted, chance};
use crate::demo::geo::Area;
use crate::demo::goods::Catalogue;
use crate::demo::reach::Reach;
use crate::demo::site::SiteSpec;
use crate::kind::SiteKind;
use crate::model::{Inbound, Stock};

/// One C good in so many lies at a single site.
const SOLE_ONE_IN: usize = 25;

/// How much is laid in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cover {
    /// Stock of ordinary goods over the expected demand of the window, per cent.
    pub(crate) percent: u64,
    /// Stock of storm goods over usual demand without any surge, per cent.
    pub(crate) storm_percent: u64,
}

/// Where goods lie.
pub(crate) struct Layout {
    /// Active sites that hold a good, a bit each, by good.
    pub(crate) holders: Vec<u64>,
    /// Units by good then site.
    pub(crate) units: Vec<Vec<u32>>,
    /// Expected units shipped, times 1000, by site.
    pub(crate) load_milli: Vec<u64>,
}

/// Inputs of the layout.
pub(crate) struct LayoutInput<'a> {
    pub(crate) seed: u64,
    pub(crate) sites: &'a [SiteSpec],
    pub(crate) areas: &'a [Area],
    pub(crate) reach: &'a Reach,
    pub(crate) catalogue: &'a Catalogue,
    /// Units expected in the window, times 1000, by good.
    pub(crate) expected_milli: &'a [u64],
    pub(crate) cover: Cover,
}

/// Lays the goods out over the sites.
pub(crate) fn lay_out(input: &LayoutInput<'_>) -> Layout {
    let goods = input.catalogue.goods.len();
    let class = classes(input.expected_milli);
    let mut layout =
        Layout { holders: vec![0; goods], units: vec![], load_milli: vec![0; input.sites.len()] };
    for (good, class) in class.iter().enumerate() {
        layout.holders[good] = holders(input, good, *class);
        let shares = shares(input, layout.holders[good]);
        let total: u64 = shares.iter().sum::<u64>().max(1);
        let storm = good >= input.catalogue.storm_first;
        let cover = if storm { input.cover.storm_percent } else { input.cover.percent };
        let expected = input.expected_milli[good];
        let row = input.sites.iter().zip(&shares).enumerate().map(|(site, (spec, share))| {
            if spec.kind == SiteKind::Standby {
                let flammable = input.catalogue.goods[good].flammable;
                let reserve = (storm || *class == 'A') && (spec.flammable || !flammable);
                return if reserve { (expected / 8000) as u32 } else { 0 };
            }
            if layout.holders[good] >> site & 1 == 0 {
                return 0;
            }
            let milli = u128::from(expected) * u128::from(*share) / u128::from(total);
            layout.load_milli[site] += milli as u64;
            (milli * u128::from(cover)).div_ceil(100_000) as u32 + 2
        });
        let row: Vec<u32> = row.collect();
        layout.units.push(row);
    }
    layout
}

/// `A`, `B` or `C` for each good, by expected units.
fn classes(expected_milli: &[u64]) -> Vec<char> {
    let mut order: Vec<usize> = (0..expected_milli.len()).collect();
    order.sort_by_key(|good| (std::cmp::Reverse(expected_milli[*good]), *good));
    let mut class = vec!['C'; order.len()];
    for (rank, good) in order.iter().enumerate() {
        class[*good] = match rank * 10 / order.len() {
            0..2 => 'A',
            2..5 => 'B',
            _ => 'C',
        };
    }
    class
}

fn holders(input: &LayoutInput<'_>, good: usize, class: char) -> u64 {
    let storm = good >= input.catalogue.storm_first;
    let flammable = input.catalogue.goods[good].flammable;
    let fits = |spec: &SiteSpec| {
        spec.kind != SiteKind::Standby
            && (spec.flammable || !flammable)
            && (spec.kind != SiteKind::StoreHub || class == 'A' || storm)
    };
    let open: Vec<usize> = (0..input.sites.len()).filter(|site| fits(&input.sites[*site])).collect();
    let sole: Vec<usize> = open.iter().copied().filter(|site| input.sites[*site].sole).collect();
    if class == 'C' && !storm && !sole.is_empty() && good.is_multiple_of(SOLE_ONE_IN) {
        return 1 << sole[good / SOLE_ONE_IN % sole.len()];
    }
    let wanted = match (storm, class) {
        (true, _) => open.len() * 2 / 3,
        (_, 'A') => open.len().div_ceil(2),
        (_, 'B') => open.len() / 3,
        _ => 2,
    };
    let mut rng = chance(input.seed, "holders", good as u64);
    let mut weights: Vec<u64> = open.iter().map(|site| input.sites[*site].weight).collect();
    let mut set = 0;
    for _ in 0..wanted.clamp(1, open.len()) {
        let drawn = Weighted::new(weights.iter().copied()).pick(&mut rng);
        weights[drawn] = 0;
        set |= 1 << open[drawn];
    }
    set
}

/// People who live nearest to each holder.
fn shares(input: &LayoutInput<'_>, holders: u64) -> Vec<u64> {
    let mut shares = vec![0; input.sites.len()];
    for (at, area) in input.areas.iter().enumerate() {
        if let Some(site) = input.reach.nearest_of(at, holders) {
            shares[site] += u64::from(area.population);
        }
    }
    shares
}

/// Rows of stock, counted at `counted_at`.
pub(crate) fn stock_rows(
    layout: &Layout,
    sites: &[SiteSpec],
    catalogue: &Catalogue,
    codes: &[String],
    counted_at: Stamp,
) -> Vec<Stock> {
    let mut rows = vec![];
    for (site, spec) in sites.iter().enumerate() {
        for (good, units) in catalogue.goods.iter().zip(&layout.units) {
            if units[site] > 0 {
                let (code, merchant) = (spec.code.to_owned(), codes[good.merchant].clone());
                let mut row = Stock::new(code, merchant, good.code.clone(), Quantity(units[site]));
                row.counted_at = Some(counted_at);
                rows.push(row);
            }
        }
    }
    rows
}

/// Advices of goods on the way: every ninth good gets a tenth of its stock, at the holder with most of it.
pub(crate) fn inbound_rows(
    layout: &Layout,
    sites: &[SiteSpec],
    catalogue: &Catalogue,
    codes: &[String],
    first: Day,
) -> Vec<Inbound> {
    let mut rows = vec![];
    for (at, good) in catalogue.goods.iter().enumerate().step_by(9) {
        let units = &layout.units[at];
        let most = (0..sites.len()).rev().max_by_key(|site| units[*site]).unwrap_or(0);
        let total: u32 = units.iter().sum();
        let expected = first.plus(3 + (at % 13) as i32);
        rows.push(Inbound::new(
            format!("PO-{}", 7000 + at),
            sites[most].code.to_owned(),
            codes[good.merchant].clone(),
            good.code.clone(),
            Quantity(total.div_ceil(10)),
            expected,
        ));
    }
    rows
}
