//! The map: sites, open orders, the lanes they travel and lanes that are closed, over coasts and borders, as one SVG.
//!
//! It says nothing that the table beside it does not say; it is drawn in a conic projection around the sites.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use holdfast_domain::id::{Id, SiteId, ZoneId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::place::Place;
use maud::{Markup, PreEscaped, html};

use crate::reading::access_key;
use crate::screen::Cx;
use crate::words::say;

/// Width of the drawing in its own units.
pub(crate) const WIDTH: f64 = 960.0;
/// Flows drawn at most, the greatest first.
const FLOWS_MAX: usize = 160;
/// Zones drawn at most, the greatest first.
const ZONES_MAX: usize = 400;

/// Lines of an outline file, in degrees.
pub(crate) struct Outlines {
    lines: Vec<(Stroke, Vec<(f64, f64)>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    Land,
    Border,
    State,
}

impl Outlines {
    fn read(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let mut words = line.split(' ');
            let stroke = match words.next()? {
                "L" => Stroke::Land,
                "B" => Stroke::Border,
                _ => Stroke::State,
            };
            let numbers: Vec<i32> = words.filter_map(|word| word.parse().ok()).collect();
            let (mut x, mut y) = (0, 0);
            let points = numbers.chunks_exact(2).map(|step| {
                (x, y) = (x + step[0], y + step[1]);
                (f64::from(x) / 100.0, f64::from(y) / 100.0)
            });
            Some((stroke, points.collect()))
        });
        Self { lines: lines.collect() }
    }
}

static WORLD: LazyLock<Outlines> = LazyLock::new(|| Outlines::read(include_str!("../assets/map/world.txt")));
static AMERICA: LazyLock<Outlines> =
    LazyLock::new(|| Outlines::read(include_str!("../assets/map/america.txt")));
static KOREA: LazyLock<Outlines> = LazyLock::new(|| Outlines::read(include_str!("../assets/map/korea.txt")));

/// A part of the globe, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bounds {
    pub(crate) fn around(places: impl Iterator<Item = Place>) -> Option<Self> {
        let mut found: Option<Self> = None;
        for place in places {
            let (lon, lat) = (place.lon(), place.lat());
            let b = found.unwrap_or(Self { west: lon, south: lat, east: lon, north: lat });
            found = Some(Self {
                west: b.west.min(lon),
                south: b.south.min(lat),
                east: b.east.max(lon),
                north: b.north.max(lat),
            });
        }
        found
    }

    /// With room around, and never smaller than a region.
    pub(crate) fn widened(self) -> Self {
        let (wide, high) = ((self.east - self.west).max(3.0), (self.north - self.south).max(2.4));
        let (x, y) = (f64::midpoint(self.west, self.east), f64::midpoint(self.south, self.north));
        let half_y = (high * 0.64).max(wide * 0.24);
        // What is tall gets sea and land to its sides: the drawing is never taller than three quarters of its width.
        let half_x = (wide * 0.58).max(half_y * 1.36 / y.to_radians().cos().max(0.2));
        Self {
            west: x - half_x,
            east: x + half_x,
            south: (y - half_y).max(-58.0),
            north: (y + half_y).min(80.0),
        }
    }

    fn within(self, west: f64, south: f64, east: f64, north: f64) -> bool {
        self.west >= west && self.east <= east && self.south >= south && self.north <= north
    }
}

/// Albers' conic around the middle of the bounds; plate carrée where they span the globe.
pub(crate) struct Projection {
    flat: bool,
    n: f64,
    c: f64,
    rho0: f64,
    lon0: f64,
    scale: f64,
    left: f64,
    top: f64,
    height: f64,
}

impl Projection {
    pub(crate) fn of(bounds: Bounds) -> Self {
        let (low, high) = (bounds.south.to_radians(), bounds.north.to_radians());
        let (first, second) = (low + (high - low) / 6.0, high - (high - low) / 6.0);
        let n = f64::midpoint(first.sin(), second.sin());
        let flat = bounds.east - bounds.west > 100.0 || n.abs() < 0.05;
        let c = first.cos().powi(2) + 2.0 * n * first.sin();
        let middle = f64::midpoint(low, high);
        let rho0 = if flat { 0.0 } else { (c - 2.0 * n * middle.sin()).max(0.0).sqrt() / n };
        let lon0 = f64::midpoint(bounds.west, bounds.east);
        let mut made = Self { flat, n, c, rho0, lon0, scale: 1.0, left: 0.0, top: 0.0, height: 0.0 };
        let steps = || (0..=8).map(|step| f64::from(step) / 8.0);
        let edge = steps().flat_map(|t| {
            let lon = bounds.west + t * (bounds.east - bounds.west);
            let lat = bounds.south + t * (bounds.north - bounds.south);
            [(lon, bounds.south), (lon, bounds.north), (bounds.west, lat), (bounds.east, lat)]
        });
        let points: Vec<(f64, f64)> = edge.map(|(lon, lat)| made.raw(lon, lat)).collect();
        let least = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (left, right, top, bottom) = (least(|p| p.0), most(|p| p.0), least(|p| p.1), most(|p| p.1));
        made.scale = WIDTH / (right - left);
        (made.left, made.top) = (left, top);
        made.height = ((bottom - top) * made.scale).clamp(WIDTH * 0.42, WIDTH * 0.8);
        made
    }

    fn raw(&self, lon: f64, lat: f64) -> (f64, f64) {
        if self.flat {
            return (lon.to_radians(), -lat.to_radians());
        }
        let theta = self.n * (lon - self.lon0).to_radians();
        let rho = (self.c - 2.0 * self.n * lat.to_radians().sin()).max(0.0).sqrt() / self.n;
        (rho * theta.sin(), -(self.rho0 - rho * theta.cos()))
    }

    fn point(&self, lon: f64, lat: f64) -> (f64, f64) {
        let (x, y) = self.raw(lon, lat);
        ((x - self.left) * self.scale, (y - self.top) * self.scale)
    }

    pub(crate) fn place(&self, place: Place) -> (f64, f64) {
        self.point(place.lon(), place.lat())
    }

    /// Height of the drawing in its own units.
    pub(crate) const fn height(&self) -> f64 {
        self.height
    }

    pub(crate) fn shows(&self, (x, y): (f64, f64)) -> bool {
        (0.0..=WIDTH).contains(&x) && (0.0..=self.height).contains(&y)
    }
}

/// The path of all outlines of one stroke that touch the frame.
pub(crate) fn path(outlines: &Outlines, stroke: Stroke, to: &Projection) -> String {
    let mut out = String::new();
    for (_, points) in outlines.lines.iter().filter(|(kind, _)| *kind == stroke) {
        let drawn: Vec<(f64, f64)> = points.iter().map(|(lon, lat)| to.point(*lon, *lat)).collect();
        let beside = drawn.iter().all(|p| p.0 < 0.0)
            || drawn.iter().all(|p| p.0 > WIDTH)
            || drawn.iter().all(|p| p.1 < 0.0)
            || drawn.iter().all(|p| p.1 > to.height);
        if beside {
            continue;
        }
        let mut last = None;
        for (index, (x, y)) in drawn.iter().enumerate() {
            let at = ((x * 2.0).round() as i64, (y * 2.0).round() as i64);
            // Points closer than half a unit say nothing.
            if index > 0 && last == Some(at) {
                continue;
            }
            last = Some(at);
            let letter = if index == 0 { 'M' } else { 'L' };
            out += &format!("{letter}{} {}", half(at.0), half(at.1));
        }
        if stroke == Stroke::Land {
            out.push('Z');
        }
    }
    out
}

/// A number of halves as text: `12`, `12.5`.
fn half(twice: i64) -> String {
    let sign = if twice < 0 { "-" } else { "" };
    let size = twice.unsigned_abs();
    if size % 2 == 0 { format!("{sign}{}", size / 2) } else { format!("{sign}{}.5", size / 2) }
}

/// Open orders by site and zone, of the merchants the viewer may see.
fn flows(cx: &Cx<'_>) -> (BTreeMap<(SiteId, ZoneId), u32>, BTreeMap<ZoneId, u32>) {
    let (mut flows, mut zones) = (BTreeMap::new(), BTreeMap::new());
    for ((merchant, site, zone), count) in &cx.view.overview.flows {
        if cx.viewer.sees(*merchant) {
            *flows.entry((*site, *zone)).or_default() += count;
            *zones.entry(*zone).or_default() += count;
        }
    }
    (flows, zones)
}

/// The outlines that are finest within the bounds.
pub(crate) fn outlines_for(bounds: Bounds) -> &'static Outlines {
    if bounds.within(-134.0, 13.0, -53.0, 55.0) {
        &AMERICA
    } else if bounds.within(117.5, 29.5, 141.5, 45.5) {
        &KOREA
    } else {
        &WORLD
    }
}

/// The map of the house.
pub(crate) fn house(cx: &Cx<'_>) -> Markup {
    let (w, network) = (cx.words, &cx.view.state().network);
    let Some(bounds) = Bounds::around(network.sites.iter().map(|site| site.place)) else {
        return crate::parts::nothing(&w.say("map-none"));
    };
    let bounds = bounds.widened();
    let outlines = outlines_for(bounds);
    let to = Projection::of(bounds);
    let (flows, zones) = flows(cx);
    let beyond: u64 = zones
        .iter()
        .filter(|(zone, _)| {
            network.zones.get(zone.index()).is_some_and(|zone| !to.shows(to.place(zone.place)))
        })
        .map(|(_, count)| u64::from(*count))
        .sum();
    html! {
        figure class="map" {
            svg viewBox={ "0 0 " (WIDTH) " " (to.height.round()) } role="img" aria-label=(w.say("map-label")) {
                rect class="sea" width=(WIDTH) height=(to.height.round()) {}
                path class="land" d=(path(outlines, Stroke::Land, &to)) {}
                path class="state" d=(path(outlines, Stroke::State, &to)) {}
                path class="border" d=(path(outlines, Stroke::Border, &to)) {}
                (PreEscaped(draw_flows(cx, &to, &flows)))
                (PreEscaped(draw_zones(cx, &to, &zones)))
                (draw_sites(cx, &to))
            }
            figcaption { (legend(cx)) @if beyond > 0 { " " (say!(w, "map-beyond", n = beyond)) } }
        }
    }
}

/// Curves from sites to zones; what is closed is drawn broken.
fn draw_flows(cx: &Cx<'_>, to: &Projection, flows: &BTreeMap<(SiteId, ZoneId), u32>) -> String {
    let state = cx.view.state();
    let mut all: Vec<(u32, SiteId, ZoneId)> =
        flows.iter().map(|((site, zone), n)| (*n, *site, *zone)).collect();
    all.sort_by_key(|(n, site, zone)| (core::cmp::Reverse(*n), *site, *zone));
    let most = all.first().map_or(1, |(n, ..)| *n).max(1);
    let mut out = String::new();
    for (n, site, zone) in all.into_iter().take(FLOWS_MAX) {
        let (Some(from), Some(end)) = (state.network.site(site), state.network.zones.get(zone.index()))
        else {
            continue;
        };
        let ((x1, y1), (x2, y2)) = (to.place(from.place), to.place(end.place));
        if !to.shows((x1, y1)) || !to.shows((x2, y2)) {
            continue;
        }
        let lanes = state.network.lanes_to(zone);
        let open = lanes.iter().any(|(s, lane)| *s == site && state.lane_is_open(*lane));
        let shut = !open || matches!(state.sites[site.index()].access, SiteAccess::Closed { .. });
        let (mx, my) = (f64::midpoint(x1, x2), f64::midpoint(y1, y2) - (x2 - x1).abs() * 0.12);
        let width = 0.7 + 2.3 * f64::from(n) / f64::from(most);
        let class = if shut { "flow shut" } else { "flow" };
        out += &format!(
            "<path class=\"{class}\" stroke-width=\"{width:.1}\" d=\"M{x1:.1} {y1:.1}Q{mx:.1} {my:.1} {x2:.1} {y2:.1}\"/>"
        );
    }
    out
}

/// Dots where open orders go, by their number.
fn draw_zones(cx: &Cx<'_>, to: &Projection, zones: &BTreeMap<ZoneId, u32>) -> String {
    let network = &cx.view.state().network;
    let mut all: Vec<(u32, ZoneId)> = zones.iter().map(|(zone, n)| (*n, *zone)).collect();
    all.sort_by_key(|(n, zone)| (core::cmp::Reverse(*n), *zone));
    let most = all.first().map_or(1, |(n, _)| *n).max(1);
    let mut out = String::new();
    for (n, zone) in all.into_iter().take(ZONES_MAX) {
        let Some(known) = network.zones.get(zone.index()) else { continue };
        let (x, y) = to.place(known.place);
        if to.shows((x, y)) {
            let radius = 1.2 + 4.3 * (f64::from(n) / f64::from(most)).sqrt();
            out += &format!("<circle class=\"zone\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>");
        }
    }
    out
}

/// A label's box, to keep labels apart.
#[derive(Clone, Copy)]
struct Label {
    x: f64,
    y: f64,
    wide: f64,
}

impl Label {
    fn meets(self, other: Self) -> bool {
        self.x < other.x + other.wide && other.x < self.x + self.wide && (self.y - other.y).abs() < 15.0
    }
}

fn draw_sites(cx: &Cx<'_>, to: &Projection) -> Markup {
    let state = cx.view.state();
    let points: Vec<(f64, f64)> = state.network.sites.iter().map(|site| to.place(site.place)).collect();
    let mut taken: Vec<Label> = points.iter().map(|(x, y)| Label { x: x - 8.0, y: *y, wide: 16.0 }).collect();
    let mut placed: Vec<Option<(f64, f64)>> = Vec::new();
    for (index, site) in state.network.sites.iter().enumerate() {
        let (x, y) = points[index];
        let wide = 9.0 * site.code.chars().count() as f64 + 4.0;
        let tries = [
            (x + 11.0, y + 5.0),
            (x - 11.0 - wide, y + 5.0),
            (x - wide / 2.0, y - 12.0),
            (x - wide / 2.0, y + 23.0),
            (x + 9.0, y - 8.0),
            (x + 9.0, y + 18.0),
            (x - 9.0 - wide, y - 8.0),
            (x - 9.0 - wide, y + 18.0),
        ];
        let fits = |(lx, ly): &(f64, f64)| {
            let label = Label { x: *lx, y: *ly - 5.0, wide };
            *lx > 2.0
                && lx + wide < WIDTH - 2.0
                && taken.iter().enumerate().all(|(i, other)| i == index || !label.meets(*other))
        };
        let found = tries.into_iter().find(fits);
        if let Some((lx, ly)) = found {
            taken.push(Label { x: lx, y: ly - 5.0, wide });
        }
        placed.push(found);
    }
    html! {
        @for (index, (site, now)) in state.network.sites.iter().zip(&state.sites).enumerate() {
            @let (x, y) = points[index];
            @let key = access_key(now.access);
            g class={ "site " (key) } {
                title { (site.code) " · " (site.name) " · " (cx.words.say(&format!("access-{key}"))) }
                (mark(now.access, x, y))
                @if let Some((lx, ly)) = placed[index] { text x=(format!("{lx:.1}")) y=(format!("{ly:.1}")) { (site.code) } }
            }
        }
    }
}

/// A site's mark: its shape tells its state without colour.
fn mark(access: SiteAccess, x: f64, y: f64) -> Markup {
    let (left, top) = (format!("{:.1}", x - 6.5), format!("{:.1}", y - 6.5));
    let (cx, cy) = (format!("{x:.1}"), format!("{y:.1}"));
    html! {
        @match access {
            SiteAccess::Closed { .. } => {
                rect class="mark" x=(left) y=(top) width="13" height="13" {}
                path class="cross" d={ "M" (format!("{:.1} {:.1}", x - 3.5, y - 3.5)) "l7 7m0-7-7 7" } {}
            }
            SiteAccess::Open { permille: 1000.. } => circle class="mark" cx=(cx) cy=(cy) r="6" {},
            SiteAccess::Open { .. } => path class="mark" d={ "M" (format!("{:.1} {:.1}", x, y - 7.5)) "l7.5 13h-15z" } {},
            SiteAccess::Dormant => circle class="mark hollow" cx=(cx) cy=(cy) r="5.5" {},
            SiteAccess::Activating { .. } => path class="mark" d={ "M" (format!("{:.1} {:.1}", x, y - 8.0)) "l8 8-8 8-8-8z" } {},
        }
    }
}

fn legend(cx: &Cx<'_>) -> Markup {
    use crate::parts::{Tone, chip};
    let w = cx.words;
    html! {
        span class="legend" {
            (chip(Tone::Good, &w.say("access-open"))) " "
            (chip(Tone::Warn, &w.say("access-limited"))) " "
            (chip(Tone::Bad, &w.say("access-closed"))) " "
            (chip(Tone::Quiet, &w.say("access-dormant"))) " "
            (chip(Tone::Info, &w.say("access-activating")))
        }
        (w.say("map-legend"))
    }
}
