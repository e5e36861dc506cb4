"""Makes rates.tsv from public counts. README.md beside this file says what each input is.

    python3 make_rates.py EIA.csv FEMA.csv FEMA_COUNTIES.csv TORNADOES.csv NRI.csv > rates.tsv

Intervals: Jeffreys 90 % for counts (normal form of the gamma quantiles by Wilson and Hilferty, within 1 % for
every count here), the range of the years for EIA.
"""
import collections
import csv
import sys

eia_path, fema_path, counties_path, torn_path, nri_path = sys.argv[1:6]
rows = []
YEARS = range(1991, 2021)


def gamma_q(shape, z):
    return shape * (1 - 1 / (9 * shape) + z / (3 * shape**0.5)) ** 3


def jeffreys(count):
    """Factors of the mean for a 90 % interval."""
    mean = count if count else 0.5
    low = gamma_q(count + 0.5, -1.6449) / mean if count else 0.0
    return low, gamma_q(count + 0.5, 1.6449) / mean


def put(hazard, cls, place, rate, low, high, radius_km, basis, source):
    rows.append((hazard, cls, place, rate, low, high, radius_km, basis, source))


nri = list(csv.DictReader(open(nri_path, encoding="utf-8-sig")))
area_mi2, n_counties, names = collections.Counter(), collections.Counter(), {}
for row in nri:
    row["STATEABBRV"] = row["STATEABBRV"].replace("D.C.", "DC")
    area_mi2[row["STATEABBRV"]] += float(row["AREA"])
    n_counties[row["STATEABBRV"]] += 1
    names[row["STATE"].upper()] = row["STATEABBRV"]
states = sorted(s for s in n_counties if s not in {"AS", "GU", "MP", "VI", "PR"})

# Power: EIA-861, 2013-2023. Local interruptions are those left when major event days are taken out.
by_state = collections.defaultdict(list)
for row in csv.DictReader(line for line in open(eia_path, encoding="utf-8-sig") if line.strip()):
    state = names.get(row["State"].upper())
    try:
        saifi, saifi_local = float(row["SAIFI_All_Events"]), float(row["SAIFI_Without_Major_Event_Days"])
    except (KeyError, ValueError):
        continue
    if state:
        by_state[state].append((saifi_local, max(saifi - saifi_local, 0.0)))
for state in states:
    years = by_state[state]
    if not years:
        continue
    for index, (cls, radius) in enumerate([("minor", 5), ("moderate", 100)]):
        values = [year[index] for year in years]
        put("power_outage", cls, f"US-{state}", sum(values) / len(values), min(values), max(values), radius,
            "published", "eia")

# Tornado: area swept by paths, SPC 1991-2022; a path's width counts 0.2 km more for the size of a site.
swept = collections.defaultdict(lambda: collections.Counter())
paths = collections.defaultdict(lambda: collections.Counter())
for row in csv.DictReader(open(torn_path)):
    if not row["yr"] or not 1991 <= float(row["yr"]) <= 2022 or float(row["sn"] or 0) != 1:
        continue
    mag = int(float(row["mag"])) if row["mag"] else -1
    cls = "minor" if mag <= 0 else "moderate" if mag == 1 else "severe" if mag <= 3 else "extreme"
    km2 = float(row["len"]) * 1.609344 * (float(row["wid"]) * 0.0009144 + 0.2)
    swept[row["st"]][cls] += km2
    paths[row["st"]][cls] += 1
for state in states:
    for cls in ("minor", "moderate", "severe", "extreme"):
        if not swept[state][cls]:
            continue
        rate = swept[state][cls] / (area_mi2[state] * 2.589988) / 32
        low, high = jeffreys(paths[state][cls])
        put("tornado", cls, f"US-{state}", rate, rate * low, rate * high, 2, "published", "spc")

# Declared disasters, FEMA 1991-2020, and the share of a state's counties one takes in, 2015-2019.
kinds = {"flood": collections.Counter(), "winter_storm": collections.Counter(), "fire_dr": collections.Counter(),
         "fire_fm": collections.Counter()}
recent = {"flood": 0.0, "winter_storm": 0.0, "fire_dr": 0.0}


def kind_of(row):
    kind, name = row["incidentType"], row["disasterName"].upper()
    if row["declarationType"] in ("Fire Management", "Fire Suppression"):
        return "fire_fm"
    if row["declarationType"] != "Major Disaster":
        return "winter_storm" if kind == "Snow" else None
    # "Severe winter storms, flooding" is rain in California: a flood.
    if kind == "Flood" or (kind == "Severe Storm(s)" and "FLOOD" in name):
        return "flood"
    if kind in ("Snow", "Severe Ice Storm", "Freezing") or "WINTER STORM" in name or "ICE STORM" in name:
        return "winter_storm"
    return "fire_dr" if kind == "Fire" else None


for row in csv.DictReader(open(fema_path, encoding="latin-1")):
    kind, state, year = kind_of(row), row["stateCode"], int(row["declarationDate"][:4])
    if kind is None:
        continue
    if year in YEARS:
        kinds[kind][state] += 1
    if kind in recent and 2015 <= year <= 2019 and row["incidentType"] in (
            "Flood", "Snow", "Severe Ice Storm", "Freezing", "Fire"):
        recent[kind] += n_counties.get(state, 0)
designated = collections.Counter()
for row in csv.DictReader(open(counties_path, encoding="latin-1")):
    kind = {"Flood": "flood", "Snow": "winter_storm", "Severe Ice Storm": "winter_storm",
            "Freezing": "winter_storm", "Fire": "fire_dr"}.get(row["weather_type"])
    if kind and row["state"].upper() in names:
        designated[kind] += 1
share = {kind: min(designated[kind] / recent[kind], 1.0) for kind in recent}
print("share of counties per declaration:", {k: round(v, 3) for k, v in share.items()}, file=sys.stderr)

# What part of the sites in a declared county stops, by class: assumed, see README.md.
STOPS = {
    "flood": (("minor", 0.10, 60), ("moderate", 0.02, 30), ("severe", 0.01, 15)),
    "winter_storm": (("minor", 0.50, 200), ("moderate", 0.10, 150)),
    "wildfire": (("minor", 0.05, 30), ("severe", 0.005, 10)),
}
for state in states:
    for hazard, kind in (("flood", "flood"), ("winter_storm", "winter_storm")):
        count = kinds[kind][state]
        low, high = jeffreys(count)
        yearly = max(count, 0.5) / len(YEARS) * share[kind]
        for cls, part, radius in STOPS[hazard]:
            rate = yearly * part
            put(hazard, cls, f"US-{state}", rate, rate * low, rate * high, radius, "published x assumed", "fema")
    fm, dr = kinds["fire_fm"][state], kinds["fire_dr"][state]
    count = fm + dr
    low, high = jeffreys(count)
    yearly = (max(fm, 0.5) / n_counties[state] + dr * share["fire_dr"]) / len(YEARS)
    for cls, part, radius in STOPS["wildfire"]:
        rate = yearly * part
        put("wildfire", cls, f"US-{state}", rate, rate * low, rate * high, radius, "published x assumed", "fema")

# The mean of the states stands for the country, and, marked coarse, for the rest of the world.
pooled = collections.defaultdict(list)
for hazard, cls, _, rate, low, high, radius, basis, source in rows:
    pooled[(hazard, cls, radius, basis, source)].append((rate, low, high))
for (hazard, cls, radius, basis, source), values in pooled.items():
    mean = [sum(value[i] for value in values) / len(states) for i in range(3)]
    put(hazard, cls, "US", *mean, radius, basis, source)
    put(hazard, cls, "*", *mean, radius, "coarse", source)

print("# hazard\tclass\tplace\trate_per_year\tlow\thigh\tradius_km\tbasis\tsource")
for hazard, cls, place, rate, low, high, radius, basis, source in sorted(rows):
    print(f"{hazard}\t{cls}\t{place}\t{rate:.6g}\t{low:.6g}\t{high:.6g}\t{radius}\t{basis}\t{source}")
