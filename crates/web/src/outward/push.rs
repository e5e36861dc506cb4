//! Numbers written to the shop: down at once, everything else against what the shop has and says.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use holdfast_connect::shop::{Change, Level, Set};
use holdfast_domain::id::MerchantId;
use holdfast_domain::state::{NameKind, State};

use super::goal::{self, Changes, Goal, Places, goals, items_of};
use super::settings::StockRule;
use super::store::Spot;
use super::{CLOCKS_MS, Failure, House, Line, REFUSED_MS, lock};

/// Milliseconds after which restricted numbers are read again: a shop raises one by itself when it gives goods back.
const REREAD_MS: i64 = 20_000;
/// Items of restricted SKUs that are read again at once.
const REREAD_MAX: usize = 400;
/// Items whose numbers are set against what the shop has in one round.
const OTHER_MAX: usize = 1_000;

/// What is compared.
struct Board {
    goals: BTreeMap<Spot, Goal>,
    levels: BTreeMap<Spot, i64>,
    changes: Changes,
}

impl Line {
    pub(super) fn merchant(&self, state: &State) -> Result<MerchantId, Failure> {
        let code = &self.connection.merchant;
        let known = state.named::<MerchantId>(NameKind::Merchant, MerchantId(0), code);
        known.ok_or_else(|| Failure::House(format!("there is no merchant {code:?}: add it")))
    }

    pub(super) fn places(&self, state: &State) -> Result<Places, Failure> {
        Ok(Places::of(state, &self.admin, &self.store.locations(self.id())?))
    }

    fn board(&self, state: &State) -> Result<Board, Failure> {
        let merchant = self.merchant(state)?;
        let places = self.places(state)?;
        let items = self.store.items(self.id())?;
        let (mut goals, twice) = goals(state, merchant, &self.admin, &places, &items);
        self.keep_back(&mut goals, &items);
        let levels = self.store.levels(self.id())?;
        let mut changes = goal::changes(self.admin.stock, &goals, &levels, &self.store.cuts(self.id())?);
        let now = self.pace.now_ms();
        let mut refused = lock(&self.refused);
        refused.retain(|_, until| *until > now);
        let tried = |change: &Change| !refused.contains_key(&(change.item.clone(), change.location.clone()));
        let mut status = lock(&self.status);
        (status.places, status.twice) = (places.unknown, twice);
        (status.down, status.other) = (changes.down.len(), changes.other.len());
        status.overdue = if changes.down.is_empty() { None } else { status.overdue.or(Some(now)) };
        changes.down.retain(tried);
        changes.other.retain(tried);
        Ok(Board { goals, levels, changes })
    }

    /// Units of the shop's orders that could not be taken here are sold all the same.
    fn keep_back(&self, goals: &mut BTreeMap<Spot, Goal>, items: &BTreeMap<String, Vec<String>>) {
        for (sku, units) in lock(&self.untaken).values().flat_map(|order| &order.units) {
            let Some(item) = items.get(sku).and_then(|ids| ids.first()) else { continue };
            let mut left = *units;
            for (_, goal) in goals.iter_mut().filter(|((id, _), _)| id == item) {
                let off = left.min(goal.units);
                goal.units -= off;
                left -= off;
            }
        }
    }

    /// Writes what is to be written, if anything may have changed since the last time.
    pub(super) fn push(&self, house: &House) -> Result<(), Failure> {
        let view = house.app.view();
        let version = view.state().version;
        let now = self.pace.now_ms();
        let read = self.reread.load(Ordering::Acquire) as i64;
        let again = now - read >= REREAD_MS;
        let dirty = self.dirty.swap(false, Ordering::AcqRel);
        if !dirty && !again && self.seen.load(Ordering::Acquire) == version {
            return Ok(());
        }
        let mut board = self.board(view.state())?;
        if again {
            self.reread.store(now.unsigned_abs(), Ordering::Release);
            if self.read_restricted(&board)? {
                board = self.board(view.state())?;
            }
        }
        if self.only_watches(house) {
            self.seen.store(version, Ordering::Release);
            lock(&self.status).overdue = None;
            return Ok(());
        }
        self.down(&board.changes.down)?;
        self.store.settled(self.id(), &board.changes.settled)?;
        if !board.changes.other.is_empty() {
            self.other(house, &board.changes.other)?;
        }
        // What was written changes what is left to write.
        self.board(house.app.view().state())?;
        self.seen.store(version, Ordering::Release);
        Ok(())
    }

    /// Reads the numbers of restricted SKUs again; says whether any has changed.
    fn read_restricted(&self, board: &Board) -> Result<bool, Failure> {
        let mut items: Vec<String> = Vec::new();
        for ((item, location), _) in board.goals.iter().filter(|(_, goal)| goal.restricted) {
            let stocked = board.levels.contains_key(&(item.clone(), location.clone()));
            if stocked && items.last() != Some(item) {
                items.push(item.clone());
            }
        }
        if items.is_empty() {
            return Ok(false);
        }
        // With more than can be read at once, another part of them every time.
        let turn = if items.len() > REREAD_MAX { self.pace.chance() as usize % items.len() } else { 0 };
        items.rotate_left(turn);
        items.truncate(REREAD_MAX);
        let levels = self.shop.levels(&items)?;
        let changed = levels.iter().any(|level| {
            board.levels.get(&(level.item.clone(), level.location.clone())) != Some(&level.available)
        });
        self.store.keep_levels(self.id(), &levels, self.pace.now_ms() - CLOCKS_MS)?;
        Ok(changed)
    }

    fn down(&self, changes: &[Change]) -> Result<(), Failure> {
        for batch in changes.chunks(self.shop.set_max()) {
            self.cut(batch)?;
            let done = self.write(batch)?;
            self.store.looked(self.id(), &done)?;
        }
        Ok(())
    }

    /// Notes, before the shop hears of it, what has to be put back one day.
    fn cut(&self, changes: &[Change]) -> Result<(), Failure> {
        if self.admin.stock == StockRule::Incident {
            let spots: Vec<Spot> = changes.iter().map(spot).collect();
            self.store.cut(self.id(), &spots)?;
            self.store.remember().map_err(Failure::House)?;
        }
        Ok(())
    }

    /// Sends changes and keeps what became of them; gives those that were done.
    fn write(&self, batch: &[Change]) -> Result<Vec<Spot>, Failure> {
        let key = format!("holdfast-{:016x}{:016x}", self.pace.chance(), self.pace.now_ms());
        let sets = self.shop.set(batch, &key)?;
        let now = self.pace.now_ms();
        let (mut done, mut levels) = (Vec::new(), Vec::new());
        for (change, set) in batch.iter().zip(sets) {
            match set {
                Set::Done => {
                    done.push(spot(change));
                    levels.push(Level {
                        item: change.item.clone(),
                        location: change.location.clone(),
                        available: i64::from(change.to),
                        on_hand: None,
                    });
                }
                Set::Stale => self.dirty.store(true, Ordering::Release),
                Set::Refused(why) => {
                    lock(&self.refused).insert(spot(change), now + REFUSED_MS);
                    let mut status = lock(&self.status);
                    status.refused.push(format!("{} at {}: {why}", change.item, change.location));
                    let over = status.refused.len().saturating_sub(20);
                    status.refused.drain(..over);
                }
            }
        }
        self.store.keep_levels(self.id(), &levels, now - CLOCKS_MS)?;
        lock(&self.status).written += done.len() as u64;
        Ok(done)
    }

    /// Sets numbers above nothing. First the numbers are read, then the orders: whatever the shop had sold when the
    /// numbers were read is among the orders then, and is taken here before it is counted what may be sold. What is sold
    /// after the reading makes the number another one, and the shop refuses the change.
    fn other(&self, house: &House, planned: &[Change]) -> Result<(), Failure> {
        let mut items = items_of(planned);
        if items.len() > OTHER_MAX {
            items.truncate(OTHER_MAX);
            self.dirty.store(true, Ordering::Release);
        }
        let levels = self.shop.levels(&items)?;
        self.store.keep_levels(self.id(), &levels, self.pace.now_ms() - CLOCKS_MS)?;
        self.take_orders(house)?;
        let view = house.app.view();
        let board = self.board(view.state())?;
        let fresh: BTreeMap<Spot, i64> =
            levels.into_iter().map(|level| ((level.item, level.location), level.available)).collect();
        let restricted = |change: &Change| board.goals.get(&spot(change)).is_some_and(|goal| goal.restricted);
        let mut still: Vec<Change> = Vec::new();
        let mut settled = Vec::new();
        for change in &board.changes.other {
            match fresh.get(&spot(change)) {
                Some(level) if change.from == Some(*level) && i64::from(change.to) == *level => {
                    settled.push(spot(change));
                }
                Some(level) if change.from == Some(*level) => still.push(change.clone()),
                // A webhook was faster than the reading, or it was not read: next time.
                Some(_) => self.dirty.store(true, Ordering::Release),
                None => {}
            }
        }
        // While something is taken away it stays to be put back.
        let (waits, settled): (Vec<Spot>, Vec<Spot>) =
            settled.into_iter().partition(|spot| board.goals.get(spot).is_some_and(|goal| goal.restricted));
        self.store.looked(self.id(), &waits)?;
        self.store.settled(self.id(), &settled)?;
        if !board.changes.down.is_empty() {
            self.dirty.store(true, Ordering::Release);
        }
        let (lower, raise): (Vec<Change>, Vec<Change>) = still.into_iter().partition(restricted);
        for batch in lower.chunks(self.shop.set_max()) {
            self.cut(batch)?;
            let done = self.write(batch)?;
            self.store.looked(self.id(), &done)?;
        }
        for batch in raise.chunks(self.shop.set_max()) {
            let done = self.write(batch)?;
            if self.shop.compares() {
                self.store.settled(self.id(), &done)?;
            } else {
                // It may have sold between the reading and the writing: it is read again before it counts.
                self.cut(batch)?;
                self.dirty.store(true, Ordering::Release);
            }
        }
        Ok(())
    }
}

fn spot(change: &Change) -> Spot {
    (change.item.clone(), change.location.clone())
}
