import { UNKNOWN_ID } from "../http/routes.ts";

class Strict {
  readonly fresh = true;
}

const HIDDEN = { value: true, enumerable: true };

/** Requirements with a mistake, by its name. Each must refuse every user. */
export const MISTAKES: Readonly<Record<string, () => unknown>> = {
  "a misspelt name": () => ({ userid: UNKNOWN_ID }),
  "another case": () => ({ Fresh: true }),
  "a name beside a right one": () => ({ allow: () => true, role: "admin" }),
  "a requirement of a feature that is not here": () => ({ secondFactor: true }),
  "another one": () => ({ apiKeys: true }),
  "a third one": () => ({ acting: true }),
  "an option of another call": () => ({ maxAge: "5m" }),
  "a symbol": () => ({ [Symbol("fresh")]: true }),
  "a hidden name": () => Object.defineProperty({}, "roles", { value: ["admin"] }),
  "a user id that is undefined": () => ({ userId: undefined }),
  "allow that is undefined": () => ({ allow: undefined }),
  "fresh that is undefined": () => ({ fresh: undefined }),
  "checkOrigin that is undefined": () => ({ checkOrigin: undefined }),
  "a getter": () => ({
    get fresh() {
      return true;
    },
  }),
  "a setter": () => Object.defineProperty({}, "fresh", { set() {}, enumerable: true }),
  "inherited names": () => Object.create({ fresh: true }),
  "names of an ancestor without a prototype": () => Object.create(Object.create(null, { fresh: HIDDEN })),
  "hidden names of such an ancestor": () => Object.create(Object.create(null, { fresh: { value: true } })),
  "an instance of a class": () => new Strict(),
  "nothing, in place of requirements": () => undefined,
  null: () => null,
  text: () => "fresh",
  "a user id": () => UNKNOWN_ID,
  "a number": () => 5,
  false: () => false,
  "a list": () => [],
  "a list of requirements": () => [{ fresh: true }],
  "a map": () => new Map([["fresh", true]]),
  "a promise of requirements": () => Promise.resolve({ fresh: true }),
  "a function of requirements": () => () => ({ fresh: true }),
  "another user": () => ({ userId: UNKNOWN_ID }),
  "no user": () => ({ userId: "" }),
  "a user that is null": () => ({ userId: null }),
  "allow that refuses": () => ({ allow: () => false }),
};

/** What a guard that adds to the requirements may lose, if it copies them. */
export const LOST_BY_A_COPY: readonly string[] = [
  "a misspelt name",
  "fresh that is undefined",
  "a hidden name",
  "inherited names",
  "an instance of a class",
  "nothing, in place of requirements",
  "null",
  "text",
  "a list",
  "a map",
  "a promise of requirements",
  "a function of requirements",
  "another user",
];

/** Requirements of a wrong kind: a fault of the application. */
export const FAULTS: Readonly<Record<string, () => unknown>> = {
  "a promise of true": () => ({ allow: async () => true }),
  "a promise of false": () => ({ allow: async () => false }),
  "a promise that rejects": () => ({ allow: () => Promise.reject(new TypeError("later")) }),
  // biome-ignore lint/suspicious/noThenProperty: what it is about
  "what only looks like a promise": () => ({ allow: () => ({ then() {} }) }),
  "no answer": () => ({ allow: () => undefined }),
  "an answer of null": () => ({ allow: () => null }),
  "an answer of 1": () => ({ allow: () => 1 }),
  "an answer in words": () => ({ allow: () => "yes" }),
  "an answer in an object": () => ({ allow: () => Object(true) }),
  "a predicate that throws": () => ({
    allow: () => {
      throw new TypeError("no roles");
    },
  }),
  "allow that is true": () => ({ allow: true }),
  "allow that is a role": () => ({ allow: "admin" }),
  "allow that is null": () => ({ allow: null }),
  "a malformed duration": () => ({ fresh: "soon" }),
  "a duration in words": () => ({ fresh: "5 minutes" }),
  "a duration in a list": () => ({ fresh: ["5m"] }),
  "a duration of 0": () => ({ fresh: 0 }),
  "an endless duration": () => ({ fresh: Number.POSITIVE_INFINITY }),
  "fresh that is false": () => ({ fresh: false }),
  "fresh that is null": () => ({ fresh: null }),
  "checkOrigin that is false": () => ({ checkOrigin: false }),
  "checkOrigin in words": () => ({ checkOrigin: "true" }),
};
