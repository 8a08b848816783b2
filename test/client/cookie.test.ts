// The client in cookie mode, against the handler in cookie mode: a jar takes the browser's place.
import { type AuthClient, type AuthClientOptions, createAuthClient } from "sallyport/client";
import { createHandler } from "sallyport/http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cookieHandler, type FakeBrowser, fakeBrowser, ORIGIN } from "../support/cookies.ts";
import { codeOf, EMAIL, type Harness, makeAuth, PASSWORD, tally, times } from "../support/harness.ts";
import { CREDENTIALS, count, fakeStorage, REFRESH } from "./support.ts";

const QUESTION = "GET /auth/me?optional";

let harness: Harness;
let browser: FakeBrowser;
let calls: string[];
let storage: ReturnType<typeof fakeStorage>;
beforeEach(() => {
  harness = makeAuth({ limits: { login: { address: false } } });
  browser = fakeBrowser(cookieHandler(harness.auth));
  calls = [];
  storage = fakeStorage();
});
afterEach(() => void vi.unstubAllGlobals());

function tab(options: AuthClientOptions = {}): AuthClient {
  return createAuthClient({
    ...{ basePath: `${ORIGIN}/auth`, transport: "cookie", storage },
    now: () => harness.clock.now().getTime(),
    fetch: async (request) => {
      const path = request.url.slice(ORIGIN.length);
      calls.push(`${request.method} ${path}`);
      expect(request.headers.has("authorization")).toBe(false);
      const text = await request.text();
      return browser.send(path, { method: request.method, ...(text && { body: text }) });
    },
    ...options,
  });
}

test("from sign-up to sign-out, and no token is in the storage or in the page's hands", async () => {
  const client = tab();
  const created = await client.signup(CREDENTIALS);
  expect(created.status).toBe("signed_in");
  expect((await client.me()).user.email).toBe(EMAIL);
  await client.reauthenticate({ password: PASSWORD });
  await client.refresh();
  const newPassword = "Another2horse";
  await client.password.change({ currentPassword: PASSWORD, newPassword });
  expect((await client.me()).user.email).toBe(EMAIL);
  for (const secret of browser.jar.values()) {
    expect([...storage.items.values(), JSON.stringify(created)].join()).not.toContain(secret);
  }
  await client.logout();
  expect(client.state()).toBe("signed_out");
});

test("a first visit finds out who is signed in, and asks for no refresh again when nobody is", async () => {
  const nobody = tab();
  expect(nobody.state()).toBe("unknown");
  expect(await codeOf(nobody.me())).toBe("token_missing");
  expect(nobody.state()).toBe("signed_out");
  await nobody.me().catch(() => {});
  expect(calls).toEqual([QUESTION, QUESTION]);

  await browser.signUp();
  storage.items.clear();
  calls.length = 0;
  const client = tab();
  await client.me();
  expect([client.state(), client.snapshot().user?.email, calls]).toEqual(["signed_in", EMAIL, [QUESTION]]);
  storage.items.clear();
  calls.length = 0;
  for (const name of browser.jar.keys()) if (name.endsWith("access")) browser.jar.delete(name);
  expect((await tab().me()).user.email).toBe(EMAIL);
  expect(calls).toEqual([QUESTION, REFRESH, "GET /auth/me"]);
});

test("a first visit that begins with a call refreshes only where a refresh cookie came", async () => {
  const page = (jar: FakeBrowser) =>
    tab({
      fetch: async (request) => {
        const path = request.url.slice(ORIGIN.length);
        calls.push(`${request.method} ${path}`);
        return jar.send(path, { method: request.method });
      },
    });
  const nobody = page(browser);
  expect(await codeOf(nobody.sessions.list())).toBe("token_missing");
  expect([calls, nobody.state()]).toEqual([["GET /auth/sessions", QUESTION], "signed_out"]);

  await browser.signUp();
  for (const kept of ["access", "refresh"]) {
    const jar = new Map([...browser.jar].filter(([name]) => name.endsWith(kept)));
    storage.items.clear();
    calls.length = 0;
    const client = page(fakeBrowser(cookieHandler(harness.auth), jar));
    expect(await codeOf(client.sessions.list())).toBe("fulfilled");
    const expected = ["GET /auth/sessions", QUESTION, REFRESH, "GET /auth/sessions"];
    expect(calls).toEqual(kept === "access" ? expected.slice(0, 1) : expected);
  }
});

test("an outage at a first visit signs nobody out, and a session that has ended is named", async () => {
  await browser.signUp();
  const away = tab({ fetch: () => Promise.reject(new TypeError("fetch failed")) });
  expect([await codeOf(away.me()), away.state()]).toEqual(["unreachable", "unknown"]);
  const copy = fakeBrowser(cookieHandler(harness.auth), new Map(browser.jar));
  await copy.send("/auth/logout", { method: "POST" });
  const client = tab();
  expect([await codeOf(client.me()), client.state()]).toEqual(["session_revoked", "signed_out"]);
});

test("a sign-in of another tab during the question of a first visit stands", async () => {
  const other = tab({ locks: null });
  const client = tab({
    locks: null,
    fetch: async () => {
      await other.signup(CREDENTIALS);
      return Response.json({ user: null, session: null, renewable: false });
    },
  });
  expect(await codeOf(client.me())).toBe("session_changed");
  expect([client.state(), other.state()]).toEqual(["signed_in", "signed_in"]);
});

test("of 20 tabs whose cookie has ended one refreshes, and all go on", async () => {
  const tabs = times(20, () => tab());
  await tabs[0]?.signup(CREDENTIALS);
  harness.clock.advance("25h");
  expect(await tally(tabs.map((one) => one.me()))).toEqual({ fulfilled: 20 });
  expect(count(calls, REFRESH)).toBe(1);
});

test("a cookie that ended unseen is refreshed, and the request sent once more", async () => {
  const client = tab({ now: () => 0 });
  await client.signup(CREDENTIALS);
  const later = tab({ now: () => 20_000 });
  for (const name of browser.jar.keys()) if (name.endsWith("access")) browser.jar.delete(name);
  await later.me();
  expect(calls.slice(-3)).toEqual(["GET /auth/me", REFRESH, "GET /auth/me"]);
});

test("a sign-in and a sign-out show in the other tabs, and so does another user", async () => {
  const page = new EventTarget();
  vi.stubGlobal("location", { href: `${ORIGIN}/page` });
  // Node itself holds the listener of a signal weakly: after a garbage collection its abort would remove nothing.
  vi.stubGlobal("addEventListener", (type: string, listener: () => void, { signal }: AbortController) => {
    page.addEventListener(type, listener);
    signal.addEventListener("abort", () => page.removeEventListener(type, listener));
  });
  const told: string[] = [];
  const other = tab({ onChange: (state) => told.push(state) });
  const here = tab();
  const spread = () => {
    page.dispatchEvent(new Event("storage"));
    return Promise.resolve();
  };
  await here.signup(CREDENTIALS);
  await spread();
  await here.refresh();
  await spread();
  await here.login(CREDENTIALS);
  await spread();
  await here.logout();
  await spread();
  expect(told).toEqual(["signed_in", "signed_in", "signed_out"]);
  other.close();
  await here.login(CREDENTIALS);
  await spread();
  expect(told.length).toBe(3);
});

test("a client of the other mode says so, instead of half a sign-in", async () => {
  const bearer = createHandler(harness.auth);
  const asked = tab({ fetch: (request) => bearer(request, { ip: "203.0.113.7" }) });
  expect(await codeOf(asked.signup(CREDENTIALS))).toBe("unexpected_answer");
  expect(await codeOf(tab({ transport: "bearer" }).login(CREDENTIALS))).toBe("unexpected_answer");
});

test("cookies go to a server on another origin unless the call omits them, and to no third one", async () => {
  const modes: string[] = [];
  const client = tab({
    fetch: async ({ credentials }) => {
      modes.push(credentials);
      return Response.json({});
    },
  });
  await client.fetch(`${ORIGIN}/notes`);
  await client.fetch(`${ORIGIN}/notes`, { credentials: "omit" });
  await client.fetch("https://third.example/notes");
  await client.sessions.revokeOthers();
  vi.stubGlobal("location", { href: `${ORIGIN}/page` });
  await tab({
    basePath: "/auth",
    fetch: async ({ credentials }) => Response.json({}, { status: modes.push(credentials) && 200 }),
  }).fetch(`${ORIGIN}/notes`);
  expect(modes).toEqual(["include", "omit", "same-origin", "include", "same-origin"]);
});
