# The console in English. Every key is also in ko/console.ftl, with the same variables; a test compares them.

## Frame
product = Holdfast
skip = Skip to content
menu = Menu
menu-close = Close menu
sign-out = Sign out
language-en = English
language-ko = 한국어
footer = State as of journal entry { $version }.
live-lost = The connection is lost. What you have typed stays here; nothing is sent until it is back.
live-back = The connection is back. Reload to see how things stand.
live-new = Things have changed since this page was loaded. Reload to see them.
drill-banner = DRILL
drill-banner-more = A drill is running. Nothing of it leaves the house.
not-found = Not found
not-found-more = There is no such page, or it is not yours to see.
nav-now = Now
nav-orders = Orders
nav-stock = Stock
nav-sites = Sites and lanes
nav-sites-count = Sites
nav-incidents = Incidents
nav-before = Before
nav-statistics = Statistics
nav-support = Support desk
nav-people = People
nav-settings = Settings
nav-audit = Audit trail
role-viewer = Viewer
role-support = Support
role-operator = Operator
role-commander = Incident commander
role-merchant = Merchant
role-admin = Administrator

## Numbers, dates, money
none = –
percent = { $value } %
money = { $code ->
    [USD] ${ $amount }
    [EUR] €{ $amount }
    [GBP] £{ $amount }
    [KRW] ₩{ $amount }
    [JPY] ¥{ $amount }
   *[other] { $code } { $amount }
}
month-name = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
weekday-name = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
}
date = { $day } { month-name } { $year }
date-short = { weekday-name } { $day } { month-name }
moment = { $date }, { $time } { $zone }
moment-short = { $date }, { $time }
span-m = { $m } min
span-h = { $h } h
span-hm = { $h } h { $m } min
span-d = { $d } d
span-dh = { $d } d { $h } h
in-span = in { $span }
ago = { $span } ago
just-now = just now
weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun
days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
days-range = { $from } to { $to } days
days-about = { $n } d
hours-n = { $n } h
grams = { $n } g
knots = { $n } kt
with-count = { $what } ({ $n })
units-n = { $n ->
    [one] { $n } unit
   *[other] { $n } units
}
orders-n = { $n ->
    [one] { $n } order
   *[other] { $n } orders
}
yes = Yes
no = No
never = Never
any = Any
choose = Choose …
and-more = and { $n } more
shown-of = { $from } to { $to } of { $all }

## Words
order = Order
orders = Orders
site = Site
merchant = Merchant
merchants = Merchants
all-merchants = All merchants
all-sites = All sites
all-sites-link = All sites
sku = SKU
skus = SKUs
units = Units
lines = Lines
zones = Zones
lanes = Lanes
service = Service
services = Carriers’ services
carrier = Carrier
channel = Channel
kind = Kind
state = State
status = Status
name = Name
code = Code
cost = Cost
price = Price
weight = Weight
pack = Pieces in a unit
storage = Storage
storage-0 = Ambient
storage-1 = Chilled
storage-2 = Hazardous
storage-3 = Oversize
storage-4 = The operator’s own class
category = Category
value = Value
version = Version
when = When
who = Who
what = What
why = Why
entry = Entry
act = Action
role = Role
day = Day
share = Share
source = Source
source-unnamed = quoted without a named source
where-from = Where these numbers come from
operator = Operator
currency = Currency of costs
search = Search
show = Show
find = Find
enter = Enter
pages = Pages
first-page = First page
next-page = Next page
previous-page = Previous page
mail = Mail
phone = Telephone
address = Address
on-this-page = On this page
drill = Drill
see-preview = See what it would touch

## States
tone-good = Good
tone-warn = Look
tone-bad = Act
tone-info = Note
tone-quiet = Quiet
condition-good = Works
condition-warn = Weak
condition-bad = Down
part-journal = Journal
part-backup = Backup
part-feed = Alerts
part-mail = Mail
part-connection = Connection
part-clock = Clock
part-proof = Restored elsewhere, as a proof
part-heartbeat = Site
part-orders = Orders coming in
access-open = Open
access-limited = Limited
access-closed = Closed
access-dormant = Dormant
access-activating = Activating
status-held = Held
status-backordered = Backordered
status-in-doubt = In doubt
status-reserved = Reserved
status-released = Released
status-picked = Picked
status-packed = Packed
status-shipped = Shipped
status-delivered = Delivered
status-cancelled = Cancelled
status-all = All
status-open = Open
stage-released = Site has been told
stage-picked = Picked
stage-packed = Packed
stage-in-doubt = In doubt
stage-recalling = Recall asked
stage-shipped = With the carrier
stage-exception = Carrier reports a problem
stage-delivered = Delivered
stage-recalled = Never left
stage-lost = Lost by the carrier
hold-unpaid = not paid yet
hold-duplicate = looks like another order
hold-quantity = implausible quantity
hold-address = address does not fit
hold-fraud = suspected fraud
hold-person = held by a person
site-kind-centre = Fulfilment centre
site-kind-store-hub = Store as hub
site-kind-third-party = Third-party centre
site-kind-standby = Standby backup
lane-kind-parcel = Parcel
lane-kind-air = Air
lane-kind-ferry = Ferry
lane-kind-store-hub = Store as hub
lane-kind-pick-up = Pick-up point
lane-kind-courier = Local courier
lane-kind-zone-skip = Zone skipping
lane-kind-own-van = Own vans
hazard-hurricane = Hurricane or typhoon
hazard-tornado = Tornado
hazard-flood = Flood
hazard-wildfire = Wildfire
hazard-winter-storm = Winter storm
hazard-earthquake = Earthquake
hazard-volcanic-ash = Volcanic ash
hazard-power-outage = Power outage
hazard-cyber-attack = Cyber attack
hazard-pandemic-surge = Pandemic surge
hazard-human-error = Human error
hazard-carrier-stoppage = Carrier stoppage
hazard-fire = Fire
hazard-other = Other
phase-watch = Watch
phase-declared = Declared
phase-recovering = Recovering
phase-closed = Closed
phase-watch-means = it may come
phase-declared-means = it has come
phase-recovering-means = all clear, step by step
phase-closed-means = over and reviewed
severity-minor = Minor
severity-moderate = Moderate
severity-severe = Severe
severity-extreme = Extreme
severity-minor-means = hours, one site limited
severity-moderate-means = a day, one site closed
severity-severe-means = days, a site or many lanes
severity-extreme-means = a site is lost
stock-access-inaccessible = Stock is whole, behind a closed door
stock-access-unknown = Nobody knows about the stock
stock-access-lost = Stock is gone
stock-there = What is known of the stock
flag-out = Sold out
flag-short = Short cover
flag-sole = Only one site
flag-reach = Out of reach
flag-quarantined = Quarantined
flag = Flag

## Now
now-lead = What needs a person first, then how everything stands.
now-needs = Needs a person
now-threats = Potential incidents
now-threats-lead = From the alerts, forecasts and site heartbeats this house listens to. Nothing is done until a person declares.
threat-from = from { $at }
threat-until = until { $at }
threat-chance = chance up to { $percent } %
threat-declare = Look and declare
threat-running = An incident is running
threats-more = and { $n } more in the interface
threat-evidence = What it rests on
threat-over = That alert is over or has changed. Fill the form in by hand, or go back to see what there is now.
threat-known = An incident about it is open already:
now-nothing = Nothing waits for a person
now-waiting = Waits for a second person
asked-by = asked by { $actor }
own-act = another person has to approve it
approve-second = Approve
now-incidents = Incidents that run
now-map = Map
now-health = Health
need-part = { $part } needs a look.
need-plan = { $name }: a site is closed and no plan has been made.
need-approval = { $name }: a plan waits for approval.
need-end = { $name }: it was expected to be over by now. Assess it anew, or give the all clear.
need-doubt = { $n ->
    [one] { $n } parcel is in doubt: nobody has seen it since its site went dark.
   *[other] { $n } parcels are in doubt: nobody has seen them since their site went dark.
}
need-notices = { $n ->
    [one] { $n } notice was refused by every channel.
   *[other] { $n } notices were refused by every channel.
}
need-backordered = { $n ->
    [one] { $n } order has units without a site.
   *[other] { $n } orders have units without a site.
}
need-held = { $n ->
    [one] { $n } order is held for a second look.
   *[other] { $n } orders are held for a second look.
}
need-risk = { $n ->
    [one] { $n } open order will not keep its promise as things stand.
   *[other] { $n } open orders will not keep their promise as things stand.
}
stat-open = Open orders
stat-worth = worth { $value }
stat-at-work = At work in the sites
stat-risk = Promise at risk
health-version = Journal durable up to entry { $n }
map-label = Map of sites, open orders and lanes. The table of sites says the same in text.
map-legend = Small dots: where open orders go. Curves: the ways they take; broken where site or lane is closed.
map-beyond = { $n } open orders go to places beyond this map.
map-none = No sites yet: import a book.

## Sites and lanes
sites-lead = What each site can do now, and how full the next seven days are.
sites-all = All sites
sites-caption = Sites and their state
open-orders = Open orders
open-units = Open units
load-week = Load, 7 days
load-without = { $load } / 0
local-time = Local time
at-site = Parcels at the site
overdue-work = Work of days past
site-days = The next seven days
site-facts = Description
site-acts = Actions
site-lanes = Lanes from here
site-close = Close …
site-limit = Limit
limit-to = Limit to per cent of capacity
limit-hint = 1 to 100; 100 takes a limit back
standby-call = Call the standby site
standby-release = Send the standby site home
work-promised = Work promised
work-possible = Work possible
work-explained = In work units: each parcel and each unit in it takes some, as the site says.
no-work = no work that day
country-region = Country and region
zone-of-time = Time zone
works-on = Works on
cut-off = Cut-off
handling = Handling
handling-costs = { $parcel } a parcel, { $unit } a unit
wind-limit = Closes at wind
standby-terms = Standby contract
standby-costs = ready { $lead } after the call; { $once } once, { $day } a day
ready-at = Ready { $at }.
lanes-lead = A lane leads from a site to a zone by a carrier’s service. Closing lanes always shows first what it touches.
lanes-all = Lanes by site and service
lanes-caption = Lanes by site and service
lanes-close = Close lanes
lanes-shut = { $n } closed
lanes-kept = { $n ->
    [one] { $n } lane is kept closed by this incident.
   *[other] { $n } lanes are kept closed by this incident.
}
close-these = Close …
cost-parcel = Cost of a parcel
transit = Transit
from-site = From site
to-site = To site
to-country = To country
country-hint = two letters, such as US or KR
cross-border = Only across a border

## Orders
orders-lead = Newest first.
orders-found = Orders found
orders-none = No order fits. Widen the search.
orders-search-hint = Number, beginning of a postal code, or id
comes-from = Comes from
goes-to = Goes to
promised = Promised
expected = Expected
placed = Placed
paid = Paid
not-paid = not yet
worth = Worth
nowhere-yet = no site yet
nothing-to-come = nothing left to come
nobody-knows = Nobody can say
late-by = { $n ->
    [one] { $day }, { $n } day late
   *[other] { $day }, { $n } days late
}
first-promised = first promised { $day }
moved-times = Moved by plans
priority = Priority
order-title = Order { $number }
order-facts = The order
order-clock = The clock that runs
order-customer = Customer
order-lines = Lines
order-parcels = Parcels
order-why = Why from there
order-told = What the customer was told
order-hold = Hold
order-free = Let it go on
order-cancel = Cancel what has not left
clock-duty = What is owed
clock-until = Until
clock-left = Left
clock-none = No legal clock runs for this order.
clock-explained = From the order’s dates, what the customer was told and what they answered, under the law of the customer’s country. Operational clocks, no legal advice.
over-since = too late by { $span }
duty-ship = Hand the goods to the carrier
duty-deliver = Deliver
duty-offer-delay-option = Offer the choice between the delay and a refund
duty-offer-renewed-option = Offer the choice again
duty-obtain-consent = Ship, or have the customer’s express consent
duty-give-reason = Tell the customer why
duty-cancel = Record the order as cancelled
duty-refund = Refund everything
ordered = Ordered
of-cancelled = { $n } cancelled
leaves-on = leaves { $day }
leaves = Leaves
arrives = Arrives
units-nowhere = { $n } without a site
parcel = Parcel
stage = Stage
doubt-since = Last seen as “{ $stage }” before { $name }.
doubt-yes = It left
doubt-no = It never left
verdict = Verdict
verdict-chosen = Best now
verdict-dearer = { $by } dearer
verdict-second = Possible, not best
verdict-no-stock = { $n ->
    [one] Lacks stock for { $n } line
   *[other] Lacks stock for { $n } lines
}
verdict-not-open = Not open, or no capacity
verdict-no-lane = No open lane to the customer
why-now = How the sites compare now, were nothing of the order settled
why-then = What the choice was made of, { $at }
why-explained = The least sum of parcel, line, lateness and shadow prices over all sets of sites that have the goods, an open lane and capacity. Shadow prices steer the choice where stock or capacity is scarce; nobody pays them.
term-parcel = Parcels: carrier and handling
term-line = Lines: weight and handling
term-late = Lateness
term-price = Shadow prices
cause = Cause
date-before = Date before
date-after = Date now
told-nothing = Nothing yet.

## Stock
stock-lead = By SKU: what can be promised now, and for how long it lasts.
stock-found = SKUs found
stock-none = No SKU fits. Widen the search.
stock-search-hint = Part of a code, name or category
available = Available
reserved = Reserved
quarantined = Quarantined
on-hand = On hand
out-of-reach = Out of reach
units-a-day = Units a day
cover = Cover
cover-explained = Available: on hand less reserved and quarantined, at sites that take orders now. Out of reach: the same at sites that are closed. Units a day: ordered over the last { $days } days, divided by { $days }. Cover: available divided by units a day; short below { $short } days.
sku-shelves = At each site
sku-facts = Description
sku-acts = Count, quarantine, clear
sku-nowhere = It has never lain anywhere.
stock-count = A count found this many
stock-quarantine = Set so many aside
stock-clear = Let so many be sold again

## Incidents
incident = Incident
incidents-lead = From the watch to the review.
incidents-all = All incidents
incidents-none = No incident yet.
hazard = Hazard
phase = Phase
severity = Severity
sites-touched = Sites
lanes-touched = Lanes
since = Since
expected-end = Expected end
expected-end-hint = by the clock of the head office; may stay empty
declare = Declare a disaster
declare-title = Declare a disaster
declare-lead = Two fields are enough. Everything else can be said later.
declare-more = Say more now
declare-now = Declare
declare-watch = Only watch
declare-after = Nothing is closed by this alone unless you tick sites above. The incident’s room shows what to do next.
declare-and-close-now = Declare and close
declare-and-embargo-now = Declare and close these lanes
incident-name = Name
incident-name-hint = as people will call it, such as Hurricane Florence
drill-tick = This is a drill: nothing leaves the house
sites-to-close = Sites to close at once
room-impact = Impact
room-plan = Plan
room-customers = Customers
room-recovery = Way back
room-timeline = Timeline
room-review = Review
end-expected = Expected to end { $at } ({ $span }).
to-declared = It has come: declare
to-recovering = All clear
to-closed = Close the incident
impact-none = Nothing is closed by this incident. Choose a site to see what its loss would touch.
preview-title = Preview
preview-nothing = Nothing is chosen: choose a site or lanes first.
preview-sites = If { $sites } closes
preview-lanes = { $n ->
    [one] If { $n } lane closes
   *[other] If { $n } lanes close
}
preview-lead = Nothing has been done yet. These are counts of the orders as they stand now.
preview-back = Counted as if nothing comes back before { $day }.
preview-back-unknown = Nobody has said when it should be over: every touched promise counts as broken.
preview-load = Load on the other sites
preview-stuck = What cannot move, and why
preview-by-site = By lost site
preview-by-merchant = By merchant
preview-skus = SKUs that lie nowhere else
preview-act = Do it
preview-explained = Touched: open orders with units at a lost site or on a lost lane that no site has been told of, and parcels at the site that have not left. Worth: what their customers still want, at the orders’ prices. Cannot move: no open site has the units, or none that has them has an open lane to the customer. Counted by the same function that the incident’s plan rests on.
touched-orders = Orders touched
touched-worth = Worth
lines-units = { $lines } lines, { $units } units
promises-broken = Promises broken
if-nothing = if nothing is done
cannot-move = Cannot move
parcels-in-doubt = Parcels in doubt
on-the-way = On closed lanes already
skus-at-risk = SKUs only there
load-said = The touched orders need { $needed } work units; the open sites have { $left } left over the next seven days.
load-explained = In all; whether it fits day by day, with stock and lanes, is what the plan finds.
stuck-only-there = only the lost site has the goods
stuck-no-lane = others have the goods, no lane from them is open
stuck-in-doubt = the parcel is in doubt
stuck-none = Everything could move.
stuck-list = The first { $n }
skus-list = { $n } SKUs
none-touched = No order is touched.
skus-none = Everything lies somewhere else as well.
under-running = Under an incident that runs
under-new = Under a new incident
close-now = Close now
embargo-now = Close these lanes now

## Plan
plan = Plan
plan-lead = A plan moves what can be moved, at the least cost, and proves how far from the best it is at most.
plan-make = Make a plan
plan-again = Plan again
plan-working = The plan is being made. This takes seconds; reload the page.
plan-failed = No plan could be made
plan-proposed = Waits for approval
plan-age = { $n ->
    [one] { $n } entry has been written since it was made: moves that no longer fit are left out when it is carried out.
   *[other] { $n } entries have been written since it was made: moves that no longer fit are left out when it is carried out.
}
plan-moves = Orders that move
plan-of = of { $n } planned
plan-cost = Cost of the plan
plan-bound = no plan costs less than { $bound }; gap { $gap }
plan-added = Added carriage
plan-added-means = carrier and handling of the moved orders, after less before
plan-backordered = Lines left without a site
plan-waiting = Lines that wait
plan-waiting-means = whole, at the dark site; nobody else has them
plan-cost-parts = What the cost is made of
plan-explained = Made { $at } from journal entry { $version }; known by { $digest }. The bound holds for any plan of the same problem: it comes from prices of stock and capacity, and a checker that shares no code with the planner verifies both.
plan-opens = What it opens, and why
plan-no-trucks = Between these places no truck can go:
plan-fair = Fairness: every merchant keeps at least { $phi } of what its weight asks for; no plan gives all of them more than { $bound }
plan-fairness = What each merchant gets
fair-weight = Weight
fair-kept = Promises kept
fair-floor = Floor
fair-share = Share over weight
n-of-all = { $n } of { $all }
why-lines = { $n ->
    [one] 1 line: { $why }
   *[other] { $n } lines: { $why }
}
opens-standby = called for { $cost } once and { $daily } a day; first parcels { $ready }; { $n ->
    [one] 1 order
   *[other] { $n } orders
}
opens-truck = Truck { $from } – { $to }: { $n } units for { $cost }, leaves { $leaves }, ships from { $ready }, { $km } km
opens-channel = { $service } ({ $kind }): { $n ->
    [one] 1 order for { $cost }
   *[other] { $n } orders for { $cost }
}
opens-shut-out = For { $n } of its parcels the carriers’ lanes are closed: { $here } here, where the cheapest of those would have taken { $closed }.
truck-round = of which { $km } km round closed roads;
truck-waits = waits { $time } for roads to open;
truck-no-roads = by the great circle, no roads are known there;
load-no-lane = no open lane leads from where they lie
load-site-strained = their site is limited, or expected to shut
load-cheaper = shipping from where they lie costs more, or comes too late
no-truck-off-road = off every road
no-truck-roads-closed = roads closed
no-truck-no-road = no road
no-truck-too-late = roads open too late
no-truck-too-far = too far
cost-transfer = Trucks between sites
trucks-underway = Trucks on their way
truck-underway = { $from } – { $to }: { $n } units, due { $due }
truck-take-in = Taken in
trucks-explained = Say so when a truck has been unloaded: the orders it came for are given their goods, and the plan goes on.
done-truck-in = Taken in. The plan that waited for it goes on.
field-transfer = Truck
plan-by-site = By site
plan-by-reason = By reason
plan-by-order = By order
plan-none = Nothing moves.
plan-moved = Moved
plan-skipped = Left out
plan-undone = Taken back
plans-adopted = Approved plans
part-of-cost = Part
cost-shipping = Carriers
cost-handling = Handling
cost-late = Lateness
cost-moving = Moving
cost-backorder = Backorders
cost-activation = Standby sites
cost-and-gap = Cost, gap
added-load = Added work
work-of-left = { $work } of { $left } left
carriage-change = Carriage, change
leave-out = Leave out
leave-out-order = Leave out { $number }
approve-what = What is approved
approve-all = All { $n } moves
approve-part = Only moves to these sites:
approve = Approve and carry out
approve-means = Carried out exactly as shown, each step once. Orders ticked as “leave out” stay as they are.
approved-at = Approved
carried-out = Carried out
steps-of = { $done } of { $all } steps
carry-on = Carry on
undo = Take back
undo-explained = Taking back returns what no site has been told of; what was released stays moved, and is counted.
reason-kept = kept
reason-not-planned = had no site
reason-site-down = its site is down
reason-site-not-open = its standby site does not ship yet
reason-no-stock-there = its site has no stock
reason-no-lane-there = no lane of its site is open
reason-stock-to-others = its site’s stock goes where more is lost without it
reason-capacity-to-others = its site’s capacity goes where more is lost without it
reason-cheaper = another site is cheaper, moving included
reason-no-stock = no site has enough
reason-no-lane = sites have it, no open lane leads there
reason-back-stock-to-others = the stock goes where more is lost without it
reason-no-capacity = no capacity on any day
reason-price-too-high = shipping costs more than waiting
reason-held = held

## Customers
notice = Notice
notices-none = Nobody has been told anything in this incident.
notice-queued = In the outbox
notice-released = May leave
notice-sent = Sent
notice-failed = Failed
notice-waiting = Waits for a second person
notice-sending = Being sent
notice-in-doubt = May have arrived
notice-withdrawn = Withdrawn
by-cause = By cause:
by-language = By language:
cause-rerouted = comes from another site
cause-delayed = comes later
cause-backordered = cannot be sent now
cause-in-doubt = in doubt
cause-on-the-way = on a closed way
cause-back-on-schedule = back on schedule
cause-cancelled = cancelled
outbox = Outbox
outbox-list = Show { $n } of { $all }
hold-minutes = Hold for minutes
hold-hint = 0 to 1440; until then a notice can be withdrawn
tell-now = Queue what is due
withdraw = Withdraw

## Way back
next-step = Next step
step-to = to { $share } of capacity
step-none = nothing: works whole
step-now = Take the step
steps-explained = A site comes back in steps ({ $steps }), so that a second failure finds little there.
recovery-none = No site has been closed or limited by this incident.
lift-all = Open them again
assess = Assess anew
close-another = Close another site, or lanes
timeline-none = Nothing has been recorded.
timeline-explained = Newest first, from the journal; nothing here can be changed.
by-actor = { $actor }, entry { $version }
did-opened = Opened.
did-assessed = Assessed as { $severity }; expected end { $end }.
did-phased = Went into { $phase }.
did-access = { $site }: now { $state }.
did-limited = { $site }: works with { $share } of its capacity.
did-outage = { $site } is expected to be shut from { $from } until { $until }.
did-no-outage = { $site } is no longer expected to be shut.
did-embargoed = Lanes closed: { $n }.
did-lifted = Lanes opened again: { $n }.
did-in-doubt = Parcels in doubt: { $n }.
did-adopted = { $plan } approved.
did-stepped = { $plan }, step { $step }: { $moved } moved, { $skipped } left out.
did-undone = { $plan } taken back: { $undone } went back, { $kept } could not.
did-prices = New shadow prices steer sourcing.
did-queued = Notices queued: { $n }.
did-notices = Notices now “{ $status }”: { $n }.
did-set-up = The house was set up or changed: { $n } changes.
did-stock = Stock booked: { $n } times.
did-orders = Orders held, freed or cancelled: { $n }.
did-settled = Parcels in doubt settled: { $n }.
did-erased = A person was forgotten.
review-lasted = Lasted
review-first = First move
review-first-means = after the declaration
review-plans = Plans
review-moved = Orders moved
review-told = Customers told
review-again = What the same loss would touch today
was-closed = was closed for { $span }

## Before
before-lead = What the loss of each site would cost, before it is lost.
before-none = No analysis has been made yet.
before-made = Made { $at } ({ $ago }) from journal entry { $version }: { $years } simulated years, seed { $seed }, in { $took }.
before-sites = One site lost
before-sites-lead = For three days, from each day of the history; the mean. Every number leads to its formula and inputs.
before-curve = Loss over time
before-curve-lead = What a closure of so long costs in all.
before-pairs = Two sites lost together
before-critical = Critical inventory
before-processes = Processes
aal = Average annual loss
aal-means = mean of the simulated years
tvar = Worst hundredth of years
tvar-means = their mean
oep = Once in { $years } years
n1-loss = Loss
n1-late = Orders late
n1-unserved = Not served
n1-backup = Best backup
ttr = Time to recover
tts = Time to survive
rei = Exposure
loss-per-year = Loss a year
two-sites = Sites
pairs-none = No pair of sites.
class = Class
cover-without-main = Cover without its main site
main-site = Main site
critical-count = { $n } of { $all } SKUs are critical.
process = Process
rto = Objective
achievable = Achievable
gap-hours = Gap
mtpd = Tolerable at most
not-said = Nobody has said
figure-title = Where it comes from
basis = Rests on
basis-computed = computed
basis-declared = declared by the operator
basis-published = published
basis-assumed = assumed
basis-missing = missing
inputs = Inputs
formula = Formula
back-to-before = Back to the analysis

## Statistics
statistics-lead = What disasters did, and what was kept. The same numbers as the orders add up to.
stats-orders = Orders
stats-kept = Promises kept
stats-kept-of = { $kept } of { $all } delivered
stats-late = Delivered late
stats-moved = Orders moved
stats-skipped = { $n } moves no longer fitted
stats-told = Customers told
stats-explained = Kept: whole with the customer by the day first promised. Counted over the orders that are not archived.
stats-hazards = By hazard
stats-closed = Hours closed, by site
stats-merchants = By merchant
stats-never-closed = No site has been closed.
stats-published = What others have published
published-lead = Quoted with their source, beside the operator’s own figures above.
times = Times
running = Running
site-hours = Hours closed
threat = Threat
figure = Figure
threat-pandemic = Pandemic
threat-cyber = Cyber crime
threat-power = Power outage
threat-human = Human error
threat-weather = Weather
threat-after = Afterwards
pub-stores = 41 % of surveyed firms were not ready to turn stores into fulfilment hubs
pub-takeover = Online retail saw more than twice any other industry’s account-takeover attempts, 62 % of them on log-in pages
pub-stuffing = 63,828,642,449 credential-stuffing attempts on retail, travel and hospitality; over 90 % of them on retail
pub-ddos = 8 application-layer DDoS attacks a month on online retail, on average
pub-hours = 1.33 billion customer-hours without power
pub-offline = Nearly 25 % of small firms had their IT offline in a year
pub-lost = 37 % of them lost customers, 17 % lost revenue
pub-breach = A breach by human error cost 3.33 million US dollars on average
pub-root = 62 % name human error in manual processes as the root of inventory and fulfilment problems
pub-oversold = 67 % say out of stock or oversold is the mistake that loses most customers, 17 % say wrong product packed and shipped
pub-names = The list of Atlantic hurricane names was used up for the second time in history
pub-fires = Over 4 million acres burnt in California, 208,000 in Colorado
pub-dams = Dams broke and 10,000 people left their homes around Midland, Michigan
pub-tornadoes = 1,075 tornadoes, about 3 billion US dollars
pub-reopen = About half of small businesses never reopen after a disaster

## Settings, people, audit, support
settings-lead = The house as it is set up. A book that is imported changes it.
late-cost = A late line, a day
backorder-cost = A line not served
move-cost = Changing a line’s site
may-split = Lines may be split
tell-after = Told when moved by more than
doubt-rule = Parcels in doubt
doubt-person = a person decides
doubt-shipped = after { $span }: taken as shipped
doubt-not-shipped = after { $span }: taken as not shipped
people-lead = Who may sign in, and as what.
people-all = People
people-none = Nobody is listed.
roles = What each role may do
right = Right
right-see-house = See the whole house
right-see-audit = See audit trail and settings
right-support = Support desk
right-orders = Hold, free, cancel orders; settle doubts
right-stock = Count, quarantine and clear stock
right-command = Declare, close, plan, approve, tell customers
right-manage = People and roles
second-factor = Second factor
last-sign-in = Last sign-in
audit-lead = Who did what, newest first. Each row names the journal’s entry; the chain of entries cannot be altered without it showing.
audit-rows = Entries
audit-none = Nothing has been recorded.
support-lead = One box, one order at a time.
support-box = Order number, mail, telephone or name
support-hint = at least three characters
support-short = Type at least three characters.

## Outside
sign-in = Sign in
sign-in-name = Name
sign-in-wrong = Name, password or code is wrong.
sign-in-throttled = Too many tries. Wait a minute and try again.
sign-in-expired = Your session is over. Sign in again; nothing was lost.
password = Password
second-factor-code = Code of your second factor, if you have one
prove = Confirm it is you
prove-lead = What you are about to do touches many. Your sign-in is older than ten minutes.
set-up = Make your account
password-new = Password, 12 characters or more
link-gone = This link is unknown, was used, or is too old. Ask for another one.
account-refused = The name is taken or cannot be one, or the password is too short or known to be leaked.
problem-400 = The request cannot be read
problem-400-more = Go back and try again.
problem-403 = Not allowed
problem-403-more = Your role does not include this, or the form was too old. Reload the page and try again.
problem-404 = Not found
problem-404-more = There is no such page, or it is not yours to see.
problem-413 = Too large
problem-413-more = The request is larger than this service takes.
problem-429 = Too many requests
problem-429-more = Wait a moment and try again.
problem-500 = Something broke
problem-500-more = Nothing that was acknowledged is lost. Try again; if it stays, look at the journal’s health.
problem-503 = Not ready
problem-503-more = The service is starting or recovering from its journal. Reload in a moment.
problem-status = Status { $status }
problem-home = To the first page

## What became of an act
outcome-faults = Some fields need mending:
outcome-rejected = It was refused; nothing was changed.
outcome-retry = It was not carried out, and nothing is wrong with it: send it again.
outcome-unknown = Nobody knows yet whether it was carried out. Reload the page and look before you send it again.
outcome-not-allowed = Your role does not include this.
outcome-second = This needs a second person.
outcome-second-more = Another commander has to approve exactly this act; then ask for it again.
done-declared = Declared.
done-phase = The phase has changed.
done-assessed = Assessed anew.
done-closed = Closed. The stock there is quarantined, and what was released there is in doubt. Make a plan next.
done-limited = The limit is set.
done-outage = The expected outage is recorded.
done-standby-called = The standby site has been called.
done-standby-released = The standby site has been sent home.
done-embargoed = The lanes are closed.
done-lifted = The lanes are open again.
done-failback = The step is taken.
done-planning = The plan is being made. Reload in a few seconds.
done-approved = Approved. It is being carried out step by step.
done-carry-on = Carried on.
done-undo = Taken back, as far as the world still allowed.
done-told = What is due has been queued.
done-withdrawn = Withdrawn.
done-doubt = The doubt is settled.
done-held = The order is held.
done-freed = The order goes on.
done-cancelled = Cancelled, as far as nothing has left.
done-counted = The count is booked.
done-quarantined = Set aside.
done-cleared = Can be sold again.
done-second = Approved. Whoever asked can now do it.
fault-empty = Fill it in.
fault-choose = Choose one.
fault-unreadable = It cannot be read.
fault-unknown = There is no such thing.
fault-long = It is too long: 80 characters at most.
fault-past = It lies in the past.
fault-moment = Write it as 2018-09-14T08:00.
fault-date = Write it as 2018-09-14.
fault-percent = From 1 to 100.
fault-hold = From 0 to 1440 minutes.
fault-rule = Choose a carrier, a site, a channel, a country or a border.
fault-no-step = There is no next step for this site.
field-hazard = Hazard
field-name = Name
field-severity = Severity
field-expected_end = Expected end
field-stock = Stock
field-site = Site
field-incident = Incident
field-phase = Phase
field-percent = Per cent
field-until = Until
field-carrier = Carrier
field-plan = Plan
field-to = Sites
field-notice = Notice
field-shipment = Parcel
field-shipped = What happened
field-order = Order
field-what = Action
field-sku = SKU
field-units = Units
field-hold = Minutes
field-approval = Approval

## Rejections, by their stable code
reject-unknown = There is no such thing.
remedy-unknown = Check it, or import the book it belongs to.
reject-key-reused = The idempotency key was used with another request.
remedy-key-reused = Send another key with another request, and the same request with the same key.
reject-name-taken = The name is taken.
remedy-name-taken = Choose another one, or change what exists.
reject-order-known = The order is known already.
remedy-order-known = It was not taken twice; use the existing one.
reject-no-lines = There is nothing in it.
remedy-no-lines = Give at least one line with a quantity above 0.
reject-too-many-lines = The order has too many lines.
remedy-too-many-lines = Split it.
reject-no-quantity = The quantity is 0.
remedy-no-quantity = Give a quantity above 0.
reject-too-much = The quantity is too large.
remedy-too-much = Check it.
reject-foreign-sku = The SKU belongs to another merchant.
remedy-foreign-sku = Check its code.
reject-invalid = A field contradicts itself.
remedy-invalid = Correct it and send it again.
reject-too-many-sites = There are as many sites as there can be.
remedy-too-many-sites = Run the others as another operator.
reject-stock-short = There is not enough stock.
remedy-stock-short = Somebody was faster; source the order again.
reject-capacity-short = There is no capacity left that day.
remedy-capacity-short = Choose a later day or another site.
reject-site-closed = The site takes no orders now.
remedy-site-closed = Choose another one, or reopen it.
reject-lane-closed = The lane is closed.
remedy-lane-closed = Choose another one, or lift the embargo.
reject-wrong-lane = The lane does not lead there.
remedy-wrong-lane = Choose a lane between the two.
reject-wrong-storage = The site does not take goods of this kind.
remedy-wrong-storage = Choose another site.
reject-not-backordered = The line does not lack so many units.
remedy-not-backordered = Read the order again.
reject-split-forbidden = The line may come from one site only.
remedy-split-forbidden = Give the whole line to one site.
reject-order-held = The order is held.
remedy-order-held = Let it go on first.
reject-not-held = The order is not held.
remedy-not-held = Nothing is to be done.
reject-order-archived = The order is archived.
remedy-order-archived = Bring its record back first.
reject-order-open = The order is not finished.
remedy-order-open = Wait until everything is delivered, returned or cancelled.
reject-nothing-to-cancel = Nothing of the order can still be cancelled.
remedy-nothing-to-cancel = Ask the site for a recall, or take a return.
reject-wrong-stage = The parcel is further on.
remedy-wrong-stage = Read it again; the report came late or twice.
reject-shipment-in-doubt = The parcel is in doubt.
remedy-shipment-in-doubt = Settle the doubt first.
reject-return-too-much = More comes back than was shipped.
remedy-return-too-much = Check order and quantity.
reject-transfer-done = The transfer has arrived already.
remedy-transfer-done = Nothing is to be done.
reject-transfer-too-much = More arrived than was sent.
remedy-transfer-too-much = Take the difference in as a receipt.
reject-incident-closed = The incident is closed.
remedy-incident-closed = Open a new one.
reject-wrong-phase = The phase cannot follow.
remedy-wrong-phase = Phases run watch, declared, recovering, closed.
reject-still-closed = A site or lane is still closed.
remedy-still-closed = Reopen it, or hand its closure to another incident.
reject-site-already-closed = The site is closed already.
remedy-site-already-closed = Nothing is to be done.
reject-not-standby = The site has no standby contract.
remedy-not-standby = Add the contract first.
reject-standby-active = The standby site has been called already.
remedy-standby-active = Nothing is to be done.
reject-standby-busy = The standby site still has work.
remedy-standby-busy = Move or ship its orders first.
reject-no-lanes = No lane matches.
remedy-no-lanes = Widen the rule, or check carrier, service and country.
reject-plan-stale = The plan is ahead of the state.
remedy-plan-stale = Plan again.
reject-wrong-step = Another step of the plan is due.
remedy-wrong-step = Carry out the steps in order, each once.
reject-not-as-approved = These are not the moves that were approved.
remedy-not-as-approved = Load the plan by its digest.
reject-plan-undone = The plan was taken back.
remedy-plan-undone = Plan again.
reject-notice-gone = The notice has left the outbox.
remedy-notice-gone = It cannot be withdrawn; queue another one.
reject-no-timer = The timer is not set.
remedy-no-timer = Nothing is to be done.
reject-not-due = It is not due yet.
remedy-not-due = Wait.
reject-order-ended = The order was cancelled already.
remedy-order-ended = Nothing is to be done: its money goes back, or has.
reject-answer-stands = The customer has answered so already.
remedy-answer-stands = Nothing is to be done: the answer stands.
reject-too-many-answers = The order has as many answers as it may have.
remedy-too-many-answers = Speak with the customer.
reject-refund-too-much = That is more than is still owed.
remedy-refund-too-much = Record at most what is owed, and more than nothing.
reject-goodwill-too-much = That is more goodwill than may be granted.
remedy-goodwill-too-much = Ask somebody who may change the limit.
reject-nothing-to-approve = No notices wait for a second person.
remedy-nothing-to-approve = Nothing is to be done.
reject-second-person-needed = The notices were queued by the same person.
remedy-second-person-needed = Let somebody else approve them.
reject-drill-notice = The notice belongs to a drill, and nothing of a drill leaves the house.
remedy-drill-notice = Nothing is to be done; open a real incident to send.
reject-subject-erased = The person’s data were erased.
remedy-subject-erased = Nothing is to be done.
reject-takeover-open = A take-over of this merchant is not over.
remedy-takeover-open = Go on with that one, or decline it.
reject-takeover-step = The take-over is at another step.
remedy-takeover-step = Steps run asked, offered, accepted, ending, handed back; each comes once.
reject-takeover-lapsed = The terms have lapsed.
remedy-takeover-lapsed = Ask again.
reject-takeover-no-room = The host does not have the capacity to lend.
remedy-takeover-no-room = Offer again with what is free now.
reject-takeover-contract = The terms are later or dearer than the standby contract, or leave it out.
remedy-takeover-contract = Offer what the contract says.
reject-takeover-over = The section takes nothing new: its take-over is ending or over.
remedy-takeover-over = Choose another site.
reject-takeover-busy = The section still holds reservations or expects goods.
remedy-takeover-busy = Ship, move or cancel its orders and take the goods in first.
reject-takeover-bound = The site is a section of a take-over: its terms say what it is.
remedy-takeover-bound = Name the host site, or agree on a new take-over.

## Care: what support knows and does

nav-notices = Notices
notices-lead = What customers were told, what waits, and what a person has to look at.
notices-alarms = To be looked at
notices-policy = How notices leave
notices-waiting = Waiting for a second person
notices-waiting-n = { $n } { $n ->
        [one] notice waits
       *[other] notices wait
    } for a second person
notices-approve = Let them leave
notices-approve-hint = Whoever queued them cannot let them leave.
alarms-none = Nothing is overdue, and every customer was reached.
alarms-n = { $n } { $n ->
        [one] alarm
       *[other] alarms
    }
alarm-about = About
alarm-what = What
alarm-not-reached = No way reached the customer: call them
alarm-in-doubt = Nobody knows whether it arrived
clock-uncountable = A clock cannot be counted: a calendar ends
clock-shown-only = shown only: the customer was told nothing yet
care-say = What to say
care-title = Care
care-on-time = It comes as promised, by { $day }.
care-late = It was promised for { $promised } and comes by { $day }.
care-unknown = Nobody can say when it comes: name no date.
care-tracing = Its parcel is being traced: name no date.
care-delivered = It was delivered.
care-cancelled = It is cancelled.
care-ended = Ended
care-ended-customer = cancelled by the customer
care-ended-shop = cancelled by the shop
care-ended-given-up = given up by the merchant
care-ended-law = cancelled by law
care-refund = Refund
care-refund-of = { $paid } of { $owed } has gone back
care-refund-open = { $open } still owed
care-goodwill-left = Goodwill you may still grant
care-answer-wait = Customer will wait
care-answer-until = Customer will wait until { $day }
care-answer-cancel = Customer cancelled
care-answer-address = Customer changed the address
care-by-link = by the link
care-by-mail = by mail
care-by-phone = by telephone
care-by-shop = in the shop
care-by-desk = at the desk
care-contact-call = Customer called
care-contact-mail = Customer wrote
care-contact-chat = Customer chatted
care-contact-outgoing = We reached out
care-heard-nothing = No answer and no contact yet.
care-acts = What you can do
care-act-contact-call = Note a call
care-act-contact-mail = Note a mail
care-act-contact-chat = Note a chat
care-act-contact-outgoing = Note that we called
care-act-wait = Customer will wait
care-act-cancel-by-phone = Cancel for the customer
care-act-give-up = Give the order up
care-act-reship = Send it once more
care-act-refund = Record the refund
care-act-goodwill = Grant goodwill
care-refund-amount = Money that went back
care-goodwill-amount = Goodwill
care-minor = in the smallest unit of { $currency }
notice-act-resend = Send again
notice-act-arrived = It arrived
notice-act-not-arrived = It did not: send it
measure-sent = Sent
measure-failed = Not reached
measure-in-doubt = In doubt
measure-told = Orders told of
measure-answered = Answered
measure-cancelled = Cancelled
measure-kept = Delivered after all
measure-contacts = Contacts
policy-hold = Minutes a notice can be taken back
policy-hold-hint = for those the law’s clocks queue; 0 to 1440
policy-approve = A second person from so many on
policy-approve-hint = empty: never
policy-quiet-from = Quiet from
policy-quiet-until = Quiet until
policy-quiet-hint = such as 21:00 and 08:00, in the customer’s time; what the law requires leaves all the same
policy-per-hour = At most in an hour
policy-per-hour-hint = of what no law requires; empty: as many as there are
policy-goodwill = Goodwill per order
policy-goodwill-hint = what a supporter may grant of their own accord, in the smallest unit of the currency
policy-hold-out = Held out, of a thousand
policy-hold-out-hint = customers who get no extra updates, to compare the others with; never of what the law requires
policy-cancel-untold = Cancel by law also orders whose customer was told nothing
policy-set = Set
done-contact = Noted.
done-answered = The answer is recorded.
done-given-up = Given up. The customer is told, and the refund is due.
done-reshipped = Taken as an order of its own.
done-refunded = The refund is recorded.
done-goodwill = Granted.
done-notices-approved = They leave now.
done-resent = It leaves once more.
done-settled = Settled.
done-policy = Notices leave so from now on.
fault-hold-out = From 0 to 500.
fault-clock = Write both as 21:00, or leave both empty.
