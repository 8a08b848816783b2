// What comes late: answers, tabs that were frozen, turns that others had first.
import type { AuthProblem } from "sallyport/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { codeOf, EMAIL, PASSWORD, times } from "../support/harness.ts";
import { CREDENTIALS, count, fakeStorage, makeWorld, REFRESH, type World } from "./support.ts";

const GRACE = { email: "grace@example.com", password: PASSWORD };

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await world.close();
});

test("a refresh waits 5 seconds for its first answer, and every other call 30", async () => {
  const timeout = vi.spyOn(globalThis, "setTimeout");
  const client = world.tab();
  await client.signup(CREDENTIALS);
  world.intercept = ({ url }) =>
    url.endsWith("/refresh") ? Promise.reject(new TypeError("fetch failed")) : undefined;
  expect(await codeOf(client.refresh())).toBe("unreachable");
  // Node's own `fetch` has timers too.
  const own = timeout.mock.calls.filter(([work]) => String(work).includes("limit.abort()"));
  expect(own.map(([, ms]) => ms)).toEqual([30_000, 5_000, 30_000]);
});

test("a tab that comes back from the cache of pages hears what it missed", async () => {
  const page = new EventTarget();
  vi.stubGlobal("location", { href: `${world.origin}/page` });
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  const storage = fakeStorage();
  const told: string[] = [];
  world.tab({ storage, onChange: (state) => told.push(state) });
  await world.tab({ storage }).signup(CREDENTIALS);
  page.dispatchEvent(new Event("pageshow"));
  await Promise.resolve();
  expect(told).toEqual(["signed_in"]);
});

test("in one client without locks a sign-out waits for the sign-in before it", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const gate = Promise.withResolvers<void>();
  world.intercept = async ({ url }) => {
    if (url.endsWith("/login")) await gate.promise;
    return undefined;
  };
  const entering = client.login(CREDENTIALS);
  const leaving = client.logout();
  const order = () => world.calls.slice(1);
  await expect.poll(order).toEqual(["POST /auth/login"]);
  gate.resolve();
  await Promise.all([entering, leaving]);
  expect([order().at(-1), client.state()]).toEqual(["POST /auth/logout", "signed_out"]);
});

test("what the application asks for one user is not sent for the next", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage, locks: null }));
  await other?.signup(GRACE);
  await one?.signup(CREDENTIALS);
  world.clock.advance("25h");
  world.intercept = async ({ url }) => {
    if (url.endsWith("/refresh")) await other?.login(GRACE);
    return undefined;
  };
  const asked = one?.fetch(`${world.origin}/notes`) ?? Promise.resolve();
  expect([await codeOf(asked), world.seen]).toEqual(["session_changed", []]);
});

test("a refusal that comes after the next sign-in does not sign that one out", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage, locks: null }));
  const phone = world.tab();
  await one?.signup(CREDENTIALS);
  for (const path of ["/refresh", "/sessions"]) {
    await phone.login(CREDENTIALS);
    await phone.sessions.revokeOthers();
    world.intercept = async (request) => {
      if (!request.url.endsWith(path) || request.method === "DELETE") return undefined;
      const refusal = await fetch(request);
      world.intercept = undefined;
      await other?.login(CREDENTIALS);
      return refusal;
    };
    await (path === "/refresh" ? one?.refresh() : one?.sessions.list())?.catch((error: AuthProblem) =>
      expect(error.code).toBe("session_revoked"),
    );
    expect((await one?.me())?.user.email).toBe(EMAIL);
  }
});

test("a session that ended is found by the refresh before the token's end, and named", async () => {
  const [phone, client] = [world.tab(), world.tab()];
  await client.signup(CREDENTIALS);
  await phone.login(CREDENTIALS);
  await phone.sessions.revokeOthers();
  world.clock.advance("23h");
  world.clock.advance("3570s");
  expect([await codeOf(client.me()), client.state()]).toEqual(["session_revoked", "signed_out"]);
});

test("after a reauthentication the session is refreshed as before", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  await client.reauthenticate({ password: PASSWORD });
  world.clock.advance("25h");
  expect((await client.me()).user.email).toBe(EMAIL);
});

test("a token that lives for a minute is not refreshed at every call", async () => {
  const client = world.tab();
  const ends = new Date(world.clock.now().getTime() + 60_000).toISOString();
  world.intercept = async (request) => {
    const response = await fetch(request);
    const body = await response.json();
    return Response.json({ ...body, accessTokenExpiresAt: ends }, response);
  };
  await client.signup(CREDENTIALS);
  await client.me();
  world.clock.advance("50s");
  await client.me();
  expect(count(world.calls, REFRESH)).toBe(0);
  world.clock.advance("5s");
  await client.me();
  expect(count(world.calls, REFRESH)).toBe(1);
});

test("a code of a newer server is not read as one of today's that begins like it", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const refuse = (path: string, code: string) => {
    world.intercept = ({ url }) =>
      url.endsWith(path)
        ? Response.json(
            { code, title: "No.", status: 401 },
            { status: 401, headers: { "content-type": "application/problem+json" } },
          )
        : undefined;
  };
  for (const code of [
    "session_replaced",
    "session_elsewhere",
    "invalid_token_binding",
    "token_expired_soon",
  ]) {
    refuse("/me", code);
    expect([await codeOf(client.me()), client.state()]).toEqual([code, "signed_in"]);
  }
  expect(count(world.calls, REFRESH)).toBe(0);
  // It is an answer: the client does not ask again, as it does for a lost one.
  refuse("/refresh", "unregistered_device");
  expect(await codeOf(client.refresh())).toBe("unregistered_device");
  expect([count(world.calls, REFRESH), client.state()]).toEqual([1, "signed_in"]);
});

test("a browser's fetch, which refuses to be called as a method, may be given as it is", async () => {
  const client = world.tab({
    fetch: async function (this: unknown, request: Request) {
      if (this !== undefined) throw new TypeError("Illegal invocation");
      return fetch(request);
    },
  });
  await client.signup(CREDENTIALS);
  expect((await client.fetch(`${world.origin}/notes`)).status).toBe(200);
});

test("a call that fails does not hold up the next", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const refused = codeOf(client.login({ email: EMAIL, password: "Wrong1password" }));
  const leaving = client.logout();
  expect(await refused).toBe("invalid_credentials");
  await leaving;
  expect(client.state()).toBe("signed_out");
});

test("whoever brings a token of their own sends that one", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const headers = { authorization: "Bearer mine" };
  expect((await client.fetch(`${world.origin}/notes`, { headers })).status).toBe(401);
  expect([world.seen, count(world.calls, REFRESH)]).toEqual([["Bearer mine"], 0]);
});
