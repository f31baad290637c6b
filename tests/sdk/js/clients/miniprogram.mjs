// Sends a small life by the Sensors SDK for mini-programs: node miniprogram.mjs HOST WRITE_KEY APP_ID OPENID UNIONID [ACCOUNT] [MOBILE] [unbind]
import { createRequire } from "node:module";

import { startMiniProgram } from "./wx.mjs";

const [host, writeKey, appId, openid, unionid, account, mobile, unbind] = process.argv.slice(2);
startMiniProgram(appId);
const sensors = createRequire(import.meta.url)("sa-sdk-miniprogram");
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

sensors.setPara({
  server_url: `${host}/sa?project=default&token=${writeKey}`,
  batch_send: { send_timeout: 200, max_length: 3 },
  autoTrack: { appLaunch: false, appShow: false, appHide: false, pageShow: false, pageShare: false },
});
sensors.init();
await pause(100);
sensors.bindOpenid(openid);
sensors.bindUnionid(unionid);
sensors.track("ViewProduct", { product: "book" });
await pause(20);
if (account) {
  sensors.login(account);
  await pause(20);
  sensors.setProfile({ city: "Wuhan" });
  sensors.track("BuyNow", { price: 9.5 });
}
if (mobile) {
  sensors.bind("$identity_mobile", mobile);
  await pause(20);
}
if (unbind) {
  await pause(1500);
  sensors.unbind("$identity_mobile", mobile);
}
await pause(1500);
process.exit(0);
