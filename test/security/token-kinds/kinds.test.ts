// Classes: a token of one kind taken for another, half-authenticated state (better-auth GHSA-xg6x-h9c9-2m83), blank
// and non-string tokens (Devise CVE-2019-16109, Laravel CVE-2026-114509), keys without domain separation (Django
// CVE-2026-6873), tokens at rest that are tokens (better-auth, Auth.js: session tokens in plain text).
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { TokenPurpose } from "sallyport";
import { describe, expect, test } from "vitest";
import { secretSigningKey } from "../../../src/adapters/jwt/hmac.ts";
import { refreshTokens } from "../../../src/kit/refresh-tokens.ts";
import { deriveKey, hashSecretToken } from "../../../src/lib/secrets.ts";
import { headerOf } from "../../../src/tokens/access-token-jws.ts";
import { codeOf, SECRET, STORES } from "../../support/harness.ts";
import { JOB } from "../../support/session-endings.ts";
import { allCalls, codesOf, each } from "../../support/token-calls.ts";
import { damageOf, holdEverything, KIND_NAMES, KINDS, takes } from "../../support/token-kinds.ts";

const ROWS = KIND_NAMES.map((kind) => ({ kind, use: KINDS[kind] }));
const PURPOSES: readonly TokenPurpose[] = ["challenge", "password_reset", "email_verification"];

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(ROWS)("$kind is good for $use, and for nothing else", async ({ kind }) => {
    const held = await holdEverything(makeStore());
    const token = held.kinds[kind];
    const calls = allCalls(held.harness.auth);
    const foreign = Object.fromEntries(Object.entries(calls).filter(([call]) => !takes(call, kind)));
    expect(await codesOf(foreign, token)).toEqual(each(foreign, "invalid_token"));
    expect(await damageOf(held)).toEqual([]);
  });

  test("an access token and a refresh token are good for all that they are for", async () => {
    for (const kind of ["an access token", "a refresh token"] as const) {
      for (const name of Object.keys(allCalls((await holdEverything(makeStore())).harness.auth))) {
        if (!takes(name, kind)) continue;
        const held = await holdEverything(makeStore());
        const call = allCalls(held.harness.auth)[name] as (token: string) => Promise<unknown>;
        const code = name === "sessions.revoke" ? "not_found" : "fulfilled"; // there is no such session
        expect([name, await codeOf(call(held.kinds[kind]))]).toEqual([name, code]);
      }
    }
  });

  test.each(ROWS)("$kind is no id, no cursor and no one else's name", async ({ kind }) => {
    const held = await holdEverything(makeStore());
    const { auth } = held.harness;
    const { accessToken } = held.signedIn;
    const text = held.kinds[kind];
    if (kind !== "a session's id")
      expect(await codeOf(auth.sessions.revoke(accessToken, text, JOB))).toBe("not_found");
    if (kind !== "a user's id") {
      expect(await codeOf(auth.verifyToken(accessToken, { userId: text }))).toBe("forbidden");
      for (const change of [auth.users.disable, auth.users.enable, auth.users.delete])
        expect(await codeOf(change(text, JOB))).toBe("not_found");
    }
    if (!kind.endsWith("'s id"))
      expect(await codeOf(auth.events.list(accessToken, { cursor: text }))).toBe("invalid_input");
    expect(await damageOf(held)).toEqual([]);
  });

  test("a one-time token is found and consumed for its own purpose only", async () => {
    const { harness, kinds } = await holdEverything(makeStore());
    const { tokens } = harness.store;
    const now = harness.clock.now();
    const own = [
      ["challenge", kinds["a login challenge"]],
      ["password_reset", kinds["a password reset's token"]],
      ["email_verification", kinds["an email verification's token"]],
    ] as const;
    for (const [purpose, token] of own) {
      for (const other of PURPOSES.filter((name) => name !== purpose)) {
        expect(await tokens.find(other, hashSecretToken(token), now)).toBeNull();
        expect(await tokens.consume(other, hashSecretToken(token), now)).toBeNull();
      }
      expect(await tokens.consume(purpose, token, now)).toBeNull(); // the token is not its hash
      expect(await tokens.consume(purpose, hashSecretToken(token), now)).toMatchObject({ purpose });
    }
  });

  test("a MAC of another key of the same secret makes no refresh token", async () => {
    const held = await holdEverything(makeStore());
    const { auth } = held.harness;
    const parties = { issuer: "sallyport", audience: "sallyport" };
    const presented = { sessionId: held.signedIn.session.id, counter: 0 };
    const forge = (key: KeyObject) => refreshTokens([key], parties).issue(presented);
    expect(forge(deriveKey(SECRET, "refresh-token"))).toBe(held.signedIn.refreshToken); // the forge is sound
    for (const [name, key] of otherKeys("refresh-token")) {
      expect([name, await codeOf(auth.refresh(forge(key), JOB))]).toEqual([name, "invalid_token"]);
      expect([name, await codeOf(auth.logout(forge(key), JOB))]).toEqual([name, "invalid_token"]);
    }
    expect(await damageOf(held)).toEqual([]);
  });

  test("a MAC of another key of the same secret makes no access token, whatever name it gives", async () => {
    const held = await holdEverything(makeStore());
    const { auth } = held.harness;
    const { accessToken } = held.signedIn;
    const [head, body] = accessToken.split(".") as [string, string];
    const forge = (key: KeyObject, begin = head) =>
      `${begin}.${body}.${createHmac("sha256", key).update(`${begin}.${body}`).digest("base64url")}`;
    expect(forge(deriveKey(SECRET, "access-token"))).toBe(accessToken);
    for (const [name, key] of otherKeys("access-token")) {
      for (const token of [forge(key), forge(key, headerOf(secretSigningKey(key)))]) {
        expect([name, await codeOf(auth.verifyToken(token))]).toEqual([name, "invalid_token"]);
        expect([name, await codeOf(auth.logout(token, JOB))]).toEqual([name, "invalid_token"]);
      }
    }
    expect(await damageOf(held)).toEqual([]);
  });

  test("what is no text is no token in any call, not even when it would turn into one", async () => {
    const held = await holdEverything(makeStore());
    const calls = allCalls(held.harness.auth);
    const good = [held.signedIn.accessToken, held.signedIn.refreshToken];
    for (const value of [...BLANKS, ...good.flatMap(disguises)]) {
      const name = typeof value === "symbol" ? "symbol" : JSON.stringify(value, plain);
      expect([name, await codesOf(calls, value as string)]).toEqual([name, each(calls, "invalid_token")]);
    }
    expect(await damageOf(held)).toEqual([]);
  });
});

const BLANKS = [undefined, null, "", " ", ".", "..", 0, 1, Number.NaN, 1n, true, false, [], {}, Symbol("x")];

const plain = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);

/** Whatever a loose comparison, a template or a driver would read as the token. */
function disguises(token: string): unknown[] {
  return [
    [token],
    { 0: token, length: 1 },
    { toString: () => token },
    { [Symbol.toPrimitive]: () => token },
    { token },
    { $ne: null },
    Object(token),
    Buffer.from(token),
    () => token,
    Promise.resolve(token),
  ];
}

type Purpose = "access-token" | "refresh-token" | "pseudonym";

function otherKeys(own: Purpose): [string, KeyObject][] {
  const purposes: readonly Purpose[] = ["access-token", "refresh-token", "pseudonym"];
  return [
    ...purposes
      .filter((purpose) => purpose !== own)
      .map((purpose): [string, KeyObject] => [`${purpose} key`, deriveKey(SECRET, purpose)]),
    ["another secret's key", deriveKey(`${SECRET}x`, own)],
    ["the secret's text", createSecretKey(Buffer.from(SECRET))],
    ["the secret's bytes", createSecretKey(Buffer.from(SECRET, "base64url"))],
    ["an empty key", createSecretKey(Buffer.alloc(0))],
    ["a key of zeros", createSecretKey(Buffer.alloc(32))],
  ];
}
