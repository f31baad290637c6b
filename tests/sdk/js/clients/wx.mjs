// What a mini-program finds around it: storage, the launch, the network. Requests go out for real.
const storage = new Map();
const noop = () => {};

export function startMiniProgram(appId) {
  storage.clear();
  globalThis.wx = {
    getAccountInfoSync: () => ({ miniProgram: { appId, envVersion: "release", version: "1.0.0" } }),
    getLaunchOptionsSync: () => ({ path: "pages/index/index", query: {}, scene: 1047, referrerInfo: {} }),
    getEnterOptionsSync: () => ({ path: "pages/index/index", query: {}, scene: 1047, referrerInfo: {} }),
    getNetworkType: ({ success, complete }) => [success, complete].forEach((call) => call?.({ networkType: "wifi" })),
    onNetworkStatusChange: noop,
    getSystemInfo: ({ success, complete }) => {
      const info = { brand: "HUAWEI", model: "P60", system: "Android 13", platform: "android", version: "8.0.50" };
      [success, complete].forEach((call) => call?.({ ...info, screenWidth: 390, screenHeight: 844, SDKVersion: "3.5.0" }));
    },
    getStorageSync: (key) => storage.get(key) ?? "",
    setStorageSync: (key, value) => storage.set(key, value),
    setStorage: ({ key, data }) => storage.set(key, data),
    getStorage: ({ key, success, fail, complete }) => {
      const result = { data: storage.get(key) };
      (storage.has(key) ? success : fail)?.(result);
      complete?.(result);
    },
    onAppShow: noop,
    onAppHide: noop,
    setNavigationBarTitle: noop,
    request: ({ url, method = "GET", data, header = {}, success, fail, complete }) => {
      const headers = { "User-Agent": "MicroMessenger/8.0.50 MiniProgramEnv/android", "Content-Type": "text/plain", ...header };
      fetch(url, { method, headers, body: method === "GET" ? undefined : data })
        .then(async (answer) => success?.({ statusCode: answer.status, data: await answer.text() }))
        .catch((error) => fail?.(error))
        .finally(() => complete?.());
    },
  };
  globalThis.App = noop;
  globalThis.Page = noop;
  globalThis.Component = noop;
  globalThis.getCurrentPages = () => [{ route: "pages/index/index" }];
}
