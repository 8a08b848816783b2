import { expect, test } from "vitest";
import { BROWSERS, deviceNameOf, knownDeviceName, SYSTEMS } from "../../src/domain/device-name.ts";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  ["Firefox on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["Firefox on Android", "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"],
  [
    "Firefox on iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/604.1",
  ],
  [
    "Chrome on macOS",
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`,
  ],
  ["Chrome on Android", `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36`],
  ["Chrome on ChromeOS", `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`],
  [
    "Chrome on iPad",
    "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0.7204.53 Mobile/15E148 Safari/604.1",
  ],
  [
    "Edge on Windows",
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`,
  ],
  [
    "Edge on Android",
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36 EdgA/138.0.0.0`,
  ],
  [
    "Opera on Windows",
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/137.0.0.0 Safari/537.36 OPR/122.0.0.0`,
  ],
  [
    "Samsung Internet on Android",
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
  ],
  [
    "Safari on macOS",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  ],
  [
    "Safari on iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  ],
  ["null on null", "curl/8.14.1"],
  ["null on Linux", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko)"],
  ["null on null", ""],
])("%s: %s", (name, agent) => {
  const { browser, system } = deviceNameOf(agent);
  expect(`${browser} on ${system}`).toBe(name);
});

test("no agent is an unknown device", () => {
  expect(deviceNameOf(null)).toEqual({ browser: null, system: null });
  expect(deviceNameOf(undefined)).toEqual({ browser: null, system: null });
});

test("nothing of an agent gets into the name but words of the lists, however long and strange it is", () => {
  const agents = [
    "Firefox/140 call +1-800-555-0100 to keep your account, Windows",
    "<b>Firefox/1</b>\r\nBcc: eve@example.com\r\nWindows",
    `Version/${"a".repeat(200_000)}`,
    `${"Version/1 ".repeat(20_000)}Safari/`,
    "\u202eFirefox/1 \u0000 Android",
  ];
  for (const agent of agents) {
    const { browser, system } = deviceNameOf(agent);
    expect([null, ...BROWSERS]).toContain(browser);
    expect([null, ...SYSTEMS]).toContain(system);
  }
});

test("a stored name counts word by word, as far as the lists have it", () => {
  expect(knownDeviceName({ browser: "Firefox", system: "Windows" })).toEqual({
    browser: "Firefox",
    system: "Windows",
  });
  expect(knownDeviceName({ browser: "Call us", system: "Windows" })).toEqual({
    browser: null,
    system: "Windows",
  });
  expect(knownDeviceName({ browser: ["Firefox"], system: undefined })).toEqual({
    browser: null,
    system: null,
  });
});
