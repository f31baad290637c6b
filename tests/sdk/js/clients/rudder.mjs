// Sends a small life by RudderStack's SDK for Node: node rudder.mjs HOST WRITE_KEY
import { createRequire } from "node:module";

const RudderAnalytics = createRequire(import.meta.url)("@rudderstack/rudder-sdk-node");
const [host, writeKey] = process.argv.slice(2);
const client = new RudderAnalytics(writeKey, { dataPlaneUrl: host, flushAt: 3, flushInterval: 200 });
const errors = [];
const sent = (error) => error && errors.push(String(error));

client.page({ anonymousId: "cookie-1", name: "Home", properties: { url: "https://shop.example/" } }, sent);
client.identify({ anonymousId: "cookie-1", userId: "user-1", traits: { email: "li@example.com", plan: "pro" } }, sent);
client.track(
  {
    userId: "user-1",
    event: "Order Completed",
    properties: { order_id: "o-1", revenue: 9.5 },
    context: { device: { id: "device-1" }, externalIds: [{ id: "crm-1", type: "crm_id", collection: "users", encoding: "none" }] },
  },
  sent,
);
client.screen({ userId: "user-1", name: "Cart" }, sent);
client.group({ userId: "user-1", groupId: "acme", traits: { email: "info@acme.example" } }, sent);
client.alias({ userId: "user-1", previousId: "cookie-0" }, sent);
await client.flush();
await new Promise((resolve) => setTimeout(resolve, 500));
await client.flush();

if (errors.length > 0) {
  console.error(errors.join("\n"));
  process.exit(1);
}
process.exit(0);
