// A list, a Map, an instance of a class or a promise of options (a forgotten `await`) reads as an empty object: every
// default holds, and no error shows it.
import { createContext, runInContext } from "node:vm";
import { Kysely } from "kysely";
import { consoleMailer, createAuth, memoryRateLimiter, memoryStore } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { kyselyStore, migrate, planMigration } from "sallyport/kysely";
import { nodemailerMailer } from "sallyport/nodemailer";
import { pwnedPasswords } from "sallyport/pwned-passwords";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { nodeSqliteDialect, sqliteStore } from "sallyport/sqlite";
import { fakeClock } from "sallyport/testing";
import { createVerifier } from "sallyport/verifier";
import { describe, expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, SECRET } from "../support/harness.ts";
import { ed25519 } from "../support/signing-keys.ts";
import { HANGS, stubBackend } from "../support/stub-backend.ts";

class Options {}

/** Each makes an object of the wrong kind. `right` is what it hides. */
const KINDS: Readonly<Record<string, (right: object) => unknown>> = {
  "a list": () => [],
  "a list of options": (right) => [right],
  "a promise of options": (right) => Promise.resolve(right),
  "a Map": (right) => new Map(Object.entries(right)),
  "a Set": () => new Set(),
  "an instance of a class": (right) => Object.assign(new Options(), right),
  "a date": () => new Date(0),
  "an object that inherits its options": (right) => Object.create(right),
  "a function": () => () => {},
  null: () => null,
  "a text": () => "options",
  "a number": () => 5,
  true: () => true,
};

const sound = { secret: SECRET, store: memoryStore() };
const { auth } = makeAuth();
const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(":memory:") });
const { Backend } = stubBackend(HANGS);
const jwks = makeAuth({ signingKeys: [ed25519()] }).auth.jwks();

/** Each taker of options, with options that it takes. */
const TAKERS: Readonly<Record<string, readonly [take: (options: never) => unknown, right: object]>> = {
  createAuth: [createAuth, sound],
  "createAuth: limits": [(limits) => createAuth({ ...sound, limits }), { signup: {} }],
  "createAuth: limits.login": [(login) => createAuth({ ...sound, limits: { login } }), { address: "9/1m" }],
  "createAuth: session": [(session) => createAuth({ ...sound, session }), { accessTtl: "1h" }],
  "createAuth: session.check": [
    (check) => createAuth({ ...sound, session: { check } }),
    { atMostEvery: "5s" },
  ],
  "createAuth: password": [(password) => createAuth({ ...sound, password }), { isBreached: () => true }],
  "createAuth: password.hashing": [
    (hashing) => createAuth({ ...sound, password: { hashing } }),
    { passes: 3 },
  ],
  "createAuth: password.policy": [
    (policy) => createAuth({ ...sound, password: { policy } }),
    { minLength: 20, classes: [], passphraseLength: null },
  ],
  "createAuth: retention": [(retention) => createAuth({ ...sound, retention }), { events: "1d" }],
  "createAuth: hooks": [(hooks) => createAuth({ ...sound, hooks }), { claims: () => ({}) }],
  "createAuth: features": [(features) => createAuth({ ...sound, features }), {}],
  createHandler: [(options) => createHandler(auth, options), { trustedProxies: 1 }],
  createVerifier: [createVerifier, { jwks, issuer: "acme", audience: "acme" }],
  memoryRateLimiter: [memoryRateLimiter, { maxKeys: 9 }],
  "flexibleRateLimiter, its own options": [
    (options) => flexibleRateLimiter(Backend, {}, options),
    { timeoutMs: 500 },
  ],
  "flexibleRateLimiter, the options of the backend": [
    (options) => flexibleRateLimiter(Backend, options),
    { keyPrefix: "x" },
  ],
  sqliteStore: [(options) => sqliteStore(":memory:", options), { tablePrefix: "own_" }],
  kyselyStore: [(options) => kyselyStore(db, options), { maxWaitMs: 9 }],
  pwnedPasswords: [pwnedPasswords, { threshold: 9 }],
  consoleMailer: [consoleMailer, { write: () => {} }],
  nodemailerMailer: [
    (options) => nodemailerMailer("smtps://mail.acme.example", options),
    { from: "auth@acme.example" },
  ],
};

function outcomeOf(call: () => unknown): string {
  try {
    call();
    return "started";
  } catch (error) {
    const { code, name } = error as { readonly code?: string; readonly name: string };
    return code ?? name;
  }
}

describe.each(Object.entries(TAKERS))("%s", (_name, [take, right]) => {
  test.each(Object.entries(KINDS))("does not start with %s", (_kind, make) => {
    expect(outcomeOf(() => take(make(right) as never))).toBe("invalid_configuration");
  });

  test("takes a plain object, also one of another realm and one without a prototype", () => {
    const foreign = runInContext("({})", createContext()) as object;
    const bare = Object.create(null) as object;
    for (const options of [right, Object.assign(foreign, right), Object.assign(bare, right)])
      expect(outcomeOf(() => take(options as never))).toBe("started");
  });
});

test.each(Object.entries(KINDS))("migrate and planMigration refuse %s", async (_kind, make) => {
  for (const call of [migrate, planMigration]) {
    const asked = async () => call(db, make({ tablePrefix: "own_" }) as never);
    expect(await codeOf(asked())).toBe("invalid_configuration");
  }
});

test.each(Object.entries(KINDS))("no call of auth takes %s for its options", async (_kind, make) => {
  const own = makeAuth();
  const { accessToken, user } = await own.auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  const handler = createHandler(own.auth as never);
  const meant = make({ userId: user.id }) as never;
  expect(await codeOf(own.auth.verifyToken(accessToken, meant))).toBe("forbidden");
  const request = { method: "GET", headers: { authorization: `Bearer ${accessToken}` } };
  expect(await codeOf(handler.authenticate(request, meant))).toBe("forbidden");
  expect(await codeOf(own.auth.events.list(accessToken, make({ limit: 1 }) as never))).toBe("invalid_input");
  expect(await codeOf(own.auth.purge(make({ maxMs: 1 }) as never))).toBe("invalid_input");
  expect(await codeOf(own.auth.logout(accessToken, make({ ip: "x" }) as never))).toBe("invalid_input");
  expect(await codeOf(own.auth.login(make({ email: 1, password: 1 }) as never, CLIENT))).toBe(
    "invalid_input",
  );
});

test("an empty object is no check of the user", async () => {
  const own = makeAuth();
  const { accessToken } = await own.auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  expect(await codeOf(own.auth.verifyToken(accessToken, {} as never))).toBe("forbidden");
  expect(await codeOf(own.auth.verifyToken(accessToken, undefined))).toBe("fulfilled");
});

test("a forgotten await in front of requireFresh is no fresh proof", async () => {
  const own = makeAuth();
  const { accessToken } = await own.auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  const promised = own.auth.verifyToken(accessToken);
  expect(outcomeOf(() => own.auth.requireFresh(promised as never))).toBe("reauthentication_required");
  await promised;
});

test("what is no text, no function and no number is not read as one", async () => {
  const own = makeAuth();
  const { accessToken } = await own.auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  const principal = await own.auth.verifyToken(accessToken);
  for (const maxAge of [["5m"], { toString: () => "5m" }, null, true, new Date(5)]) {
    expect(outcomeOf(() => own.auth.requireFresh(principal, maxAge as never))).toBe("invalid_input");
    expect(outcomeOf(() => createAuth({ ...sound, session: { accessTtl: maxAge as never } }))).toBe(
      "invalid_configuration",
    );
  }
  const wrong: readonly (() => unknown)[] = [
    () => createHandler(auth, { onError: console as never }),
    () => createHandler(auth, { onError: null as never }),
    () => createHandler(auth, { basePath: ["/auth"] as never }),
    () => createHandler(auth, { basePath: { toString: () => "/auth" } as never }),
    () => createHandler(Promise.resolve(auth) as never),
    () => createHandler(undefined as never),
    () => toNodeHandler(Promise.resolve(createHandler(auth)) as never),
    () => createAuth({ ...sound, onWarning: console as never }),
    () => createAuth({ ...sound, limits: { signup: { address: ["5/1m"] as never } } }),
    () => sqliteStore(":memory:", { tablePrefix: ["own_"] as never }),
    () => kyselyStore(db, { maxWaitMs: "9" as never }),
    () => kyselyStore(db, { schema: ["own"] as never }),
    () => memoryRateLimiter({ maxKeys: Number.NaN }),
    () => memoryRateLimiter({ maxKeys: "9" as never }),
    () => memoryRateLimiter({ clock: {} as never }),
    () => memoryRateLimiter({ max: 9 } as never),
    () => fakeClock(null as never),
    () => fakeClock([2026] as never),
  ];
  expect(wrong.map(outcomeOf)).toEqual(wrong.map(() => "invalid_configuration"));
});
