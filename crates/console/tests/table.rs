//! The packing table: scan by scan, as a scanner that types and presses Enter works it.

mod world;

use holdfast_console::act::{Act, Asked};
use holdfast_console::page::{Fields, PackingQuery, Page};
use holdfast_console::viewer::{Role, Viewer};
use holdfast_console::words::Locale;
use holdfast_domain::id::{Id, ShipmentId};
use holdfast_domain::order::ShipmentStage;
use world::House;

fn scanned(house: &House, query: &PackingQuery, next: &str) -> Asked {
    let mut fields = vec![("next".to_owned(), next.to_owned()), ("papers".to_owned(), query.papers.clone())];
    fields.extend(query.shipment.map(|id| ("shipment".to_owned(), id.to_string())));
    fields.extend(query.scans.iter().map(|scan| ("scan".to_owned(), scan.clone())));
    let me =
        Viewer { name: "Kim".to_owned(), role: Role::Operator, locale: Locale::En, csrf: "token".to_owned() };
    Act::parse("/act/scan", &Fields(fields), &house.view(), &me).unwrap()
}

fn table(asked: &Asked) -> PackingQuery {
    match &asked.then {
        Page::Packing(query) => query.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_unit_that_does_not_belong_is_turned_away_and_the_papers_close_a_whole_parcel() {
    let mut house = House::florence(200);
    // A parcel that had left is put back on the table.
    let shipments = (0..house.engine.state.shipments.len()).map(ShipmentId::from_index);
    let whole = |id: &ShipmentId| {
        let state = &house.engine.state;
        state.shipments.get(*id).is_some_and(|known| state.order(known.order).is_ok())
    };
    let id = shipments.filter(whole).last().unwrap();
    let mut known = house.engine.state.shipments.get(id).unwrap().clone();
    known.stage = ShipmentStage::Picked;
    *house.engine.state.shipments.get_mut(id).unwrap() = known.clone();
    let order = house.engine.state.order(known.order).unwrap().clone();
    let code = |line: u16| {
        let sku = order.lines[usize::from(line)].sku;
        house.engine.state.network.skus.get(sku).unwrap().code.to_string()
    };
    let units: Vec<String> =
        known.items.iter().flat_map(|(line, quantity)| vec![code(*line); quantity.0 as usize]).collect();
    let foreign =
        house.engine.state.network.skus.iter().find(|(id, sku)| {
            sku.merchant == order.merchant && order.lines.iter().all(|line| line.sku != *id)
        });
    let foreign = foreign.unwrap().1.code.to_string();

    let nobody = scanned(&house, &PackingQuery::default(), "no such papers");
    assert_eq!((&nobody.act, table(&nobody).refused.unwrap().1), (&Act::WrongScan, "no-papers".to_owned()));
    let begun = scanned(&house, &PackingQuery::default(), &order.number);
    assert_eq!(table(&begun).shipment, Some(id), "the papers lead to their parcel");
    let early = scanned(&house, &table(&begun), &order.number);
    assert_eq!((&early.act, table(&early).refused.unwrap().1), (&Act::WrongScan, "not-all".to_owned()));
    let wrong = scanned(&house, &table(&begun), &foreign);
    assert_eq!((&wrong.act, table(&wrong).refused.unwrap().1), (&Act::WrongScan, "foreign".to_owned()));
    assert_eq!(table(&wrong).scans, table(&begun).scans, "what was turned away is not carried on");

    let mut at = table(&wrong);
    for unit in &units {
        let one = scanned(&house, &at, unit);
        assert_eq!(one.act, Act::Look);
        at = table(&one);
        assert!(at.refused.is_none());
    }
    let over = scanned(&house, &at, &units[0]);
    assert_eq!((&over.act, table(&over).refused.unwrap().1), (&Act::WrongScan, "too-many".to_owned()));
    let done = scanned(&house, &at, &order.number);
    assert_eq!(done.act, Act::Pack(id, order.number.to_string(), units));
    assert_eq!(table(&done), PackingQuery::default(), "the table is free again");
}
