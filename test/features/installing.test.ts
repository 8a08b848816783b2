// How features attach: what starts, what does not, and what they can reach.
import { type Auth, createAuth, type Feature, memoryStore } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { expect, expectTypeOf, test } from "vitest";
import { type Bind, defineFeature, type InstalledFeature } from "../../src/installed-feature.ts";
import { type KnockApi, knock } from "../support/features/knock.ts";
import { type SecondStepApi, secondStep } from "../support/features/second-step.ts";
import { CLIENT, codeOf, EMAIL, PASSWORD, SECRET } from "../support/harness.ts";

const options = () => ({ secret: SECRET, store: memoryStore(), password: { hasher: insecureTestHasher() } });
const withFeatures = (features: object): Auth => createAuth({ ...options(), features } as never);
const problemOf = (features: object): string => {
  try {
    withFeatures(features);
    return "it starts";
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
};
const named = (name: string, installed: Partial<InstalledFeature<object>> = {}): Feature<object> =>
  defineFeature(name, () => ({ api: {}, ...installed }));

test("the calls of each feature stand under its name, beside those of `Auth`, and claims are still inferred", async () => {
  const auth = createAuth({
    ...options(),
    hooks: { claims: async () => ({ tenant: "acme" }) },
    features: { secondStep: secondStep(), knock: knock() },
  });
  expectTypeOf(auth.secondStep).toEqualTypeOf<SecondStepApi>();
  expectTypeOf(auth.knock).toEqualTypeOf<KnockApi>();
  const signedUp = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  if (signedUp.status !== "signed_in") throw new TypeError("Stopped by a gate");
  const { claims } = await auth.verifyToken(signedUp.accessToken);
  expectTypeOf(claims.tenant).toEqualTypeOf<string>();
  expect(claims).toEqual({ tenant: "acme" });
  expect(auth.routes.map(({ path }) => path)).toEqual(["/challenges/test-code", "/knock"]);
  expect(Object.isFrozen(auth)).toBe(true);
});

test("an `Auth` without features has no routes of features, and asks no gate of them", () => {
  expect(createAuth(options()).routes).toEqual([]);
  expect(withFeatures({}).routes).toEqual([]);
});

test("a value that is not a feature, or has another name, does not start, and the message names it", () => {
  expect(problemOf({ totp: knock })).toBe(
    "invalid_configuration: createAuth: features.totp: is not a feature: call its factory, such as totp({ ... })",
  );
  for (const none of [null, undefined, 7, "totp", {}, { name: "totp" }, []])
    expect(problemOf({ totp: none })).toMatch(
      /^invalid_configuration: createAuth: features\.totp: is not a feature/,
    );
  expect(problemOf({ knock: knock(), again: knock() })).toMatch(/features\.again: has another name/);
  for (const features of [null, 7, "totp", true])
    expect(problemOf(features as never)).toMatch(
      /^invalid_configuration: createAuth: features: must be an object/,
    );
});

test("a feature cannot take the name of a call of `Auth`", () => {
  for (const name of ["login", "signup", "sessions", "users", "clock", "close", "routes", "jwks"])
    expect(problemOf({ [name]: named(name) })).toMatch(
      new RegExp(`^invalid_configuration: createAuth: features\\.${name}: has the name of a call`),
    );
  // @ts-expect-error: it is a type error, too
  const taken = () => createAuth({ ...options(), features: { login: knock() } });
  expect(taken).toThrow();
  // @ts-expect-error: an uncalled factory is not a feature
  const uncalled = () => createAuth({ ...options(), features: { knock } });
  expect(uncalled).toThrow();
});

test("a feature whose install throws is named, and the cause is kept", () => {
  const cause = new TypeError("no seeds");
  const broken = defineFeature("broken", () => {
    throw cause;
  });
  const start = () => withFeatures({ broken });
  expect(start).toThrow(
    expect.objectContaining({
      code: "invalid_configuration",
      message: expect.stringContaining("features.broken: could not be installed"),
      cause,
    }),
  );
});

test("two features with the same way or the same budget do not start", () => {
  const way = { method: "code", kind: "totp", role: "factor", isUsable: () => true } as const;
  const twice = (part: Partial<InstalledFeature<object>>) => ({ a: named("a", part), b: named("b", part) });
  expect(problemOf(twice({ ways: [way] }))).toMatch(/the way through the second factor code is taken/);
  expect(problemOf(twice({ budgets: [{ name: "code" }] }))).toMatch(/the budget code is taken/);
  // A budget of the core's name would share its counters.
  for (const name of ["login", "refresh", "refresh-refused", "cross-site"])
    expect(problemOf({ a: named("a", { budgets: [{ name }] }) })).toContain(`the budget ${name} is taken`);
});

test("a feature's limits are parsed where it is made, and a mistake names the option", () => {
  const make = () => secondStep({ limits: { address: "many" } });
  expect(make).toThrow(/^secondStep: limits\.address: must be a rule such as "5\/1m"/);
  expect(() => secondStep({ limits: { acount: "1/1m" } as never })).toThrow(/no such option/);
});

test("a feature cannot call its flows before the context is finished: it would be one without gates", () => {
  const early = defineFeature("early", (bind: Bind) => {
    const call = bind.open(async (ctx) => ctx.gates.length);
    const seen = call(undefined, CLIENT);
    return { api: { seen, later: () => call(undefined, CLIENT) } };
  });
  const auth = createAuth({ ...options(), features: { early } });
  return Promise.all([
    expect(auth.early.seen).rejects.toThrow(/must not call its flows while it is installed/),
    expect(auth.early.later()).resolves.toBe(2),
  ]);
});

test("a feature's fault is internal_error, and onError gets the cause", async () => {
  const errors: unknown[] = [];
  const cause = new TypeError("broken");
  const faulty = defineFeature("faulty", (bind) => ({
    api: {
      open: bind.open(() => Promise.reject(cause)),
      signed: bind.signed(() => {
        throw cause;
      }),
    },
  }));
  const auth = createAuth({ ...options(), onError: (error) => errors.push(error), features: { faulty } });
  expect(await codeOf(auth.faulty.open(undefined, CLIENT))).toBe("internal_error");
  expect(await codeOf(auth.faulty.signed("token", undefined, CLIENT))).toBe("internal_error");
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([expect.objectContaining({ cause }), expect.objectContaining({ cause })]);
});
