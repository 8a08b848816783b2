import { createVerifier, isAuthError, type Verifier } from "sallyport/verifier";
import { describe, expect, test } from "vitest";
import { CALLERS, codeOf, times } from "../support/harness.ts";
import { type FakeEndpoint, fakeEndpoint, jwksOf, makeKey, remoteOptions, tokenOf } from "./support.ts";

const [old, fresh, foreign] = [makeKey("old"), makeKey("new", "ES256"), makeKey("foreign")];
const token = tokenOf(old);
const stranger = tokenOf(foreign);
const outage = new TypeError("fetch failed");

interface Remote {
  readonly verifier: Verifier;
  readonly endpoint: FakeEndpoint;
  readonly clock: ReturnType<typeof remoteOptions>["clock"];
  /** How a token is judged now. */
  readonly judge: (text: string) => Promise<string>;
}

function makeRemote(
  ...[answer = jwksOf(old), more]: [object?, Parameters<typeof remoteOptions>[1]?]
): Remote {
  const endpoint = fakeEndpoint(answer);
  const options = remoteOptions(endpoint, more);
  const verifier = createVerifier(options);
  return { verifier, endpoint, clock: options.clock, judge: (text) => codeOf(verifier.verify(text)) };
}

describe("keys are kept", () => {
  test("50 parallel first callers cause one fetch, and all are answered", async () => {
    const { endpoint, judge } = makeRemote();
    expect(await Promise.all(times(CALLERS, () => judge(token)))).toEqual(times(CALLERS, () => "fulfilled"));
    expect(endpoint.calls()).toBe(1);
  });

  test("for ten minutes nothing is fetched, then by one of 50 parallel callers", async () => {
    const { endpoint, clock, judge } = makeRemote();
    await judge(token);
    clock.advance(600_000 - 1);
    expect([await judge(token), endpoint.calls()]).toEqual(["fulfilled", 1]);
    clock.advance(1);
    expect(await Promise.all(times(CALLERS, () => judge(token)))).toEqual(times(CALLERS, () => "fulfilled"));
    expect(endpoint.calls()).toBe(2);
  });

  test("with a short cacheMaxAge alone, the cooldown is no longer than it", async () => {
    const { endpoint, clock, judge } = makeRemote(jwksOf(old), { cacheMaxAge: "10s" });
    await judge(token);
    clock.advance("10s");
    expect([await judge(token), endpoint.calls()]).toEqual(["fulfilled", 2]);
  });

  test("a key that was removed is refused as soon as the set is fetched again", async () => {
    const { endpoint, clock, judge } = makeRemote(jwksOf(old, fresh));
    expect([await judge(token), await judge(tokenOf(fresh))]).toEqual(["fulfilled", "fulfilled"]);
    endpoint.answer(jwksOf(fresh));
    expect(await judge(token)).toBe("fulfilled"); // still the set of before
    clock.advance("10m");
    expect([await judge(token), await judge(tokenOf(fresh))]).toEqual(["invalid_token", "fulfilled"]);
    expect(endpoint.calls()).toBe(2);
  });

  test("a set that was emptied is obeyed: nobody's token is accepted", async () => {
    const { endpoint, clock, judge } = makeRemote();
    await judge(token);
    endpoint.answer({ keys: [] });
    clock.advance("10m");
    expect(await judge(token)).toBe("invalid_token");
  });

  test("a key that is new is fetched with its first token", async () => {
    const { endpoint, clock, judge } = makeRemote();
    await judge(token);
    endpoint.answer(jwksOf(old, fresh));
    clock.advance("30s");
    expect([await judge(tokenOf(fresh)), await judge(token), endpoint.calls()]).toEqual([
      "fulfilled",
      "fulfilled",
      2,
    ]);
  });

  test("a clock that was set back makes no old key fresh: they are fetched", async () => {
    const { endpoint, clock, judge } = makeRemote();
    await judge(token);
    clock.set(new Date(clock.now().getTime() - 1000));
    expect([await judge(token), endpoint.calls()]).toEqual(["fulfilled", 2]);
  });
});

describe("a stranger cannot make it fetch", () => {
  test("more than once in a cooldown with unknown keys, counted from the start of the last fetch", async () => {
    const { endpoint, clock, judge } = makeRemote();
    await judge(token);
    const flood = () =>
      Promise.all(times(CALLERS, (n) => judge(tokenOf(foreign, { header: { kid: `k${n}` } }))));
    clock.advance("29s");
    expect(new Set(await flood())).toEqual(new Set(["invalid_token"]));
    expect(endpoint.calls()).toBe(1);
    clock.advance("1s");
    expect(new Set(await flood())).toEqual(new Set(["invalid_token"]));
    expect(endpoint.calls()).toBe(2);
    for (const _ of times(20, () => 0)) {
      clock.advance("3s");
      await flood();
    }
    expect(endpoint.calls()).toBe(4); // two in the minute
    expect(await judge(token)).toBe("fulfilled");
  });

  test("more than once in a cooldown during an outage, with known keys as with unknown ones", async () => {
    const { endpoint, clock, judge } = makeRemote(outage);
    const everybody = () => Promise.all(times(CALLERS, (n) => judge(n % 2 ? token : stranger)));
    expect(new Set(await everybody())).toEqual(new Set(["unavailable"]));
    expect(endpoint.calls()).toBe(1);
    clock.advance(29_999);
    expect(new Set(await everybody())).toEqual(new Set(["unavailable"]));
    expect(endpoint.calls()).toBe(1);
    endpoint.answer(jwksOf(old));
    clock.advance(1);
    expect(await judge(token)).toBe("fulfilled");
    expect(endpoint.calls()).toBe(2);
  });

  test.each<[string, string]>([
    ["no text", ""],
    ["no JSON", "x.y.z"],
    ["alg none", tokenOf(foreign, { header: { alg: "none" } })],
    ["alg HS256", tokenOf(foreign, { header: { alg: "HS256" } })],
    ["alg RS256", tokenOf(foreign, { header: { alg: "RS256" } })],
    ["alg in another case", tokenOf(foreign, { header: { alg: "es256" } })],
    ["alg __proto__", tokenOf(foreign, { header: { alg: "__proto__" } })],
    ["another typ", tokenOf(foreign, { header: { typ: "JWT" } })],
    ["a kid that is a path", tokenOf(foreign, { header: { kid: "../k" } })],
    ["a kid that is too long", tokenOf(foreign, { header: { kid: "k".repeat(129) } })],
    ["one name more", tokenOf(foreign, { header: { jku: "https://evil.example/jwks" } })],
    ["a critical extension", tokenOf(foreign, { header: { crit: ["exp"] } })],
    ["five parts, as a JWE has", `${stranger}.x.y`],
    ["a token that is too long", `${stranger}${"A".repeat(4096)}`],
  ])("with what no key of ours can have written: %s", async (_name, text) => {
    const { endpoint, judge } = makeRemote();
    expect([await judge(text), endpoint.calls()]).toEqual(["invalid_token", 0]);
  });

  test("with a header in another order or spelling", async () => {
    const { endpoint, judge } = makeRemote();
    const [, payload, signature] = stranger.split(".");
    const heads = [
      '{"typ":"at+jwt","alg":"EdDSA","kid":"k"}',
      '{"alg":"EdDSA","typ":"at+jwt","kid":"k" }',
      '{"alg":"EdDSA","alg":"EdDSA","typ":"at+jwt","kid":"k"}',
      '{"alg":"EdDSA","typ":"at+jwt","kid":"\\u006b"}',
      '\uFEFF{"alg":"EdDSA","typ":"at+jwt","kid":"k"}',
      "null",
      '"EdDSA"',
    ];
    for (const head of heads) {
      const text = `${Buffer.from(head).toString("base64url")}.${payload}.${signature}`;
      expect([head, await judge(text), endpoint.calls()]).toEqual([head, "invalid_token", 0]);
    }
  });
});

describe("while the address fails", () => {
  test("the last good keys serve for cacheMaxAge once more, each cooldown tries again, then it fails closed", async () => {
    const { endpoint, clock, judge } = makeRemote();
    await judge(token);
    endpoint.answer(outage);
    clock.advance("10m");
    for (const tries of times(20, (n) => n + 2)) {
      expect([await judge(token), endpoint.calls()]).toEqual(["fulfilled", tries]);
      expect(await judge(stranger)).toBe("unavailable"); // nobody can say that no key has signed it
      clock.advance("30s");
    }
    expect([await judge(token), endpoint.calls()]).toEqual(["unavailable", 22]);
    endpoint.answer(jwksOf(old));
    expect(await judge(token)).toBe("unavailable"); // until the cooldown is over
    clock.advance("30s");
    expect([await judge(token), endpoint.calls()]).toEqual(["fulfilled", 23]);
  });

  test("nobody waits again for an address that hangs while old keys may serve", async () => {
    const { endpoint, clock, judge } = makeRemote(jwksOf(old), { timeout: "1m" });
    await judge(token);
    endpoint.answer(outage);
    clock.advance("10m");
    expect(await judge(token)).toBe("fulfilled"); // this one waited, and saw it fail
    const hanging = Promise.withResolvers<Response>();
    endpoint.answer(() => hanging.promise);
    clock.advance("30s");
    expect(await Promise.all(times(CALLERS, () => judge(token)))).toEqual(times(CALLERS, () => "fulfilled"));
    expect(endpoint.calls()).toBe(3);
    hanging.resolve(Response.json(jwksOf(fresh)));
    expect([await judge(tokenOf(fresh)), await judge(token), endpoint.calls()]).toEqual([
      "fulfilled",
      "invalid_token",
      3,
    ]);
  });

  test("a fetch that obeys no signal holds nobody longer than the timeout", async () => {
    const { endpoint, judge } = makeRemote(() => new Promise<Response>(() => undefined), {
      timeout: "100ms",
    });
    expect(await Promise.all(times(CALLERS, () => judge(token)))).toEqual(
      times(CALLERS, () => "unavailable"),
    );
    expect([await judge(token), endpoint.calls()]).toEqual(["unavailable", 1]);
  });

  test("the answer of a fetch that was given up does not undo a later one", async () => {
    const { endpoint, clock, judge } = makeRemote(jwksOf(old), { timeout: "100ms" });
    const late = Promise.withResolvers<Response>();
    endpoint.answer(() => late.promise);
    expect(await judge(token)).toBe("unavailable");
    endpoint.answer(jwksOf(fresh));
    clock.advance("30s");
    expect(await judge(tokenOf(fresh))).toBe("fulfilled");
    late.resolve(Response.json(jwksOf(old)));
    await codeOf(late.promise);
    expect([await judge(token), await judge(tokenOf(fresh))]).toEqual(["invalid_token", "fulfilled"]);
  });

  test("the operator learns why, from a cause without any token", async () => {
    const { verifier } = makeRemote(outage);
    const error = await verifier.verify(token).catch((thrown) => thrown);
    expect([isAuthError(error), error.code, error.status, error.cause]).toEqual([
      true,
      "unavailable",
      503,
      outage,
    ]);
    expect(error.retryAfterSeconds).toBe(5);
  });
});
