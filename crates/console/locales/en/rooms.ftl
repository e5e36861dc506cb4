# The second factor, and what a second person has approved
second-factor-lead = Scan this with an authenticator, then enter the code it shows. From then on every sign-in asks for one.
second-factor-there = You have one. A new one replaces it as soon as its first code is right.
second-factor-code-read = Code for an authenticator’s camera; the key below says the same
second-factor-key = Or enter this key by hand:
second-factor-now = The code it shows now
second-factor-set = Set it up
second-factor-wrong = This is not a code of this key now. Check the clock of your phone, and try the next code.
done-second-factor = Your second factor is set up. The next sign-in asks for its code.
own-act-approved = approved: do it again now
trouble-already-running = It is being carried out already.
trouble-unknown = There is no such thing any more: reload the page.
trouble-too-many-requests = Too many requests: wait a moment.
trouble-invalid = Something in the form cannot be read.

# Before
before-first = Impact analysis
before-none-more = It simulates years of hazards over the orders the house has taken, on its own sites, stock and lanes: what each loss would cost, what to hold where, who takes over. It needs orders of four days at least, takes a minute or two, and is made again every day.
before-compute = Compute now
before-running = A new analysis is being made, begun { $ago }. The page reloads by itself.
before-failed = The last analysis failed { $ago }.
before-old = Old
before-made-of = { $orders ->
    [one] From { $orders } order, placed { $from }.
   *[other] From { $orders } orders, placed { $from } to { $until }.
}
before-left-out = { $n ->
    [one] { $n } order is left out: archived or cancelled.
   *[other] { $n } orders are left out: archived or cancelled.
}
before-csv = Every figure as CSV
before-assumed = Rests on assumptions
before-assumed-means = share of the loss whose rates or downtimes nobody prints
before-carriers = One carrier lost
before-carrier-share = needed by { $share } of orders
before-pairs-lead = Each row with each column, both closed for three days; on the diagonal one alone. Darker costs more.
before-dearest-pairs = The dearest two
before-beyond = Beyond the two alone
before-together = Closed by one event
once-in = once in { $years } years
thousands = { $n }k
before-curve-plot = Loss by length of closure, the six dearest sites
before-hazards = By hazard
before-hazards-lead = Events that stop something orders need, at all sites.
before-events-year = Events a year
before-partly-assumed = assumed in part
before-backups = Backup sites
before-backups-none = There is nothing to choose from: no site is a standby with a contract.
before-ways = Routes that stay open
before-ways-lead = Of the orders open when the analysis was made: how many another site with goods for them still reaches, by channel.
before-ways-none = No site has open orders.
before-ways-explained = Counted by the same preview that stands before every closure: an order is reached by a channel if an open lane of it leads from an open site that has any of its goods. Load is the work these orders need over what the other sites have left in seven days.
ways-load = Load on the others
before-critical-none = It could not be computed from these orders.
before-no-critical = No SKU is critical.
before-critical-list = { $n ->
    [one] The critical one
   *[other] The first { $n }
}
critical-sole = much ordered, and one site alone has it
critical-surge-before = asked for { $factor } times as much before: { $hazard }; { $days } d of cover then
critical-surge-after = asked for { $factor } times as much after: { $hazard }; { $days } d of cover then
critical-cover = { $days } d of cover without its main site
frontier-planned = planned
frontier-fresh = fresh years
frontier-plot = Money a year for laid stock, and promises kept in closures
frontier-said = Laying { $units } units of { $skus } SKUs at { $sites } for { $spent } a year protects as well as doubling every SKU of { $main } at { $second } for { $doubled }: it saves { $saving } a year and leaves { $free } of capital free.
frontier-not-said = Doubling every SKU of { $main } at { $second } would cost { $doubled } a year and keep { $kept } of the promises in closures.
frontier-plan = Plan
frontier-spent = Money a year
frontier-skus = SKUs
frontier-kept = Promises kept
frontier-fresh-kept = in fresh years
frontier-loss = Expected loss a year
frontier-worth-it = the last unit of money brings itself back
frontier-doubled = Doubling every SKU
frontier-all = all
gap = Gap
before-lays = What to lay where
before-lays-list = What to lay where for { $budget } a year: { $n } of { $all }
before-lays-none = Laying nothing costs least.
lay-cost = Cost a year
lay-saves = The last unit saves
backups-said = Contract { $sites }: events cost { $cost } a year with it and { $without } without (gap { $gap }).
backups-none-pays = No contract pays: events cost { $cost } a year without any (gap { $gap }).
backup-contract = Contract a year
backup-call = Each call
backup-lead = Ready after
backup-orders = Orders a day
backup-closed = Closed itself, days a year
backup-verdict = Verdict
backup-take = Contract
backup-leave = Leave
backup-saves = saves { $money } a year; closed on { $share } of the days it is needed
done-analysing = The analysis is being made. It takes a minute or two.

# Statistics
stats-csv = All numbers as CSV
stats-archived = { $n ->
    [one] and { $n } archived
   *[other] and { $n } archived
}
stats-kept-of-done = { $kept } of { $all } finished
stats-without = Without Holdfast
stats-without-means = { $n ->
    [one] { $n } kept only because a plan moved it from a closed site
   *[other] { $n } kept only because a plan moved them from a closed site
}
stats-lost = Lost
stats-open = Not finished
stats-how = Kept: whole with the customer by the day first promised. Late: whole, and later. Lost: cancelled whole. Kept, late, lost and open add up to the orders of every row; merchants and months add up to the house. An order is touched by a disaster when a plan of it moved the order, a notice of it told the customer, or it put a parcel in doubt. Without Holdfast: orders a plan had moved from a closed site are counted as broken. Drills are left out.
stats-disasters = Disasters
stats-disasters-short = Disasters
stats-disasters-lead = Orders are those the disaster touched.
stats-by-site = By site
stats-months = By month of the order
stats-year = Year
stats-month = Month
stats-years = Year over year
stats-fate-kept = Kept
stats-fate-late = Late
stats-fate-lost = Lost
stats-fate-open = Open
stats-recovery = Orders flowed again after
within-objective = within { $n } h
over-objective = over { $n } h
stats-notices = Notices and answers
stats-notices-short = Notices
stats-notices-none = No notice yet.
stats-answers = What customers answered
stats-answers-none = No answer yet.
answered-wait = agree to wait
answered-cancel = cancelled for a refund
answered-address = gave another address
stats-guarded = Turned away
stats-guarded-lead = What a rule refused or the door held. Refusals are counted since this service keeps its tally; sign-ins are read from the tamper-evident log.
stats-guarded-what = What
stats-guarded-all = In all
stats-guarded-month = This month
guarded-short = Orders for more than there was: taken as backorders, nothing sold twice
guarded-stock-short = Oversell refused: the units were gone
guarded-sign-in-refused = Sign-ins refused
stats-own = Here
own-struck = { $times ->
    [one] { $times } time, { $hours } site hours closed
   *[other] { $times } times, { $hours } site hours closed
}
own-cyber = { $n ->
    [one] { $n } sign-in refused; cyber incidents: { $attacks }
   *[other] { $n } sign-ins refused; cyber incidents: { $attacks }
}
own-human = { $short ->
    [one] { $short } order asked for more than there was; oversell refused: { $refused }
   *[other] { $short } orders asked for more than there was; oversell refused: { $refused }
}
own-after = { $closed ->
    [one] { $closed } site was closed; still closed: { $shut }
   *[other] { $closed } sites were closed; still closed: { $shut }
}

# Tasks of an incident
room-tasks = Tasks
tasks-lead = A task is done when the journal says so. Objective: orders flow again within { $n } h of the declaration.
tasks-no-objective = A task is done when the journal says so. No recovery time objective is set (before.rto_hours of the configuration), so none is held against it.
task = Task
task-owner = Whose
task-due = Due
task-proof = Proof
task-done = Done
task-next = Next
task-open = To do
task-spared = Does not arise
task-left = { $n } left
task-late = { $span } late
task-declare = Declare it
task-close = Close what it struck
task-plan = Approve a plan
task-flow = Orders flow again: the plan’s first step
task-carry-out = Carry the plan out to its end
task-tell = Tell the customers
task-doubt = Settle parcels in doubt
task-clear = Give the all clear
task-back = Bring sites and lanes back to full
task-review = Close and review it

# Counts that are made behind the page
counts-as-of = Counts as of journal entry { $version }; fresh ones are being made.
