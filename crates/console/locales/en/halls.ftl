# Drills on a copy of the house
nav-drills = Drills
drill-copy = Drills are played on a copy of the house. Nothing leaves, and nothing is written to its journal.
drill-copy-running = A drill is being played on a copy of the house. Nothing of it leaves, and no order is touched.
drill-copy-look = Look at it
drills-lead = Rehearse a disaster on today’s orders, stock and sites, and see what each way of acting would have come to.
drills-fault = Something of the drills cannot be read.
drills-library = What can be rehearsed
drills-history = Drills held
drills-schedule = Schedule
drills-ics = Calendar file (.ics)
drills-calendar = Disaster drills
drills-event = Drill: { $name }
drills-event-more = Planned by { $who }. It is played on a copy of the house: nothing leaves.
drills-objective-rto = objective: orders flow again within { $n } h
drills-objective-kept = objective: { $n } % of promises kept
drills-objective-none = No objective is declared: set before.rto_hours and drills.promises_percent.
drills-none-held = No drill has been held yet.
drills-none-planned = No drill is planned.
drills-no-library = There is nothing to rehearse: this service was started without its scenarios.
drills-newest = The newest { $n } of { $of }.
drills-plan-one = Plan a drill
drills-plan = Plan it
drills-start = Begins
drills-minutes = Minutes
drills-by = Planned by
drills-stands = State
drills-call-off = Call off
drills-last = Last held
drills-never = never
drills-own = your own
drills-for-book = written for a sample book: its codes may be missing here
drills-facts = Facts and assumptions
drills-all = All drills
drill-due-ahead = To come
drill-due-overdue = Due, not held
drill-due-held = Held
drill-due-off = Called off
drill-hold = Hold it now
drill-hold-again = Hold it again
drill-running = { $name } is being played, begun { $ago }.
drill-progress = { $policy }: { $n } of { $of } orders
drill-running-more = The page reloads by itself. You can leave it; the drill goes on.
drill-failed = The drill of { $name } was not held ({ $ago }).
drill-score = Score
drill-kept-met = Promises: met
drill-kept-missed = Promises: missed
drill-rto-met = Recovery: met
drill-rto-missed = Recovery: missed
drill-unscored = No objective declared
drill-unsound = The checks disagree
scenario = Scenario
n-of = { $n } of { $of }
of-orders = { $n ->
    [one] of { $n } order
   *[other] of { $n } orders
}
promises-kept = Promises kept
drill-result = The same orders under each way of acting
drill-result-lead = Each way plays the same orders, the same disaster and the same chances.
drill-explained = A promise is kept when the whole order is with its customer by the day first told. Cost is carriers, handling, lateness, lines not served, standby sites and trucks. Over the bound says how far a cost is above the least any way of acting could have reached, had it known everything beforehand.
drill-old = This drill was recorded by a version that kept less.
drill-kept-wanted = { $n } of { $of }; the objective is { $wanted } %
drill-saved = Promises saved
drill-saved-means = more than by doing nothing
drill-cost = What it cost
drill-bound = at least { $bound } whatever one does; { $gap } over it
drill-no-bound = no bound was computed
drill-rto = Orders flowed again after
drill-rto-wanted = from the declaration, people’s own time left out; the objective is { $n } h
drill-rto-none = from the declaration, people’s own time left out; no objective is declared
at-once = at once
drill-policy = Way of acting
drill-late = Late
drill-open = Not delivered
drill-told = Notices
drill-over-bound = Over the bound
policy-wait = Doing nothing
policy-trade = What the trade does
policy-holdfast-at-closure = Holdfast, at the closure
policy-holdfast = Holdfast
policy-holdfast-take-over = Holdfast, with a take-over
policy-calm = Had nothing happened
drill-outages = What was out
drill-no-outage = No site was out; lanes, capacity or demand were.
drill-from = From
drill-until = Until
drill-for-good = for good
drill-times = Times are the drill’s own: today’s orders are played as they came in, or moved to the days of a storm of the past.
drill-proof = Proof
drill-sound = Checks
drill-sound-yes = All agree
drill-plans = Plans
drill-plans-of = { $n } of { $of } accepted by a checker that shares no code with the solver
drill-recounted = Counted again
drill-recounted-n = { $n ->
    [one] { $n } way of acting, from its journal, with the same numbers
   *[other] { $n } ways of acting, from their journals, with the same numbers
}
drill-made-of = Played on
drill-made-of-n = version { $version } of the house, seed { $seed }
drill-took = Took
seconds-n = { $n } s
drill-left-out = Orders left out
drill-findings = Findings open then
in-zone = in the time of { $zone }
done-drill = The drill has begun.
done-drill-planned = Planned. Take the calendar file along.
done-drill-off = Called off. The next calendar file says so.
fault-minutes = From 1 to 1440.
field-scenario = Scenario
field-start = Begins
field-minutes = Minutes
field-number = Number
trouble-not-yet = It cannot be done now.
need-drill = The drill of { $name } is due.

# Connections
nav-connections = Connections
connections-lead = Shops and programs this house is linked with: how each is, what differs, and who is right; and which carriers may send signed tracking events.
connections-all = All connections
connections-shops = Shops
connections-hooks = Programs that are told of what happens
connections-carriers = Carriers that may report
connections-none = No shop is connected.
connections-none-more = Shops are connected in the configuration; docs/how-to/connect-a-shop.md says how.
connections-waiting = { $n ->
    [one] { $n } delivery could not be applied and is kept.
   *[other] { $n } deliveries could not be applied and are kept.
}
connections-waiting-more = They are tried again by themselves; what stays is listed by the interface under inbox.
shop = Shop
shop-kind-shopify = Shopify
shop-kind-woocommerce = WooCommerce
shop-kind-amazon = Amazon
shop-state = State
shop-well = Works
shop-alarm = Act
shop-trouble = Last try failed
shop-heard = Heard only
shop-reading = First reading
shop-writes = Writing
shop-writes-on = Writes on
shop-writes-watch = Watched: writes nothing
shop-writes-never = Never asked
shop-writes-how = How writing is turned on
shop-writes-explained = A shop is watched at first: everything is read and reported, nothing is written to it. A person turns writing on for each shop in the configuration (watch = false) after looking at what would be written.
shop-compared = Last compared
shop-not-compared = not yet
shop-open = Numbers to set
shop-compare = Compare now
shop-alarm-now = Somebody has to see to this now
shop-error-last = What failed last
shop-down = To go down
shop-to-set = sold there and not to be had
shop-would-set = would go down, were writing on
shop-other = Other numbers to set
shop-cuts = Taken down
shop-cuts-means = to be put back on all clear
shop-written = Numbers written
shop-moves = Orders to be given elsewhere
shop-missed = Found missing
shop-missed-means = orders no webhook had told of
shop-how = How it is connected
shop-hook-at = Webhooks go to
shop-stock = Stock is written
shop-stock-incident = while an incident restricts it
shop-stock-always = always
shop-well-at = All done last
shop-notes = To be seen to
shop-differences = What differs
shop-same = The last comparison found no difference.
shop-not-compared-yet = It has not been compared yet.
difference-of = What
difference-place = Place
difference-shop = Shop
difference-here = Here
difference-way = On the way
difference-right = Who is right
difference-stock = stock
difference-order = order
difference-sku = SKU
difference-location = place
differences-more = There are more; the interface lists them all.
difference-who = How it is told who is right
difference-who-explained = Orders of the shop that have not come in yet explain a lower number there: both are right. A unit that was counted or shipped here since the shop was last told makes this house right; a number somebody set by hand in the shop, or goods this house does not know, make it the shop. Where neither can be said a person counts.
right-here = this house
right-shop = the shop
right-both = both
right-nobody = count it
hook = Program
hook-hears = Hears of
hook-behind = Entries behind
hook-well = Works
hook-failing = Tries again
hook-off = Switched off
hooks-none = Nobody is told.
hook-replay = Tell again
hook-replay-of = of { $name }
hook-from = From entry
hook-replay-sure = I know that it hears of these entries a second time
hook-replay-do = Tell it again
carriers-none = No carrier reports by itself; tracking is entered by the interface.
carriers-hear = may send signed tracking events
done-comparing = It is being compared. Reload in a minute.
done-replayed = It is told again from there on.
fault-tick = Tick it to go on.
field-connection = Shop
field-webhook = Program
field-from = From entry
field-sure = Confirmation

# Shipments and the packing table
nav-shipments = Shipments
shipments-lead = What sites were told to ship, what left, and what nobody knows.
shipments-list = Shipments
shipments-none = There is none of these.
shipments-newest = Of the newest { $n } shipments.
shipments-wave = Tell a site what to ship
shipments-wave-lead = Everything due at the site by today, most urgent first, as far as its capacity goes. From then on a plan does not move these orders without asking the site.
shipments-wave-do = Release what is due
shipment-arrives = arrives { $day }
shipment-pack = Pack
shipment-picked = Picked
shipment-settle = Settle
shipment-leaves = Hand over
shipment-label = Number on the label
shipment-hand-over = It has left
done-wave = The site has been told.
done-picked = Picked.
done-packed = Packed. Scan the next papers.
done-shipped = With the carrier.
fault-tracking = Scan the label: up to 64 characters.
fault-not-packed = It has not been packed: scan its units first.
field-tracking = Label
field-papers = Papers
packing = Packing table
packing-open = Packing table
packing-all = All shipments
packing-papers = Papers
packing-papers-lead = Scan the order’s number from its papers, or type it and press Enter.
packing-papers-field = Order’s number
packing-several = This order leaves in several parcels: which one is on the table?
packing-order = Order { $number }
packing-units = Units of the parcel
packing-wanted = Belongs in
packing-scanned = Scanned
packing-stands = State
packing-all-there = All there
packing-missing = { $n ->
    [one] { $n } missing
   *[other] { $n } missing
}
packing-progress = { $n } of { $of } scanned
packing-complete = Everything is there, and nothing else.
packing-complete-more = Scan the papers once more to close the parcel, or press the button.
packing-done = It is packed
packing-again = Begin again
packing-leave = Leave it
packing-elsewhere = This shipment is no longer at the table.
packing-how = How the table works
packing-explained = Any scanner that types what it reads and presses Enter works here. One scan is one unit: a case’s code is turned away, a misread number is seen by its check digit, and a unit that does not belong is turned away at once. Nothing is packed before every unit was scanned.
scan-enter = Enter
scan-unit = Scan the next unit
scan-papers-again = Scan the papers once more
scan-stop = Stop
scan-papers = These are another order’s papers.
scan-no-papers = No shipment at the table has these papers.
scan-length = This is no code.
scan-check-digit = Misread: scan it again.
scan-case = This is a case’s code: scan each unit in it.
scan-unknown = No SKU of this merchant has this code.
scan-foreign = It does not belong into this parcel: put it aside.
scan-too-many = One more than was ordered: put it back.
scan-not-all = Not everything has been scanned yet.
scan-table-full = More units than this table takes: pack it by the warehouse’s own system.
guarded-wrong-scan = Mis-picks stopped at the packing table

# Taking a plan back
undo-back = { $n ->
    [one] { $n } order goes back to where it was.
   *[other] { $n } orders go back to where they were.
}
undo-stay = { $n ->
    [0] None stays.
    [one] { $n } stays where the plan has put it:
   *[other] { $n } stay where the plan has put them:
}
undo-which = Which ones
undo-do = { $n ->
    [one] Take { $n } order back
   *[other] Take { $n } orders back
}
undo-never = What customers and sites were told stays told, and trucks that left are not called back.
undo-cannot = It cannot be taken back now: its moves cannot be read, or the rules refuse it. Look at the page again in a minute; if it stays so, move the orders back by a new plan.
stays-at-work = their site has been told, or they have left
stays-changed = they were changed since
stays-held = they are held
stays-was-nowhere = they had no site before
stays-lane-closed = a lane they went by is closed
stays-site-shut = the site they came from takes no orders
stays-no-room = the place they came from cannot take them now
task-deputy = deputy: { $role }
