// Classes: an access token without a refresh token (Rodauth CVE-2026-82469), a MAC that is not checked to the last
// bit, a token with twins; a forged one that ends somebody's session, or costs a query.
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_REFRESH_COUNTER } from "../../../src/domain/refresh-verdict.ts";
import { sealedToken } from "../../../src/lib/sealed-token.ts";
import { deriveKey } from "../../../src/lib/secrets.ts";
import { fuzzRuns } from "../../support/fuzz.ts";
import { codeOf, EMAIL, makeAuth, PASSWORD, SECRET, STORES, times } from "../../support/harness.ts";
import { countVerbs } from "../../support/intercept-store.ts";
import { JOB } from "../../support/session-endings.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEAD = 21;
const credentials = { email: EMAIL, password: PASSWORD };

/** A refresh token with this head and a right MAC. */
function signed(head: Buffer, secret = SECRET): string {
  const keys = [deriveKey(secret, "refresh-token")];
  return sealedToken({ keys, boundTo: ["sallyport", "sallyport"], headBytes: head.length }).seal(head);
}

/** The same as format 1 made it: the MAC covers the head only. */
function signedAsBefore(head: Buffer): string {
  const mac = createHmac("sha256", deriveKey(SECRET, "refresh-token")).update(head).digest();
  return Buffer.concat([head, mac]).toString("base64url");
}

function withByte(bytes: Buffer, at: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = change(copy[at] as number);
  return copy;
}

/** Texts near a refresh token, none of which is one. */
function nearby(token: string): Record<string, string[]> {
  const bytes = Buffer.from(token, "base64url");
  const head = bytes.subarray(0, HEAD);
  const mac = bytes.subarray(HEAD);
  const raw = (...parts: Uint8Array[]) => Buffer.concat(parts).toString("base64url");
  const counted = (counter: number) => {
    const next = Buffer.from(head);
    next.writeUInt32BE(counter, 17);
    return signed(next);
  };
  return {
    "one bit flipped": times(bytes.length * 8, (bit) =>
      raw(withByte(bytes, bit >> 3, (byte) => byte ^ (1 << (bit & 7)))),
    ),
    truncated: times(token.length, (length) => token.slice(0, length)),
    "truncated in front": times(token.length, (index) => token.slice(index + 1)),
    extended: ["A", "AA", "AAAA", "=", ".", token, `.${token}`].map((more) => token + more),
    "extended in front": ["A", "AAAA", " ", "."].map((more) => more + token),
    "of another version": [0, 1, 3, 255].map((version) => signed(withByte(head, 0, () => version))),
    "of format 1": [1, 2].map((version) => signedAsBefore(withByte(head, 0, () => version))),
    "of another version and the old MAC": [0, 1].map((version) =>
      raw(
        withByte(head, 0, () => version),
        mac,
      ),
    ),
    "of another secret": [signed(head, `${SECRET}x`)],
    "of another head": [
      raw(
        withByte(head, 20, (byte) => byte + 1),
        mac,
      ),
    ],
    "with a MAC of zeros, or none": [raw(head, Buffer.alloc(32)), raw(head)],
    "with a longer head under the MAC": [signed(Buffer.concat([head, Buffer.alloc(1)]))],
    "of an unknown session": [signed(withByte(head, 16, (byte) => byte ^ 1))],
    "of a rotation that never was": [1, 2, 1000, 0x7fffffff, MAX_REFRESH_COUNTER].map(counted),
  };
}

const NAMES = Object.keys(nearby(Buffer.alloc(53).toString("base64url")));
/** Genuine to the MAC: what they name is looked up, and is not there. Logging out of it is a success. */
const GENUINE = ["of an unknown session", "of a rotation that never was"];

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(NAMES)("a refresh token %s is refused, and its session lives on", async (name) => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = makeAuth({ store });
    const { refreshToken } = await auth.signup(credentials, JOB);
    verbs.length = 0;
    for (const text of nearby(refreshToken)[name] as string[]) {
      expect([text, await codeOf(auth.refresh(text, JOB))]).toEqual([text, "invalid_token"]);
      if (GENUINE.includes(name)) continue;
      expect([text, await codeOf(auth.logout(text, JOB))]).toEqual([text, "invalid_token"]);
      expect(verbs).toEqual([]); // no query, and no event: a flood of them costs the store nothing
    }
    expect(await codeOf(auth.refresh(refreshToken, JOB))).toBe("fulfilled");
  });
});

test("of all texts that look like a refresh token none is one", async () => {
  const { auth, ctx } = makeAuth();
  await auth.signup(credentials, JOB);
  const lookalike = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 71, maxLength: 71 });
  await fc.assert(
    fc.asyncProperty(lookalike, async (text) => {
      expect(ctx.refreshTokens.read(text)).toBeNull();
      expect(await codeOf(auth.refresh(text, JOB))).toBe("invalid_token");
    }),
    { numRuns: fuzzRuns(300) },
  );
});

test("a refresh token has one spelling: no other 71 characters are read as the same", async () => {
  const { auth, ctx } = makeAuth();
  const { refreshToken } = await auth.signup(credentials, JOB);
  const twins = times(71, (at) =>
    [...ALPHABET].map((one) => refreshToken.slice(0, at) + one + refreshToken.slice(at + 1)),
  );
  const read = new Set(twins.flat().filter((text) => ctx.refreshTokens.read(text) !== null));
  expect([...read]).toEqual([refreshToken]);
});
