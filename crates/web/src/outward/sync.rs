//! The shop read: whole the first time, its orders whenever numbers are raised, all of it again every night.

use std::collections::BTreeMap;

use holdfast_app::core::Reply;
use holdfast_app::service::Asked;
use holdfast_connect::shop::{Found, Item, Level};
use holdfast_domain::command::Command;
use holdfast_domain::id::{MerchantId, SkuId};
use holdfast_domain::money::Money;
use holdfast_domain::network::Sku;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State};
use holdfast_domain::table::fingerprint;

use super::goal::goals;
use super::settings::Truth;
use super::store::{DIFFERENCES_MAX, Difference};
use super::{CLOCKS_MS, Failure, House, Line, Untaken, lock};
use crate::routes::hooks;

/// Milliseconds of the shop's time that are read again each time: what is listed late is not missed.
const OVERLAP_MS: i64 = 120_000;
/// Milliseconds before the last comparison from which on a comparison reads.
const COMPARE_OVERLAP_MS: i64 = 86_400_000;
/// Milliseconds a webhook may be on its way before it counts as missed.
const ON_WAY_MS: i64 = 300_000;
/// Milliseconds an order that cannot be taken holds the reading back.
const HELD_BACK_MAX_MS: i64 = 7 * 86_400_000;
/// Sentences about the first reading that are kept.
const SENTENCES_MAX: usize = 100;

/// What a reading of the orders found.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    /// Orders that were new or had changed, and are taken now: number and when the shop changed them.
    changed: Vec<(String, Option<i64>)>,
}

impl Line {
    fn actor(&self) -> String {
        format!("shop:{}", self.id())
    }

    fn ask(&self, house: &House, command: Command, key: &str) -> Result<Option<String>, Failure> {
        let asked = Asked::new(command, &self.actor()).with_key(Some(fingerprint("shop", 0, key)));
        let reply = house.handle.block_on(house.app.reply(asked));
        match reply.map_err(|problem| Failure::House(problem.detail))? {
            Reply::Done { version, .. } => {
                house.handle.block_on(house.app.seen(version));
                Ok(None)
            }
            Reply::Repeated(_) => Ok(None),
            Reply::Rejected(why) => Ok(Some(format!("{why}: {}", why.action()))),
            Reply::Retry | Reply::Unknown => Err(Failure::House("the service was busy".to_owned())),
        }
    }

    /// Reads the shop whole: places, items, numbers, open orders. What this house lacks is added: SKUs, and the stock of
    /// shelves nothing ever lay on. Breaking off anywhere and beginning again adds nothing twice.
    pub(super) fn first(&self, house: &House) -> Result<(), Failure> {
        let mut sentences = Vec::new();
        self.store.keep_locations(self.id(), &self.shop.locations()?)?;
        let items = self.read_catalogue()?;
        let state_of = || house.app.view();
        let merchant = self.merchant(state_of().state())?;
        for (item, _) in &items {
            if let Some(said) = self.add_sku(house, merchant, item)? {
                sentences.push(said);
            }
        }
        let places = self.places(state_of().state())?;
        for (id, name) in &places.unknown {
            sentences.push(format!("no site is behind the shop's place {name:?} ({id}): name one in [connections.admin.locations]"));
        }
        let view = state_of();
        for (item, level) in
            items.iter().flat_map(|(item, levels)| levels.iter().map(move |level| (item, level)))
        {
            let site =
                places.sites.get(&level.location).filter(|sites| sites.len() == 1).map(|sites| sites[0]);
            let sku = view.state().named::<SkuId>(NameKind::Sku, merchant, &item.sku);
            let (Some(site), Some(sku)) = (site, sku) else { continue };
            let shelf = view.state().stock.shelf(site, sku);
            let units = u32::try_from(level.on_hand.unwrap_or(level.available)).unwrap_or(0);
            if units == 0 || shelf.on_hand > 0 || shelf.reserved > 0 {
                continue;
            }
            let key = format!("first {} {} {}", self.id(), level.item, level.location);
            let command = Command::ReceiveStock { site, sku, quantity: Quantity(units) };
            sentences.extend(self.ask(house, command, &key)?);
        }
        self.take_orders(house)?;
        self.adopt(house)?;
        sentences.truncate(SENTENCES_MAX);
        lock(&self.status).first = sentences;
        let line = self.store.line(self.id())?;
        let now = self.pace.now_ms();
        self.store
            .keep_line(self.id(), &super::store::Line { first: true, reconciled: Some(now), ..line })?;
        tracing::info!(connection = self.id(), items = items.len(), "the shop was read whole");
        Ok(())
    }

    /// A shop that is read while something is taken away may have been taken down before, by hand or by another machine of
    /// this house: numbers that show nothing of what is taken away are to be put back.
    fn adopt(&self, house: &House) -> Result<(), Failure> {
        let view = house.app.view();
        let merchant = self.merchant(view.state())?;
        let places = self.places(view.state())?;
        let (goals, _) = goals(view.state(), merchant, &self.admin, &places, &self.store.items(self.id())?);
        let levels = self.store.levels(self.id())?;
        let down = goals
            .into_iter()
            .filter(|(spot, goal)| goal.restricted && levels.get(spot).is_some_and(|units| *units <= 0));
        Ok(self.store.cut(self.id(), &down.map(|(spot, _)| spot).collect::<Vec<_>>())?)
    }

    fn read_catalogue(&self) -> Result<Vec<(Item, Vec<Level>)>, Failure> {
        let at = self.pace.now_ms() - CLOCKS_MS;
        let (mut all, mut fault) = (Vec::new(), None);
        self.shop.catalogue(&mut |page| {
            if let Err(error) = self.store.keep_items(self.id(), &page, at) {
                fault.get_or_insert(error);
            }
            all.extend(page);
        })?;
        fault.map_or(Ok(all), |error| Err(error.into()))
    }

    fn add_sku(&self, house: &House, merchant: MerchantId, item: &Item) -> Result<Option<String>, Failure> {
        if item.sku.is_empty() {
            return Ok(Some(format!("{:?} has no SKU in the shop: give it one", item.title)));
        }
        let view = house.app.view();
        if view.state().named::<SkuId>(NameKind::Sku, merchant, &item.sku).is_some() {
            return Ok(None);
        }
        let currency = view.state().network.merchant(merchant).map(|known| known.currency);
        let price = currency
            .zip(item.price.as_deref())
            .and_then(|(currency, price)| Money::parse(price, currency).ok());
        let sku = Sku {
            merchant,
            code: item.sku.as_str().into(),
            name: item.title.as_str().into(),
            category: "".into(),
            weight_g: item.grams.unwrap_or(0),
            pack: 1,
            price: price.map_or(0, Money::minor),
            cost: 0,
            storage: 0,
        };
        let key = format!("sku {} {}", self.id(), item.sku);
        let said = self.ask(house, Command::AddSku(Box::new(sku)), &key)?;
        Ok(said.map(|why| format!("SKU {:?} was not added: {why}", item.sku)))
    }

    /// Reads the orders that changed since the last time, or those that are open, and takes them.
    pub(super) fn take_orders(&self, house: &House) -> Result<Taken, Failure> {
        let line = self.store.line(self.id())?;
        self.take_since(house, line.since.map(|since| since - OVERLAP_MS))
    }

    fn take_since(&self, house: &House, since: Option<i64>) -> Result<Taken, Failure> {
        let (mut taken, mut newest, mut fault) = (Taken::default(), since, None);
        self.shop.orders(since, &mut |page| {
            for found in page {
                if fault.is_none() {
                    fault = self.take_one(house, found, &mut taken, &mut newest).err();
                }
            }
        })?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        // What cannot be taken is read again until it can, so that its units stay known after a restart.
        let held = lock(&self.untaken).values().filter_map(|order| order.updated_ms).min();
        let oldest = self.pace.now_ms() - HELD_BACK_MAX_MS;
        let until = match (newest, held) {
            (Some(newest), Some(held)) => Some(newest.min(held.max(oldest))),
            (newest, _) => newest,
        };
        let line = self.store.line(self.id())?;
        // Without a single order the reading begins at the clock's now: an empty shop is read whole only once.
        let until = until.or_else(|| Some(self.pace.now_ms() - CLOCKS_MS));
        self.store.keep_line(self.id(), &super::store::Line { since: until.max(line.since), ..line })?;
        Ok(taken)
    }

    fn take_one(
        &self,
        house: &House,
        found: Found,
        taken: &mut Taken,
        newest: &mut Option<i64>,
    ) -> Result<(), Failure> {
        let order = match found.order {
            Ok(order) => order,
            Err(error) => {
                let untaken = Untaken { why: error.to_string(), updated_ms: None, units: Vec::new() };
                lock(&self.untaken).insert(found.id, untaken);
                return Ok(());
            }
        };
        *newest = (*newest).max(order.updated_ms);
        self.store.keep_order(self.id(), &order.number, &found.id)?;
        match house.handle.block_on(hooks::take(&house.app, &self.connection, &order)) {
            Ok(changed) => {
                lock(&self.untaken).remove(&order.number);
                if changed {
                    taken.changed.push((order.number, order.updated_ms));
                }
                Ok(())
            }
            Err(None) => Err(Failure::House("the service was busy".to_owned())),
            Err(Some(why)) => {
                let units = order.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect();
                let untaken = Untaken { why, updated_ms: order.updated_ms, units };
                lock(&self.untaken).insert(order.number, untaken);
                Ok(())
            }
        }
    }

    /// Reads everything again, takes what no webhook told of, and lists every difference with who is right.
    pub(super) fn reconcile(&self, house: &House) -> Result<(), Failure> {
        let before = self.store.line(self.id())?;
        self.store.keep_locations(self.id(), &self.shop.locations()?)?;
        let items = self.read_catalogue()?;
        let since = before.reconciled.map(|at| at - COMPARE_OVERLAP_MS);
        let taken = self.take_since(house, since)?;
        let now = self.pace.now_ms();
        let missed: Vec<_> =
            taken.changed.iter().filter(|(_, at)| at.is_none_or(|at| now - at > ON_WAY_MS)).collect();
        let view = house.app.view();
        let mut all: Vec<Difference> = missed
            .iter()
            .map(|(number, _)| Difference {
                why: "no webhook told of it or of its last change; it was taken now".to_owned(),
                ..of("order", number, "", "shop")
            })
            .collect();
        for (number, order) in &*lock(&self.untaken) {
            all.push(Difference {
                why: format!("it cannot be taken: {}", order.why),
                ..of("order", number, "", "shop")
            });
        }
        self.differences(view.state(), &items, &mut all)?;
        if all.len() > DIFFERENCES_MAX {
            tracing::warn!(
                connection = self.id(),
                found = all.len(),
                kept = DIFFERENCES_MAX,
                "too many differences"
            );
        }
        self.store.keep_differences(self.id(), now, &all)?;
        let line = self.store.line(self.id())?;
        let line =
            super::store::Line { reconciled: Some(now), missed: line.missed + missed.len() as u64, ..line };
        self.store.keep_line(self.id(), &line)?;
        tracing::info!(
            connection = self.id(),
            differences = all.len(),
            missed = missed.len(),
            "the shop was compared"
        );
        self.dirty.store(true, std::sync::atomic::Ordering::Release);
        Ok(())
    }

    fn differences(
        &self,
        state: &State,
        items: &[(Item, Vec<Level>)],
        all: &mut Vec<Difference>,
    ) -> Result<(), Failure> {
        let merchant = self.merchant(state)?;
        let places = self.places(state)?;
        for (id, name) in &places.unknown {
            let why =
                format!("no site is behind the place {name:?}: name one in [connections.admin.locations]");
            all.push(Difference { why, ..of("location", "", id, "nobody") });
        }
        let known = self.store.items(self.id())?;
        let (goals, twice) = goals(state, merchant, &self.admin, &places, &known);
        for sku in twice {
            let why = "the shop sells it by more than one item: only the first is looked after".to_owned();
            all.push(Difference { why, ..of("sku", &sku, "", "nobody") });
        }
        let cuts = self.store.cuts(self.id())?;
        let mut way: BTreeMap<String, i64> = BTreeMap::new();
        for (sku, units) in lock(&self.untaken).values().flat_map(|order| order.units.clone()) {
            *way.entry(sku).or_default() += i64::from(units);
        }
        for (item, levels) in items {
            if item.sku.is_empty() || state.named::<SkuId>(NameKind::Sku, merchant, &item.sku).is_none() {
                let why =
                    format!("{:?} is not known here: add its SKU, or give it one in the shop", item.title);
                all.push(Difference { why, ..of("sku", &item.sku, "", "nobody") });
                continue;
            }
            for level in levels {
                let spot = (level.item.clone(), level.location.clone());
                let Some(goal) = goals.get(&spot) else { continue };
                let here = i64::from(goal.units);
                if level.available == here || (level.available < 0 && here == 0) {
                    continue;
                }
                let on_way = way.get(&item.sku).copied().unwrap_or(0);
                let (who, why) = verdict(
                    level.available,
                    here,
                    on_way,
                    goal.restricted,
                    cuts.contains_key(&spot),
                    self.admin.truth,
                );
                all.push(Difference {
                    shop: Some(level.available),
                    here: Some(here),
                    way: Some(on_way),
                    why: why.to_owned(),
                    ..of("stock", &item.sku, &level.location, who)
                });
            }
        }
        Ok(())
    }
}

fn of(kind: &'static str, sku: &str, location: &str, who: &'static str) -> Difference {
    let (sku, location) = (sku.to_owned(), location.to_owned());
    Difference { kind, sku, location, shop: None, here: None, way: None, who, why: String::new() }
}

/// Who is right about a number, and why.
fn verdict(
    shop: i64,
    here: i64,
    way: i64,
    restricted: bool,
    cut: bool,
    truth: Truth,
) -> (&'static str, &'static str) {
    if restricted && shop > here {
        return (
            "here",
            "an incident, a quarantine or orders without stock take it away: the shop is taken down",
        );
    }
    if restricted || cut {
        return ("here", "it was taken down and is put back when nothing takes it away any more");
    }
    if way > 0 && shop + way == here {
        return ("both", "orders of the shop that are not taken here yet explain it");
    }
    match truth {
        Truth::Here => {
            ("here", "no movement explains it, and the sites' count holds: set the shop's number, or count")
        }
        Truth::Shop => {
            ("shop", "no movement explains it, and the shop's count holds: adjust the stock here, or count")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;
    use crate::outward::settings::Truth;

    #[test]
    fn a_difference_says_who_is_right() {
        let who =
            |shop, here, way, restricted, cut, truth| verdict(shop, here, way, restricted, cut, truth).0;
        assert_eq!(who(7, 0, 0, true, false, Truth::Shop), "here");
        assert_eq!(who(0, 7, 0, false, true, Truth::Shop), "here");
        assert_eq!(who(5, 7, 2, false, false, Truth::Here), "both");
        assert_eq!(who(5, 7, 0, false, false, Truth::Here), "here");
        assert_eq!(who(5, 7, 0, false, false, Truth::Shop), "shop");
    }
}
