## The five parts with this run's answers. One key a line; `#` begins a remark.

head-parts = Five parts, and what this run answers
parts-explained = The five parts of disaster-recovery fulfilment, then computers, statistics and a take-over. Each answer is counted from this run: change the book, the storm or a rate, and it changes.
part-no-closure = No site closed in this run.
part-lateness = Lateness
part-together = Together
part-column-share = Share
part-column-for = In place of
part-column-by = Shipped by
part-column-from = From
part-column-laid-at = Laid at
part-column-a-year = A year
part-column-service = Service
part-column-channel = Channel
part-column-calm = Parcels had all been calm
part-column-zones = Zones
part-column-count = What
part-column-value = In this run

part-impact = Business impact analysis
part-impact-asks = If a part of the supply chain or of shipping is cut, what does it do to the business?
part-impact-said = Beforehand the analysis says of losing { $sites } for as long as they were lost: { $loss }; { $late } more orders late, { $unserved } not served.
part-impact-unsaid = Nothing could be said beforehand: { $why }.
part-impact-row-said = said beforehand
part-impact-explained = Each row is what is worse than had nothing happened. The analysis knows the closures and leads each order to the cheapest open site, one by one; it knows no zone in which deliveries rest and no plan, and takes a customer who waits 7 days beyond the promise to be lost.

part-centres = Several distribution centres
part-centre-first = , the first on { $day }
part-centres-asks = If a centre closes for a time, is there a backup that can process its orders meanwhile?
part-centre-line = { $site }: { $orders } orders ({ $units } units) would have left it while it was shut. Others shipped { $others } units ({ $share }){ $first }; it shipped { $itself } itself, before or after; nobody shipped { $nobody }.

part-told = Customer communication
part-told-asks = How are customers told of a disaster that touches their order, its cause and what is being done?
part-told-about = { $merchant }, order { $number }, { $when }: { $cause }
told-rerouted = sent from another site
told-delayed = leaves later
told-backordered = nobody can send it now
told-in-doubt = its parcel has not been seen since the site went dark
told-on-the-way = on its way when the disaster came
told-back-on-schedule = comes as first promised after all
told-cancelled = cancelled and refunded

part-stock = Critical inventory
part-stock-asks = Which items are ordered most, which would sell more in a disaster, and how are customers served without doubling every SKU?
part-stock-lay = { $site } held { $skus } SKUs: { $elsewhere } lay within reach elsewhere too, { $only } nowhere else.
part-stock-served = { $all } SKUs were shipped from elsewhere in place of the closed sites; the { $shown } with most units:
part-stock-unlaid = What to lay where cannot be said: { $why }.
part-stock-one-site = One site alone takes orders: there is nowhere to lay a second stock.
part-stock-laid = Known beforehand, from { $closures } simulated closures: { $units } units of { $skus } SKUs laid at { $sites } bring themselves back; they cost { $spent } a year and tie up { $value }. Doubling every SKU of { $main } at { $second } would cost { $doubled } a year and tie up { $tied }.
part-stock-same = To protect as well as doubling, { $units } units for { $spent } a year are enough.
part-stock-played = The same run with that stock laid beforehand: { $kept } promises kept, { $served } orders served, { $cost } in cost.

part-routes = New distribution routes
part-routes-asks = How do products reach customers from the new site, and what is the best cheap way around the stricken area?
part-routes-line = { $parcels } parcels of displaced orders left other sites; { $opened } lanes carried orders that carry none when all is calm. Carriers took { $now } for what was displaced, against { $calm } had all been calm. Deliveries rested in { $zones } zones, { $closed } lanes were closed.
part-routes-map = Red squares are closed, ringed discs took over, blue curves are the lanes displaced orders took, amber discs zones in which deliveries rested, the broken red line is the storm's track.
channel-parcel = parcel, by road
channel-air = air
channel-ferry = ferry
channel-store-hub = store as a hub
channel-pick-up = pick-up point
channel-courier = local courier
channel-zone-skip = line-haul to a hub near the customers
channel-own-van = own vans

part-it = Recovery of the computers
part-it-asks = If the computers fail as well: how much of what was acknowledged is lost, and how long until they run again?
part-it-same = Nothing: this run's journal was read back, { $entries } entries in { $seconds } s on this machine, and gave the same state to the last bit ({ $compared } checkpoints compared).
part-it-differs = This run's journal was read back, { $entries } entries in { $seconds } s, and gave another state ({ $compared } checkpoints compared): that is a fault of the program, please report it.
part-it-unread = This run's journal could not be read back: that is a fault of the program, please report it.

part-statistics = Statistics
part-statistics-asks = What did the disaster do, and what did being ready change?
part-count-hours = Hours sites were closed
part-count-touched = Orders that closed sites would have shipped meanwhile
part-count-moved = Orders given another site, lane or day
part-count-saved = Promises kept beyond waiting
part-count-late = Late, beyond a calm week
part-count-open = Not delivered, beyond a calm week
part-count-notices = Notices that left
part-count-plans = Plans the independent checker accepts
part-statistics-more = The comparison of all policies, each merchant and each plan with its bound stands in the rest of this report.

part-carry = A third party takes over
part-carry-asks = Can somebody else carry the orders of a merchant who has lost its sites, the carriers' problems included?
part-carry-now = Sites run by others shipped { $units } units in place of the closed ones in this run: { $sites }.
part-carry-none-now = No site run by others shipped anything in place of the closed ones in this run.
part-carry-offer = Had { $sites } been destroyed when the last of them closed, { $merchant } would have been offered: { $hosts }; first parcel on { $first }. Of its { $orders } open orders { $with } are served with it, { $without } without; { $setup } once, { $daily } a day, { $added } over the usual way in all.
part-carry-no-offer = A take-over could not be offered: { $why }.
part-carry-more = `holdfast takeover --play` plays a take-over to the merchant's statement.

demo-offer = Now the console. Play the storm on it while you watch: how many hours of the storm in a minute? Enter for { $speed }, 0 to look around in peace.
demo-serves-florence = The console shows the sample network of Hurricane Florence, whatever storm the report was of.
demo-plays = The storm begins in the console with a warning; sites close in its time. What is done about it is yours: preview, plan, approve, tell, fail back.
demo-own-data = Your own data next: `holdfast import --book FOLDER --journal mine.db` reads your files and says what every column was taken for; `holdfast doctor --book FOLDER` says what they can answer. Ctrl-C ends this service.

drill-recorded = Recorded as evidence in { $path }.
part-findings = Findings that are still open
part-findings-asks = What did earlier reviews find that nobody has seen to yet?
finding-number = No.
finding-text = Finding
finding-owner = Owner
finding-due = Due
finding-from = From

part-plan = The plan in the hand
part-plan-asks = Where is the guide that a team downloads, prints and shares?
part-plan-line = The continuity plan of this network was written beside this report: { $sections } sections, { $things } things to do with owner and time, digest { $digest }.
part-plan-open = Open the plan
part-plan-more = `holdfast plan` makes it with the impact analysis of simulated years, keeps versions and says what changed.
