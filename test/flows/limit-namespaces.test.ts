// Class: two pools of users that share a limiter, and with it their budgets.
import { type AuthOptions, memoryRateLimiter, memoryStore } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, strangers, tally, times } from "../support/harness.ts";

const right = { email: EMAIL, password: PASSWORD };
const wrong = { ...right, password: "Wrong1password" };

/** Applications with one limiter, one clock and one secret, each with its own store. */
function poolsOf(...options: readonly Partial<AuthOptions>[]) {
  const clock = fakeClock();
  const shared = { clock, rateLimiter: memoryRateLimiter({ clock }) };
  return options.map((own) => makeAuth({ store: memoryStore(), ...shared, ...own }).auth);
}

const APART: readonly (readonly [string, Partial<AuthOptions>, Partial<AuthOptions>])[] = [
  ["audiences", { audience: "shop" }, { audience: "admin" }],
  ["issuers", { issuer: "shop" }, { issuer: "admin" }],
  ["issuer and audience the other way round", { issuer: "a", audience: "b" }, { issuer: "b", audience: "a" }],
  ["a border that moved", { issuer: "ab", audience: "c" }, { issuer: "a", audience: "bc" }],
  ["quotes", { issuer: 'a","b', audience: "c" }, { issuer: "a", audience: 'b","c' }],
  ["namespaces", { limits: { namespace: "shop" } }, { limits: { namespace: "admin" } }],
];

test.each(APART)("pools with two %s have two budgets each", async (_what, first, second) => {
  const [shop, admin] = poolsOf(first, second);
  if (!shop || !admin) throw new TypeError("Two pools");
  for (const auth of [shop, admin]) expect(await codeOf(auth.signup(right, CLIENT))).toBe("fulfilled");
  const stranger = strangers();
  const guesses = () => times(20, () => shop.login(wrong, stranger()));
  expect(await tally(guesses())).toEqual({ invalid_credentials: 10, rate_limited: 10 });
  expect(await tally(times(9, () => shop.login(wrong, CLIENT)))).toEqual({ rate_limited: 9 });
  expect(await codeOf(admin.login(right, CLIENT))).toBe("fulfilled");
});

test("two instances of one pool have one budget, whatever their issuers are, if they have one namespace", async () => {
  const limits = { namespace: "pool" };
  const [one, other] = poolsOf({ issuer: "a", limits }, { issuer: "b", limits });
  if (!one || !other) throw new TypeError("Two instances");
  const stranger = strangers();
  const calls = times(30, (index) => (index % 2 ? one : other).login(wrong, stranger()));
  expect(await tally(calls)).toEqual({ invalid_credentials: 10, rate_limited: 20 });
});

test("a namespace cannot read as another one's key", () => {
  for (const namespace of ["a:login", "", "x".repeat(65), "a b", "ä", "a/b", 7, null])
    expect(() => makeAuth({ limits: { namespace } as never })).toThrow(/limits\.namespace: must/);
  for (const namespace of ["a", "x".repeat(64), "acme-shop_2.eu"])
    expect(() => makeAuth({ limits: { namespace } })).not.toThrow();
});
