// The HTTP contract on the real `next start`, behind a proxy: each promise on a fresh `Auth` of one process.
import { cookieHttpSuite, type HttpServerUnderTest, httpSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SECRET } from "../../support/harness.ts";
import { type Application, buildFolder } from "./application.ts";
import { type Front, openFront } from "./front.ts";
import { undone } from "./undone.ts";

const ORIGIN = "https://app.example";
const ORIGINS = [ORIGIN, "https://admin.example:8443"];
const SIGN_IN = "/sign-in";

let application: Application;
let front: Front;

beforeAll(async () => {
  application = await buildFolder("test/recipes/next/contract");
  front = await openFront("127.0.0.1", undone);
  front.leadTo((await application.start({ SALLYPORT_SECRET: SECRET })).port);
});
afterAll(async () => {
  await front.close();
  await application.remove();
});

interface Told {
  readonly errors: readonly string[];
  readonly asked: number;
}

async function control(orders: object): Promise<Told> {
  const answer = await fetch(`${front.origin}/control`, { method: "POST", body: JSON.stringify(orders) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Told;
}

async function open(options: object = {}): Promise<HttpServerUnderTest> {
  await control({ open: options });
  return {
    baseUrl: `${front.origin}/auth`,
    appUrl: front.origin,
    advance: async (ms) => void (await control({ advance: ms })),
    close: async () => expect((await control({})).errors).toEqual([]),
  };
}

/** What Next.js does to a request or an answer before or after the routes: nothing of ours can change it. */
const BY_NEXT: Readonly<Record<string, string>> = {
  "sessions: a session of another user is not found, nor one's own in another spelling":
    "500 for a broken escape",
  "inputs: a page is asked for in plain numbers, and by a cursor that was given": "it writes a query again",
  "bodies: two content types are refused": "it hands on the first of two",
  "tokens: two Authorization headers are one too many, the same one twice included":
    "it hands on the first of two",
  "guards: no one else gets in, and the answer is that of the auth routes": "it hands on the first of two",
  "methods: a method that a path does not have is 405, and says which it has":
    "400 for a method it does not know",
  "methods: a body, and a type of one, change nothing of that": "400 for a method it does not know",
  "cross-site: it is asked before anything else: of paths that are not there, of methods and of bodies":
    "400 for a method it does not know",
  "methods: HEAD answers as GET does, without the body": "it leaves out the length",
  "paths: no other spelling of a path reaches its route": "404 with a page of its own",
  "paths: OPTIONS and HEAD of what is not there are 404 too": "404 with a page of its own",
  "paths: nor does one that leaves the base path": "308 for two slashes",
  "paths: a fragment is no part of a path": "it drops a fragment",
};

/** Each of these still fails: the list may not hold what Next.js has changed. */
const promise = (title: string, run: () => Promise<void>): unknown =>
  title in BY_NEXT ? test.fails(title, run) : test(title, run);

describe("with tokens", () => httpSuite({ test: promise, open: () => open() }));

describe("with cookies", () =>
  cookieHttpSuite({ test: promise, open: () => open({ origins: ORIGINS }), origin: ORIGIN }));

describe("with forms", () =>
  cookieHttpSuite({
    ...{ test: promise, open: () => open({ origins: ORIGINS, signIn: SIGN_IN }), origin: ORIGIN },
    ...{ signIn: SIGN_IN, areas: ["forms"] },
  }));

test("layout, page and components of one render ask once who is there", async () => {
  await control({ open: { origins: ORIGINS } });
  const before = (await control({})).asked;
  const answer = await fetch(`${front.origin}/seen`);
  expect((await answer.text()).match(/a stranger/g)?.length).toBeGreaterThanOrEqual(3);
  expect((await control({})).asked).toBe(before + 1);
  await fetch(`${front.origin}/seen`); // another request asks for itself
  expect((await control({})).asked).toBe(before + 2);
});
