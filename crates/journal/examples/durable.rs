//! How fast orders become durable: full order records, one transaction for each group, on the disk at hand.
//!
//! `cargo run --release -p holdfast-journal --example durable -- [folder] [orders] [orders in a group]`

#![allow(clippy::print_stdout, reason = "it is a report")]

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use holdfast_app::port::{Group, Journal, SubjectKey};
use holdfast_domain::event::{Event, Terms};
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{LaneId, MerchantId, SiteId, SkuId, SubjectId, ZoneId};
use holdfast_domain::network::{Country, Language};
use holdfast_domain::order::{Allocation, Line, Order};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Day, Stamp};
use holdfast_journal::format;
use holdfast_journal::memory::MemoryJournal;
use holdfast_journal::sqlite::SqliteJournal;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 7;
/// Synced writes by which the disk is measured.
const SYNCS: u32 = 300;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let orders: usize = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let in_group: usize = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let folder = folder.join(format!("holdfast-durable-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = report(&folder, orders, in_group);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn report(folder: &Path, orders: usize, in_group: usize) -> Result<(), Failure> {
    println!("{}", hardware());
    println!("disk: {:.0} synced writes of 4 KiB a second (fdatasync)", sync_rate(folder)?);
    let groups = groups(orders, in_group);
    let bytes: usize = groups.iter().map(|g| format::encode(1, g).map_or(0, |bytes| bytes.len())).sum();
    println!(
        "seed {SEED}: {orders} orders, received and sourced in one entry each, {} bytes an order, groups of {in_group}",
        bytes / orders
    );
    let start = Instant::now();
    for group in &groups {
        std::hint::black_box(format::encode(1, group)?);
    }
    rate("encoded", orders, start);
    fill("appended to memory", &mut MemoryJournal::new(), &groups, orders)?;
    let path = folder.join("journal");
    let mut journal = SqliteJournal::open(&path)?;
    fill("durable in SQLite", &mut journal, &groups, orders)?;
    let start = Instant::now();
    let mut events = 0;
    for group in journal.read(0)? {
        events += group?.entries.iter().map(|entry| entry.events.len()).sum::<usize>();
    }
    println!(
        "{:>22}: {:>10.0} events/s, chain checked",
        "read",
        events as f64 / start.elapsed().as_secs_f64()
    );
    println!("{:>22}: {:>10.1} MB", "file", std::fs::metadata(&path)?.len() as f64 / 1e6);
    let mut sealed = SqliteJournal::open(&folder.join("sealed"))?;
    fill("with keys of subjects", &mut sealed, &with_keys(groups), orders)?;
    Ok(())
}

fn fill(what: &str, journal: &mut dyn Journal, groups: &[Group], orders: usize) -> Result<(), Failure> {
    let mut head = journal.take_over()?;
    let mut slowest = 0.0_f64;
    let start = Instant::now();
    for group in groups {
        let one = Instant::now();
        head = journal.append(head, group)?;
        slowest = slowest.max(one.elapsed().as_secs_f64());
    }
    rate(what, orders, start);
    println!("{:>22}: {:>10.1} ms", "slowest group", slowest * 1e3);
    Ok(())
}

fn rate(what: &str, orders: usize, start: Instant) {
    println!("{what:>22}: {:>10.0} orders/s", orders as f64 / start.elapsed().as_secs_f64());
}

/// Processor, cores and memory, as the kernel names them.
fn hardware() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", name.trim_start_matches(['\t', ' ', ':']))
}

fn sync_rate(folder: &Path) -> Result<f64, Failure> {
    let mut file = File::create(folder.join("sync"))?;
    let start = Instant::now();
    for _ in 0..SYNCS {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
    }
    Ok(f64::from(SYNCS) / start.elapsed().as_secs_f64())
}

fn groups(orders: usize, in_group: usize) -> Vec<Group> {
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    let entries: Vec<usize> = (0..orders).collect();
    let group = |part: &[usize]| Group {
        entries: part.iter().map(|n| entry(*n, &mut chance)).collect(),
        ..Group::default()
    };
    entries.chunks(in_group).map(group).collect()
}

/// The same groups, a new customer in each order: their keys are synced before the group is.
fn with_keys(groups: Vec<Group>) -> Vec<Group> {
    let mut subject = 0;
    let keys = |group: Group| {
        let first = subject;
        subject += group.entries.len() as u32;
        let subject_keys = (first..subject).map(|n| (SubjectId(n), SubjectKey([n as u8; 32]))).collect();
        Group { subject_keys, ..group }
    };
    groups.into_iter().map(keys).collect()
}

fn entry(n: usize, chance: &mut ChaCha8Rng) -> Entry {
    let at = Stamp(1_536_926_400_000 + n as i64);
    let lines: usize = [1, 1, 1, 2, 2, 3][chance.random_range(0..6)];
    let day = Day(17_788 + chance.random_range(0..5));
    let skus: Vec<Line> = (0..lines)
        .map(|_| Line {
            sku: SkuId(chance.random_range(0..100_000)),
            ordered: Quantity(chance.random_range(1..4)),
            cancelled: Quantity::ZERO,
            returned: Quantity::ZERO,
            price: chance.random_range(500..20_000),
            allocations: Default::default(),
        })
        .collect();
    let site = SiteId(chance.random_range(0..14));
    let zone = chance.random_range(0..900);
    let lane = LaneId(u32::from(zone) * 14 + u32::from(site.0));
    let allocation =
        |line: &Line| Allocation { site, lane, ship_day: day, quantity: line.ordered, shipment: None };
    let allocations = (0..).zip(skus.iter().map(allocation)).collect();
    let order = Order {
        merchant: MerchantId(chance.random_range(0..5)),
        number: format!("#{}", 1_000_000 + n).into(),
        subject: Some(SubjectId(n as u32)),
        zone: ZoneId(zone),
        country: Country::new("US").expect("two letters"),
        postal: format!("{zone:03}{:02}", n % 100).into(),
        language: Language::EN,
        placed: at,
        paid: Some(at),
        promise: day.plus(4),
        promise_first: day.plus(4),
        priority: 0,
        hold: None,
        moved: 0,
        lines: skus.into_iter().collect(),
    };
    let terms = Terms { parcel: 780, line: 110, late: 0, price: 3 };
    let order_id = holdfast_domain::id::OrderId(n as u32);
    let sourced = Event::OrderSourced { order: order_id, allocations, terms, promise: None };
    let events = vec![Event::OrderReceived(Box::new(order)), sourced];
    Entry { at, actor: "shop".into(), key: Some(chance.random()), events }
}
