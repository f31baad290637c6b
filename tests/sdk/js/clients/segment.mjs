// Sends a small life by Segment's SDK for Node: node segment.mjs HOST WRITE_KEY
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, path: "/v1/batch", flushAt: 4, flushInterval: 100, maxRetries: 0 });
const errors = [];
analytics.on("error", (error) => errors.push(String(error.reason ?? error)));

analytics.page({ anonymousId: "cookie-1", name: "Home", properties: { url: "https://shop.example/" } });
analytics.identify({ anonymousId: "cookie-1", userId: "user-1", traits: { email: "li@example.com", plan: "pro" } });
analytics.track({
  userId: "user-1",
  event: "Order Completed",
  properties: { order_id: "o-1", revenue: 9.5 },
  context: { device: { id: "device-1" }, externalIds: [{ id: "crm-1", type: "crm_id", collection: "users", encoding: "none" }] },
});
analytics.screen({ userId: "user-1", name: "Cart" });
analytics.group({ userId: "user-1", groupId: "acme", traits: { email: "info@acme.example" } });
analytics.alias({ userId: "user-1", previousId: "cookie-0" });
await analytics.closeAndFlush({ timeout: 10_000 });

if (errors.length > 0) {
  console.error(errors.join("\n"));
  process.exit(1);
}
