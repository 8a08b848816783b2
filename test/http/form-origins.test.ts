// Class: cross-site request forgery, sign-ins included (Rodauth CVE-2026-82468). Forms need no preflight, so the check of
// the origin stands alone: each route, from everywhere, as each kind of body.
import { describe, expect, test } from "vitest";
import { ORIGIN } from "../support/cookies.ts";
import { formBrowser, RIGHT } from "../support/form-browser.ts";
import { makeAuth, PASSWORD } from "../support/harness.ts";

const NEXT = "Another2horse";

const ROUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/auth/login": RIGHT,
  "/auth/signup": { ...RIGHT, email: "eve@example.com" },
  "/auth/logout": {},
  "/auth/renew": {},
  "/auth/password": { currentPassword: PASSWORD, newPassword: NEXT },
};

type Fields = Readonly<Record<string, string>>;

const multipart = (fields: Fields): string =>
  `${Object.entries(fields)
    .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join("")}--x--\r\n`;

const BODIES: Readonly<Record<string, readonly [type: string, write: (fields: Fields) => string]>> = {
  form: ["application/x-www-form-urlencoded", (fields) => String(new URLSearchParams(fields))],
  JSON: ["application/json", (fields) => JSON.stringify(fields)],
  text: ["text/plain", (fields) => JSON.stringify(fields)],
  multipart: ["multipart/form-data; boundary=x", multipart],
};

/** What a request says of where it comes from, and whether a page of ours says so. */
const ORIGINS: Readonly<
  Record<string, readonly [origin: string | null, site: string | null, isOwn: boolean]>
> = {
  "a page of ours": [ORIGIN, "same-origin", true],
  "a page of ours, in a browser without Sec-Fetch-Site": [ORIGIN, null, true],
  "a page of ours that hides its origin": ["null", "same-origin", true],
  "another site": ["https://evil.example", "cross-site", false],
  "another site, said to be ours": ["https://evil.example", "same-origin", false],
  "a sibling": ["https://evil.app.example", "same-site", false],
  "another port": [`${ORIGIN}:8443`, "same-site", false],
  "a sandboxed page": ["null", "cross-site", false],
  "a sandboxed page, in an old browser": ["null", null, false],
  "no page": [null, null, false],
  "the address bar": [null, "none", false],
};

/** What each kind of body gets from a page of ours: a redirect, JSON, or 415. */
const SERVED: Readonly<Record<string, (path: string) => readonly number[]>> = {
  form: () => [303],
  JSON: (path) => (path === "/auth/renew" ? [415] : [200, 201, 204]),
  text: () => [415],
  multipart: () => [415],
};

const CASES = Object.keys(ROUTES).flatMap((path) => Object.keys(BODIES).map((kind) => [path, kind] as const));

describe.each(CASES)("POST %s as %s", (path, kind) => {
  test.each(Object.entries(ORIGINS))("from %s", async (_, [origin, site, isOwn]) => {
    const harness = makeAuth();
    const page = formBrowser(harness);
    await page.post("/auth/signup", RIGHT);
    const before = page.jar.all();
    const events = harness.sink.events.length;
    const [type, write] = BODIES[kind] ?? ["", () => ""];
    const headers = {
      ...page.jar.header(path),
      "content-type": type,
      ...(site && { "sec-fetch-site": site }),
    };
    const request = new Request(ORIGIN + path, {
      method: "POST",
      headers: { ...headers, ...(origin !== null && { origin }) },
      body: write(ROUTES[path] ?? {}),
    });
    const answer = await page.handler(request, { ip: "203.0.113.7" });
    if (isOwn) return expect(SERVED[kind]?.(path)).toContain(answer.status);

    expect(answer.status).toBe(403);
    expect(((await answer.json()) as { code: string }).code).toBe("cross_site_request");
    expect([answer.headers.getSetCookie(), answer.headers.get("location")]).toEqual([[], null]);
    expect(harness.sink.events.slice(events).map((event) => event.type)).toEqual(["cross_site_request"]);
    expect([page.jar.all(), (await page.get("/auth/me")).status]).toEqual([before, 200]);
  });
});
