// Makes the outlines of the console's maps from us-atlas and world-atlas, and copies the type.
//
//     npm ci && npm run build
//
// Each file has one line a shape: its kind (L land, B border between countries, S border between states), then
// longitude and latitude of the first point and the steps to the next ones, in hundredths of a degree.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import * as client from "topojson-client";
import * as simplify from "topojson-simplify";

const atlas = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}`, import.meta.url)));
const out = (name) => new URL(`../map/${name}`, import.meta.url);

// Keeps points whose triangle is larger than `weight` square degrees.
const thinned = (topology, weight) => simplify.simplify(simplify.presimplify(topology), weight);

const inside = (ring, [west, south, east, north]) =>
  ring.some(([x, y]) => x >= west && x <= east && y >= south && y <= north);

// Cuts a ring at a box, one side after the other (Sutherland and Hodgman).
function clip(ring, [west, south, east, north]) {
  const sides = [
    [(p) => p[0] >= west, (a, b) => [west, a[1] + ((b[1] - a[1]) * (west - a[0])) / (b[0] - a[0])]],
    [(p) => p[0] <= east, (a, b) => [east, a[1] + ((b[1] - a[1]) * (east - a[0])) / (b[0] - a[0])]],
    [(p) => p[1] >= south, (a, b) => [a[0] + ((b[0] - a[0]) * (south - a[1])) / (b[1] - a[1]), south]],
    [(p) => p[1] <= north, (a, b) => [a[0] + ((b[0] - a[0]) * (north - a[1])) / (b[1] - a[1]), north]],
  ];
  let points = ring;
  for (const [keeps, cut] of sides) {
    const next = [];
    points.forEach((point, index) => {
      const before = points[(index + points.length - 1) % points.length];
      if (keeps(point) !== keeps(before)) next.push(cut(before, point));
      if (keeps(point)) next.push(point);
    });
    points = next;
  }
  return points;
}

function line(kind, points) {
  const whole = points.map(([x, y]) => [Math.round(x * 100), Math.round(y * 100)]);
  const kept = whole.filter(([x, y], i) => i === 0 || x !== whole[i - 1][0] || y !== whole[i - 1][1]);
  if (kept.length < (kind === "L" ? 4 : 2)) return "";
  const steps = kept.map(([x, y], i) => (i === 0 ? `${x} ${y}` : `${x - kept[i - 1][0]} ${y - kept[i - 1][1]}`));
  return `${kind} ${steps.join(" ")}`;
}

function land(topology, object, box) {
  const merged = client.merge(topology, topology.objects[object].geometries);
  // Holes (great lakes in the land) are dropped: lakes are no business of a parcel.
  return merged.coordinates
    .map((polygon) => polygon[0])
    .filter((ring) => inside(ring, box))
    .map((ring) => line("L", clip(ring, box)));
}

function borders(kind, topology, object, box) {
  const mesh = client.mesh(topology, topology.objects[object], (a, b) => a !== b);
  return mesh.coordinates.filter((part) => inside(part, box)).map((part) => line(kind, part));
}

function write(name, shapes) {
  writeFileSync(out(name), shapes.filter(Boolean).join("\n") + "\n");
}

const everywhere = [-180, -60, 180, 84];
const world = thinned(atlas("world-atlas/countries-110m.json"), 0.3);
write("world.txt", [...land(world, "countries", everywhere), ...borders("B", world, "countries", everywhere)]);

const america = [-135, 12, -52, 56];
const around = thinned(atlas("world-atlas/countries-50m.json"), 0.02);
const states = thinned(atlas("us-atlas/states-10m.json"), 0.02);
write("america.txt", [
  ...land(around, "countries", america),
  ...borders("B", around, "countries", america),
  ...borders("S", states, "states", america),
]);

const east = [117, 29, 142, 46];
const korea = thinned(atlas("world-atlas/countries-10m.json"), 0.0015);
write("korea.txt", [...land(korea, "countries", east), ...borders("B", korea, "countries", east)]);

const type = "node_modules/@fontsource-variable/inter";
copyFileSync(new URL(`${type}/files/inter-latin-wght-normal.woff2`, import.meta.url), new URL("../inter.woff2", import.meta.url));
copyFileSync(new URL(`${type}/LICENSE`, import.meta.url), new URL("../inter-LICENSE.txt", import.meta.url));
