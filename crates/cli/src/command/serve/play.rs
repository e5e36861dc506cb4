//! The demo goes on: its storm is played on the service that runs, at a chosen speed, while people watch the console.
//!
//! What really happens is told, as the world would: a warning, sites that close, sites that can work again. What is
//! done about it is left to whoever sits before the console. Everything it asks for is an ordinary command.

use std::time::Duration;

use holdfast_app::core::Reply;
use holdfast_app::service::Asked;
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::id::IncidentId;
use holdfast_domain::incident::Phase;
use holdfast_domain::time::Stamp;
use holdfast_hazard::storms::shipped;
use holdfast_sim::scenario::Scenario;
use holdfast_sim::truth::{SiteOut, Truth, truth};
use holdfast_web::App;

/// Who asks, as the journal has it.
const ACTOR: &str = "storm";
/// Hours before the first closure at which the play begins.
const BEGINS_H: i64 = 12;
const HOUR_MS: i64 = 3_600_000;

/// What happens, in the storm's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    Warned,
    Closes(usize),
    Back(usize),
    AllBack,
}

/// The storm of the demo, as it will happen.
pub struct Play {
    scenario: Scenario,
    /// Hours of the storm in a minute.
    speed: f64,
}

impl Play {
    /// The demo's storm at `speed` hours of it in a minute; `None` where the scenario that ships cannot be read, which a
    /// test of it finds.
    pub fn florence(speed: f64) -> Option<Self> {
        let scenario = Scenario::parse(include_str!("../../../../../scenarios/florence.toml")).ok()?;
        (speed.is_finite() && speed > 0.0).then_some(Self { scenario, speed })
    }

    fn happenings(truth: &Truth) -> Vec<(Stamp, Happening)> {
        let mut all = Vec::new();
        for (index, closed) in truth.sites.iter().enumerate() {
            all.push((closed.out.from, Happening::Closes(index)));
            all.extend(closed.out.until.map(|until| (until, Happening::Back(index))));
        }
        let (first, last) = (all.iter().map(|(at, _)| *at).min(), all.iter().map(|(at, _)| *at).max());
        all.extend(first.map(|at| (Stamp(at.0 - BEGINS_H * HOUR_MS), Happening::Warned)));
        all.extend(last.map(|at| (Stamp(at.0 + 1), Happening::AllBack)));
        all.sort_by_key(|(at, what)| (*at, *what != Happening::Warned));
        all
    }

    /// Plays it to its end, or until the service refuses.
    pub async fn run(self, app: App) {
        let view = app.view();
        let Some(storm) = self.scenario.storm.as_deref().and_then(shipped) else { return };
        let track = storm.track();
        let Ok(truth) = truth(view.state(), &self.scenario, Some(&track), view.at) else {
            tracing::error!("the storm's scenario does not fit the sites of this service");
            return;
        };
        drop(view);
        let happenings = Self::happenings(&truth);
        let Some((mut now, _)) = happenings.first().copied() else { return };
        let mut incident = None;
        for (at, what) in happenings {
            let hours = (at.0 - now.0) as f64 / HOUR_MS as f64;
            tokio::time::sleep(Duration::from_secs_f64(60.0 * hours.max(0.0) / self.speed)).await;
            now = at;
            if self.tell(&app, &truth, what, &mut incident).await.is_none() {
                tracing::warn!(?what, "the storm goes on without what the service refused");
            }
        }
    }

    async fn tell(
        &self,
        app: &App,
        truth: &Truth,
        what: Happening,
        known: &mut Option<IncidentId>,
    ) -> Option<()> {
        match what {
            Happening::Warned => {
                *known = Some(app.view().state().incidents.next_id());
                let ask = NewIncident {
                    hazard: self.scenario.hazard,
                    name: self.scenario.name.as_str().into(),
                    severity: self.scenario.severity,
                    expected_end: None,
                    surges: Vec::new(),
                    drill: true,
                };
                ask_for(app, Command::OpenIncident(Box::new(ask))).await
            }
            Happening::Closes(index) => {
                let (incident, SiteOut { site, stock, .. }) = ((*known)?, truth.sites.get(index)?);
                // Declared once; a second site that closes finds it declared.
                let declared = Command::PhaseIncident { incident, phase: Phase::Declared };
                let _ = ask_for(app, declared).await;
                ask_for(app, Command::CloseSite { site: *site, incident, stock: *stock }).await
            }
            Happening::Back(index) => {
                let site = truth.sites.get(index)?.site;
                let view = app.view();
                let code = view.state().network.site(site)?.code.to_string();
                tracing::info!(site = code, "can work again: fail back in the console");
                Some(())
            }
            Happening::AllBack => {
                ask_for(app, Command::PhaseIncident { incident: (*known)?, phase: Phase::Recovering }).await
            }
        }
    }
}

async fn ask_for(app: &App, command: Command) -> Option<()> {
    match app.reply(Asked::new(command, ACTOR)).await {
        Ok(Reply::Done { version, .. }) => {
            app.seen(version).await;
            Some(())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use holdfast_domain::id::SiteId;
    use holdfast_domain::incident::StockAccess;
    use holdfast_domain::time::Stamp;
    use holdfast_sim::truth::{Cause, Out, SiteOut, Truth};

    use super::{BEGINS_H, HOUR_MS, Happening, Play};

    #[test]
    fn a_storm_warns_before_it_closes_and_ends_when_the_last_site_is_back() {
        let closed = |site, from, until| SiteOut {
            site: SiteId(site),
            out: Out { from: Stamp(from * HOUR_MS), until: Some(Stamp(until * HOUR_MS)) },
            stock: StockAccess::Inaccessible,
            cause: Cause::Wind,
            known: Stamp(0),
            peak_wind_kt: None,
        };
        let truth = Truth { sites: vec![closed(1, 50, 90), closed(2, 60, 80)], ..Truth::default() };
        let found: Vec<Happening> = Play::happenings(&truth).into_iter().map(|(_, what)| what).collect();
        let expected = [
            Happening::Warned,
            Happening::Closes(0),
            Happening::Closes(1),
            Happening::Back(1),
            Happening::Back(0),
            Happening::AllBack,
        ];
        assert_eq!(found, expected);
        assert_eq!(Play::happenings(&truth)[0].0, Stamp((50 - BEGINS_H) * HOUR_MS));
        assert!(
            Play::florence(24.0).is_some()
                && Play::florence(0.0).is_none()
                && Play::florence(f64::NAN).is_none()
        );
    }
}
