//! The book: everything an operator hands over, as plain owned rows.
//!
//! Codes are the operator's own texts; they become dense ids later, where the state is built. Each row type
//! is declared together with its file, so a column that is here is read, written and documented.
//!
//! One file for all rows of the book, so that the whole format is read in one place.

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Day, Stamp, Zone};
use serde::{Deserialize, Serialize};

use crate::cell::{TimeOfDay, WeekCapacity};
use crate::kind::{Consent, LaneKind, OrderStatus, Priority, SiteKind};
use crate::table::table;

/// Everything the operator hands over. Order of rows is the order of the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[allow(missing_docs, reason = "each field holds the rows of the file its row type names")]
pub struct Book {
    /// Who runs the sites; `None` where no operator file was given.
    pub operator: Option<Operator>,
    pub merchants: Vec<Merchant>,
    pub sites: Vec<Site>,
    pub capacity_days: Vec<CapacityDay>,
    pub standby_contracts: Vec<StandbyContract>,
    pub skus: Vec<Sku>,
    pub stock: Vec<Stock>,
    pub inbound: Vec<Inbound>,
    pub zones: Vec<ZoneArea>,
    pub carriers: Vec<Carrier>,
    pub lanes: Vec<Lane>,
    pub customers: Vec<Customer>,
    pub orders: Vec<Order>,
    pub order_lines: Vec<OrderLine>,
    pub returns: Vec<Return>,
    pub contacts: Vec<Contact>,
    pub processes: Vec<Process>,
}

table! {
    /// Who runs the sites: one row.
    Operator in "operator.csv", key(name),
    required {
        /// Name of the operator.
        name: String = "Kelp Fulfilment",
    }
    optional {
        /// Currency of costs that no merchant owns, and of amounts written without one.
        currency: Currency = Currency::USD => "USD",
        /// Time zone of moments written without an offset.
        timezone: Zone = Zone::utc() => "America/New_York",
        /// Country of the operator, ISO 3166 alpha-2.
        country: String = "US".to_owned() => "US",
        /// Language of staff, BCP 47.
        language: String = "en".to_owned() => "en",
        /// Work units one parcel costs a site.
        work_parcel: u32 = 1 => "1",
        /// Work units one unit of goods costs a site, besides its parcel.
        work_unit: u32 = 0 => "0",
    }
}

table! {
    /// Owners of SKUs, stock and orders.
    Merchant in "merchants.csv", key(code),
    required {
        /// Code the other files refer to.
        code: String = "acme",
        /// Name customers know.
        name: String = "Acme Outdoor",
        /// Currency of the merchant's prices and order amounts.
        currency: Currency = "USD",
    }
    optional {
        /// Language of customers whose own is not known, BCP 47.
        language: String = "en".to_owned() => "en",
        /// Contact printed in notices.
        contact: Option<String> = None => "help@acme.example",
        /// Country of the merchant, ISO 3166 alpha-2; the law of distance selling starts here.
        country: Option<String> = None => "US",
        /// Whether one line may be shipped in parts from several sites.
        line_split: bool = false => "no",
        /// Weight of the merchant's kept promises on shared sites, in hundredths (100 is one).
        fairness_weight: u32 = 100 => "100",
        /// Days a promise must move before the customer is told.
        notice_threshold_days: u16 = 1 => "1",
        /// Cost of one day of lateness of one order.
        late_cost: Option<Money> = None => "2.00 USD",
        /// Cost of one line that is not shipped within the horizon.
        backorder_cost: Option<Money> = None => "12.00 USD",
    }
}

table! {
    /// Places that ship.
    Site in "sites.csv", key(code),
    required {
        /// Code the other files refer to.
        code: String = "ILM1",
        /// Name of the site.
        name: String = "Wilmington NC",
        /// Kind of site.
        kind: SiteKind = "centre",
        /// Latitude and longitude in degrees, WGS 84.
        place: Place = "34.225700 -77.944700",
    }
    optional {
        /// Street address.
        address: Option<String> = None => "100 Port Road",
        /// Postal code.
        postal: Option<String> = None => "28401",
        /// Country, ISO 3166 alpha-2.
        country: String = "US".to_owned() => "US",
        /// State or province, its postal abbreviation.
        state: Option<String> = None => "NC",
        /// County, FIPS code of five digits (United States).
        county_fips: Option<String> = None => "37129",
        /// IANA time zone; the operator's where empty.
        timezone: Option<Zone> = None => "America/New_York",
        /// Work units a day, Monday to Sunday, or one number for each working day.
        capacity: Option<WeekCapacity> = None => "1200 1200 1200 1200 1200 400 0",
        /// Local time after which an order counts for the next working day.
        cutoff: TimeOfDay = TimeOfDay::from_hm(14, 0) => "14:00",
        /// Days worked, less holidays.
        calendar: Calendar = Calendar::weekdays_only() => "mon tue wed thu fri except 2018-09-03 2018-11-22",
        /// Handling cost of one parcel.
        handling_parcel: Option<Money> = None => "1.10 USD",
        /// Handling cost of one unit.
        handling_unit: Option<Money> = None => "0.18 USD",
        /// Sustained wind at which the site closes, in knots.
        wind_threshold_kt: Option<u16> = None => "64",
        /// Storage classes the site may keep; every class where empty.
        storage: Vec<String> = Vec::new() => "ambient|chilled",
        /// Minutes of silence after which the site counts as not answering.
        heartbeat_min: Option<u32> = None => "30",
        /// Company that runs the site, where it is not the operator: partners that fail together.
        partner: Option<String> = None => "Harbour 3PL",
    }
}

table! {
    /// Capacity of single days that differ from the week.
    CapacityDay in "capacity.csv", key(site, day),
    required {
        /// Code of the site.
        site: String = "ILM1",
        /// Local day.
        day: Day = "2018-11-23",
        /// Work units on that day.
        units: u32 = "2400",
    }
    optional {}
}

table! {
    /// Contracts for standby sites.
    StandbyContract in "standby.csv", key(site),
    required {
        /// Code of the site.
        site: String = "ILM1",
        /// Hours from activation to the first parcel.
        activation_lead_h: u32 = "24",
        /// Cost of one activation.
        activation_cost: Money = "5000.00 USD",
        /// Cost of one day while active.
        daily_cost: Money = "800.00 USD",
    }
    optional {
        /// Work units a day while active; the site's own capacity where empty.
        capacity: Option<u32> = None => "900",
        /// Cost of keeping the contract for a year.
        yearly_cost: Option<Money> = None => "12000.00 USD",
        /// Company that runs it.
        partner: Option<String> = None => "Harbour 3PL",
    }
}

table! {
    /// What is sold.
    Sku in "skus.csv", key(merchant, code),
    required {
        /// Code of the merchant.
        merchant: String = "acme",
        /// Code of the SKU, unique for its merchant.
        code: String = "W-24",
        /// Name of the goods.
        name: String = "Water, 24 bottles",
    }
    optional {
        /// Category, for ABC analysis and surge factors.
        category: Option<String> = None => "water",
        /// Weight of one sellable unit, grams.
        weight_g: Option<u32> = None => "12500",
        /// Pieces in one sellable unit.
        pack_factor: u32 = 1 => "24",
        /// Price of one sellable unit.
        price: Option<Money> = None => "6.99 USD",
        /// Cost of one sellable unit to the merchant.
        cost: Option<Money> = None => "3.10 USD",
        /// Storage class the goods need.
        storage: String = "ambient".to_owned() => "ambient",
        /// Barcode, GTIN of 8, 12, 13 or 14 digits.
        gtin: Option<String> = None => "4006381333931",
        /// Codes of SKUs of the same merchant that may stand in.
        substitutes: Vec<String> = Vec::new() => "W-12|W-6",
        /// Days the goods keep.
        shelf_life_days: Option<u32> = None => "365",
    }
}

table! {
    /// What lies where.
    Stock in "stock.csv", key(site, merchant, sku),
    required {
        /// Code of the site.
        site: String = "ILM1",
        /// Code of the merchant.
        merchant: String = "acme",
        /// Code of the SKU.
        sku: String = "W-24",
        /// Sellable units on hand.
        on_hand: Quantity = "480",
    }
    optional {
        /// When it was counted.
        counted_at: Option<Stamp> = None => "2018-09-01T06:00:00Z",
    }
}

table! {
    /// Goods on order or on the way to a site.
    Inbound in "inbound.csv", key(reference, site, merchant, sku),
    required {
        /// Number of the purchase order or advice.
        reference: String = "PO-7781",
        /// Code of the site.
        site: String = "ILM1",
        /// Code of the merchant.
        merchant: String = "acme",
        /// Code of the SKU.
        sku: String = "W-24",
        /// Sellable units.
        quantity: Quantity = "960",
        /// Local day they are expected.
        expected: Day = "2018-09-17",
    }
    optional {}
}

table! {
    /// Destination areas.
    ZoneArea in "zones.csv", key(code),
    required {
        /// Code the other files refer to.
        code: String = "US-284",
        /// Country, ISO 3166 alpha-2.
        country: String = "US",
    }
    optional {
        /// Beginnings of the postal codes in the zone; the whole country where empty.
        postal_prefixes: Vec<String> = Vec::new() => "284|285",
        /// Name of the zone.
        name: Option<String> = None => "Wilmington area",
        /// Middle of the zone, latitude and longitude in degrees.
        centroid: Option<Place> = None => "34.300000 -78.000000",
        /// People who live there.
        population: Option<u32> = None => "410000",
    }
}

table! {
    /// Carriers and the days they work.
    Carrier in "carriers.csv", key(code),
    required {
        /// Code the lanes refer to.
        code: String = "ups",
        /// Name of the carrier.
        name: String = "UPS",
    }
    optional {
        /// Days worked, less holidays.
        calendar: Calendar = Calendar::weekdays_only() => "mon tue wed thu fri sat",
        /// Mail address for embargoes and pick-ups.
        contact: Option<String> = None => "dispatch@ups.example",
    }
}

table! {
    /// Ways from sites to zones.
    Lane in "lanes.csv", key(site, zone, carrier, service),
    required {
        /// Code of the site; `*` for every site.
        site: String = "ILM1",
        /// Code of the zone; `*` for every zone.
        zone: String = "US-284",
        /// Code of the carrier.
        carrier: String = "ups",
        /// Service of the carrier.
        service: String = "ground",
        /// Cost of one parcel.
        parcel_cost: Money = "6.20 USD",
        /// Working days from hand-over to delivery.
        transit_days: u16 = "2",
    }
    optional {
        /// How goods move.
        kind: LaneKind = LaneKind::Parcel => "parcel",
        /// Cost of each kilogram.
        kg_cost: Option<Money> = None => "0.45 USD",
        /// Whether the lane may be used.
        open: bool = true => "yes",
        /// Heaviest parcel, grams.
        weight_max_g: Option<u32> = None => "30000",
        /// Local time of the pick-up.
        pickup: Option<TimeOfDay> = None => "17:30",
    }
}

table! {
    /// People who ordered. Personal data: sealed before anything is journaled.
    Customer in "customers.csv", key(reference),
    required {
        /// Reference the orders use.
        reference: String = "C-1042",
    }
    optional {
        /// Name.
        name: Option<String> = None => "Jo Tern",
        /// Street or road-name address.
        street: Option<String> = None => "12 Water St",
        /// City.
        city: Option<String> = None => "Wilmington",
        /// Postal code.
        postal: Option<String> = None => "28401",
        /// Country, ISO 3166 alpha-2.
        country: Option<String> = None => "US",
        /// Phone.
        phone: Option<String> = None => "+1 910 555 0100",
        /// Mail address.
        email: Option<String> = None => "jo@example.org",
        /// Language, BCP 47.
        language: Option<String> = None => "en",
        /// What the customer agreed to.
        consents: Vec<Consent> = Vec::new() => "email|sms",
    }
}

table! {
    /// Orders.
    Order in "orders.csv", key(merchant, number),
    required {
        /// Code of the merchant.
        merchant: String = "acme",
        /// The merchant's order number.
        number: String = "100481",
        /// When it was ordered.
        ordered_at: Stamp = "2018-09-10T14:02:00Z",
        /// Country of the ship-to, ISO 3166 alpha-2.
        ship_country: String = "US",
    }
    optional {
        /// Postal code of the ship-to.
        ship_postal: Option<String> = None => "28401",
        /// Reference of the customer.
        customer: Option<String> = None => "C-1042",
        /// When it was paid.
        paid_at: Option<Stamp> = None => "2018-09-10T14:03:00Z",
        /// Day the customer was promised delivery.
        promised: Option<Day> = None => "2018-09-14",
        /// How urgent it is.
        priority: Priority = Priority::Standard => "standard",
        /// Where it stands.
        status: OrderStatus = OrderStatus::Open => "open",
        /// Name of the receiver, where it is not the customer.
        ship_name: Option<String> = None => "Sam Tern",
        /// Street or road-name address of the ship-to.
        ship_street: Option<String> = None => "12 Water St",
        /// City of the ship-to.
        ship_city: Option<String> = None => "Wilmington",
        /// Phone of the receiver.
        ship_phone: Option<String> = None => "+1 910 555 0100",
    }
}

table! {
    /// Lines of orders.
    OrderLine in "order_lines.csv", key(merchant, order, line),
    required {
        /// Code of the merchant.
        merchant: String = "acme",
        /// Number of the order.
        order: String = "100481",
        /// Number of the line in its order, from 1, or the shop's own line number.
        line: String = "1",
        /// Code of the SKU.
        sku: String = "W-24",
        /// Sellable units ordered.
        quantity: Quantity = "2",
    }
    optional {
        /// Price of one unit; the SKU's price where empty.
        unit_price: Option<Money> = None => "6.99 USD",
        /// Units of it cancelled since.
        cancelled: Quantity = Quantity::ZERO => "0",
        /// When they were cancelled.
        cancelled_at: Option<Stamp> = None => "2018-09-11T08:00:00Z",
    }
}

table! {
    /// Goods that came back.
    Return in "returns.csv", key(merchant, reference, line),
    required {
        /// Code of the merchant.
        merchant: String = "acme",
        /// Number of the return or credit note.
        reference: String = "R-55",
        /// Line in the return.
        line: String = "1",
        /// Code of the SKU.
        sku: String = "W-24",
        /// Sellable units that came back.
        quantity: Quantity = "1",
        /// When.
        returned_at: Stamp = "2018-09-20T10:00:00Z",
    }
    optional {
        /// Number of the order it belongs to, where known.
        order: Option<String> = None => "100481",
        /// Line of that order.
        order_line: Option<String> = None => "1",
        /// Money given back for each unit.
        unit_refund: Option<Money> = None => "6.99 USD",
        /// Whether the goods went back to stock.
        restock: bool = true => "yes",
        /// Site they came back to.
        site: Option<String> = None => "ILM1",
    }
}

table! {
    /// People to call: roles and their deputies.
    Contact in "contacts.csv", key(role, name),
    required {
        /// Role in an incident.
        role: String = "incident lead",
        /// Name.
        name: String = "Ada Reef",
    }
    optional {
        /// Mail address.
        email: Option<String> = None => "ada@kelp.example",
        /// Phone that is answered at night.
        phone: Option<String> = None => "+1 910 555 0101",
        /// Site the person stands for; every site where empty.
        site: Option<String> = None => "ILM1",
        /// Whether the person is the deputy of the role.
        deputy: bool = false => "no",
        /// Place in the call tree, 1 first.
        call_order: Option<u32> = None => "1",
        /// Language, BCP 47.
        language: Option<String> = None => "en",
    }
}

table! {
    /// Business processes, and what only people know about them.
    Process in "processes.csv", key(code),
    required {
        /// Code, such as `picking` or `customer_support`.
        code: String = "picking",
        /// Name of the process.
        name: String = "Picking and packing",
    }
    optional {
        /// Role that owns it.
        owner: Option<String> = None => "warehouse lead",
        /// Sites it depends on; every site where empty.
        sites: Vec<String> = Vec::new() => "ILM1",
        /// Systems it depends on.
        systems: Vec<String> = Vec::new() => "wms|label-printer",
        /// Companies it depends on.
        partners: Vec<String> = Vec::new() => "UPS|Harbour 3PL",
        /// Processes it depends on.
        after: Vec<String> = Vec::new() => "order_intake",
        /// Recovery time objective, hours.
        rto_h: Option<u32> = None => "24",
        /// Maximum tolerable period of disruption, hours.
        mtpd_h: Option<u32> = None => "72",
        /// Recovery point objective, minutes of data.
        rpo_min: Option<u32> = None => "15",
        /// Minimum business continuity objective, per cent of normal output.
        mbco_percent: Option<u32> = None => "50",
        /// What is done by hand meanwhile.
        workaround: Option<String> = None => "paper pick lists from the break-glass pack",
        /// Fewest people it runs with.
        people_min: Option<u32> = None => "6",
        /// Other least resources, in words.
        resources_min: Option<String> = None => "2 label printers, 400 cartons, 1 truck a day",
        /// Worst time of the week or year for it to fail.
        worst_time: Option<String> = None => "Friday before Thanksgiving",
        /// Legal harm after a day of failure, 0 none to 4 ruinous.
        legal_scale: Option<u32> = None => "2",
        /// Harm to reputation after a day of failure, 0 none to 4 ruinous.
        reputation_scale: Option<u32> = None => "3",
    }
}
