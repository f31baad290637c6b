// One sender, as sender.py is, by Segment's SDK for Node: node sender.mjs MODULES URL KEY NAME RATE
import { createRequire } from "node:module";

const [modules, host, writeKey, name, rate] = process.argv.slice(2);
const { Analytics } = createRequire(`${modules}/x.js`)("@segment/analytics-node");

// The SDK tells nobody what was acknowledged, so its requests are listened to.
const httpClient = async (url, options) => {
  const response = await fetch(url, options);
  if (response.status === 200) {
    process.stdout.write(JSON.parse(options.body).batch.map((message) => `${message.messageId}\n`).join(""));
  }
  return response;
};
const analytics = new Analytics({ writeKey, host, path: "/v1/batch", flushAt: 50, flushInterval: 500, maxRetries: 10, httpClient });
analytics.on("error", () => {});

// Whose event this is, as people.py says.
const tracesOf = (number) => {
  const person = number % 500;
  const visit = Math.floor(number / 500);
  const userId = `${name}-${person}`;
  const browser = Math.floor(visit / 6);
  const phone = `138${String(person % 10 < 2 ? person - (person % 2) : person).padStart(8, "0")}`;
  return [
    { anonymousId: `${name}-c${person}-${browser}` },
    { userId, anonymousId: `${name}-c${person}-${browser}` },
    { userId, context: { traits: { phone } } },
    { userId, context: { device: { id: `${name}-d${Math.floor(person / 4)}` } } },
    { userId, context: { device: { id: `kiosk-${person % 7}` } } },
    { anonymousId: `${name}-w${person}-${browser}`, context: { traits: { phone } } },
  ][(person + visit) % 6];
};

const begun = Date.now();
let number = 0;
const timer = setInterval(() => {
  for (const due = Math.floor(((Date.now() - begun) * Number(rate)) / 1000); number < due; number += 1) {
    analytics.track({ ...tracesOf(number), event: "Fault", properties: { number }, messageId: `${name}-${number}` });
  }
}, 20);
process.stdin.resume();
process.stdin.on("end", async () => {
  clearInterval(timer);
  await analytics.closeAndFlush({ timeout: 20_000 });
  process.exit(0);
});
