// The shops' own libraries judge the service, and are judged by it.
//
// usage: node judge.mjs ADDRESS SECRET WHSEC < deliveries.json
//   ADDRESS of the running service with a Shopify connection `shop` under SECRET; the deliveries are webhooks of the
//   service as an endpoint under WHSEC received them: a list of {headers, body}.
// Ends with 0 when every signature made here is taken there and the other way round, and no forged one is.
import { readFileSync } from "node:fs";
import "@shopify/shopify-api/adapters/node";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import { createSHA256HMAC } from "@shopify/shopify-api/runtime";
import { Webhook } from "standardwebhooks";

const [address, secret, whsec] = process.argv.slice(2);
let bad = 0;
const expect = (what, is) => {
  if (!is) bad = 1;
  console.log(`${is ? "ok   " : "WRONG"} ${what}`);
};

const shopify = shopifyApi({
  apiKey: "holdfast", apiSecretKey: secret, apiVersion: ApiVersion.January26, isEmbeddedApp: false, scopes: [],
  hostName: "holdfast.example.org", logger: { log: () => {} },
});
const validate = async (body, signature) => {
  const headers = {
    "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": signature, "X-Shopify-Webhook-Id": "7",
    "X-Shopify-Shop-Domain": "m1.myshopify.com", "X-Shopify-API-Version": "2026-01",
  };
  const answer = await shopify.webhooks.validate({ rawBody: body, rawRequest: { method: "POST", url: "/hooks/shop", headers } });
  return answer.valid;
};

// What the tests of the service sign with (crates/connect/src/sign.rs has the same body, secret and signature).
const ours = JSON.parse(readFileSync(new URL("signature.json", import.meta.url), "utf8"));
if (ours.secret !== secret) throw new Error("start the service with the secret of signature.json");
expect("@shopify/shopify-api takes the signature of the tests", await validate(ours.body, ours.signature));
expect("and no other body under it", !(await validate(ours.body.replace("1001", "1002"), ours.signature)));

const order = JSON.stringify({
  id: 1, name: "#CLIENT-1", created_at: "2026-11-01T10:00:00Z", updated_at: "2026-11-01T10:00:01Z", financial_status: "paid",
  currency: "USD", email: "jo@example.org", line_items: [{ sku: "none of ours", title: "Kelp", quantity: 1, price: "1.00" }],
});
const send = async (body, signature, family) => {
  const answer = await fetch(`${address}/hooks/shop`, {
    method: "POST", body,
    headers: { "Content-Type": "application/json", [`${family}Topic`]: "orders/create", [`${family}Webhook-Id`]: "c1", [`${family}Hmac-Sha256`]: signature },
  });
  return answer.status;
};
const theirs = await createSHA256HMAC(secret, order);
expect("the service takes the signature of @shopify/shopify-api", (await send(order, theirs, "X-Shopify-")) === 200);
expect("by the newer headers as well", (await send(order, theirs, "Shopify-")) === 200);
expect("and no other body under it", (await send(order.replace("CLIENT-1", "CLIENT-2"), theirs, "X-Shopify-")) === 401);

const deliveries = JSON.parse(readFileSync(0, "utf8"));
expect(`webhooks of the service came: ${deliveries.length}`, deliveries.length > 0);
const judge = new Webhook(whsec);
const verified = ({ headers, body }) => {
  try {
    judge.verify(body, headers);
    return true;
  } catch {
    return false;
  }
};
expect("standardwebhooks (npm) takes each of them", deliveries.every(verified));
expect("and none with another body", deliveries.every(({ headers, body }) => !verified({ headers, body: `${body} ` })));
process.exit(bad);
