import { setImmediate } from "node:timers/promises";
import { type AuthOptions, type AuthWarning, createAuth, memoryStore, passwordPolicies } from "sallyport";
import { createHandler } from "sallyport/http";
import { sqliteStore } from "sallyport/sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { WARNINGS } from "../../src/domain/warnings.ts";
import { prose } from "../docs/support/pages.ts";
import { makeAuth, SECRET } from "../support/harness.ts";
import { ed25519 } from "../support/signing-keys.ts";

const CODES = Object.keys(WARNINGS);
const never = { check: "never" } as const;
const weak = { minLength: 14, classes: [], passphraseLength: null } as const;

/** Each row: the code, options that start, and what the message names. */
const WEAK: readonly (readonly [code: string, options: Partial<AuthOptions>, named: string])[] = [
  ["limit_off", { limits: { login: { account: false } } }, "limits.login.account: "],
  ["limit_off", { limits: { signup: { address: false } } }, "limits.signup.address: "],
  ["loose_limit", { limits: { login: { account: "1000/1h" } } }, "limits.login.account: "],
  ["loose_limit", { limits: { login: { device: ["2/1m", "5000/24h"] } } }, "limits.login.device: "],
  ["loose_limit", { limits: { reauthenticate: { session: "1/1s" } } }, "limits.reauthenticate.session: "],
  ["long_lockout", { limits: { login: { account: "1/30d" } } }, "limits.login.account: "],
  ["long_lockout", { limits: { login: { account: ["10/15m", "900/25h"] } } }, "limits.login.account: "],
  ["long_lockout", { limits: { login: { address: "5/2d" } } }, "limits.login.address: "],
  ["long_access_token", { session: { accessTtl: "8d" } }, "session.accessTtl: "],
  ["long_access_token", { session: { accessTtl: "2h", ...never } }, "session.accessTtl: "],
  ["long_access_token", { session: { accessTtl: "24h" }, signingKeys: [ed25519()] }, "session.accessTtl: "],
  ["long_session", { session: { idleTtl: "91d" } }, "session.idleTtl: "],
  ["weak_policy", { password: { policy: weak } }, "password.policy: "],
];

/** All that the options warn about. */
async function warningsOf(options: Partial<AuthOptions>): Promise<readonly AuthWarning[]> {
  const warnings: AuthWarning[] = [];
  makeAuth({ ...options, onWarning: (warning) => warnings.push(warning) });
  await setImmediate();
  return warnings;
}

test.each(WEAK)(
  "%s: %j starts with a warning that names the option, the fix and the page",
  async (code, options, named) => {
    const warnings = await warningsOf(options);
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
    expect(warnings[0]?.message).toMatch(new RegExp(`^${named}.+\\(docs/warnings\\.md#${code}\\)$`));
  },
);

test("sound options give no warning", async () => {
  for (const options of [
    {},
    { session: never },
    { session: { accessTtl: "7d" } },
    { session: { idleTtl: "90d" } },
    { signingKeys: [ed25519()] },
    { limits: { login: { account: ["10/15m", "1000/24h"] } } },
    { limits: { login: { account: ["3/1m", "100/24h"] }, refresh: { session: "600/1m" } } },
    { password: { policy: passwordPolicies.nist } },
    { password: { policy: passwordPolicies.classic } },
  ] satisfies Partial<AuthOptions>[]) {
    expect([options, await warningsOf(options)]).toEqual([options, []]);
  }
});

test("all options of one kind are in one warning", async () => {
  const limits = {
    login: { address: false, account: false, device: false },
    signup: { address: false },
  } as const;
  const warnings = await warningsOf({ limits });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.message).toMatch(
    /^limits\.login\.address, limits\.login\.account, limits\.login\.device, limits\.signup\.address: /,
  );
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("a store that ends with the process is reported in production, and nowhere else", async () => {
  for (const [environment, codes] of [
    ["production", ["volatile_store"]],
    ["development", []],
    ["test", []],
  ] as const) {
    vi.stubEnv("NODE_ENV", environment);
    for (const store of [memoryStore(), sqliteStore(":memory:")]) {
      const warnings: AuthWarning[] = [];
      createAuth({ secret: SECRET, store, onWarning: (warning) => warnings.push(warning) });
      await setImmediate();
      expect(warnings.map(({ code }) => code)).toEqual(codes);
    }
  }
});

test("without onWarning the process emits each warning, with its code", async () => {
  const emit = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  createAuth({ secret: SECRET, store: memoryStore(), session: { accessTtl: "365d", refreshTtl: "365d" } });
  await setImmediate();
  expect(emit.mock.calls).toEqual([
    [expect.stringMatching(/^session\.accessTtl: /), { type: "SallyportWarning", code: "long_access_token" }],
    [expect.stringMatching(/^session\.idleTtl: /), { type: "SallyportWarning", code: "long_session" }],
  ]);
});

test("an onWarning that throws changes nothing, and onError is told", async () => {
  const { auth, errors } = makeAuth({
    limits: { signup: { address: false } },
    onWarning: () => {
      throw new TypeError("no logger");
    },
  });
  await setImmediate();
  expect(errors.map(String)).toEqual(["TypeError: no logger"]);
  expect((await auth.health()).ready).toBe(true);
});

const XFF = { "x-forwarded-for": "198.51.100.9" };

test.each([
  ["X-Forwarded-For, and no proxy is trusted", XFF, {}, "203.0.113.7", true],
  ["X-Real-IP, and no proxy is trusted", { "x-real-ip": "198.51.100.9" }, {}, "203.0.113.7", true],
  ["Forwarded, and no proxy is trusted", { forwarded: "for=198.51.100.9" }, {}, "203.0.113.7", true],
  [
    "X-Forwarded-For from a peer outside of the list",
    XFF,
    { trustedProxies: ["10.0.0.0/8"] },
    "203.0.113.7",
    true,
  ],
  ["X-Forwarded-For from a trusted proxy", XFF, { trustedProxies: ["10.0.0.0/8"] }, "10.1.2.3", false],
  ["X-Forwarded-For, counted", XFF, { trustedProxies: 1 }, "203.0.113.7", false],
  [
    "both headers from a trusted proxy",
    { ...XFF, "x-real-ip": "198.51.100.9" },
    { trustedProxies: 1 },
    "10.1.2.3",
    false,
  ],
  ["no such header", { host: "app.example" }, {}, "203.0.113.7", false],
] as const)("a request with %s", async (...[, headers, options, ip, isReported]) => {
  const warnings: AuthWarning[] = [];
  const { auth } = makeAuth({ onWarning: (warning) => warnings.push(warning) });
  const handlers = [createHandler(auth, options), createHandler(auth, options)];
  for (const handler of [...handlers, ...handlers]) {
    await handler.dispatch({
      method: "GET",
      target: "/auth/me",
      headers,
      body: { kind: "none" },
      client: { ip },
    });
    handler.clientAddress({ socket: { remoteAddress: ip }, headers });
  }
  await setImmediate();
  expect(warnings.map(({ code }) => code)).toEqual(isReported ? ["ignored_header"] : []);
  expect(JSON.stringify(warnings)).not.toContain("198.51.100.9");
});

test("the page has each warning under its code, and no other", () => {
  const headings = [...prose("docs/warnings.md").matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(CODES);
});
