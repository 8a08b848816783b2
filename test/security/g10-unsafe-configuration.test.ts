// Classes: default or short secrets that start (Ory Keto CVE-2026-33505), options without effect, limits
// that vanish by environment.
import { generateKeyPairSync } from "node:crypto";
import { type AuthOptions, createAuth, isAuthError, memoryStore, passwordPolicies } from "sallyport";
import { createHandler } from "sallyport/http";
import { insecureTestHasher } from "sallyport/testing";
import { afterEach, expect, test, vi } from "vitest";
import { argon2Hasher } from "../../src/adapters/argon2/argon2-hasher.ts";
import { makePublicAuth, SECRET } from "../support/harness.ts";
import { ed25519, withoutPrivatePart } from "../support/signing-keys.ts";

const PUBLIC_PEM = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" });
const sound = { secret: SECRET, store: memoryStore() };

/** Each row: what is wrong, the options, and the option that the message must name. */
const UNSAFE: readonly (readonly [name: string, options: unknown, named: RegExp])[] = [
  ["no options", undefined, /options/],
  ["no secret", { store: memoryStore() }, /secret: is missing.*npx sallyport secret/],
  ["an empty secret", { ...sound, secret: "" }, /secret: has fewer than 32 bytes.*openssl rand/],
  ["31 bytes", { ...sound, secret: SECRET.slice(0, 31) }, /secret: has fewer than 32 bytes/],
  ["32 times a", { ...sound, secret: "a".repeat(32) }, /secret: has fewer than 10 different/],
  [
    "a placeholder among random characters",
    { ...sound, secret: "Vq7changemeX2rT9wLd4KzB6mHs1JfYu8Nc" },
    /secret: is a placeholder/,
  ],
  ["a repeated text", { ...sound, secret: "changeme-2026!".repeat(4) }, /secret: repeats itself/],
  [
    "a published secret",
    { ...sound, secret: "a-string-secret-at-least-256-bits-long" },
    /secret: is published/,
  ],
  [
    "a published secret, shouted",
    { ...sound, secret: "A-STRING-SECRET-AT-LEAST-256-BITS-LONG " },
    /secret: is published/,
  ],
  ["a secret that is no text", { ...sound, secret: Buffer.from(SECRET) }, /secret/],
  [
    "a weak secret behind a strong one",
    { ...sound, secret: [SECRET, "a".repeat(32)] },
    /secret\.1: has fewer than 10 different/,
  ],
  ["no secret in a list", { ...sound, secret: [] }, /secret: is an empty list/],
  ["a public key as the secret", { ...sound, secret: PUBLIC_PEM }, /secret: is the text of a key/],
  ["no signing keys in a list", { ...sound, signingKeys: [] }, /signingKeys: must be a list of 1 to 8/],
  [
    "a public signing key",
    { ...sound, signingKeys: [withoutPrivatePart(ed25519())] },
    /signingKeys\.0: is a public key/,
  ],
  [
    "a signing key for another algorithm",
    { ...sound, signingKeys: [{ ...ed25519(), alg: "HS256" }] },
    /signingKeys\.0: must be an Ed25519 or ES256/,
  ],
  ["no store", { secret: SECRET }, /store: must be a store/],
  ["an object that is not a store", { ...sound, store: {} }, /store: must be a store/],
  [
    "a store that cannot purge",
    { ...sound, store: { ...memoryStore(), purge: 1 } },
    /store: must be a store/,
  ],
  [
    "a log that is emptied at once",
    { ...sound, retention: { events: "23h" } },
    /retention\.events: must be between one day and 3650 days/,
  ],
  [
    "a retention of nothing for events",
    { ...sound, retention: { events: 0 } },
    /retention\.events: must be a duration/,
  ],
  [
    "a retention for ever",
    { ...sound, retention: { endedSessions: "3651d" } },
    /retention\.endedSessions: must be 0 or a duration/,
  ],
  [
    "mail that is kept for ever",
    { ...sound, retention: { deadMail: "3651d" } },
    /retention\.deadMail: must be 0 or a duration/,
  ],
  [
    "a store of a release without mail",
    { ...sound, store: { ...memoryStore(), outbox: undefined } },
    /store: must be a store/,
  ],
  ["an unknown retention", { ...sound, retention: { users: "1d" } }, /retention\.users: no such option/],
  ["an unknown hook", { ...sound, hooks: { userDeleted: () => {} } }, /hooks\.userDeleted: no such option/],
  [
    "a hook that is no function",
    { ...sound, hooks: { userCreated: {} } },
    /hooks\.userCreated: must be a function/,
  ],
  [
    "a store without one of its rooms",
    { ...sound, store: { ...memoryStore(), tokens: undefined } },
    /store: must be a store/,
  ],
  ["a store without its rooms", { ...sound, store: { transaction: () => {} } }, /store: must be a store/],
  [
    "a store without a verb",
    { ...sound, store: { ...memoryStore(), sessions: { find: () => {} } } },
    /store or rateLimiter has no create\(\)/,
  ],
  ["the secret as issuer", { ...sound, issuer: SECRET }, /secret: is also the issuer/],
  ["the secret as audience", { ...sound, audience: SECRET }, /secret: is also the issuer or the audience/],
  [
    "a text repeated and cut",
    { ...sound, secret: "0123456789".repeat(4).slice(0, 37) },
    /secret: repeats itself/,
  ],
  [
    "a rule without effect",
    { ...sound, limits: { login: { address: "999999/1ms" } } },
    /limits\.login\.address/,
  ],
  ["a clock that tells no date", { ...sound, clock: { now: Date.now } }, /clock: must answer now\(\)/],
  ["a clock that is broken", { ...sound, clock: { now: () => new Date("x") } }, /clock: must answer now\(\)/],
  ["an unknown option", { ...sound, sesion: {} }, /sesion: no such option/],
  [
    "an unknown option, deep",
    { ...sound, limits: { login: { adress: "5/1m" } } },
    /limits\.login\.adress: no such option/,
  ],
  ["an option of a later version", { ...sound, account: {} }, /account: no such option/],
  [
    "a malformed duration",
    { ...sound, session: { accessTtl: "1 day" } },
    /session\.accessTtl: must be a duration/,
  ],
  ["a lifetime of nothing", { ...sound, session: { accessTtl: 0 } }, /session\.accessTtl/],
  [
    "a lifetime of seconds",
    { ...sound, session: { accessTtl: "59s" } },
    /session\.accessTtl: must be between/,
  ],
  [
    "a lifetime of years",
    { ...sound, session: { accessTtl: "366d" } },
    /session\.accessTtl: must be between/,
  ],
  ["no sessions at all", { ...sound, session: { max: 0 } }, /session\.max: must be at least 1/],
  [
    "an unknown session check",
    { ...sound, session: { check: "sometimes" } },
    /session\.check: must be "always", "never" or/,
  ],
  [
    "a check at no interval",
    { ...sound, session: { check: { every: "5s" } } },
    /session\.check: must be "always", "never" or/,
  ],
  [
    "a check at most every hour",
    { ...sound, session: { check: { atMostEvery: "1h" } } },
    /session\.check: atMostEvery must be between/,
  ],
  [
    "sessions that are never checked, with tokens of days",
    { ...sound, session: { check: "never", accessTtl: "25h" } },
    /session\.check: with "never" an ended session works until its access token ends/,
  ],
  [
    "a check that no token lives to see",
    { ...sound, session: { check: { atMostEvery: "2m" }, accessTtl: "2m" } },
    /session\.check: atMostEvery is no shorter than accessTtl/,
  ],
  [
    "an idle end after the absolute one",
    { ...sound, session: { idleTtl: "31d", refreshTtl: "30d" } },
    /session\.idleTtl: is longer than refreshTtl/,
  ],
  [
    "a token that outlives its session",
    { ...sound, session: { accessTtl: "2d", idleTtl: "1d" } },
    /session\.accessTtl: is longer than idleTtl/,
  ],
  [
    "a grace of a token's length",
    { ...sound, session: { grace: "1m", accessTtl: "1m" } },
    /session\.grace: is no shorter than accessTtl/,
  ],
  [
    "an issuer with a control character",
    { ...sound, issuer: "acme\u0001" },
    /issuer: must hold no control characters/,
  ],
  ["an audience that is half a character", { ...sound, audience: "\ud800" }, /audience: must hold no/],
  ["a grace of minutes", { ...sound, session: { grace: "2m" } }, /session\.grace: must be 0 or a duration/],
  ["a jitter of everything", { ...sound, session: { jitter: 1 } }, /session\.jitter: must be at most 0\.5/],
  [
    "a malformed rule",
    { ...sound, limits: { login: { address: "5 per minute" } } },
    /limits\.login\.address: must be a rule/,
  ],
  [
    "a rule that is true",
    { ...sound, limits: { signup: { address: true } } },
    /limits\.signup\.address: must be a rule/,
  ],
  ["a rule of zero points", { ...sound, limits: { login: { account: ["0/1m"] } } }, /limits\.login\.account/],
  ["no rules in a list", { ...sound, limits: { login: { account: [] } } }, /limits\.login\.account/],
  [
    "the same rule twice",
    { ...sound, limits: { login: { account: ["60/1h", "60/60m"] } } },
    /limits\.login\.account: has the same rule twice/,
  ],
  [
    "hashing below OWASP",
    { ...sound, password: { hashing: { memoryKiB: 8192 } } },
    /hashing\.memoryKiB: must be at least 19456/,
  ],
  ["one pass", { ...sound, password: { hashing: { passes: 1 } } }, /hashing\.passes: must be at least 2/],
  [
    "hashing beyond the caps",
    { ...sound, password: { hashing: { memoryKiB: 1e6 } } },
    /hashing\.memoryKiB: must be at most/,
  ],
  ["no hash at once", { ...sound, password: { hashing: { concurrency: 0 } } }, /hashing\.concurrency/],
  [
    "an unbounded queue",
    { ...sound, password: { hashing: { queue: Number.POSITIVE_INFINITY } } },
    /hashing\.queue/,
  ],
  [
    "two sources of hashing parameters",
    {
      ...sound,
      password: { hasher: argon2Hasher({ memoryKiB: 19_456, passes: 2 }), hashing: { passes: 3 } },
    },
    /password\.hasher: has its own parameters/,
  ],
  [
    "a policy of six characters",
    { ...sound, password: { policy: { ...passwordPolicies.classic, minLength: 6 } } },
    /password\.policy\.minLength: must be at least 8/,
  ],
  ["an empty issuer", { ...sound, issuer: "" }, /issuer: must not be empty/],
  ["a clock that does not tell time", { ...sound, clock: {} }, /clock: must be an object with now/],
  ["onEvent that is no function", { ...sound, onEvent: [] }, /onEvent: must be a function/],
  [
    "a limiter that cannot refund",
    { ...sound, rateLimiter: { consume: async () => {} } },
    /rateLimiter: must be an object with consume, refund/,
  ],
];

test.each(UNSAFE)("%s does not start, and the message names the option", (_name, options, named) => {
  let thrown: unknown;
  try {
    createAuth(options as AuthOptions);
  } catch (error) {
    thrown = error;
  }
  expect(isAuthError(thrown) && thrown.code).toBe("invalid_configuration");
  expect(String(thrown)).toMatch(named);
  expect(String(thrown)).not.toContain(SECRET.slice(0, 31));
});

test("every mistake is named at once", () => {
  const options = { secret: "short", store: memoryStore(), issuer: "", colour: "blue" } as AuthOptions;
  expect(() => createAuth(options)).toThrow(/secret: .*issuer: .*colour: /);
});

afterEach(() => vi.unstubAllEnvs());

test("the hasher for tests does not start outside of tests", () => {
  for (const environment of ["production", "development", ""]) {
    vi.stubEnv("NODE_ENV", environment);
    vi.stubEnv("NODE_TEST_CONTEXT", undefined);
    expect(() => makePublicAuth({ password: { hasher: insecureTestHasher() } })).toThrow(
      /insecureTestHasher/,
    );
  }
  vi.stubEnv("NODE_ENV", "test");
  expect(() => makePublicAuth({ password: { hasher: insecureTestHasher() } })).not.toThrow();
});

test("limits hold in every environment", async () => {
  for (const environment of ["test", "development", "production"]) {
    vi.stubEnv("NODE_ENV", environment);
    const hasher = { ...insecureTestHasher(), name: "cheap" };
    const auth = makePublicAuth({ password: { hasher } });
    const attempt = () =>
      auth.login({ email: "a@b.example", password: "x" }, { ip: "192.0.2.1" }).catch((e) => e.code);
    for (let count = 0; count < 5; count++) expect(await attempt()).toBe("invalid_credentials");
    expect(await attempt()).toBe("rate_limited");
  }
});

test("a strong secret starts, whichever tool made it", () => {
  for (const secret of [
    "q83vEjRWeJC6ze/wEjRWeJCrze8SNFZ4kKvN7xI0VnE=", // openssl rand -base64 32
    "8f2c41d7be09a35f6c1e7d2ab98403ef51c6d07e2f9ab3841c5de6f708293a4b", // openssl rand -hex 32
    SECRET,
  ]) {
    expect(() => makePublicAuth({ secret })).not.toThrow();
  }
});

test("a base path that cannot match does not start", () => {
  const auth = makePublicAuth();
  for (const basePath of ["", "/", "auth", "/auth/", "//auth", "/a b", "/auth?x", "/%61uth", "/a/../b"]) {
    expect(() => createHandler(auth, { basePath })).toThrow(/basePath/);
  }
});
