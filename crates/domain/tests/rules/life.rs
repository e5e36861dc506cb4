//! What an order lives through, as tables.

use crate::script::check;

#[test]
fn an_order_goes_its_usual_way() {
    check(
        "receive ilm batt 10
         order A acme batt:4
         source A batt:4@ilm
         wave ilm
         pick s0
         pack s0
         ship s0
         deliver s0
         archive A",
        "A: archived
         s0: delivered
         ilm batt: 6/0/0",
    );
}

#[test]
fn stock_is_never_promised_twice() {
    check(
        "receive ilm batt 5
         order A acme batt:4
         order B acme batt:4
         source A batt:4@ilm
         source B batt:4@ilm ! stock-short
         source B batt:1@ilm
         source B batt:1@ilm ! stock-short",
        "A: batt 4 4@ilm
         B: batt 4 3 waiting 1@ilm
         ilm batt: 5/5/0",
    );
}

#[test]
fn a_held_order_gives_its_units_back_until_it_is_free() {
    check(
        "receive ilm batt 10
         order A acme batt:4
         source A batt:4@ilm
         hold A
         hold A ! order-held
         source A batt:4@ilm ! order-held
         free A
         free A ! not-held
         order B acme batt:2 held
         source B batt:2@ilm ! order-held
         free B
         source B batt:2@ilm",
        "A: batt 4 4 waiting
         B: batt 2 2@ilm
         ilm batt: 10/2/0",
    );
}

#[test]
fn a_hold_does_not_touch_what_is_released() {
    check(
        "receive ilm batt 10
         receive atl batt 10
         order A acme batt:4
         source A batt:2@ilm batt:2@atl
         wave ilm
         hold A
         wave atl
         ship s0",
        "A: held; batt 4 2 waiting 2@ilm#s0
         s0: shipped
         ilm batt: 8/0/0
         atl batt: 10/0/0",
    );
}

#[test]
fn a_partial_cancellation_takes_waiting_units_first_and_released_ones_never() {
    check(
        "receive ilm batt 10
         receive atl batt 10
         order A acme batt:6,lamp:1
         source A batt:2@ilm batt:3@atl
         cancel A batt 2
         wave ilm
         cancel A batt 3 ! nothing-to-cancel
         cancel A batt 1
         cancel A
         cancel A ! nothing-to-cancel",
        "A: batt 6 4 cancelled 2@ilm#s0; lamp 1 1 cancelled
         atl batt: 10/0/0
         ilm batt: 10/2/0",
    );
}

#[test]
fn an_order_ships_in_parts() {
    check(
        "receive ilm batt 3
         receive atl lamp 2
         order A acme batt:4,lamp:2
         source A batt:3@ilm lamp:2@atl+1
         wave ilm
         wave atl
         wave atl +1
         ship s0
         deliver s0
         archive A ! order-open
         receive atl batt 1
         source A batt:1@atl+1
         wave atl +1
         ship s1
         ship s2
         deliver s1
         lose s2
         archive A",
        "A: archived
         s1: delivered
         s2: lost
         atl batt: 0/0/0
         atl lamp: 0/0/0",
    );
}

#[test]
fn a_line_that_may_not_be_split_comes_from_one_site() {
    check(
        "receive ilm tea 5
         receive atl tea 5
         order A bolt tea:6
         source A tea:3@ilm tea:3@atl ! split-forbidden
         source A tea:5@ilm
         source A tea:1@atl ! split-forbidden
         order B acme batt:6
         receive ilm batt 3
         receive atl batt 3
         source B batt:3@ilm batt:3@atl",
        "A: tea 6 1 waiting 5@ilm
         B: batt 6 3@ilm 3@atl",
    );
}

#[test]
fn a_count_that_finds_less_takes_units_from_the_youngest_of_the_least_urgent() {
    check(
        "receive ilm batt 10
         order A acme batt:3
         order B acme batt:3 p5
         order C acme batt:3
         source A batt:3@ilm
         source B batt:3@ilm
         source C batt:3@ilm
         count ilm batt 5",
        "A: batt 3 1 waiting 2@ilm
         B: batt 3 3@ilm
         C: batt 3 3 waiting
         ilm batt: 5/5/0",
    );
}

#[test]
fn a_count_takes_quarantined_units_before_promised_ones_and_none_from_pickers() {
    check(
        "receive ilm batt 10
         quarantine ilm batt 3
         order A acme batt:4
         source A batt:4@ilm
         adjust ilm batt -5
         count ilm batt 4
         wave ilm
         count ilm batt 3 ! stock-short
         adjust ilm batt -1 ! stock-short
         clear ilm batt 1 ! stock-short",
        "A: batt 4 4@ilm#s0
         ilm batt: 4/4/0",
    );
}

#[test]
fn quarantine_takes_promised_units_back() {
    check(
        "receive ilm batt 5
         order A acme batt:4
         source A batt:4@ilm
         quarantine ilm batt 3
         quarantine ilm batt 9 ! stock-short
         clear ilm batt 2",
        "A: batt 4 2 waiting 2@ilm
         ilm batt: 5/2/1",
    );
}

#[test]
fn a_dark_site_leaves_its_parcels_in_doubt_until_each_is_resolved() {
    check(
        "receive ilm batt 20
         receive atl batt 20
         order A acme batt:1
         order B acme batt:2
         order C acme batt:3
         order D acme batt:4
         source A batt:1@ilm
         source B batt:2@ilm
         source C batt:3@ilm
         source D batt:4@ilm+1
         wave ilm
         pick s1
         ship s2
         incident
         phase i0 declared
         close ilm i0
         close ilm i0 ! site-already-closed
         deliver s2
         pick s0 ! shipment-in-doubt
         ship s0 ! shipment-in-doubt
         recall s0 ! shipment-in-doubt
         source D batt:1@ilm+1 ! site-closed
         cancel B ! nothing-to-cancel
         resolve s0 shipped
         resolve s1 not
         resolve s1 not ! wrong-stage
         source B batt:2@atl
         wave ilm ! site-closed
         phase i0 closed ! wrong-phase
         phase i0 recovering
         phase i0 closed ! still-closed
         limit ilm 300
         phase i0 closed
         wave ilm +1",
        "A: batt 1 1@ilm#s0
         B: batt 2 2@atl
         C: batt 3 3@ilm#s2
         D: batt 4 4@ilm+1#s3
         s0: shipped
         s1: recalled
         s2: delivered
         ilm batt: 16/4/0
         ilm: open 300
         i0: closed",
    );
}

#[test]
fn a_merchants_rule_resolves_what_nobody_has_seen() {
    check(
        "receive ilm tea 5
         receive atl tea 5
         order A bolt tea:2
         source A tea:2@ilm
         wave ilm
         incident
         phase i0 declared
         close ilm i0
         wait 47
         source A tea:2@atl ! not-backordered
         wait 2
         source A tea:2@atl",
        "A: tea 2 2@atl
         s0: recalled
         ilm tea: 5/0/0
         atl tea: 5/2/0",
    );
}

#[test]
fn a_resolved_doubt_is_not_resolved_again_by_the_rule() {
    check(
        "receive ilm tea 5
         order A bolt tea:2
         source A tea:2@ilm
         wave ilm
         incident
         phase i0 declared
         close ilm i0
         resolve s0 shipped
         wait 60",
        "s0: shipped
         ilm tea: 3/0/0",
    );
}

#[test]
fn a_site_gives_a_shipment_back_or_does_not() {
    check(
        "receive ilm batt 10
         order A acme batt:1
         order B acme batt:2
         order C acme batt:3
         source A batt:1@ilm
         source B batt:2@ilm
         source C batt:3@ilm
         wave ilm
         pick s1
         answer s0 yes ! wrong-stage
         recall s0
         recall s1
         recall s2
         answer s0 yes
         answer s1 no
         ship s2
         answer s2 yes ! wrong-stage
         pack s1
         cancel A",
        "A: batt 1 1 cancelled
         B: batt 2 2@ilm#s1
         s0: recalled
         s1: packed
         s2: shipped
         ilm batt: 7/2/0",
    );
}

#[test]
fn a_recall_that_is_not_answered_falls_into_doubt_with_its_site() {
    check(
        "receive ilm batt 10
         order A acme batt:2
         source A batt:2@ilm
         wave ilm
         pack s0
         recall s0
         incident
         close ilm i0
         answer s0 yes ! shipment-in-doubt
         resolve s0 not",
        "A: batt 2 2 waiting
         s0: recalled
         ilm batt: 10/0/0",
    );
}

#[test]
fn a_transfer_arrives_once_and_may_lose_units_on_the_way() {
    check(
        "receive ilm batt 10
         order A acme batt:4
         source A batt:4@ilm
         send ilm atl batt:7 ! stock-short
         send ilm atl batt:6
         send ilm atl batt:1 ! stock-short
         arrive t0 batt:7 ! transfer-too-much
         arrive t0 batt:5
         arrive t0 batt:5 ! transfer-done",
        "t0: arrived
         ilm batt: 4/4/0
         atl batt: 5/0/0",
    );
}

#[test]
fn a_return_is_no_more_than_what_was_sent() {
    check(
        "receive ilm batt 10
         order A acme batt:4
         source A batt:3@ilm
         return A batt 1 ilm restock ! return-too-much
         wave ilm
         return A batt 1 ilm restock ! return-too-much
         ship s0
         deliver s0
         return A batt 1 atl restock
         return A batt 2 atl waste
         return A batt 1 atl restock ! return-too-much",
        "A: batt 4 3 returned 1 waiting 3@ilm#s0
         atl batt: 3/0/2",
    );
}

#[test]
fn a_standby_site_is_called_gets_ready_works_and_goes_home() {
    check(
        "receive sby batt 10
         order A acme batt:2
         source A batt:2@sby+2 ! site-closed
         activate ilm ! not-standby
         activate sby
         activate sby ! standby-active
         source A batt:2@sby ! site-closed
         source A batt:1@sby+2
         wait 36
         source A batt:1@sby+2
         dismiss sby ! standby-busy
         wave sby +2
         dismiss sby ! standby-busy
         ship s0
         dismiss sby
         dismiss ilm ! not-standby
         limit sby 500 ! site-closed",
        "A: batt 2 2@sby+2#s0
         sby: dormant
         sby batt: 8/0/0",
    );
}

#[test]
fn an_embargo_closes_lanes_and_keeps_what_was_promised_until_it_moves() {
    check(
        "receive ilm batt 10
         order A acme batt:2
         order B acme batt:2 abroad
         source A batt:2@ilm
         source B batt:1@ilm~air
         incident
         embargo i0 air abroad
         embargo i0 air abroad ! no-lanes
         source B batt:1@ilm~air ! lane-closed
         source B batt:1@ilm
         wave ilm
         incident
         embargo i1 site=ilm
         lift i0 air abroad
         source B batt:1@ilm~air ! lane-closed",
        "A: batt 2 2@ilm#s0
         B: batt 2 1@ilm 1@ilm#s1
         lane 7: closed
         lane 0: closed
         lane 2: open
         lane 9: open",
    );
    check(
        "incident
         incident
         embargo i0 carrier=ups
         embargo i1 air
         phase i0 closed
         phase i1 closed
         phase i1 declared ! incident-closed
         embargo i1 air ! incident-closed",
        "lane 0: open
         lane 1: open",
    );
}

#[test]
fn an_expected_outage_takes_its_days_out_of_promise() {
    check(
        "receive ilm batt 10
         order A acme batt:4
         incident
         expect ilm i0 none ! invalid
         expect ilm i0 +3 +3 ! invalid
         expect ilm i0 +1 +3
         source A batt:1@ilm+1 ! capacity-short
         source A batt:1@ilm+2 ! capacity-short
         source A batt:1@ilm+3
         source A batt:1@ilm
         expect ilm i0 none
         source A batt:1@ilm+1
         expect ilm i0 +1 +9
         phase i0 closed
         source A batt:1@ilm+2",
        "A: batt 4 1@ilm+3 1@ilm 1@ilm+1 1@ilm+2",
    );
}

#[test]
fn capacity_ends_a_day_and_a_wave() {
    check(
        "receive atl batt 100
         order A acme batt:30
         order B acme batt:9 p7
         order C acme batt:1
         source A batt:30@atl
         source B batt:9@atl ! capacity-short
         source B batt:8@atl
         source C batt:1@atl ! capacity-short
         source C batt:1@atl+1
         limit atl 500
         wave atl
         wave atl
         limit atl 1000
         wave atl",
        "A: batt 30 30@atl#s1
         B: batt 9 1 waiting 8@atl#s0
         C: batt 1 1@atl+1",
    );
}

#[test]
fn a_plan_moves_orders_once_in_order_and_as_approved() {
    check(
        "receive ilm batt 10
         receive atl batt 10
         order A acme batt:2
         order B acme batt:3
         order C acme batt:4
         source A batt:2@ilm
         source B batt:3@ilm
         adopt A batt 2@ilm>2@atl, B batt 3@ilm>1@atl / C batt none>4@atl
         execute p0 1 ! wrong-step
         execute p0 0
         execute p0 0 ! wrong-step
         execute p0 1",
        "A: batt 2 2@atl
         B: batt 3 2 waiting 1@atl
         C: batt 4 4@atl
         p0: 2 of 2 steps, 3 moved, 0 skipped
         ilm batt: 10/0/0
         atl batt: 10/7/0",
    );
}

#[test]
fn a_move_that_no_longer_fits_is_left() {
    check(
        "receive ilm batt 10
         receive atl batt 3
         order A acme batt:2
         order B acme batt:2
         order C acme batt:2
         source A batt:2@ilm
         source B batt:2@ilm
         source C batt:2@ilm
         adopt A batt 2@ilm>2@atl, B batt 2@ilm>2@atl, C batt 2@ilm>2@atl
         cancel C
         execute p0 0",
        "A: batt 2 2@atl
         B: batt 2 2@ilm
         C: batt 2 2 cancelled
         p0: 1 of 1 steps, 1 moved, 2 skipped",
    );
}

#[test]
fn two_orders_swap_their_units_within_a_step() {
    check(
        "receive ilm batt 2
         receive atl batt 2
         order A acme batt:2
         order B acme batt:2
         source A batt:2@ilm
         source B batt:2@atl
         adopt A batt 2@ilm>2@atl, B batt 2@atl>2@ilm
         execute p0 0
         undo p0",
        "p0: 1 of 1 steps, 2 moved, 0 skipped, undone
         ilm batt: 2/2/0
         atl batt: 2/2/0",
    );
}

#[test]
fn a_plan_is_undone_as_far_as_nothing_was_released() {
    check(
        "receive ilm batt 10
         receive atl batt 10
         order A acme batt:2
         order B acme batt:3
         source A batt:2@ilm
         source B batt:3@ilm+1
         adopt A batt 2@ilm>2@atl, B batt 3@ilm+1>3@atl+1
         execute p0 0
         wave atl
         undo p0
         undo p0 ! plan-undone
         execute p0 1 ! plan-undone",
        "A: batt 2 2@atl#s0
         p0: 1 of 1 steps, 2 moved, 0 skipped, undone",
    );
}

#[test]
fn a_step_without_moves_can_be_undone() {
    check(
        "receive ilm batt 10
         receive atl batt 10
         order A acme batt:2
         source A batt:2@ilm
         adopt / A batt 2@ilm>2@atl
         execute p0 0
         execute p0 1
         undo p0",
        "A: batt 2 2@ilm
         p0: 2 of 2 steps, 1 moved, 0 skipped, undone",
    );
}

#[test]
fn a_move_that_names_the_same_units_twice_is_left() {
    check(
        "receive ilm batt 10
         receive atl batt 10
         order A acme batt:2
         order B acme batt:2
         source A batt:2@ilm
         source B batt:2@ilm
         adopt A batt 2@ilm&2@ilm>4@atl, B batt 2@ilm>2@atl
         execute p0 0",
        "A: batt 2 2@ilm
         B: batt 2 2@atl
         ilm batt: 10/2/0",
    );
}

#[test]
fn a_person_is_forgotten_and_comes_back_as_another() {
    check(
        "seal 77
         seal 77
         order A acme batt:1 u0
         erase u0
         erase u0 ! subject-erased
         erase u9 ! unknown
         order B acme batt:1 u0 ! subject-erased
         seal 77
         order B acme batt:1 u1",
        "u0: erased
         u1: known",
    );
}

#[test]
fn a_notice_leaves_when_its_hold_is_over_unless_it_is_withdrawn() {
    check(
        "order A acme batt:1
         notice A
         notice A
         report n0 sent ! notice-gone
         withdraw n0
         withdraw n0 ! notice-gone
         wait 2
         withdraw n1 ! notice-gone
         report n1 sent
         report n1 sent ! notice-gone",
        "n0: withdrawn
         n1: sent",
    );
}

#[test]
fn an_exception_of_the_carrier_ends_in_delivery_or_loss() {
    check(
        "receive ilm batt 4
         order A acme batt:2
         order B acme batt:2
         source A batt:2@ilm
         source B batt:2@ilm
         wave ilm
         exception s0 ! wrong-stage
         ship s0
         ship s1
         exception s0
         deliver s0
         deliver s0 ! wrong-stage
         lose s1
         lose s1 ! wrong-stage",
        "s0: delivered
         s1: lost
         ilm batt: 0/0/0",
    );
}
