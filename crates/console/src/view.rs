//! What a page is drawn from: the state and what stands beside it, read only.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_domain::id::{IncidentId, MerchantId, OrderId, SiteId};
use holdfast_domain::money::Currency;
use holdfast_domain::state::State;
use holdfast_domain::time::{Stamp, Zone};
use holdfast_engine::incident::Planned;
use holdfast_engine::step::Engine;

use crate::before::Before;
use crate::beside::Beside;
use crate::chronicle::Chronicle;
use crate::health::Health;
use crate::overview::Overview;
use crate::viewer::Role;

/// A plan that was made and waits for approval, or is being made.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The plan; `None` while it is computed.
    pub planned: Option<Arc<Planned>>,
    /// Why none could be made: a stable code of the planner's error, shown as it is.
    pub failed: Option<String>,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The code they sign in with.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they last signed in.
    pub last: Option<Stamp>,
    /// Whether they need a second factor.
    pub second_factor: bool,
}

/// An act that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub id: String,
    /// What is to be done, as its asker's program says it.
    pub what: String,
    /// Who asks.
    pub asked_by: String,
    /// Whether the viewer asks: nobody is their own second person.
    pub own: bool,
    /// Whether somebody has approved it: whoever asked does it again now.
    pub approved: bool,
}

/// What support sees of a customer, opened for one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Name.
    pub name: String,
    /// Mail address.
    pub mail: String,
    /// Telephone.
    pub phone: String,
    /// Street, town, what else the address has, a line each.
    pub address: Vec<String>,
}

/// What the support desk has beside the state.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeskView<'a> {
    /// The orders a search found, also by mail, telephone or name; `None` where only numbers were looked at.
    pub found: Option<&'a [OrderId]>,
    /// Words to say about the order that is shown: their language, and the words.
    pub spoken: Option<(OrderId, &'a (String, String))>,
}

/// Everything a page may be drawn from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The state, as of the last durable entry.
    pub engine: &'a Engine,
    /// Now.
    pub now: Stamp,
    /// Counts over all orders, made once for each state that is shown.
    pub overview: &'a Overview,
    /// What happened, as far as people ask about it.
    pub chronicle: &'a Chronicle,
    /// Plans that wait for approval.
    pub proposals: &'a BTreeMap<IncidentId, Proposal>,
    /// Parts outside the state.
    pub health: &'a [Health],
    /// The last impact analysis, if there is one.
    pub before: Option<&'a Before>,
    /// What stands beside the state.
    pub beside: &'a Beside,
    /// People who may sign in.
    pub people: &'a [Person],
    /// Acts that wait for a second person.
    pub waiting: &'a [Waiting],
    /// The customer behind the order that is shown, where the viewer may see it.
    pub customer: Option<(OrderId, &'a Customer)>,
    /// What the support desk has.
    pub desk: DeskView<'a>,
}

impl<'a> View<'a> {
    /// The state.
    #[must_use]
    pub const fn state(&self) -> &'a State {
        &self.engine.state
    }

    /// The operator's currency: that of all costs.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.state().network.operator.as_ref().map_or(Currency::USD, |operator| operator.currency)
    }

    /// A merchant's currency.
    #[must_use]
    pub fn currency_of(&self, merchant: MerchantId) -> Currency {
        self.state().network.merchant(merchant).map_or_else(|| self.currency(), |merchant| merchant.currency)
    }

    /// The zone of the head office.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.state().network.operator.as_ref().map_or_else(Zone::utc, |operator| operator.zone.clone())
    }

    /// A site's zone; the head office's for one that is not there.
    #[must_use]
    pub fn zone_of(&self, site: SiteId) -> Zone {
        self.state().network.site(site).map_or_else(|| self.zone(), |site| site.zone.clone())
    }
}
