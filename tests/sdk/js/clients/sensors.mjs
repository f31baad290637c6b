// Sends a small life by the Sensors SDK for Node: node sensors.mjs HOST WRITE_KEY [MODE]
import { createRequire } from "node:module";

const SensorsAnalytics = createRequire(import.meta.url)("sa-sdk-node");
const [host, writeKey, mode = "track"] = process.argv.slice(2);
const sensors = new SensorsAnalytics();
const errors = [];
const submitter = sensors.submitTo(
  { url: `${host}/sa?project=default&token=${writeKey}`, mode },
  { count: 3, timeSpan: 200 },
);
submitter.catch((error) => errors.push(String(error)));

sensors.track("cookie-1", "ViewProduct", { product: "book" });
sensors.trackSignup("user-1", "cookie-1", { method: "phone" });
sensors.track("user-1", "BuyNow", { $is_login_id: true, price: 9.5 });
sensors.profileSet("user-1", { city: "Wuhan" });
sensors.profileUnset("user-1", ["level"]);
sensors.profileIncrement("user-1", { points: 5 });
sensors.itemSet("book", "17", { price: 5 });
await new Promise((resolve) => setTimeout(resolve, 2000));

if (errors.length > 0) {
  console.error(errors.join("\n"));
  process.exit(1);
}
process.exit(0);
