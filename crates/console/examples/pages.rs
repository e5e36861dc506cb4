//! Writes every page of a house in the middle of a hurricane as files, to look at:
//! `cargo run -p holdfast-console --example pages -- OUTDIR`.

#[path = "../tests/world/mod.rs"]
mod world;

use std::path::Path;

use holdfast_console::assets::ASSETS;
use holdfast_console::page::{Fields, Page};
use holdfast_console::viewer::{Role, Viewer};
use holdfast_console::words::Locale;
use holdfast_console::{Alone, render, render_plain};

use world::House;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "pages".to_owned());
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder.join("assets"))?;
    for asset in &ASSETS {
        std::fs::write(folder.join("assets").join(asset.name), asset.bytes)?;
    }
    for (name, house) in [("us", House::florence(3_000)), ("kr", House::hinnamnor(2_000))] {
        let state = &house.engine.state;
        let doubtful = house
            .overview
            .in_doubt
            .first()
            .and_then(|id| state.shipments.get(*id))
            .map(|s| s.order.to_string());
        let paths = [
            ("now", "/".to_owned()),
            ("orders", "/orders?status=open".to_owned()),
            ("order", format!("/orders/{}", doubtful.unwrap_or_else(|| "ord-5".to_owned()))),
            ("stock", "/stock".to_owned()),
            ("sku", "/stock/sku-3".to_owned()),
            ("sites", "/sites".to_owned()),
            ("site", "/sites/site-1".to_owned()),
            ("lanes", "/lanes".to_owned()),
            ("incidents", "/incidents".to_owned()),
            ("new", "/incidents/new".to_owned()),
            ("incident", "/incidents/inc-0".to_owned()),
            ("preview", "/preview?site=site-1&what=close".to_owned()),
            ("before", "/before".to_owned()),
            ("statistics", "/statistics".to_owned()),
            ("settings", "/settings".to_owned()),
            ("people", "/people".to_owned()),
            ("audit", "/audit".to_owned()),
            ("support", "/support?q=100".to_owned()),
        ];
        for locale in Locale::ALL {
            let viewer = Viewer {
                name: "Dana Reyes".to_owned(),
                role: Role::Admin,
                locale,
                csrf: "example".to_owned(),
            };
            for (page, address) in &paths {
                let (path, query) = address.split_once('?').unwrap_or((address, ""));
                let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                let fields = Fields(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
                let found = Page::parse(path, &fields).expect("a page of ours");
                let (html, _) = render(&found, &house.view(), &viewer, None);
                let local = html.replace("=\"/assets/", "=\"assets/");
                std::fs::write(folder.join(format!("{name}-{page}-{}.html", locale.tag())), local)?;
            }
        }
    }
    for locale in Locale::ALL {
        let page = Alone::SignIn { name: String::new(), failed: None };
        let html = render_plain(&page, locale).replace("=\"/assets/", "=\"assets/");
        std::fs::write(folder.join(format!("sign-in-{}.html", locale.tag())), html)?;
    }
    Ok(())
}
