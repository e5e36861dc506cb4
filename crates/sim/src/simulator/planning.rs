//! Plans and notices in a run: the real workflow, with little work, interrupted anywhere.

use std::collections::BTreeSet;

use holdfast_app::writer::artefact_bytes;
use holdfast_domain::command::Command;
use holdfast_domain::id::IncidentId;
use holdfast_domain::plan_record::step_digest;
use holdfast_domain::time::Span;
use holdfast_engine::incident::{Effort, PlanAsk, Scope, make, notices_due};
use holdfast_plan::replan::Control;
use rand::RngExt;

use super::run::Run;

/// Work units of a plan for each order: enough for a first one and a few improvements.
const WORK_PER_ORDER: u64 = 2;

impl Run {
    /// Somebody plans what is open and approves it; its steps are so small that much comes between them.
    pub(super) fn plan(&mut self) {
        let scope = if self.chance.random_bool(0.5) { Scope::All } else { Scope::Affected };
        let state = &self.core.engine().state;
        let incident = state.incidents.len().checked_sub(1).and_then(|last| u32::try_from(last).ok());
        let effort = Effort { seed: 1, per_order: WORK_PER_ORDER, gap: 0.01, threads: Some(1) };
        let ask = PlanAsk { incident: incident.map(IncidentId), scope, effort, ..PlanAsk::default() };
        let Ok(made) = make(state, &ask, self.now, &mut |_| Control::Continue) else { return };
        let planned = made.planned;
        if made.frozen.orders.is_empty() {
            return;
        }
        let size = self.chance.random_range(1..4);
        let steps: Vec<_> = planned.moves.chunks(size).map(<[_]>::to_vec).collect();
        let mut record = planned.record();
        record.steps = steps.iter().map(|moves| step_digest(moves)).collect();
        self.trace(|| format!("plan {} moves in {} steps", planned.moves.len(), steps.len()));
        let digest = planned.digest();
        self.plans.insert(digest, steps);
        for site in &planned.activate {
            self.ask(Command::ActivateStandby { site: *site, incident: incident.map(IncidentId) }, None);
        }
        self.ask(Command::AdoptPlan(Box::new(record)), Some((digest, artefact_bytes(&planned))));
        if self.chance.random_bool(0.5) {
            self.adopt_prices(planned.prices);
        }
    }

    /// A plan that was adopted goes a step further, is asked for a step again, or is taken back.
    pub(super) fn carry_on_plan(&mut self) {
        let open: Vec<_> =
            self.core.engine().state.plans.iter().map(|(id, record)| (id, record.clone())).collect();
        let Some((plan, record)) = open.into_iter().rev().take(3).find(|(_, record)| !record.undone) else {
            return;
        };
        let Some(steps) = self.plans.get(&record.digest).cloned() else { return };
        if self.chance.random_bool(0.15) {
            self.ask(Command::UndoPlan { plan, moves: steps.concat().into() }, None);
            return;
        }
        for _ in 0..self.chance.random_range(1..4) {
            let done = self.core.engine().state.plans.get(plan).map_or(0, |known| known.done);
            let step = if self.chance.random_bool(0.1) { done.saturating_sub(1) } else { done };
            let Some(moves) = steps.get(step as usize) else { return };
            self.ask(Command::ExecuteStep { plan, step, moves: moves.clone().into() }, None);
        }
    }

    /// Customers whose promise has moved are told.
    pub(super) fn notify(&mut self) {
        let state = &self.core.engine().state;
        let Some(last) = state.incidents.len().checked_sub(1).and_then(|last| u32::try_from(last).ok())
        else {
            return;
        };
        let commands = notices_due(state, IncidentId(last), &BTreeSet::new(), Span::hours(2), self.now);
        for command in commands {
            self.ask(command, None);
        }
    }
}
