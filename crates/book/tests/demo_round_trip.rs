//! The book's own reader takes every demo book as its writer wrote it: nothing refused, nothing repaired.

use holdfast_book::demo::{
    Options, florence, fourteen_sites_sixty_merchants, ian, korea, one_warehouse, two_warehouses,
};
use holdfast_book::known::Known;
use holdfast_book::{Book, mapping, read_book, write_book};

const SEED: u64 = 2018;

fn check(name: &str, book: &Book) {
    let files = write_book(book);
    let reading = read_book(&files, &Known::none(), &mapping::shipped());
    let errors: Vec<String> = reading.report.errors().take(5).map(|error| format!("{error:?}")).collect();
    assert_eq!(errors, Vec::<String>::new(), "{name}, seed {SEED}");
    assert!(reading.report.adds_up(), "{name}");
    let repairs: u64 = reading.report.files.iter().map(|file| file.repairs_count).sum();
    assert_eq!(repairs, 0, "{name}: nothing needed a repair");
    assert_eq!(&reading.book, book, "{name}: what was written reads back equal");
}

#[test]
fn every_demo_book_passes_the_reader_unchanged() {
    let options = Options::orders(2_000);
    check("florence", &florence(SEED, &options));
    check("ian", &ian(SEED, &options));
    check("korea", &korea(SEED, &options));
    check("one_warehouse", &one_warehouse(SEED, &options));
    check("two_warehouses", &two_warehouses(SEED, &options));
    check("fourteen_sites_sixty_merchants", &fourteen_sites_sixty_merchants(SEED, &options));
}
