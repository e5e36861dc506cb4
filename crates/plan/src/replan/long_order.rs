//! Orders too long for every partition: a lower bound by dual ascent, a plan by opening and closing options.
//!
//! An order alone is an uncapacitated facility location problem: an option opened costs its parcel, each line
//! takes its cheapest open option or its backorder. For any line values `v` with
//! `sum over lines max(0, v - cost) <= parcel` at every option, `sum v` is at most the optimum (Erlenkotter
//! 1978; Bilde and Krarup 1977); raising the values as far as they go gives the bound, in whole numbers. Where the
//! ascent ends depends on its steps, so the values go with the plan: a checker need not find them again.

use super::model::{FAR, Model, ModelOrder, NONE};
use super::subproblem::{View, line_way};

/// Memory for one long order.
#[derive(Default)]
pub(crate) struct Long {
    /// Option numbers that may carry any line.
    opts: Vec<u32>,
    parcel: Vec<i64>,
    room: Vec<i64>,
    /// Cost by option, then line, and the option that says where the goods come from.
    cost: Vec<i64>,
    way: Vec<u32>,
    leave: Vec<i64>,
    units: Vec<i64>,
    value: Vec<i64>,
    slack: Vec<i64>,
    open: Vec<bool>,
    at: Vec<u32>,
}

impl Long {
    pub(crate) fn solve<V: View>(
        &mut self,
        model: &Model,
        view: &V,
        order: &ModelOrder,
        choice: &mut [u32],
    ) -> i64 {
        self.read(model, view, order);
        let planned = self.construct(model, order);
        for (line, (chosen, &at)) in choice.iter_mut().zip(&self.at).enumerate() {
            *chosen = if at == NONE { NONE } else { self.way[at as usize * self.at.len() + line] };
        }
        if V::BOUND { self.ascend(order.split).min(planned) } else { planned }
    }

    /// The line values that prove the bound [`Long::solve`] returns.
    pub(crate) fn values<V: View>(&mut self, model: &Model, view: &V, order: &ModelOrder) -> &[i64] {
        self.read(model, view, order);
        self.ascend(order.split);
        &self.value
    }

    fn read<V: View>(&mut self, model: &Model, view: &V, order: &ModelOrder) {
        let count = usize::from(order.lines);
        let first = order.first_line as usize;
        let lines = &model.lines[first..first + count];
        self.opts.clear();
        self.parcel.clear();
        self.room.clear();
        self.cost.clear();
        self.way.clear();
        self.leave.clear();
        self.leave.extend(lines.iter().map(|line| line.backorder + view.unkept(order)));
        self.units.clear();
        self.units.extend(lines.iter().map(|line| i64::from(line.units)));
        for row in 0..order.rows as usize {
            let slots = order.first_row_slot as usize + row * count;
            let slots = &model.row_slots[slots..slots + count];
            let site = model.row_site[order.first_row as usize + row];
            for &number in view.ways(model, order.zone, site, order.free) {
                let number = number as usize;
                let opt = &model.opts[number];
                self.opts.push(number as u32);
                self.parcel.push(view.parcel(number, opt) + order.split);
                self.room.push(view.room(opt.cap).saturating_sub(i64::from(opt.work_parcel)));
                for (line, &slot) in lines.iter().zip(slots) {
                    let (cost, way) = line_way(model, view, order, line, (number as u32, opt), slot);
                    self.cost.push(cost);
                    self.way.push(way);
                }
            }
        }
    }

    /// Opens the option that saves most while one saves, then closes those that cost more than they save.
    fn construct(&mut self, model: &Model, order: &ModelOrder) -> i64 {
        let count = usize::from(order.lines);
        self.at.clear();
        self.at.resize(count, NONE);
        self.open.clear();
        self.open.resize(self.opts.len(), false);
        while let Some(opt) = self.best_to_open(model, count) {
            self.open[opt] = true;
            self.take_over(model, opt, count);
        }
        while self.close_one(count) {}
        let planned = self.planned_cost(order.split, count);
        let nothing: i64 = self.leave.iter().sum();
        if nothing <= planned {
            self.at.fill(NONE);
            return nothing;
        }
        planned
    }

    fn now(&self, line: usize, count: usize) -> i64 {
        match self.at[line] {
            NONE => self.leave[line],
            opt => self.cost[opt as usize * count + line],
        }
    }

    fn best_to_open(&self, model: &Model, count: usize) -> Option<usize> {
        let mut best = (0, None);
        for opt in 0..self.opts.len() {
            if self.open[opt] {
                continue;
            }
            let mut left = self.room[opt];
            let mut saved = -self.parcel[opt];
            for line in 0..count {
                let gain = self.now(line, count) - self.cost[opt * count + line];
                let load = self.load(model, opt, line);
                if gain > 0 && load <= left {
                    left = left.saturating_sub(load);
                    saved += gain;
                }
            }
            if saved > best.0 {
                best = (saved, Some(opt));
            }
        }
        best.1
    }

    fn load(&self, model: &Model, opt: usize, line: usize) -> i64 {
        i64::from(model.opts[self.opts[opt] as usize].work_unit) * self.units[line]
    }

    fn take_over(&mut self, model: &Model, opt: usize, count: usize) {
        let mut left = self.room[opt];
        for line in 0..count {
            let load = self.load(model, opt, line);
            if self.cost[opt * count + line] < self.now(line, count) && load <= left {
                left = left.saturating_sub(load);
                self.at[line] = opt as u32;
            }
        }
    }

    /// Closes an option whose lines fare no worse elsewhere together, room being unlimited there or ample.
    fn close_one(&mut self, count: usize) -> bool {
        for opt in 0..self.opts.len() {
            if !self.open[opt] {
                continue;
            }
            let mine = (0..count).filter(|&line| self.at[line] == opt as u32);
            let extra: i64 =
                mine.map(|line| self.elsewhere(line, opt, count).0 - self.cost[opt * count + line]).sum();
            if extra <= self.parcel[opt] {
                self.open[opt] = false;
                for line in 0..count {
                    if self.at[line] == opt as u32 {
                        self.at[line] = self.elsewhere(line, opt, count).1;
                    }
                }
                return true;
            }
        }
        false
    }

    fn elsewhere(&self, line: usize, but: usize, count: usize) -> (i64, u32) {
        let mut best = (self.leave[line], NONE);
        for opt in 0..self.opts.len() {
            // Limited room was shared out when the option was opened: no second helping.
            let ample = self.room[opt] > i64::MAX / 2;
            if opt != but && self.open[opt] && ample && self.cost[opt * count + line] < best.0 {
                best = (self.cost[opt * count + line], opt as u32);
            }
        }
        best
    }

    fn planned_cost(&self, split: i64, count: usize) -> i64 {
        let lines: i64 = (0..count).map(|line| self.now(line, count)).sum();
        let used = (0..self.opts.len()).filter(|&opt| self.at.contains(&(opt as u32)));
        let (parcels, number) = used.fold((0, 0), |(sum, number), opt| (sum + self.parcel[opt], number + 1));
        lines + parcels - if number > 0 { split } else { 0 }
    }

    /// Raises the lines' values round by round, each to its next option or as far as the slack goes.
    fn ascend(&mut self, split: i64) -> i64 {
        let count = self.leave.len();
        let opts = self.opts.len();
        self.value.clear();
        for line in 0..count {
            let cheapest = (0..opts).map(|opt| self.cost[opt * count + line]).min().unwrap_or(FAR);
            self.value.push(cheapest.min(self.leave[line]));
        }
        self.slack.clear();
        self.slack.extend_from_slice(&self.parcel);
        let mut raised = true;
        while raised {
            raised = false;
            for line in 0..count {
                raised |= self.raise(line, count);
            }
        }
        let nothing: i64 = self.leave.iter().sum();
        // Some plan has a parcel and gets the first split cost back, or none has.
        nothing.min(self.value.iter().sum::<i64>() - split)
    }

    fn raise(&mut self, line: usize, count: usize) -> bool {
        let value = self.value[line];
        let mut next = self.leave[line];
        let mut room = FAR;
        for opt in 0..self.opts.len() {
            let cost = self.cost[opt * count + line];
            if cost <= value {
                room = room.min(self.slack[opt]);
            } else {
                next = next.min(cost);
            }
        }
        let by = (next - value).min(room);
        if by <= 0 {
            return false;
        }
        for opt in 0..self.opts.len() {
            if self.cost[opt * count + line] <= value {
                self.slack[opt] -= by;
            }
        }
        self.value[line] += by;
        true
    }
}
