// The adapter for Next.js: what the suites of the contract do not ask. The real framework is asked in test/recipes/next.
import { isAuthError, memoryStore } from "sallyport";
import { createHandler, type PlatformHandler } from "sallyport/http";
import { type NextAuth, nextAuth } from "sallyport/next";
import { unreliableStore } from "sallyport/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";
import { inRequest } from "../support/next/headers.ts";
import { Redirected } from "../support/next/navigation.ts";

const ORIGIN = "https://app.example";
const EVIL = "https://evil.example";

let harness: Harness;
let loseStore: () => void;
let made: number;
let next: NextAuth;

beforeEach(() => {
  const { store, fail } = unreliableStore(memoryStore());
  loseStore = fail;
  harness = makeAuth({ store });
  made = 0;
  next = nextAuth(() => {
    made++;
    return handlerOf(harness);
  });
});

function handlerOf({ auth }: Harness): PlatformHandler {
  return createHandler(auth, {
    transport: "cookie",
    origins: [ORIGIN],
    pages: { signIn: "/sign-in", home: "/notes" },
    clientAddress: () => null,
  });
}

/** Sends a request to the auth routes, as Next.js does. */
function toRoutes(method: keyof NextAuth["routes"], path: string, init: RequestInit = {}): Promise<Response> {
  const request = new Request(ORIGIN + path, { ...init, method });
  return inRequest(request.headers, () => next.routes[method](request));
}

const json = { origin: ORIGIN, "content-type": "application/json" };

/** The cookies of a user who has just signed up, as the pages of the site get them. */
async function signUp(): Promise<{ readonly cookie: string }> {
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  const answer = await toRoutes("POST", "/auth/signup", { headers: json, body });
  const onPages = answer.headers.getSetCookie().filter((line) => /Path=\/;/.test(line));
  return { cookie: onPages.map((line) => line.split(";")[0]).join("; ") };
}

async function codeIn(headers: HeadersInit, work: () => Promise<unknown>): Promise<string> {
  return inRequest(headers, work).then(
    () => "passed",
    (error) => (isAuthError(error) ? error.code : `${error.name}: ${error.message}`),
  );
}

describe("a build has no request, no secret and no database", () => {
  test.each<readonly [string, (of: NextAuth) => Promise<unknown>]>([
    ["a page", ({ visitor }) => visitor()],
    ["a guarded page", ({ requireUser }) => requireUser("/notes")],
    ["an action", ({ actor }) => actor()],
    ["a route", ({ withUser }) => withUser(() => new Response())(new Request(ORIGIN), {})],
    ["the auth routes", ({ routes }) => routes.GET(new Request(`${ORIGIN}/auth/me`))],
    ["the handler itself", ({ handler }) => handler()],
  ])("%s is stopped by Next.js before the handler is made", async (_of, ask) => {
    await expect(ask(next)).rejects.toThrow("outside a request scope");
    expect(made).toBe(0);
  });

  test("to load it makes nothing, and requests share the handler that the first one made", async () => {
    expect(made).toBe(0);
    await Promise.all(Array.from({ length: 50 }, () => inRequest({}, () => next.visitor())));
    await toRoutes("GET", "/auth/jwks.json");
    expect(made).toBe(1);
  });

  test("a handler that could not be made is made at a later request", async () => {
    let isBroken = true;
    const { visitor } = nextAuth(() => {
      if (isBroken) throw new TypeError("no secret yet");
      return handlerOf(harness);
    });
    expect(await codeIn({}, visitor)).toBe("TypeError: no secret yet");
    isBroken = false;
    expect(await inRequest({}, visitor)).toBeNull();
  });
});

describe("a page", () => {
  test("knows its visitor, and one who is not signed in", async () => {
    const { cookie } = await signUp();
    const me = await inRequest({ cookie }, next.visitor);
    expect((await me?.user())?.user.email).toBe(EMAIL);
    expect(await inRequest({}, next.visitor)).toBeNull();
    expect(await inRequest({ cookie: "__Host-sp-access=forged" }, next.visitor)).toBeNull();
  });

  test("leads a visitor without a session to the sign-in, one with a hint to the renewal, and both back", async () => {
    const { cookie } = await signUp();
    const goOn = async (headers: HeadersInit, returnTo: string): Promise<unknown> =>
      inRequest(headers, () => next.requireUser(returnTo)).catch((error) =>
        error instanceof Redirected ? error.url : error,
      );
    expect(await goOn({ cookie }, "/notes")).toMatchObject({ userId: expect.any(String) });
    expect(await goOn({}, "/notes?page=2")).toBe("/sign-in?returnTo=%2Fnotes%3Fpage%3D2");
    expect(await goOn({ cookie: "__Host-sp-renew=1" }, "/notes")).toBe("/auth/renew?returnTo=%2Fnotes");
    for (const returnTo of ["//evil.example", "https://evil.example", "/\\evil.example", "/auth/logout", ""])
      expect(await goOn({}, returnTo)).toBe("/sign-in");
  });

  test("hides neither another site nor an outage", async () => {
    const { cookie } = await signUp();
    for (const ask of [next.visitor, () => next.requireUser("/notes")]) {
      expect(await codeIn({ cookie, origin: EVIL }, ask)).toBe("cross_site_request");
      expect(await codeIn({ cookie, authorization: "Bearer x" }, ask)).toBe("malformed_request");
    }
    loseStore();
    for (const ask of [next.visitor, () => next.requireUser("/notes")])
      expect(await codeIn({ cookie }, ask)).toBe("unavailable");
  });

  test("that an action or a form renders counts as what may change something", async () => {
    const { cookie } = await signUp();
    const from = (origin: string, site: string): Record<string, string> => ({
      origin,
      "sec-fetch-site": site,
    });
    const passes = async (headers: Record<string, string>): Promise<string> =>
      codeIn({ cookie, ...headers }, next.visitor);
    expect(await passes(from(ORIGIN, "same-origin"))).toBe("passed");
    expect(await passes(from("null", "same-origin"))).toBe("passed"); // under `no-referrer`
    expect(await passes(from("null", "cross-site"))).toBe("cross_site_request");
    expect(await passes(from("https://sibling.app.example", "same-site"))).toBe("cross_site_request");
    expect(await passes({ "sec-fetch-site": "cross-site" })).toBe("passed"); // a link from another site
  });
});

describe("an action", () => {
  test("is refused without a session, and without an origin of ours, whatever the session", async () => {
    const { cookie } = await signUp();
    const own = { origin: ORIGIN };
    expect(await codeIn({ cookie, ...own }, () => next.actor())).toBe("passed");
    expect(await codeIn(own, () => next.actor())).toBe("token_missing");
    for (const from of [{}, { origin: EVIL }, { origin: "null" }, { "sec-fetch-site": "same-site" }])
      for (const held of [{ cookie }, {}])
        expect(await codeIn({ ...held, ...from }, () => next.actor())).toBe("cross_site_request");
  });

  test("passes its requirements on as they are", async () => {
    const { cookie } = await signUp();
    const ask = (asked?: unknown): Promise<string> =>
      codeIn({ cookie, origin: ORIGIN }, () => next.actor(asked as never));
    expect(await ask({ fresh: "5m", allow: () => true })).toBe("passed");
    for (const wrong of [
      { allow: () => false },
      { userid: "x" },
      { userId: undefined },
      Promise.resolve({}),
      [],
    ])
      expect(await ask(wrong)).toBe("forbidden");
    expect(await ask({ allow: async () => true })).toMatch(/^TypeError: authenticate: allow/);
    harness.clock.advance("6m");
    expect(await ask({ fresh: "5m" })).toBe("reauthentication_required");
  });

  test("may lead to the sign-in in place of a refusal, and checks the origin in the same way", async () => {
    const act = (headers: HeadersInit): Promise<string> => codeIn(headers, () => next.requireUser("/notes"));
    expect(await act({ origin: ORIGIN })).toBe("TypeError: NEXT_REDIRECT /sign-in?returnTo=%2Fnotes");
    expect(await act({ origin: EVIL, ...(await signUp()) })).toBe("cross_site_request");
  });
});

test("a route answers refusals as problems, and throws on what is no refusal", async () => {
  const { cookie } = await signUp();
  const fault = new RangeError("a fault of the route");
  const ask = async (answer: () => Response, headers: Record<string, string>): Promise<Response> => {
    const request = new Request(`${ORIGIN}/api`, { method: "POST", headers: { origin: ORIGIN, ...headers } });
    return inRequest(request.headers, () =>
      next.withUser(answer, { allow: ({ amr }) => amr.includes("pwd") })(request, {}),
    );
  };
  expect((await ask(() => new Response("in"), { cookie })).status).toBe(200);
  const refused = await ask(() => new Response("in"), {});
  expect([refused.status, refused.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
  expect(await refused.json()).toMatchObject({ code: "token_missing", status: 401 });
  const foreign = await ask(() => new Response("in"), { cookie, origin: EVIL });
  expect(await foreign.json()).toMatchObject({ code: "cross_site_request" });
  await expect(
    ask(
      () => {
        throw fault;
      },
      { cookie },
    ),
  ).rejects.toBe(fault);
});

test("two handlers have two factories, and neither takes the word of the other", async () => {
  const { cookie } = await signUp();
  const bearer = nextAuth(() => createHandler(harness.auth, { clientAddress: () => null }));
  expect(await inRequest({ cookie }, bearer.visitor)).toBeNull();
  expect(await inRequest({ cookie }, next.visitor)).not.toBeNull();
});

test("without pages there is nowhere to lead a visitor to, and the error says what is missing", async () => {
  const bare = nextAuth(() =>
    createHandler(harness.auth, { transport: "cookie", origins: [ORIGIN], clientAddress: () => null }),
  );
  expect(await codeIn({}, () => bare.requireUser("/notes"))).toMatch(/^TypeError: .*option pages/);
});
