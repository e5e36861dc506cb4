## Notices in English. Every other language is checked against this file: same messages, same facts.
## Variants of a plural or a choice need lines of their own.

### Subjects: the change comes first.

subject-delayed = Your { $merchant } order { $orders } is delayed: now expected { $range }
subject-date-unknown = Your { $merchant } order { $orders } is delayed: new date to follow
subject-delayed-again = Your { $merchant } order { $orders } has changed again: now expected { $range }
subject-back-on-schedule = Your { $merchant } order { $orders } is back on schedule: { $range }
subject-in-transit = Your { $merchant } order { $orders } is on its way and may be held up
subject-cancelled = Your { $merchant } order { $orders } is cancelled: full refund of { $amount }
subject-refunded = Your { $merchant } order { $orders }: { $amount } has been refunded
subject-declared = [{ $merchant }] Incident declared: { $place }
subject-updated = [{ $merchant }] Incident update: { $place }
subject-all-clear = [{ $merchant }] All clear: { $place }

heading-delayed = Delivery delay
heading-date-unknown = Delivery delay
heading-delayed-again = Delivery date changed again
heading-back-on-schedule = Back on schedule
heading-in-transit = Parcel may be held up
heading-cancelled = Order cancelled
heading-refunded = Refund sent
heading-declared = Incident declared
heading-updated = Incident update
heading-all-clear = All clear

### Opening

greeting = Hello { $name },
greeting-unnamed = Hello,

lead-delayed = Your order will arrive later than we promised. We are sorry, and here is what we know.
lead-date-unknown = Your order will not arrive when we promised, and we cannot yet name a new date. We are sorry, and here is what we know.
lead-delayed-again = The new date we gave you cannot be kept either. We are sorry to change it a second time.
lead-back-on-schedule = Good news: your order is back on schedule, and the date below holds.
lead-in-transit = Your parcel left us on time and is in the carrier’s hands. It may be held up on the way.
lead-cancelled = Your order has been cancelled, and all of your money goes back to you.
lead-refunded = We have sent all of your money back for the order below.
lead-merchant-declared = An incident affects orders of your shop. This is what is known and what is being done.
lead-merchant-updated = There is news about the incident that affects orders of your shop.
lead-merchant-all-clear = The incident that affected orders of your shop is over.
lead-site-declared = An incident affects your site. Please do what is listed below and acknowledge.
lead-site-updated = There is news about the incident at your site.
lead-site-all-clear = The incident at your site is over. Please follow the steps for opening again.
lead-carrier-declared = An incident affects the area below. Please take the steps listed and acknowledge.
lead-carrier-updated = There is news about the incident in the area below.
lead-carrier-all-clear = The incident in the area below is over. Normal service may resume.
lead-staff-declared = An incident has been declared. Please acknowledge and take your role in the plan.
lead-staff-updated = There is news about the incident.
lead-staff-all-clear = The incident is over. Thank you.
lead-press-declared = { $merchant } confirms that an incident affects its deliveries.
lead-press-updated = { $merchant } has news about the incident that affects its deliveries.
lead-press-all-clear = { $merchant } confirms that its deliveries are back to normal.

### What has struck, in one sentence

hazard-hurricane =
    { $region ->
        [none] A hurricane has interrupted shipping.
       *[other] A hurricane has interrupted shipping in { $region }.
    }
hazard-flood =
    { $region ->
        [none] Flooding has interrupted shipping.
       *[other] Flooding has interrupted shipping in { $region }.
    }
hazard-wildfire =
    { $region ->
        [none] A wildfire has interrupted shipping.
       *[other] A wildfire has interrupted shipping in { $region }.
    }
hazard-tornado =
    { $region ->
        [none] A tornado has interrupted shipping.
       *[other] A tornado has interrupted shipping in { $region }.
    }
hazard-winter-storm =
    { $region ->
        [none] A winter storm has interrupted shipping.
       *[other] A winter storm has interrupted shipping in { $region }.
    }
hazard-earthquake =
    { $region ->
        [none] An earthquake has interrupted shipping.
       *[other] An earthquake has interrupted shipping in { $region }.
    }
hazard-power-outage =
    { $region ->
        [none] A power outage has interrupted our work.
       *[other] A power outage in { $region } has interrupted our work.
    }
hazard-cyber-attack =
    { $region ->
        [none] An attack on computer systems has interrupted our work.
       *[other] An attack on computer systems in { $region } has interrupted our work.
    }
hazard-pandemic =
    { $region ->
        [none] A health emergency has slowed our work.
       *[other] A health emergency in { $region } has slowed our work.
    }
hazard-human-error =
    { $region ->
        [none] We made a mistake in handling your order.
       *[other] We made a mistake in handling your order at our site in { $region }.
    }
hazard-route-closed =
    { $region ->
        [none] A transport route is closed.
       *[other] A transport route in { $region } is closed.
    }
hazard-carrier-down =
    { $region ->
        [none] The carrier has interrupted its service.
       *[other] The carrier has interrupted its service in { $region }.
    }
hazard-site-closed =
    { $region ->
        [none] One of our fulfillment centers is closed.
       *[other] Our fulfillment center in { $region } is closed.
    }
hazard-other =
    { $region ->
        [none] An unforeseen event has interrupted shipping.
       *[other] An unforeseen event has interrupted shipping in { $region }.
    }

cause-weather = The weather does not allow safe transport.
cause-road-damaged = Roads are damaged or closed.
cause-site-closed = The center that keeps the goods is closed.
cause-evacuated = The center that keeps the goods has been evacuated.
cause-systems-down = Power or computers at the center are not working.
cause-carrier-suspended = The carrier has suspended its service in the area.
cause-staff-short = Fewer people than usual are able to work.
cause-volume = There are many more orders than usual.
cause-stock-lost = Goods were damaged or lost.
cause-wrong-handling = The order was packed or addressed wrongly.

### What was done

action-other-site = Another of our centers, outside the area, now ships the order.
action-other-carrier = Another carrier or route now brings the order.
action-faster-service = We have chosen a faster service at our own cost.
action-held-safely = The order is safe and leaves as soon as the way is open.
action-split-shipment = What is in stock ships first; the rest follows.
action-restocking = New stock is on its way to us.
action-tracing = We have asked the carrier to trace the parcel.
action-assessing = Our teams are assessing the situation on site.

### Choices

choice-wait = Wait for the new date
choice-cancel = Cancel for a full refund
choice-change-address = Change the delivery address

# On a button: at most 14 characters.
button-wait = Wait
button-cancel = Cancel, refund
button-change-address = Change address
button-acknowledge = Acknowledge

silence-waits = If we do not hear from you, we will ship the order by the new date. You can cancel for a full refund at any time before it ships.
silence-cancels = Please tell us by { $date } whether you want to wait. If we do not hear from you by then, we will cancel the order and refund all of your money.

### Rows

label-orders = Order number
label-items = Items
label-reason = Reason
label-done = What we have done
label-old-date = Promised before
label-new-date = New date
label-choices = Your choices
label-refund = Refund
label-next = Next update
label-contact = Contact
label-place = Place
label-touched = Orders affected
label-asks = Please do
label-acknowledge = Acknowledge

new-date = { $range } (about { $percent }% likely)
date-not-known = Not known yet
refund-due = { $amount }, sent to your original means of payment by { $date }
refund-done = { $amount }, sent to your original means of payment on { $date }
next-word = We will write again by { $moment }.
contact-mail = { $mail }
contact-phone = { $phone }
item = { $quantity ->
    [one] { $item }
   *[other] { $item } × { $quantity }
}
orders-more = { $count ->
    [one] { $first } and one more
   *[other] { $first } and { $count } more
}
touched = { $count ->
    [one] one order
   *[other] { $count } orders
}

### Requests to partners

ask-close-site = Stop work, bring people to safety and close the site.
ask-open-site = Open the site again and count the stock before releasing it.
ask-recall-orders = Pull back orders that have not left; do not hand them over.
ask-take-over = Take over the orders listed in the portal.
ask-embargo = Do not accept parcels for the area or deliver into it until further notice.
ask-new-pickup = Collect at the new pick-up place given in the portal.
ask-hold-parcels = Hold parcels for the area at your last depot outside it.
ask-confirm-plan = Confirm the plan shown in the portal.
ask-pause-promises = Promise no delivery days for the area until further notice.
ask-report-safe = Report that you and your people are safe.
ask-take-role = Take your role in the plan and say that you have it.

footer = This is a service message about your order. It contains no advertising and is sent even if you opted out of marketing.
footer-partner = Sent because you are named in the continuity plan of { $merchant }.

### Short texts

sms-delayed = { $merchant }: order { $orders } delayed, now { $range }. Wait or cancel for a full refund: { $link }
sms-date-unknown = { $merchant }: order { $orders } delayed, new date to follow. Wait or cancel for a full refund: { $link }
sms-delayed-again = { $merchant }: order { $orders } changed again, now { $range }. Wait or cancel for a full refund: { $link }
sms-back-on-schedule = { $merchant }: order { $orders } is back on schedule: { $range }.
sms-in-transit = { $merchant }: order { $orders } is on its way and may be held up. We will write again.
sms-cancelled = { $merchant }: order { $orders } is cancelled, { $amount } goes back to you in full by { $date }.
sms-refunded = { $merchant }: { $amount } for order { $orders } has been refunded.
sms-declared = [{ $merchant }] Incident declared: { $place }. Please check the portal and acknowledge.
sms-updated = [{ $merchant }] Incident update: { $place }. Please check the portal.
sms-all-clear = [{ $merchant }] All clear: { $place }.

### Status page

status-title = { $merchant }: delivery status
status-all-well = All orders are shipping normally.
status-trouble = { $count ->
    [one] One incident affects deliveries.
   *[other] { $count } incidents affect deliveries.
}
status-made = Last updated { $moment }
status-current = Current incidents
status-planned-work = Planned
status-past = Past incidents
status-touches = Affected: { $places }
status-planned = Planned
status-investigating = Investigating
status-identified = Identified
status-monitoring = Monitoring
status-resolved = Resolved
status-feed = Subscribe (Atom feed)
status-more = Find out more

### Dates, times, numbers

weekday = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
date-long = { weekday }, { month } { $day }, { $year }
date-short = { month } { $day }
date-range = { $first } to { $last }
time-minutes = :{ $minute }
time = { $half ->
    [am] { $hour12 }{ time-minutes } am
   *[pm] { $hour12 }{ time-minutes } pm
}
zone-name = { $zone }
moment = { $date }, { time } ({ zone-name })
number-group = ,
number-decimal = .
percent = { $percent }%
money = { $code ->
    [USD] ${ $amount }
    [GBP] £{ $amount }
    [EUR] €{ $amount }
    [KRW] ₩{ $amount }
   *[other] { $amount } { $code }
}

### A customer's page

page-title = Your order at { $merchant }
page-state-waiting = Your order is waiting to be sent.
page-state-preparing = Your order is being packed.
page-state-on-the-way = Your order is on its way to you.
page-state-delivered = Your order has been delivered.
page-state-cancelled = Your order is cancelled.
page-state-ending = Your order is cancelled. We are stopping what is already being packed.
page-state-doubt = We are tracing your parcel.
page-expected = Expected { $range }
page-choose = What would you like to do?
page-wait = Wait for the new date
page-wait-button = I will wait
page-cancel = Cancel the order
page-cancel-hint = You get all of your money back: { $amount }.
page-cancel-button = Cancel and refund
page-address = Change the delivery address
page-address-hint = This applies to all of your orders at { $merchant } that have not been packed yet.
page-address-button = Save this address
page-street = Street and house number
page-city = Town or city
page-postal = Postal code
page-answer-by = Please answer by { $date }. If we do not hear from you by then, we will cancel the order and refund all of your money.
page-answered-wait = You told us on { $date } that you will wait. You may still cancel until the order has been sent.
page-answered-cancel = You cancelled on { $date }.
page-answered-address = You gave us a new address on { $date }.
page-thanks = Thank you. Your answer has been recorded.
page-refund-due = { $amount } goes back to your original means of payment by { $date }.
page-refund-done = { $amount } has been sent back to your original means of payment.
page-too-late = This is no longer possible: the order has already been packed or sent. Please write to us and we will help.
page-address-unknown = We cannot deliver to this address. Please check the postal code.
page-link-title = This link cannot be opened
page-link-expired = This link is too old. Please use the link in our newest message, or write to us.
page-link-unknown = This link is not complete or not ours. Please open it again from our message.
page-contact = Questions? { $mail }

### What the status page says of an incident

status-says-investigating = We are finding out which orders are affected.
status-says-identified = We know which orders are affected and are sending them by other routes. We are writing to every customer concerned.
status-says-monitoring = Deliveries are going out again. We are watching them closely.
status-says-resolved = All orders are going out as usual again.

### At the support desk

say-on-time = Your order { $number } is on schedule: you will have it by { $day }.
say-late = Your order { $number } was promised for { $promised }. I am sorry, it is late: as things stand, it arrives by { $day }.
say-unknown = I am sorry: your order { $number } cannot be sent at the moment, and I do not want to name a date we may not keep. We will write to you as soon as we know one.
say-tracing = I am sorry: the parcel with your order { $number } has not been seen since the incident, and the carrier is tracing it. We will write to you as soon as we know more.
say-delivered = Your order { $number } has been delivered.
say-cancelled = Your order { $number } has been cancelled.
say-cancelled-refund = Your order { $number } has been cancelled, and { $amount } goes back to you in the way you paid.
say-choices = You may wait, or cancel now for a full refund; either is fine.
say-address = It has not left yet, so I can still send it to another address.

### For those who have not bought yet

buy-on = If you order now, it will be with you by { $day }.
buy-unknown = You can order it, but because of an incident we cannot name a delivery date at the moment.
buy-not-there = We do not deliver to this postal code.

### Calls to partners and staff

call-title = Incident call: { $place }
call-thanks = Thank you. Your acknowledgement has been recorded.
call-over = This call has been answered or taken back. Nothing more is needed.
