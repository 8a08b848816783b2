// Class: cross-site request forgery, login and refresh included (Rodauth CVE-2026-82468). The whole matrix of
// Origin and Sec-Fetch-Site, over every route that may change something.
import { isAuthError } from "sallyport";
import { createHandler } from "sallyport/http";
import { describe, expect, test } from "vitest";
import { CALLER, cookieHandler, fakeBrowser, ORIGIN } from "../support/cookies.ts";
import { codeOf, EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { routes } from "../support/routes.ts";

const EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop";
const IN_FIREFOX = "moz-extension://0b7c4a1e-1d2f-4c3b-9a8d-6e5f4a3b2c1d";

const UNSAFE = routes.filter(({ method }) => method !== "GET");

/** What a request says of its origin, and whether that may be. */
const ORIGINS: Readonly<Record<string, readonly [origin: string | null, allowed: boolean]>> = {
  none: [null, false],
  own: [ORIGIN, true],
  "the other one of the list": ["https://admin.example:8443", true],
  "another site": ["https://evil.example", false],
  null: ["null", false],
  "own with a port": [`${ORIGIN}:8443`, false],
  "own with its usual port": [`${ORIGIN}:443`, false],
  "own without TLS": ["http://app.example", false],
  "own as a suffix": ["https://not-app.example", false],
  "own as a prefix": [`${ORIGIN}.evil.example`, false],
  "own with a path": [`${ORIGIN}/`, false],
  "own in capitals": ["https://APP.example", false],
  "own and another": [`${ORIGIN}, https://evil.example`, false],
  empty: ["", false],
};
const SITES = [null, "none", "same-origin", "same-site", "cross-site"] as const;

const MATRIX = Object.entries(ORIGINS).flatMap(([name, [origin, allowed]]) =>
  SITES.map((site) => ({
    title: `Origin: ${name}, Sec-Fetch-Site: ${site}`,
    headers: { ...(origin !== null && { origin }), ...(site !== null && { "sec-fetch-site": site }) },
    // A page hides its origin by its referrer policy. What the browser says of its site, it cannot write.
    allowed: origin === null || origin === "null" ? site === "same-origin" : allowed,
  })),
);

/** A request that would succeed, or fail for its token alone, if it came from the right page. */
function attempt(route: (typeof UNSAFE)[number], sessionId: string): { path: string; body?: unknown } {
  const path = `/auth${route.path.replace("{id}", sessionId)}`;
  const bodies: Readonly<Record<string, unknown>> = {
    signup: { email: "new@example.com", password: PASSWORD },
    login: { email: EMAIL, password: PASSWORD },
    reauthenticate: { password: PASSWORD },
    changePassword: { currentPassword: PASSWORD, newPassword: "Another2horse" },
  };
  return { path, body: bodies[route.name] };
}

describe.each(UNSAFE.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_, route) => {
  test.each(MATRIX)("$title", async ({ headers, allowed }) => {
    const { auth, sink } = makeAuth();
    const handler = cookieHandler(auth);
    const page = fakeBrowser(handler);
    const { session } = (await (await page.signUp()).json()) as { session: { id: string } };
    const before = sink.events.length;
    const { path, body } = attempt(route, session.id);
    const request = new Request(`${ORIGIN}${path}`, {
      method: route.method,
      headers: {
        ...headers,
        cookie: [...page.jar].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const response = await handler(request, CALLER);
    if (allowed) return expect(response.ok).toBe(true);

    expect([response.status, await response.json()]).toEqual([
      403,
      expect.objectContaining({ code: "cross_site_request", title: "Cross-site request refused." }),
    ]);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get("ratelimit")).toBeNull();
    expect(sink.events.slice(before).map(({ type, outcome }) => [type, outcome])).toEqual([
      ["cross_site_request", "refused"],
    ]);
    expect((await page.send("/auth/me")).status).toBe(200);
  });
});

test("what only reads is answered whatever page asks, and nobody else can read the answer", async () => {
  const page = fakeBrowser(cookieHandler(makeAuth().auth));
  await page.signUp();
  for (const { headers } of MATRIX) {
    const response = await page.send("/auth/me", { headers });
    expect(response.status).toBe(200);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

test("a method that nobody knows may change something", async () => {
  const page = fakeBrowser(cookieHandler(makeAuth().auth));
  await page.signUp();
  for (const method of ["PUT", "PATCH", "PROPFIND", "get2"]) {
    expect(
      (await page.send("/auth/me", { method, headers: { origin: "https://evil.example" } })).status,
    ).toBe(403);
    expect((await page.send("/auth/me", { method })).status).toBe(405);
  }
});

test("it comes before any other check: for unknown paths and malformed bodies too", async () => {
  const page = fakeBrowser(cookieHandler(makeAuth().auth));
  const evil = { headers: { origin: "https://evil.example" }, method: "POST" };
  expect((await page.send("/auth/nothing", evil)).status).toBe(403);
  expect((await page.send("/auth/login", { ...evil, body: "x".repeat(20_000) })).status).toBe(403);
});

test("a flood of other sites' requests leaves one event, and one at each doubling", async () => {
  const { auth, sink, clock } = makeAuth();
  const page = fakeBrowser(cookieHandler(auth));
  const evil = { method: "POST", headers: { origin: "https://evil.example" } };
  for (let round = 0; round < 20; round++) await page.send("/auth/logout", evil);
  expect(sink.events.map(({ data }) => data?.["count"] ?? 1)).toEqual([1, 2, 4, 8, 16]);
  clock.advance(120_000);
  await page.send("/auth/logout", evil);
  expect(sink.events).toHaveLength(6);
});

test.each([null, "2001:db8::1"])("a flood is counted for a minute, from wherever: %s", async (ip) => {
  const { auth, sink, clock } = makeAuth();
  const { dispatch } = cookieHandler(auth);
  const evil = () =>
    dispatch({
      method: "POST",
      target: "/auth/logout",
      headers: { origin: "https://evil.example" },
      body: { kind: "none" },
      client: { ip },
    });
  for (let round = 0; round < 5; round++) {
    await evil();
    clock.advance(10_000);
  }
  expect(sink.events.map((event) => [event.ip, event.data?.["count"] ?? 1])).toEqual([
    [ip, 1],
    [ip, 2],
    [ip, 4],
  ]);
  clock.advance(60_000);
  await evil();
  expect(sink.events).toHaveLength(4);
});

test("it counts against no account, and against no other rule of the address", async () => {
  const { auth } = makeAuth();
  const page = fakeBrowser(cookieHandler(auth));
  await page.signUp();
  const wrong = { method: "POST", body: { email: EMAIL, password: "Wrong1horse" } };
  for (let round = 0; round < 20; round++)
    await page.send("/auth/login", { ...wrong, headers: { origin: "https://evil.example" } });
  expect((await page.signIn()).status).toBe(200);
});

test("a store or limiter that is away makes no request of another site a good one", async () => {
  const { auth, errors } = makeAuth();
  const page = fakeBrowser(cookieHandler(auth));
  await auth.close();
  const response = await page.send("/auth/logout", {
    method: "POST",
    headers: { origin: "https://evil.example" },
  });
  expect(response.status).toBe(403);
  expect(errors.length).toBeLessThanOrEqual(1);
});

test("a store that hangs keeps nobody's connection: the refusal comes all the same", async () => {
  const { store } = makeAuth();
  const never = new Promise<never>(() => {});
  const hanging = { ...store, events: { ...store.events, append: () => never } };
  const { auth, errors } = makeAuth({ store: hanging });
  const request = new Request(`${ORIGIN}/auth/logout`, {
    method: "POST",
    headers: { origin: "https://evil.example" },
  });
  expect((await cookieHandler(auth)(request, CALLER)).status).toBe(403);
  expect(errors.map((error) => (error as { code: string }).code)).toEqual(["unavailable"]);
});

describe("the application's own routes", () => {
  test("what may change something needs the origin, whatever the token", async () => {
    const { auth } = makeAuth();
    const handler = cookieHandler(auth);
    const page = fakeBrowser(handler);
    await page.signUp();
    const cookie = [...page.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const { headers, allowed } of MATRIX) {
      const asked = codeOf(handler.authenticate({ method: "POST", headers: { ...headers, cookie } }));
      expect(await asked).toBe(allowed ? "fulfilled" : "cross_site_request");
      const read = await handler.authenticate({ method: "GET", headers: { ...headers, cookie } });
      expect(read.userId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test("only what is spelt as a method that reads, reads", async () => {
    const handler = cookieHandler(makeAuth().auth);
    const page = fakeBrowser(handler);
    await page.signUp();
    const cookie = [...page.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const method of ["GET", "HEAD", "OPTIONS"])
      expect((await handler.authenticate({ method, headers: { cookie } })).userId).toMatch(/-/);
    for (const method of ["get", "Head", "TRACE", "CONNECT", "QUERY", " GET", ""])
      expect(await codeOf(handler.authenticate({ method, headers: { cookie } }))).toBe("cross_site_request");
  });

  test("a request without a method is a mistake of the application, and never served", async () => {
    const handler = cookieHandler(makeAuth().auth);
    const page = fakeBrowser(handler);
    await page.signUp();
    const cookie = [...page.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const method of [undefined, null, 1]) {
      const head = { method: method as never as string, headers: { cookie, origin: ORIGIN } };
      const missing = 'method is missing; on a server-rendered page it is "GET"';
      await expect(handler.authenticate(head)).rejects.toThrow(new TypeError(missing));
      await expect(handler.identify(head)).rejects.toThrow(new TypeError(missing));
    }
    const asRequest = new Request(`${ORIGIN}/mine`, {
      method: "DELETE",
      headers: { cookie, origin: ORIGIN },
    });
    expect((await handler.authenticate(asRequest)).userId).toMatch(/-/);
  });
});

test("a list of origins that grows afterwards opens nothing", async () => {
  const origins = [ORIGIN];
  const handler = createHandler(makeAuth().auth, { transport: "cookie", origins });
  origins.push("https://evil.example");
  const evil = { method: "POST", headers: { origin: "https://evil.example" } };
  expect((await fakeBrowser(handler).send("/auth/logout", evil)).status).toBe(403);
});

test("who calls from nobody knows where is not counted as one without an address: 500, and no event", async () => {
  const { auth, sink } = makeAuth();
  const { status } = await cookieHandler(auth).dispatch({
    method: "POST",
    target: "/auth/logout",
    headers: { origin: "https://evil.example" },
    body: { kind: "none" },
    client: { ip: undefined },
  });
  expect([status, sink.events]).toEqual([500, []]);
});

describe("pages of extensions", () => {
  const { auth } = makeAuth();
  const handler = createHandler(auth, { transport: "cookie", origins: [ORIGIN, EXTENSION, IN_FIREFOX] });
  const ask = async (origin: string, site = "cross-site"): Promise<unknown> => {
    const headers = { origin, "sec-fetch-site": site };
    const request = new Request(`${ORIGIN}/auth/refresh`, { method: "POST", headers });
    return ((await (await handler(request, CALLER)).json()) as { code: string }).code;
  };

  test("of the list are served, by their exact id", async () => {
    for (const origin of [EXTENSION, IN_FIREFOX])
      for (const site of ["cross-site", "none"]) expect(await ask(origin, site)).toBe("token_missing");
  });

  test.each([
    EXTENSION.replace("a", "b"),
    EXTENSION.toUpperCase(),
    `${EXTENSION}/`,
    `${EXTENSION}:443`,
    EXTENSION.replace("chrome", "moz"),
    `https://${EXTENSION.slice(19)}`,
    "chrome-extension://*",
    "null",
  ])("%s is another page", async (origin) => {
    expect(await ask(origin)).toBe("cross_site_request");
  });

  test("in development they stand beside a page on localhost", () => {
    const origins = ["http://localhost:3000", EXTENSION, IN_FIREFOX];
    const start = () => createHandler(auth, { transport: "cookie", origins, insecureLocalhost: true });
    expect(start).not.toThrow();
  });
});

describe("what does not start", () => {
  const { auth } = makeAuth();
  const refusal = (options: object): string => {
    try {
      createHandler(auth, options);
      return "started";
    } catch (error) {
      return isAuthError(error) && error.code === "invalid_configuration" ? error.message : String(error);
    }
  };
  const cookie = { transport: "cookie", origins: [ORIGIN] };

  test.each<readonly [object, RegExp]>([
    [{ transport: "cookie" }, /needs origins/],
    [{ transport: "cookie", origins: [] }, /needs origins/],
    [{ transport: "cookie", origins: ORIGIN }, /needs origins/],
    [{ transport: "cookies", origins: [ORIGIN] }, /"bearer" or "cookie"/],
    [{ origins: [ORIGIN] }, /need transport/],
    [{ transport: "bearer", insecureLocalhost: true }, /need transport/],
    [{ ...cookie, origins: ["*"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["null"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["https://*.example"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["https://app.example/"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["https://app.example:443"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["https://APP.example"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["app.example"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["ftp://app.example"] }, /scheme, host and port/],
    [{ ...cookie, origins: [ORIGIN, undefined] }, /scheme, host and port/],
    ...["capacitor://localhost", "tauri://localhost", "app://-", "ionic://localhost", "x-my.app://page"].map(
      (origin) => [{ ...cookie, origins: [origin] }, /bearer mode/] as const,
    ),
    ...[
      "chrome-extension://*",
      "chrome-extension://",
      "chrome-extension://abcdefghijklmnopabcdefghijklmno", // 31 letters
      "chrome-extension://abcdefghijklmnopabcdefghijklmnoq",
      "chrome-extension://ABCDEFGHIJKLMNOPABCDEFGHIJKLMNOP",
      "chrome-extension://abcdefghijklmnopabcdefghijklmnop/",
      "chrome-extension://abcdefghijklmnopabcdefghijklmnop/page.html",
      "chrome-extension://abcdefghijklmnopabcdefghijklmnop\n",
      "moz-extension://*",
      "moz-extension://0B7C4A1E-1D2F-4C3B-9A8D-6E5F4A3B2C1D",
      "moz-extension://0b7c4a1e1d2f4c3b9a8d6e5f4a3b2c1d",
    ].map((origin) => [{ ...cookie, origins: [origin] }, /exact id/] as const),
    [{ ...cookie, origins: ["file:///index.html"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["about:blank"] }, /scheme, host and port/],
    [{ ...cookie, origins: ["https://*"] }, /without a wildcard/],
    [{ ...cookie, origins: [/https:.*/] }, /scheme, host and port/],
    [{ ...cookie, origins: () => true }, /needs origins/],
    [{ ...cookie, origins: [EXTENSION], insecureLocalhost: true }, /on localhost/],
    [{ ...cookie, origins: [EXTENSION, ORIGIN], insecureLocalhost: true }, /on localhost/],
    [{ ...cookie, origins: ["http://app.example"] }, /https/],
    [{ ...cookie, origins: ["http://localhost:3000"] }, /insecureLocalhost/],
    [{ ...cookie, insecureLocalhost: true }, /on localhost/],
    [{ ...cookie, origins: ["http://localhost:3000", ORIGIN], insecureLocalhost: true }, /on localhost/],
    [{ ...cookie, origins: ["http://localhost.example"], insecureLocalhost: true }, /on localhost/],
    [{ ...cookie, origins: ["http://127.0.0.1.example"], insecureLocalhost: true }, /on localhost/],
    [{ ...cookie, origins: ["http://notlocalhost"], insecureLocalhost: true }, /on localhost/],
    [{ ...cookie, insecureLocalhost: "yes" }, /true or false/],
    [{ ...cookie, orgins: [ORIGIN] }, /orgins: no such option/],
    [{ cookies: { name: "acme" } }, /need transport/],
    [{ ...cookie, cookies: "acme" }, /cookies must be an object/],
    [{ ...cookie, cookies: null }, /cookies must be an object/],
    [{ ...cookie, cookies: [] }, /cookies must be an object/],
    [{ ...cookie, cookies: new Map([["name", "acme"]]) }, /cookies must be an object/],
    [{ ...cookie, cookies: Promise.resolve({ name: "acme" }) }, /cookies must be an object/],
    [{ ...cookie, cookies: { nam: "acme" } }, /name is its only option/],
    [{ ...cookie, cookies: { name: "acme", domain: "app.example" } }, /name is its only option/],
    ...[
      "",
      "Acme",
      "1acme",
      "-acme",
      "ac me",
      "ac_me",
      "ac;me",
      "acme=",
      "__Host-acme",
      "a\n",
      "é",
      "a".repeat(33),
      1,
      ["a"],
    ].map((name) => [{ ...cookie, cookies: { name } }, /cookies\.name: a lower-case letter/] as const),
  ])("%j", (options, message) => {
    expect(refusal(options)).toMatch(message);
  });

  test.each([
    "http://localhost:3000",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "http://app.localhost",
    "https://localhost",
  ])("%s is on localhost", (origin) =>
    expect(refusal({ transport: "cookie", origins: [origin], insecureLocalhost: true })).toBe("started"),
  );
});
