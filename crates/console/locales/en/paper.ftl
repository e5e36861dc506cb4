
## The break-glass pack, on paper

reject-nothing-waiting = Nothing of the order waits at the site.
remedy-nothing-waiting = Read the order: it has left already, or goes from elsewhere now.
paper-pack = Break-glass pack
paper-pack-of = Pack { $id }, { $site }
paper-made = Made { $when }, from version { $version } of the journal. Parcels due in the next { $days ->
    [one] day
   *[other] { $days } days
  }.
paper-how = How to use it
paper-how-1 = Ship from this list only while no screen works. One line is one parcel.
paper-how-2 = Scan or count every unit before you tick. Write the day and the carrier’s number beside the tick.
paper-how-3 = Cannot say whether it left? Write a question mark. Never leave a line empty.
paper-how-4 = When the screens are back: enter the ticks with the row numbers before anything else is shipped.
paper-secret = Holds names and addresses. Keep it locked; burn or shred it when it is settled.
paper-page = Page { $page } of { $pages }
paper-row = Row
paper-order = Order
paper-to = To
paper-items = What
paper-service = Service
paper-due = Leaves
paper-shipped = Shipped
paper-day = Day
paper-tracking = Carrier’s number
paper-promised = promised { $day }
paper-told = the site was told: { $shipment }
paper-nobody = no name in the journal
paper-stock = What lies here
paper-sku = SKU
paper-name = Name
paper-on-hand = On hand
paper-reserved = Of it for orders
paper-quarantined = Set aside
paper-counted = Counted
paper-contacts = Whom to call
paper-contact = Contact
paper-nothing = Nothing is due here.
paper-sign = Worked by
paper-checked = Checked by
