//! People: who may sign in, and as what.

use maud::{Markup, html};

use super::{Cx, plain_head};
use crate::parts::table::{Kind, Table};
use crate::parts::{nothing, section};
use crate::viewer::{Right, Role};

const RIGHTS: [(Right, &str); 7] = [
    (Right::SeeHouse, "right-see-house"),
    (Right::SeeAudit, "right-see-audit"),
    (Right::Support, "right-support"),
    (Right::ActOnOrders, "right-orders"),
    (Right::ActOnStock, "right-stock"),
    (Right::Command, "right-command"),
    (Right::Manage, "right-manage"),
];

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-people");
    let content = html! {
        (plain_head(&title, &w.say("people-lead")))
        (section("people", &w.say("people-all"), people(cx)))
        (section("roles", &w.say("roles"), roles(cx)))
    };
    (title, content)
}

fn people(cx: &Cx<'_>) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (code, name, role, factor, last) =
        (w.say("code"), w.say("name"), w.say("role"), w.say("second-factor"), w.say("last-sign-in"));
    let mut table = Table::new(
        &w.say("people-all"),
        &[
            (&code, Kind::Head),
            (&name, Kind::Text),
            (&role, Kind::Text),
            (&factor, Kind::Text),
            (&last, Kind::Text),
        ],
    );
    for person in cx.view.people {
        let merchant = match person.role {
            Role::Merchant(id) => state.network.merchant(id).map(|merchant| merchant.name.to_string()),
            _ => None,
        };
        table.row(vec![
            html! { bdi { (person.code) } },
            html! { bdi { (person.name) } },
            html! { (w.say(&format!("role-{}", person.role.key()))) @if let Some(merchant) = merchant { " " span class="hint" { bdi { (merchant) } } } },
            html! { (w.say(if person.second_factor { "yes" } else { "no" })) },
            html! { @if let Some(last) = person.last { (w.since(last, cx.view.now)) } @else { (w.say("never")) } },
        ]);
    }
    if table.is_empty() { nothing(&w.say("people-none")) } else { table.markup() }
}

fn roles(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let merchant = Role::Merchant(holdfast_domain::id::MerchantId(0));
    let roles = [Role::Viewer, Role::Support, Role::Operator, Role::Commander, merchant, Role::Admin];
    let names: Vec<String> = roles.iter().map(|role| w.say(&format!("role-{}", role.key()))).collect();
    let right = w.say("right");
    let mut columns = vec![(right.as_str(), Kind::Head)];
    columns.extend(names.iter().map(|name| (name.as_str(), Kind::Text)));
    let mut table = Table::new(&w.say("roles"), &columns);
    for (right, key) in RIGHTS {
        let mut row = vec![html! { (w.say(key)) }];
        row.extend(roles.iter().map(|role| html! { (w.say(if role.may(right) { "yes" } else { "no" })) }));
        table.row(row);
    }
    table.markup()
}
