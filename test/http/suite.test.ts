// The suites of the HTTP contract, on every server and every mount. What a mount makes of a request (paths,
// methods, bodies, headers, cookies) is asked on each of them. What is decided after that, of plain values, is
// asked on the three that bring these by ways of their own; the others are asked the probes.
import { cookieHttpSuite, httpSuite } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { MOUNTS, open } from "./servers.ts";

const ORIGIN = "https://app.example";
const TRANSPORT = { transport: "cookie", origins: [ORIGIN, "https://admin.example:8443"] } as const;

/** A stream of bytes, a `Request`, and a body that a parser has read. */
const WHOLE = ["node:http", "Request and Response", "Express 5, behind body parsers"];
const OF_PLAIN_VALUES = /^(?:account|proofs|sessions|inputs|limits|cross-site): /;

/** Of each of these areas, the promises that lean on the mount the most. */
const PROBES = [
  "account: from sign-up to sign-out, after which the same tokens open nothing",
  "proofs: a new password ends every session, and begins one",
  "sessions: a session of another user is not found, nor one's own in another spelling",
  "inputs: a sign-up is told every failed rule at once, at its field",
  "inputs: a query parameter that is there twice is one too many",
  "limits: no header makes a client look like another one",
  "cross-site: POST /login is served to pages of our own alone",
  "cross-site: it is asked before anything else: of paths that are not there, of methods and of bodies",
];

const asked: Record<string, string[]> = {};

for (const [name, mount] of Object.entries(MOUNTS)) {
  describe(name, () => {
    const promises: string[] = [];
    asked[name] = promises;
    const promise = (title: string, run: () => Promise<void>): void => {
      if (!WHOLE.includes(name) && !isAskedEverywhere(title)) return;
      promises.push(title);
      test(title, run);
    };
    httpSuite({ test: promise, open: () => open(mount) });
    cookieHttpSuite({ test: promise, open: () => open(mount, TRANSPORT), origin: ORIGIN });
  });
}

function isAskedEverywhere(title: string): boolean {
  return !OF_PLAIN_VALUES.test(title) || PROBES.includes(title);
}

test("three mounts are asked everything, and the others what they may decide", () => {
  const [whole = [], ...others] = WHOLE.map((name) => asked[name]);
  expect(whole.length).toBeGreaterThan(100);
  expect(others).toEqual([whole, whole]);
  const everywhere = whole.filter(isAskedEverywhere);
  expect(everywhere).toEqual(expect.arrayContaining(PROBES));
  const rest = Object.keys(MOUNTS).filter((name) => !WHOLE.includes(name));
  expect(rest.map((name) => asked[name])).toEqual(rest.map(() => everywhere));
});
