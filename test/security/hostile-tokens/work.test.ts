// Classes: work before size is judged (zod CVE-2023-4316, jose CVE-2024-28176), a cache of signatures that mixes
// tokens up or keeps what was bad (fast-jwt CVE-2026-35039), answers that change with repetition (CVE-2026-35040).
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { CONFIGURATIONS, type Ground, prepareGround } from "../../support/forged-tokens.ts";
import { codeOf, PASSWORD, times } from "../../support/harness.ts";
import { hostileHeaders } from "../../support/hostile-headers.ts";
import { hostileTexts, oversized } from "../../support/hostile-signatures.ts";
import { judgesOf } from "../../support/token-judges.ts";

const ofSecrets = vi.hoisted(() => ({ checks: 0 }));
vi.mock("../../../src/adapters/jwt/hmac.ts", async (original) => {
  const real = await original<typeof import("../../../src/adapters/jwt/hmac.ts")>();
  const hmacHalves: typeof real.hmacHalves = (key) => {
    const halves = real.hmacHalves(key);
    const read: typeof halves.read = (token) => {
      ofSecrets.checks++;
      return halves.read(token);
    };
    return { ...halves, read };
  };
  return { ...real, hmacHalves };
});

describe.each(CONFIGURATIONS)("with $name", (configuration) => {
  let ground: Ground;
  let ofKeyPairs: MockInstance;
  const checks = (): number => ofSecrets.checks + ofKeyPairs.mock.calls.length;

  beforeEach(async () => {
    ground = await prepareGround(configuration);
    ofKeyPairs = vi.spyOn(crypto.subtle, "verify");
    ofSecrets.checks = 0;
  });
  afterEach(() => ofKeyPairs.mockRestore());

  const CHEAP = [
    ["too long", oversized],
    ["no compact JWS of one spelling", hostileTexts],
    ["not under the very header that a key writes", hostileHeaders],
  ] as const;

  test.each(CHEAP)("a token that is %s costs no signature check", async (_name, shapesOf) => {
    // A text that is in order and says something else is what signatures are for.
    const known = ground.token.slice(0, ground.token.indexOf(".") + 1);
    const shapes = Object.entries(shapesOf(ground)).filter(
      ([, token]) =>
        !(/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) && token.startsWith(known)) || token.length > 4096,
    );
    expect(shapes.length).toBeGreaterThan(4);
    for (const [name, token] of shapes) {
      for (const [, judge] of judgesOf(ground)) await judge(token);
      expect([name, checks()]).toEqual([name, 0]);
    }
  });

  test("a token of 4,096 characters is judged, and one character more is too many", async () => {
    const { forge, header, payload, harness } = ground;
    const lengths = times(60, (more) =>
      forge(header, { ...payload, claims: { x: "x".repeat(2600 + more) } }),
    );
    const base = (lengths[0] as string).length;
    const room = Math.floor(((4096 - base) * 3) / 4);
    const tokens = times(5, (more) =>
      forge(header, { ...payload, claims: { x: "x".repeat(2600 + room - 2 + more) } }),
    );
    const verdicts = await Promise.all(tokens.map((token) => codeOf(harness.auth.verifyToken(token))));
    expect(verdicts).toEqual(tokens.map(({ length }) => (length <= 4096 ? "fulfilled" : "invalid_token")));
    expect(new Set(verdicts).size).toBe(2);
  });

  test("a good signature is checked once, a bad one each time, and one answer stays the answer", async () => {
    const { auth } = ground.harness;
    const bad = ground.forge(ground.header, ground.payload, ground.signAsStranger);
    const judge = (token: string) => codeOf(auth.verifyToken(token));
    const answers = new Set<string>();
    for (const _time of times(200, (index) => index))
      answers.add(`${await judge(ground.token)} ${await judge(bad)}`);
    expect([...answers]).toEqual(["fulfilled invalid_token"]);
    expect(checks()).toBe(201);
  });

  test("of two users' tokens, over and over, each is always its own user's", async () => {
    const { auth } = ground.harness;
    const input = { email: "bob@example.com", password: PASSWORD };
    const bob = await auth.signup(input, { ip: null });
    const users = new Map([
      [ground.token, ground.payload["sub"]],
      [bob.accessToken, bob.user.id],
    ]);
    const calls = times(200, (index) => [...users][index % 2] as [string, unknown]);
    const seen = await Promise.all(calls.map(([token]) => auth.verifyToken(token)));
    expect(seen.map(({ userId }) => userId)).toEqual(calls.map(([, user]) => user));
  });

  test("a known signature is no excuse: time and session are judged at each use", async () => {
    const { auth, clock } = ground.harness;
    const issued = clock.now().getTime();
    await auth.verifyToken(ground.token);
    clock.set(new Date(Number(ground.payload["exp"]) * 1000));
    expect(await codeOf(auth.verifyToken(ground.token))).toBe("token_expired");
    clock.set(new Date(issued - 5001));
    expect(await codeOf(auth.verifyToken(ground.token))).toBe("invalid_token");
    clock.set(new Date(issued));
    await auth.logout(ground.token);
    expect(await codeOf(auth.verifyToken(ground.token))).toBe("session_revoked");
    expect(checks()).toBe(1);
  });
});
