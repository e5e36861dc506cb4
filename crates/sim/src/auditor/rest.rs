//! Everything else: the network, incidents, plans, notices, timers, keys.

use holdfast_domain::care::CareEvent;
use holdfast_domain::event::Event;
use holdfast_domain::id::{IncidentId, SiteId, TakeoverId};
use holdfast_domain::incident::{Phase, SiteAccess};
use holdfast_domain::network::SiteKind;
use holdfast_domain::notice::{Notice, NoticeStatus};
use holdfast_domain::time::Stamp;
use holdfast_domain::timer::Timer;

use super::model::{BookNotice, Checked, Model, must, there};

impl Model {
    pub(super) fn on_rest(&mut self, event: &Event, at: Stamp) -> Checked {
        match event {
            Event::MerchantAdded(_) => self.merchants += 1,
            Event::ZoneAdded(_) => self.zones += 1,
            Event::SiteAdded(site) => {
                let standby = site.kind == SiteKind::Standby;
                self.access.push(if standby { SiteAccess::Dormant } else { SiteAccess::FULL });
            }
            Event::LaneAdded(lane) => self.lanes.push((lane.site, lane.zone)),
            Event::SkuAdded(sku) => self.skus.push(sku.merchant),
            Event::SubjectSealed { subject, .. } => {
                self.subjects.insert(*subject, true);
            }
            Event::SubjectErased { subject } => {
                self.subjects.insert(*subject, false);
            }
            Event::IncidentOpened(new) => {
                let id = IncidentId(u32::try_from(self.phases.len()).unwrap_or(u32::MAX));
                self.timers.extend(new.expected_end.map(|end| (end, Timer::IncidentEnd(id))));
                self.phases.push((new.phase, new.expected_end));
            }
            Event::IncidentAssessed { incident, expected_end, .. } => {
                let known = there(self.phases.get_mut(incident.0 as usize), "incident", incident)?;
                let before = std::mem::replace(&mut known.1, *expected_end);
                if let Some(end) = before {
                    self.timers.remove(&(end, Timer::IncidentEnd(*incident)));
                }
                self.timers.extend(expected_end.map(|end| (end, Timer::IncidentEnd(*incident))));
            }
            Event::IncidentPhased { incident, phase } => {
                let known = there(self.phases.get_mut(incident.0 as usize), "incident", incident)?;
                must(known.0 != Phase::Closed, "closed-incident-touched", || incident.to_string())?;
                known.0 = *phase;
            }
            Event::SiteAccessChanged { site, access, .. } => return self.access_changed(*site, *access),
            Event::LanesEmbargoed { incident, lanes } => {
                self.embargoes.extend(lanes.iter().map(|lane| (*lane, *incident)));
            }
            Event::EmbargoLifted { incident, lanes } => {
                for lane in lanes {
                    let was = self.embargoes.remove(&(*lane, *incident));
                    must(was, "embargo-lifted-twice", || format!("{lane} by {incident}"))?;
                }
            }
            Event::PlanAdopted(record) => self.plans.push((record.steps.len(), 0, false)),
            Event::PlanStepped { plan, step, .. } => {
                let known = there(self.plans.get_mut(plan.0 as usize), "plan", plan)?;
                let due = known.1 == *step && (*step as usize) < known.0 && !known.2;
                must(due, "plan-step-twice", || format!("{plan} step {step}, {} are done", known.1))?;
                known.1 += 1;
                self.stepping.insert(*plan);
                self.totals.steps += 1;
            }
            Event::PlanUndone { plan, .. } => {
                let known = there(self.plans.get_mut(plan.0 as usize), "plan", plan)?;
                must(!known.2, "plan-undone-twice", || plan.to_string())?;
                known.2 = true;
                self.stepping.insert(*plan);
                self.totals.undone += 1;
            }
            Event::NoticeQueued(notice) => return self.notice_queued(notice),
            Event::NoticeChanged { notice, status } => {
                let known = there(self.notices.get_mut(notice.0 as usize), "notice", notice)?;
                let fits = matches!(
                    (known.status, status),
                    (
                        NoticeStatus::Queued,
                        NoticeStatus::Withdrawn | NoticeStatus::Released | NoticeStatus::Waiting
                    ) | (NoticeStatus::Waiting, NoticeStatus::Withdrawn | NoticeStatus::Released)
                        | (
                            NoticeStatus::Released,
                            NoticeStatus::Sent
                                | NoticeStatus::Failed
                                | NoticeStatus::Sending
                                | NoticeStatus::Withdrawn
                        )
                        | (
                            NoticeStatus::Sending,
                            NoticeStatus::Sent
                                | NoticeStatus::Failed
                                | NoticeStatus::Released
                                | NoticeStatus::InDoubt
                        )
                        | (NoticeStatus::InDoubt, NoticeStatus::Sent | NoticeStatus::Released)
                );
                must(fits, "notice-left-twice", || format!("{notice}: {:?} to {status:?}", known.status))?;
                known.status = *status;
                if *status == NoticeStatus::Withdrawn {
                    self.timers.retain(|(_, timer)| *timer != Timer::NoticeHold(*notice));
                }
            }
            Event::TimerFired { due, timer } => {
                must(*due <= at, "timer-too-early", || format!("{timer:?} at {at}, due {due}"))?;
                let was = self.timers.remove(&(*due, *timer));
                must(was, "timer-fired-twice", || format!("{timer:?} at {due}"))?;
                self.fired.insert(*timer);
                self.totals.timers += 1;
            }
            Event::TimerSet { due, timer } => {
                self.timers.insert((*due, *timer));
            }
            Event::KeysForgotten { before } => self.keys.retain(|_, used| *used >= *before),
            Event::Care(happened) => {
                if let CareEvent::ClockSet { order, from, to } = &**happened {
                    if let Some(clock) = from {
                        self.timers.remove(&(clock.wake, Timer::Law(*order, clock.rule)));
                    }
                    self.timers.extend(to.iter().map(|clock| (clock.wake, Timer::Law(*order, clock.rule))));
                }
            }
            Event::TakeoverAsked(new) => self.takeovers.push((new.merchant, 0, Vec::new())),
            Event::TakeoverOffered { takeover, .. } => return self.takeover_step(*takeover, &[0], 1),
            Event::TakeoverAccepted { takeover, sections } => {
                self.takeover_step(*takeover, &[1], 2)?;
                self.takeovers[takeover.0 as usize].2 = sections.to_vec();
            }
            Event::TakeoverDeclined { takeover, .. } => return self.takeover_step(*takeover, &[0, 1], 4),
            Event::TakeoverLapsed { takeover } => return self.takeover_step(*takeover, &[1], 4),
            Event::TakeoverEnded { takeover } => return self.takeover_step(*takeover, &[2], 3),
            Event::TakeoverHandedBack { takeover, .. } => {
                self.takeover_step(*takeover, &[3], 4)?;
                let sections = &self.takeovers[takeover.0 as usize].2;
                let left = self.shelves.iter().find(|((site, _), shelf)| {
                    sections.contains(site) && (shelf.on_hand != 0 || shelf.reserved != 0)
                });
                must(left.is_none(), "handed-back-with-goods", || format!("{takeover}: {left:?}"))?;
            }
            // Settings, prices and expectations bind nobody's units.
            _ => {}
        }
        Ok(())
    }

    /// A take-over goes from one of the stages `from` to the next.
    fn takeover_step(&mut self, id: TakeoverId, from: &[u8], to: u8) -> Checked {
        let known = there(self.takeovers.get_mut(id.0 as usize), "take-over", id)?;
        must(from.contains(&known.1), "takeover-out-of-turn", || {
            format!("{id} goes from {} to {to}", known.1)
        })?;
        known.1 = to;
        Ok(())
    }

    fn access_changed(&mut self, site: SiteId, access: SiteAccess) -> Checked {
        let known = there(self.access.get_mut(usize::from(site.0)), "site", site)?;
        let before = std::mem::replace(known, access);
        if let SiteAccess::Activating { ready } = before {
            self.timers.remove(&(ready, Timer::StandbyReady(site)));
        }
        match access {
            SiteAccess::Closed { .. } => {
                self.closed.insert(site);
            }
            SiteAccess::Activating { ready } => {
                self.timers.insert((ready, Timer::StandbyReady(site)));
            }
            SiteAccess::Open { .. } => {
                let called = matches!(before, SiteAccess::Dormant | SiteAccess::Activating { .. });
                let ready = self.fired.contains(&Timer::StandbyReady(site));
                must(!called || ready, "standby-not-ready", || site.to_string())?;
            }
            SiteAccess::Dormant => {}
        }
        Ok(())
    }

    fn notice_queued(&mut self, new: &Notice) -> Checked {
        for told in &new.orders {
            let same = |known: &&BookNotice| {
                known.incident == new.incident && known.status != NoticeStatus::Withdrawn
            };
            let last = self.notices.iter().rev().filter(same).find_map(|known| {
                known.orders.iter().rev().find(|(order, _)| *order == told.order).map(|(_, after)| *after)
            });
            let news = new.incident.is_none() || last != Some(told.after);
            must(news, "told-twice", || format!("{} of {:?}", told.order, told.after))?;
        }
        let orders = new.orders.iter().map(|told| (told.order, told.after)).collect();
        self.notices.push(BookNotice { incident: new.incident, orders, status: NoticeStatus::Queued });
        let id = holdfast_domain::id::NoticeId(u32::try_from(self.notices.len() - 1).unwrap_or(u32::MAX));
        self.timers.insert((new.hold_until, Timer::NoticeHold(id)));
        self.totals.notices += 1;
        Ok(())
    }
}
