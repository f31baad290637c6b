// Sends a small life by Jitsu's SDK, as a server: node jitsu.mjs HOST WRITE_KEY
import { createRequire } from "node:module";

const { jitsuAnalytics } = createRequire(import.meta.url)("@jitsu/js");
const [host, writeKey] = process.argv.slice(2);
const jitsu = jitsuAnalytics({ host, writeKey: `${writeKey}:secret-of-jitsu`, s2s: true });

await jitsu.setAnonymousId?.("cookie-1");
await jitsu.page({ name: "Home", url: "https://shop.example/" });
await jitsu.identify("user-1", { email: "li@example.com", plan: "pro" });
await jitsu.track("Order Completed", { order_id: "o-1", revenue: 9.5 });
await jitsu.group("acme", { email: "info@acme.example" });
await new Promise((resolve) => setTimeout(resolve, 500));
process.exit(0);
