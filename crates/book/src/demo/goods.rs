//! Merchants' goods in a demo book, and which baskets they sell.

use std::collections::BTreeMap;

use holdfast_domain::money::{Currency, Money};

use crate::demo::sample::{Basket, baskets, products};
use crate::demo::storm_goods::STORM_GOODS;
use crate::model::Sku;

/// Storm goods dearer than this are ordered one at a time, US cents.
const SINGLE_FROM_CENTS: u32 = 10_000;

/// A SKU before it has stock.
#[derive(Clone, Debug)]
pub(crate) struct Good {
    pub(crate) merchant: usize,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) weight_g: u32,
    /// Price in minor units of the merchant's currency.
    pub(crate) price: u32,
    /// Whether nobody orders more than one at a time.
    pub(crate) single: bool,
    pub(crate) pack: u32,
    pub(crate) flammable: bool,
    /// Whether somebody depends on it: an order with it is vital.
    pub(crate) vital: bool,
}

/// How products of the sample belong to merchants.
pub(crate) enum Assortment {
    /// Each sub-category belongs to one merchant: a basket across merchants becomes one order of each.
    ByCategory,
    /// Products are dealt out in turn; a basket is one merchant's, who sells its own goods in place of those.
    Dealt,
}

/// All goods, and how baskets map to them.
pub(crate) struct Catalogue {
    pub(crate) goods: Vec<Good>,
    /// Merchant who sells the storm goods, if any.
    pub(crate) storm_merchant: Option<usize>,
    /// Position of the first storm good; they are the last goods.
    pub(crate) storm_first: usize,
    assortment: Assortment,
    /// Positions of goods by merchant.
    by_merchant: Vec<Vec<u32>>,
}

/// Lines of one order: position of the good, units.
pub(crate) type Lines = Vec<(u32, u32)>;

impl Catalogue {
    /// Goods for merchants 0 to `merchants`; `home` gives the merchant of a sub-category.
    pub(crate) fn by_category(home: impl Fn(&str) -> usize, storm_merchant: Option<usize>) -> Self {
        let goods = products().iter().enumerate().map(|(at, _)| good(at, home(&products()[at].sub_category)));
        Self::new(goods.collect(), storm_merchant, Assortment::ByCategory)
    }

    /// Goods dealt out to `merchants` merchants in turn.
    pub(crate) fn dealt(merchants: usize, storm_merchant: Option<usize>) -> Self {
        let goods = (0..products().len()).map(|at| good(at, at % merchants));
        Self::new(goods.collect(), storm_merchant, Assortment::Dealt)
    }

    /// Goods of another country: the first `ordinary` sell in baskets of the sample, the rest are storm goods of
    /// `storm_merchant`.
    pub(crate) fn of(goods: Vec<Good>, ordinary: usize, storm_merchant: usize) -> Self {
        Self::whole(goods, ordinary, Some(storm_merchant), Assortment::Dealt)
    }

    fn new(mut goods: Vec<Good>, storm_merchant: Option<usize>, assortment: Assortment) -> Self {
        let storm_first = goods.len();
        goods.extend(storm_merchant.iter().flat_map(|merchant| storm_line(*merchant)));
        Self::whole(goods, storm_first, storm_merchant, assortment)
    }

    fn whole(
        goods: Vec<Good>,
        storm_first: usize,
        storm_merchant: Option<usize>,
        assortment: Assortment,
    ) -> Self {
        let merchants = goods.iter().map(|good| good.merchant + 1).max().unwrap_or(0);
        let mut by_merchant = vec![vec![]; merchants];
        for (at, good) in goods[..storm_first].iter().enumerate() {
            by_merchant[good.merchant].push(at as u32);
        }
        Self { goods, storm_merchant, storm_first, assortment, by_merchant }
    }

    /// The orders a basket makes: merchant and lines. `turn` names the merchant where goods are dealt out.
    pub(crate) fn orders_of(&self, basket: &Basket, turn: usize) -> Vec<(usize, Lines)> {
        match self.assortment {
            Assortment::ByCategory => {
                let mut orders: BTreeMap<usize, Lines> = BTreeMap::new();
                for (product, units) in &basket.lines {
                    let merchant = self.goods[*product as usize].merchant;
                    orders.entry(merchant).or_default().push((*product, *units));
                }
                orders.into_iter().collect()
            }
            Assortment::Dealt => {
                let own = &self.by_merchant[turn];
                let mut lines: BTreeMap<u32, u32> = BTreeMap::new();
                for (product, units) in &basket.lines {
                    *lines.entry(own[*product as usize % own.len()]).or_default() += units;
                }
                vec![(turn, lines.into_iter().collect())]
            }
        }
    }

    /// Merchants that sell goods of the sample.
    pub(crate) fn merchants_of_sample(&self) -> usize {
        self.by_merchant.iter().filter(|goods| !goods.is_empty()).count()
    }

    /// Orders that a thousand baskets of the sample make.
    pub(crate) fn orders_per_mille_baskets(&self) -> u64 {
        let orders: usize = baskets().iter().map(|basket| self.orders_of(basket, 0).len()).sum();
        orders as u64 * 1000 / baskets().len() as u64
    }

    /// Units of each good that `orders` orders of the sample are expected to hold, times 1000. Storm goods
    /// are not among them.
    pub(crate) fn expected_milli(&self, orders: u32) -> Vec<u64> {
        let mut units = vec![0_u64; self.goods.len()];
        let mut made = 0_u64;
        let turns = match self.assortment {
            Assortment::ByCategory => 1,
            Assortment::Dealt => self.merchants_of_sample(),
        };
        for (basket, turn) in baskets().iter().flat_map(|basket| (0..turns).map(move |turn| (basket, turn))) {
            for (_, lines) in self.orders_of(basket, turn) {
                made += 1;
                lines.iter().for_each(|(good, count)| units[*good as usize] += u64::from(*count));
            }
        }
        let scale = |count: u64| count * u64::from(orders) * 1000 / made.max(1);
        units.into_iter().map(scale).collect()
    }

    /// The storm goods.
    pub(crate) fn storm_goods(&self) -> &[Good] {
        &self.goods[self.storm_first..]
    }

    /// The rows of the book, with the merchants' codes.
    pub(crate) fn rows(&self, merchant_codes: &[String], currency: Currency) -> Vec<Sku> {
        self.goods
            .iter()
            .map(|good| {
                let mut row =
                    Sku::new(merchant_codes[good.merchant].clone(), good.code.clone(), good.name.clone());
                let amount = |minor: u32| Money::new(i64::from(minor), currency);
                row.category = Some(good.category.clone());
                row.weight_g = Some(good.weight_g);
                row.pack_factor = good.pack;
                row.price = Some(amount(good.price));
                // Assumed: goods cost their merchant 58 per cent of their price.
                row.cost = Some(amount((u64::from(good.price) * 58 / 100) as u32));
                row.storage = if good.flammable { "hazardous" } else { "ambient" }.to_owned();
                row
            })
            .collect()
    }
}

fn good(product: usize, merchant: usize) -> Good {
    let from = &products()[product];
    Good {
        merchant,
        code: from.code.clone(),
        name: from.name.clone(),
        category: from.sub_category.clone(),
        weight_g: weight_g(&from.sub_category),
        price: from.price_cents,
        single: false,
        pack: 1,
        flammable: false,
        vital: false,
    }
}

fn storm_line(merchant: usize) -> impl Iterator<Item = Good> {
    STORM_GOODS.iter().map(move |from| Good {
        merchant,
        code: from.code.to_owned(),
        name: from.name.to_owned(),
        category: from.category.to_owned(),
        weight_g: from.weight_g,
        price: from.price_cents,
        single: from.price_cents > SINGLE_FROM_CENTS,
        pack: from.pack,
        flammable: matches!(from.code, "FUE-PR" | "FUE-ST"),
        vital: from.code == "MED-CO",
    })
}

/// Assumed weight of one unit of a sub-category, grams.
fn weight_g(sub_category: &str) -> u32 {
    match sub_category {
        "Tables" => 24_000,
        "Bookcases" => 21_000,
        "Copiers" => 17_000,
        "Chairs" => 12_500,
        "Machines" => 7_500,
        "Storage" => 4_200,
        "Appliances" => 3_800,
        "Furnishings" => 2_100,
        "Paper" => 2_300,
        "Binders" => 650,
        "Phones" => 420,
        "Accessories" => 380,
        "Supplies" | "Art" => 300,
        "Envelopes" => 900,
        _ => 150,
    }
}
