import { createVerifier, isAuthError, type VerifierOptions } from "sallyport/verifier";
import { describe, expect, test } from "vitest";
import { codeOf } from "../support/harness.ts";
import { CURVED, HOSTILE_SETS, KEY, PUBLISHED_SECRETS } from "./hostile-sets.ts";
import { JWKS_URL, jwksOf, PARTIES, tokenOf } from "./support.ts";

const jwks = jwksOf(KEY);
const good = { jwksUrl: JWKS_URL, ...PARTIES };

function refusal(options: unknown): string {
  try {
    createVerifier(options as VerifierOptions);
  } catch (error) {
    if (!isAuthError(error) || error.code !== "invalid_configuration") throw error;
    return error.message;
  }
  return "accepted";
}

describe("unsafe configuration does not start, and the message names the option", () => {
  test.each<[unknown, string]>([
    [undefined, "the options must be a plain object"],
    [null, "the options must be a plain object"],
    ["options", "the options must be a plain object"],
    [{}, "issuer: must be a text of 1 to 255 characters"],
    [{ ...PARTIES }, "jwksUrl: must be given, or else jwks"],
    [{ ...good, jwks }, "jwks: drop it, or drop jwksUrl"],
    [{ ...good, jwksUri: JWKS_URL }, "jwksUri: no such option; check the spelling against docs/verifier.md"],
    [{ ...good, constructor: 1 }, "constructor: no such option"],
    [{ ...good, issuer: undefined }, "issuer: must be a text"],
    [{ ...good, issuer: "" }, "issuer: must be a text"],
    [{ ...good, issuer: "x".repeat(256) }, "issuer: must be a text"],
    [{ ...good, audience: undefined }, "audience: must be a text"],
    [{ ...good, audience: ["api"] }, "audience: must be a text"],
    [{ ...good, jwksUrl: "/auth/jwks.json" }, "jwksUrl: must be an absolute URL"],
    [{ ...good, jwksUrl: 1 }, "jwksUrl: must be an absolute URL"],
    [{ ...good, jwksUrl: "http://accounts.example/jwks" }, "jwksUrl: must be https:"],
    [{ ...good, jwksUrl: "http://localhost.example/jwks" }, "jwksUrl: must be https:"],
    [{ ...good, jwksUrl: "http://127.0.0.2/jwks" }, "jwksUrl: must be https:"],
    [{ ...good, jwksUrl: "file:///etc/jwks.json" }, "jwksUrl: must be https:"],
    [{ ...good, jwksUrl: "data:application/json,{}" }, "jwksUrl: must be https:"],
    [{ ...good, jwksUrl: "https://ada:hunter2@accounts.example/" }, "jwksUrl: must hold no user name"],
    [{ ...good, cacheMaxAge: "999ms" }, 'cacheMaxAge: must be between "1s" and "1d"'],
    [{ ...good, cacheMaxAge: "25h" }, 'cacheMaxAge: must be between "1s" and "1d"'],
    [{ ...good, cacheMaxAge: "ten minutes" }, "cacheMaxAge: must be a duration"],
    [{ ...good, cooldown: 0 }, "cooldown: must be a duration"],
    [{ ...good, cooldown: "61m", cacheMaxAge: "1d" }, 'cooldown: must be between "1s" and "1h"'],
    [{ ...good, cooldown: "11m" }, "cooldown: must be at most cacheMaxAge"],
    [{ ...good, cooldown: Symbol("30s") }, "cooldown: must be a duration"],
    [{ ...good, requireClaims: "yes" }, "requireClaims: must be true or false"],
    [{ ...good, timeout: "99ms" }, 'timeout: must be between "100ms" and "1m"'],
    [{ ...good, timeout: Number.NaN }, "timeout: must be a duration"],
    [{ ...good, fetch: "fetch" }, "fetch: must be a function"],
    [{ ...good, clock: { now: () => Date.now() } }, "clock: must be an object whose now()"],
    [{ ...good, clock: { now: () => new Date("never") } }, "clock: must be an object whose now()"],
    [{ jwks, ...PARTIES, cacheMaxAge: "10m" }, "cacheMaxAge: drop it: with jwks nothing is fetched"],
    [{ jwks, ...PARTIES, fetch }, "fetch: drop it: with jwks nothing is fetched"],
  ])("%#: %o", (options, message) => {
    expect(refusal(options)).toContain(message);
    expect(refusal(options)).toMatch(/^createVerifier: /);
    expect(refusal(options)).not.toContain("hunter2");
  });

  test("all faults are named at once", () => {
    expect(refusal({ jwksUrl: "x", issuer: "", timeout: "1d" })).toMatch(
      /jwksUrl: .*; issuer: .*; timeout: .*; audience: /,
    );
  });
});

test.each([
  { jwksUrl: "http://localhost:3000/auth/jwks.json" },
  { jwksUrl: "http://127.0.0.1:3000/auth/jwks.json" },
  { jwksUrl: "http://[::1]:3000/auth/jwks.json" },
  { jwksUrl: new URL(JWKS_URL) },
  { jwksUrl: JWKS_URL, cacheMaxAge: "1s", cooldown: "1s", timeout: "100ms" },
  { jwksUrl: JWKS_URL, cacheMaxAge: "24h", cooldown: "1h", timeout: 60_000 },
  { jwksUrl: JWKS_URL, cacheMaxAge: "10s" },
  { jwksUrl: JWKS_URL, jwks: undefined, fetch: undefined, clock: undefined, timeout: undefined },
  { jwks: jwksOf(KEY, CURVED) },
] satisfies Partial<VerifierOptions>[])(
  "%o starts, and nothing is fetched before the first token",
  (source) => {
    expect(refusal({ ...source, ...PARTIES })).toBe("accepted");
    expect(Object.isFrozen(createVerifier({ ...source, ...PARTIES }))).toBe(true);
  },
);

describe("a static set is refused whole with", () => {
  test.each(Object.entries(HOSTILE_SETS))("%s", (_name, [set, why]) => {
    const message = refusal({ jwks: set, ...PARTIES });
    expect(message).toMatch(/^createVerifier: jwks: /);
    expect(message).toContain(why);
    for (const secret of PUBLISHED_SECRETS) {
      expect(message).not.toContain(secret);
    }
  });

  test("no keys at all: the service still signs with its secret", () => {
    expect(refusal({ jwks: { keys: [] }, ...PARTIES })).toContain("jwks: has no keys");
  });

  test("a point that is on no curve, as soon as a token asks for it", async () => {
    const off = { ...CURVED.public, y: KEY.public.x };
    const verifier = createVerifier({ jwks: { keys: [off] }, ...PARTIES });
    expect(await codeOf(verifier.verify(tokenOf(KEY)))).toBe("invalid_configuration");
  });
});

test("an alg may be missing: the key itself says which it is, and no token does", async () => {
  const { alg: _, use: __, ...bare } = KEY.public;
  const verifier = createVerifier({ jwks: { keys: [bare] }, ...PARTIES });
  expect(
    await codeOf(verifier.verify(tokenOf(KEY, { payload: { exp: 4_000_000_000, iat: 1, auth_time: 1 } }))),
  ).toBe("fulfilled");
  expect(await codeOf(verifier.verify(tokenOf(KEY, { header: { alg: "Ed25519" } })))).toBe("invalid_token");
});
