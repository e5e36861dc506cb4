// A whole incident in a real browser, against the real server on the demo's book:
//
//     npm ci && node journey.mjs [--binary PATH] [--shots FOLDER]
//
// declared, previewed, planned, approved in part, carried out, customers told, all clear, failed back, reviewed,
// printed: once in English on a wide light screen, once in Korean at 360 pixels in the dark, by keyboard alone.
// axe finds nothing on any screen, nothing is wider than the screen, no request leaves this machine, the preview's
// numbers are the API's and add up to the orders, and a server that is killed in the middle has lost nothing and the
// page says what happened.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const argument = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const root = new URL("../../", import.meta.url).pathname;
const binary = argument("--binary", process.env.HOLDFAST_BINARY ?? join(root, "target/debug/holdfast"));
const shots = argument("--shots");
const browserPath = process.env.HOLDFAST_CHROMIUM ?? "/usr/bin/chromium";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const patience = Number(process.env.HOLDFAST_PATIENCE_MS ?? 60_000);
const data = mkdtempSync(join(tmpdir(), "holdfast-browser-"));
const account = { name: "dana", password: "kelp holds on to the rock 7" };
// More tab stops than any page has.
const TABS_MAX = 600;

let server;

/** Starts the server and gives its address and, the first time, the link that makes the first account. */
function start(more, listen) {
  const args = ["serve", "--data", data, "--listen", listen, ...more];
  server = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HOLDFAST_LOG: "warn" } });
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk) => {
      said += chunk;
      const address = said.match(/listening on (http:\S+)/)?.[1];
      const whole = said.includes("24 hours") || more.length === 0;
      if (address && whole) resolve({ address, link: said.match(/(http\S+\/setup\/\S+)/)?.[1] });
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.on("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
    setTimeout(() => reject(new Error(`the server did not start:\n${said}`)), patience);
  });
}

const stopped = () =>
  new Promise((resolve) => {
    server.removeAllListeners("exit");
    server.on("exit", resolve);
    server.kill("SIGKILL");
  });

class Person {
  constructor(page, base, look) {
    Object.assign(this, { page, base, look, count: 0 });
  }

  /** Presses Tab until what `selector` names has the focus: what the keyboard cannot reach fails here. */
  async reach(selector) {
    const { page } = this;
    const wanted = page.locator(selector).first();
    await wanted.waitFor({ state: "attached", timeout: patience });
    // From the top of the page, as somebody would who has just come to it.
    await page.evaluate(() => {
      document.activeElement?.blur();
      document.body.tabIndex = -1;
      document.body.focus();
    });
    for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
      await page.keyboard.press("Tab");
      if (await wanted.evaluate((element) => element === document.activeElement)) {
        const seen = await wanted.evaluate((element) => {
          const box = element.getBoundingClientRect();
          const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
          return !at || element.contains(at) || at.contains(element) || at.closest("label")?.contains(element);
        });
        assert.ok(seen, `${this.look.name}: ${selector} has the focus and something hides it`);
        return;
      }
    }
    assert.fail(`${this.look.name}: the keyboard does not reach ${selector} on ${page.url()}`);
  }

  /** Presses Enter on a link or a form's button, and waits until the page it leads to is there. */
  async press(selector) {
    await this.reach(selector);
    const arrived = this.page.waitForNavigation({ waitUntil: "load", timeout: patience });
    await this.page.keyboard.press("Enter");
    await arrived;
  }

  async fill(selector, text) {
    await this.reach(selector);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.type(text);
  }

  /** Chooses an entry of a list by the arrow keys. */
  async choose(selector, value) {
    await this.reach(selector);
    const list = this.page.locator(selector).first();
    for (let steps = 0; steps < 80; steps += 1) {
      if ((await list.inputValue()) === value) return;
      await this.page.keyboard.press("ArrowDown");
    }
    assert.fail(`${selector} has no ${value}`);
  }

  async open(path) {
    const answer = await this.page.goto(this.base + path, { waitUntil: "load" });
    assert.ok(answer.status() < 400, `${path}: ${answer.status()}`);
  }

  /** What has to hold of every screen. */
  async look_at(name) {
    const { page } = this;
    this.count += 1;
    if (shots) {
      mkdirSync(shots, { recursive: true });
      const number = String(this.count).padStart(2, "0");
      await page.screenshot({ path: join(shots, `${this.look.name}-${number}-${name}.png`), fullPage: true });
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${this.look.name}: ${name} is ${wide} pixels wider than the screen`);
    await page.evaluate(axe);
    const found = await page.evaluate(() =>
      window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
    );
    const said = found.violations.map((v) => `${v.id}: ${v.help}\n    ${v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200)).join("\n    ")}`);
    assert.deepEqual(said, [], `${this.look.name}: axe on ${name}`);
    const text = await page.evaluate(() => document.body.innerText);
    assert.ok(!text.includes("⟦"), `${this.look.name}: ${name} lacks a message`);
  }

  async text(selector) {
    return (await this.page.locator(selector).first().innerText()).trim();
  }
}

const number = (text) => Number(text.replaceAll(/[^\d]/g, ""));

async function sign_in(person) {
  await person.open("/");
  assert.ok(person.page.url().endsWith("/sign-in"), "nobody is signed in");
  await person.look_at("sign-in");
  await person.fill("#name", account.name);
  await person.fill("#password", account.password);
  await person.press("main form button");
  assert.equal(new URL(person.page.url()).pathname, "/");
}

/** What the orders themselves add up to: every one with units at the site that has not been told of them. */
async function recounted(person, site) {
  const sum = { orders: 0, lines: 0, units: 0, worth: 0, merchants: {} };
  let cursor = "";
  do {
    const answer = await person.page.request.get(`${person.base}/api/v1/orders?limit=500&site=${site}${cursor}`);
    assert.equal(answer.status(), 200, await answer.text());
    const page = await answer.json();
    for (const order of page.orders) {
      const here = (line) => line.allocations.filter((one) => one.site === site && !one.shipment);
      const lines = order.lines.filter((line) => here(line).length > 0);
      if (lines.length === 0) continue;
      sum.orders += 1;
      sum.lines += lines.length;
      sum.units += lines.flatMap(here).reduce((units, one) => units + one.quantity, 0);
      sum.worth += order.value;
      sum.merchants[order.merchant] = (sum.merchants[order.merchant] ?? 0) + 1;
    }
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : "";
  } while (cursor);
  return sum;
}

/** Every number a preview shows, held against the API's count and against the orders themselves. */
async function check_preview(person, site) {
  const { page } = person;
  const shown = (await page.locator("main .stats dd").allInnerTexts()).map((text) => text.split("\n"));
  const api = await counted(person, site);
  const own = await recounted(person, site);
  const total = (map) => Object.values(map).reduce((sum, n) => sum + n, 0);
  const figure = (index) => number(shown[index][0]);
  assert.deepEqual(
    [figure(0), figure(2), figure(3), figure(4), figure(5), figure(6)],
    [api.orders, api.promises_broken, total(api.stuck), api.in_doubt, api.on_the_way, api.skus_at_risk.length],
    "the preview's numbers are the API's",
  );
  const [lines, units] = shown[0][1].match(/\d[\d,]*/g).map(number);
  assert.deepEqual([lines, units], [api.lines, api.units], "lines and units are the API's");
  assert.equal(figure(1), Math.round(total(api.revenue) / 100), "the worth is the API's");
  assert.deepEqual(
    [api.orders, api.lines, api.units, total(api.revenue), total(api.merchants)],
    [own.orders, own.lines, own.units, own.worth, own.orders],
    "the API's numbers add up to the orders",
  );
  assert.deepEqual(api.merchants, own.merchants, "merchant by merchant");
  const cells = (section) => page.locator(`#${section} tbody td`).allInnerTexts();
  const plain = (texts) => texts.map((text) => number(text.split("\n").at(-1)));
  assert.deepEqual(plain(await cells("by-site")), [own.orders, own.lines, own.units, api.in_doubt], "the site's row");
  assert.deepEqual(plain(await cells("by-merchant")).sort(), Object.values(own.merchants).sort(), "the merchants' rows");
  const load = (await page.locator("#load p").first().innerText()).match(/\d[\d,]*/g).map(number);
  assert.ok(load.includes(api.work_needed) && load.includes(api.capacity_left), `the load: ${load}`);
  const reasons = await page.locator("#stuck .counts strong").allInnerTexts();
  assert.deepEqual(reasons.map(number).sort(), Object.values(api.stuck).sort(), "what cannot move, by why");
  assert.ok(api.orders > 0, "the site has orders");
}

/** The same count through the API, with the session of the page. */
async function counted(person, site) {
  const token = await person.page.locator("input[name=csrf]").first().inputValue();
  const answer = await person.page.request.post(`${person.base}/api/v1/previews`, {
    data: { sites: [site] },
    headers: { "x-csrf-token": token, origin: person.base },
  });
  assert.equal(answer.status(), 200, await answer.text());
  return answer.json();
}

async function screens(person) {
  for (const [name, path] of [
    ["second-factor", "/second-factor"], ["now", "/"], ["orders", "/orders?status=open"], ["stock", "/stock"], ["sku", "/stock/sku-0"], ["sites", "/sites"],
    ["site", "/sites/site-0"], ["lanes", "/lanes"], ["incidents", "/incidents"], ["statistics", "/statistics"],
    ["settings", "/settings"], ["people", "/people"], ["audit", "/audit"], ["support", "/support?q=100"],
    ["connections", "/connections"], ["connection", "/connections/corner-shop"],
  ]) {
    await person.open(path);
    await person.look_at(name);
  }
  await person.open("/orders?status=open");
  await person.press("tbody th a");
  await person.look_at("order");
}

/**
 * A drill held by the button, on a copy of the house: the banner is there, the journal does not grow by it, what the
 * page says is what the interface says. Then one is planned, and the calendar file has it.
 */
async function rehearse(person) {
  const { page, base } = person;
  const version = async () => (await page.request.get(`${base}/version`)).text();
  const drills = async () => (await page.request.get(`${base}/api/v1/drills`)).json();
  await person.open("/drills");
  await person.look_at("drills");
  const [before, held] = [await version(), (await drills()).held.length];
  await person.press("form[action='/act/drill']:has(input[value='fire']) button");
  assert.ok((await page.locator(".drill").count()) > 0, "a banner says that it is a drill");
  for (let tries = 0; (await drills()).standing === "running"; tries += 1) {
    assert.ok(tries < 400, "the drill ends");
    if (tries === 1) {
      await person.open("/");
      assert.ok((await page.locator(".drill").count()) > 0, "and it says so on every page");
    }
    await page.waitForTimeout(500);
  }
  const now = await drills();
  assert.equal(now.failed, null, now.failed);
  assert.equal(now.held.length, held + 1, "it is recorded");
  assert.equal(await version(), before, "nothing of it is in the journal");
  const drill = now.held.at(-1);
  assert.ok(drill.sound && drill.kept >= drill.waiting, JSON.stringify(drill));
  await person.open("/drills");
  await person.press("#history tbody th a");
  await person.look_at("drill");
  const row = page.locator("#policies tbody tr").filter({ has: page.locator("th", { hasText: /^Holdfast$/ }) });
  const cells = (await row.locator("td").allInnerTexts()).map((text) => text.split("\n").at(-1));
  const ours = drill.result.policies.find((one) => one.policy === "holdfast");
  assert.deepEqual(cells.slice(1, 5).map(number), [ours.late, ours.open, ours.moved, ours.notices], "the page has the interface's numbers");

  await person.open("/drills");
  await person.reach("#schedule details summary");
  await page.keyboard.press("Enter");
  await person.choose("#scenario", "fire");
  await page.locator("#start").fill("2027-03-01T09:00");
  await person.press("form[action='/act/drill-plan'] button");
  await page.waitForURL(/done=done-drill-planned/);
  await person.look_at("drill-planned");
  const file = await page.request.get(`${base}/drills.ics`);
  const text = await file.text();
  assert.match(file.headers()["content-type"], /^text\/calendar/);
  assert.ok(text.startsWith("BEGIN:VCALENDAR\r\n") && text.includes("DTSTART:20270301T") && text.endsWith("END:VCALENDAR\r\n"), text);
  assert.ok(text.split("\r\n").every((line) => Buffer.byteLength(line) <= 75), "lines are folded");
}

/** One scan, as a scanner does it: the field has the focus, it types, and presses Enter. */
async function scan(person, text) {
  const { page } = person;
  assert.ok(await page.evaluate(() => document.activeElement?.id === "next"), "the scanner's field has the focus");
  const arrived = page.waitForNavigation({ waitUntil: "load", timeout: patience });
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await arrived;
}

/** A parcel packed by scans: another order's unit and one too many are turned away, and nothing but all of it is taken. */
async function pack(person) {
  const { page, base } = person;
  await person.open("/shipments");
  const sites = await page.locator("#wave-site option").evaluateAll((all) => all.map((one) => one.value));
  const site = sites.filter((one) => looks.every((look) => look.site !== one))[2];
  await person.choose("#wave-site", site);
  await person.press("form[action='/act/wave'] button");
  await page.waitForURL(/done=done-wave/);
  const told = async () => (await (await page.request.get(`${base}/api/v1/shipments?stage=released&limit=50`)).json()).shipments;
  let released = await told();
  // On a day on which the site rests nothing is released; the interface can name another day.
  for (let ahead = 1; released.length === 0 && ahead < 8; ahead += 1) {
    const token = await page.locator("input[name=csrf]").first().inputValue();
    const code = (await page.locator(`#wave-site option[value=${site}]`).innerText()).split(" ")[0];
    const day = new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    await page.request.post(`${base}/api/v1/sites/${code}/wave`, { data: { day }, headers: { "x-csrf-token": token, origin: base } });
    released = await told();
    await person.open("/shipments");
  }
  await person.look_at("shipments");
  assert.ok(released.length > 0, "the site was told of something");
  const shipment = released.find((one) => one.items.length === 1) ?? released[0];
  const codes = new Set(released.flatMap((one) => one.items.map((item) => item.sku)));
  const foreign = [...codes].find((code) => shipment.items.every((item) => item.sku !== code));
  await person.open("/packing");
  await person.look_at("packing");
  await scan(person, shipment.number);
  await scan(person, foreign ?? "no-such-code");
  assert.equal(await page.locator(".outcome.scan").count(), 1, "what does not belong is turned away");
  await person.look_at("packing-wrong");
  for (const item of shipment.items) {
    for (let unit = 0; unit < item.quantity; unit += 1) await scan(person, item.sku);
  }
  assert.equal(await page.locator(".outcome.good").count(), 1, "everything is there");
  await scan(person, shipment.items[0].sku);
  assert.equal(await page.locator(".outcome.scan").count(), 1, "one too many is turned away");
  await person.look_at("packing-whole");
  await scan(person, shipment.number);
  await page.waitForURL(/done=done-packed/);
  const packed = await (await page.request.get(`${base}/api/v1/shipments/${shipment.id}`)).json();
  assert.equal(packed.stage, "packed");
}

/** An analysis begun by the button; it is made while the other look goes on. */
async function analyse(person) {
  await person.open("/before");
  await person.look_at("before-first");
  await person.press("form[action='/act/analyse'] button");
  assert.equal(await person.page.locator("main .working").count(), 1, "it is being made");
}

/** The analysis, when it is there. */
async function analysed(person) {
  await person.open("/before");
  for (let tries = 0; (await person.page.locator("#sites table").count()) === 0; tries += 1) {
    const failed = await person.page.locator("main .outcome.warn").allInnerTexts();
    assert.deepEqual(failed, [], "the analysis is made");
    assert.ok(tries < 150, "the analysis is made");
    await person.page.waitForTimeout(2000);
    await person.open("/before");
  }
  await person.look_at("before");
  if (person.look.width < 700) {
    const tall = await person.page.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(tall < 12_000, `the page is ${tall} pixels long on a phone`);
    await person.press("nav.local a[href='#ways']");
    // Its part is opened; the browser tells of the new address a moment after the key.
    await person.page.waitForFunction(() => document.querySelector("#ways details")?.open === true);
  }
  await person.press("#sites tbody td.number a");
  await person.look_at("figure");
}

async function incident(person, look) {
  await person.open("/");
  await person.press("a.button.danger");
  await person.look_at("declare");
  await person.press("button[value=declared]");
  assert.equal(await person.page.locator("[aria-invalid=true]").count(), 2, "both fields are asked for");
  await person.look_at("declare-again");
  await person.choose("#hazard", look.hazard);
  await person.fill("#name", look.storm);
  await person.press("button[value=declared]");
  assert.match(person.page.url(), /\/incidents\/inc-\d+/);
  assert.equal(await person.text("h1"), look.storm);
  const room = new URL(person.page.url()).pathname;
  await person.look_at("room");

  await person.choose("#impact select[name=site]", look.site);
  await person.press("#impact button.primary");
  await check_preview(person, look.site_code);
  await person.look_at("preview");
  await person.press("form[action='/act/close'] button.danger");
  await person.page.waitForURL(/done=done-closed/);
  await person.look_at("closed");

  await person.open(room);
  await person.press("form[action='/act/plan'] button");
  for (let tries = 0; (await person.page.locator("form[action='/act/approve']").count()) === 0; tries += 1) {
    assert.ok(tries < 240, "the plan is made");
    await person.page.waitForTimeout(500);
    await person.open(room);
  }
  await person.look_at("proposed");
  const left_out = await person.page.locator("input[name=except]").first().inputValue();
  const all = await person.page.locator("input[name=except]").count();
  assert.ok(all > 1, "the plan moves more than one order");
  await person.reach("input[name=except]");
  await person.page.keyboard.press("Space");
  await person.press("form[action='/act/approve'] button.danger");
  await person.page.waitForURL(/done=done-approved/);
  for (let tries = 0; ; tries += 1) {
    await person.open(room);
    const steps = (await person.text("#plan td .load")).match(/\d+/g)?.map(Number) ?? [];
    if (steps.length === 2 && steps[0] === steps[1] && steps[0] > 0) break;
    assert.ok(tries < 240, `the plan is carried out: ${steps}`);
    await person.page.waitForTimeout(500);
  }
  await person.look_at("carried-out");
  if (look === looks[0]) {
    await killed(person, person.base);
    await person.open(room);
  }
  const order = await person.page.request.get(`${person.base}/api/v1/orders/${left_out}`);
  assert.equal((await order.json()).moved ?? 0, 0, "what was left out stayed where it was");

  await person.fill("#customers #hold", "30");
  await person.press("#customers form[action='/act/tell'] button");
  await person.page.waitForURL(/done=done-told/);
  await person.look_at("told");
  const held = person.page.locator("form[action='/act/withdraw']");
  if ((await held.count()) > 0) {
    await person.reach("#customers details summary");
    await person.page.keyboard.press("Enter");
    await person.press("form[action='/act/withdraw'] button");
    await person.page.waitForURL(/done=done-withdrawn/);
  }

  await person.open(room);
  await person.press("header.page form[action='/act/phase'] button");
  for (let step = 0; step < 2; step += 1) {
    await person.press("#recovery form[action='/act/failback'] button");
    await person.page.waitForURL(/done=done-failback/);
  }
  await person.look_at("recovering");
  await person.press("header.page form[action='/act/phase'] button");
  await person.page.waitForURL(/done=done-phase/);
  assert.equal(await person.page.locator("#review").count(), 1, "a closed incident is reviewed");
  await person.look_at("review");
  await person.page.emulateMedia({ media: "print" });
  const printed = await person.page.pdf({ format: "A4" }).catch(() => null);
  assert.ok(printed === null || printed.length > 10_000, "it can be printed");
  await person.page.emulateMedia({ media: "screen" });
}

/**
 * The server is killed in the middle of an incident, with a half-filled form on the screen: what was typed stays, the
 * page says what happened, and every order, incident and plan is there again.
 */
async function killed(person, address) {
  await person.open("/incidents/new");
  await person.fill("#name", "half a name");
  const ask = async (path) => (await person.page.request.get(person.base + path)).text();
  const all = () => Promise.all(["/version", "/api/v1/stats", "/api/v1/incidents", "/api/v1/plans"].map(ask));
  let before = await all();
  // What is still being carried out comes to its end first: the test asks about what was acknowledged.
  for (let calm = false; !calm; ) {
    await person.page.waitForTimeout(1500);
    const now = await all();
    calm = JSON.stringify(now) === JSON.stringify(before);
    before = now;
  }
  await stopped();
  const live = person.page.locator("footer .live");
  await live.waitFor({ state: "visible", timeout: patience });
  const lost = (await live.innerText()).trim();
  assert.equal(lost, await live.getAttribute("data-lost"), "the page says that the connection is lost");
  if (shots) await person.page.screenshot({ path: join(shots, `${person.look.name}-lost.png`) });
  assert.equal(await person.page.locator("#name").inputValue(), "half a name");
  await start([], new URL(address).host);
  await person.page.waitForFunction((was) => document.querySelector("footer .live").innerText !== was, lost, { timeout: patience });
  assert.equal((await live.innerText()).trim(), await live.getAttribute("data-back"), "and that it is back");
  assert.equal(await person.page.locator("#name").inputValue(), "half a name");
  assert.deepEqual(await all(), before, "nothing is lost");
}

const looks = [
  { name: "en-wide-light", language: "en", width: 1280, scheme: "light", hazard: "hurricane", storm: "Hurricane Test", site: "site-0", site_code: "ILM1" },
  { name: "ko-narrow-dark", language: "ko", width: 360, scheme: "dark", hazard: "flood", storm: "시험 홍수", site: "site-1", site_code: "ORF1" },
];

const opened = (browser, look) =>
  browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.scheme,
    locale: look.language === "ko" ? "ko-KR" : "en-US",
    // axe is put into the page by the test; the pages themselves keep their policy.
    bypassCSP: true,
  });

async function main() {
  writeFileSync(join(data, "holdfast.toml"), "[second_approver]\norders = 1000000\nnotices = 1000000\n[before]\nyears = 20\nstarts = 1\nevery_hours = 0\nrto_hours = 4\n[drills]\norders = 1000\npromises_percent = 60\n[[connections]]\nid = \"corner-shop\"\nkind = \"woocommerce\"\nmerchant = \"tidewater\"\nsecret = \"0123456789abcdef\"\n");
  const { address, link } = await start(["--demo"], "127.0.0.1:0");
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox"],
    // What it keeps in a home folder goes with the rest.
    env: { ...process.env, HOME: data },
  });
  try {
    let made = false;
    for (const look of looks) {
      const context = await opened(browser, look);
      const page = await context.newPage();
      const wrong = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(address) && !request.url().startsWith("data:")) wrong.push(`left the machine: ${request.url()}`);
      });
      page.on("pageerror", (error) => wrong.push(String(error)));
      page.on("console", (message) => message.type() === "error" && !/Failed to load|ERR_/.test(message.text()) && wrong.push(message.text()));
      const person = new Person(page, address, look);
      if (!made) {
        await page.goto(link);
        await person.look_at("set-up");
        await person.fill("#name", account.name);
        await person.fill("#password", account.password);
        await person.press("main form button");
        made = true;
      }
      await sign_in(person);
      assert.equal(await page.getAttribute("html", "lang"), look.language);
      await screens(person);
      await pack(person);
      if (look === looks[0]) await rehearse(person);
      else {
        for (const [name, path] of [["drills", "/drills"], ["drill", "/drills/1"]]) {
          await person.open(path);
          await person.look_at(name);
        }
      }
      await incident(person, look);
      if (look === looks[0]) await analyse(person);
      else await analysed(person);
      assert.deepEqual(wrong, [], `${look.name}: the page's own errors`);
      console.log(`${look.name}: ${person.count} screens, axe found nothing, the whole incident by keyboard`);
      await context.close();
    }
    // The analysis in the first look as well, now that it is there.
    const [look] = looks;
    const context = await opened(browser, look);
    const person = new Person(await context.newPage(), address, look);
    person.count = 50;
    await sign_in(person);
    await analysed(person);
    await context.close();
  } finally {
    await browser.close();
  }
}

main()
  .then(() => 0, (error) => {
    console.error(error);
    return 1;
  })
  .then(async (code) => {
    if (server?.exitCode === null) await stopped();
    rmSync(data, { recursive: true, force: true });
    process.exit(code);
  });
