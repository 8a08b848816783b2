// The suites of the HTTP contract, on every server and every mount. What a mount makes of a request (paths,
// methods, bodies, headers, cookies) is asked on each of them. What is decided after that, of plain values, is
// asked on the three that bring these by ways of their own; the others are asked the probes.
import { cookieHttpSuite, httpSuite, mailHttpSuite } from "sallyport/testing";
import { describe, test } from "vitest";
import { MOUNTS, open, openMailing } from "../servers.ts";

const ORIGIN = "https://app.example";
const SIGN_IN = "/sign-in";
const TRANSPORT = { transport: "cookie", origins: [ORIGIN, "https://admin.example:8443"] } as const;

/** The files of this folder: each takes its share of the mounts, so that they run side by side. */
export const PARTS = 4;

/** A stream of bytes, a `Request`, and a body that a parser has read. */
export const WHOLE: readonly string[] = [
  "node:http",
  "Request and Response",
  "Express 5, behind body parsers",
];
const OF_PLAIN_VALUES = /^(?:account|proofs|sessions|inputs|limits|cross-site|mail|mail, cookies): /;

/** Of each of these areas, the promises that lean on the mount the most. */
export const PROBES: readonly string[] = [
  "account: from sign-up to sign-out, after which the same tokens open nothing",
  "proofs: a new password ends every session, and begins one",
  "sessions: a session of another user is not found, nor one's own in another spelling",
  "inputs: a sign-up is told every failed rule at once, at its field",
  "inputs: a query parameter that is there twice is one too many",
  "limits: no header makes a client look like another one",
  "cross-site: POST /login is served to pages of our own alone",
  "cross-site: it is asked before anything else: of paths that are not there, of methods and of bodies",
  "mail: the contract has these routes, and each takes POST alone",
  "mail: its link and a new password are 204; every session is over, and no one is signed in",
  "mail: no header of a request decides where a link leads",
  "mail, cookies: a sign-up sets no cookie, and its mail sets those of a sign-in",
];

type Run = () => Promise<void>;

/** Asks the mounts of one part. */
export function askPart(part: number): void {
  for (const [index, name] of Object.keys(MOUNTS).entries()) {
    if (index % PARTS !== part) continue;
    describe(name, () => {
      for (const [title, run] of promisesOf(name)) test(title, run);
    });
  }
}

/** What a mount is asked. */
export function promisesOf(name: string): readonly (readonly [title: string, run: Run])[] {
  const mount = MOUNTS[name];
  if (!mount) throw new TypeError(`There is no mount ${name}`);
  const promises: [string, Run][] = [];
  const promise = (title: string, run: Run): void => {
    if (WHOLE.includes(name) || isAskedEverywhere(title)) promises.push([title, run]);
  };
  httpSuite({ test: promise, open: () => open(mount) });
  cookieHttpSuite({ test: promise, open: () => open(mount, TRANSPORT), origin: ORIGIN });
  const openPages = () => open(mount, { ...TRANSPORT, pages: { signIn: SIGN_IN } });
  cookieHttpSuite({ test: promise, open: openPages, origin: ORIGIN, signIn: SIGN_IN });
  mailHttpSuite({ test: promise, open: () => openMailing(mount) });
  mailHttpSuite({ test: promise, open: () => openMailing(mount, TRANSPORT), origin: ORIGIN });
  return promises;
}

export function isAskedEverywhere(title: string): boolean {
  return !OF_PLAIN_VALUES.test(title) || PROBES.includes(title);
}
