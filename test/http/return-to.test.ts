// Class: open redirects (Django CVE-2016-2512, Rodauth CVE-2026-82467, Devise CVE-2026-40295): what a form or a link may
// name as the next page, in every spelling that a browser might misread.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localPath } from "../../src/http/pages/local-path.ts";
import { ORIGIN } from "../support/cookies.ts";
import { formBrowser, ledTo, RIGHT } from "../support/form-browser.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { makeAuth } from "../support/harness.ts";
import { HOSTILE_PATHS, PIECES } from "../support/hostile-paths.ts";

/** What stays, as it is written again. */
const LOCAL: Readonly<Record<string, string>> = {
  "/": "/",
  "/notes": "/notes",
  "/notes?page=2&q=a+b#last": "/notes?page=2&q=a+b#last",
  "/a/../notes": "/notes",
  "/authors": "/authors",
  "/caf\u00e9?q=\u00e9#\u00e9": "/caf%C3%A9?q=%C3%A9#%C3%A9",
  "/notes?next=//evil.example": "/notes?next=//evil.example",
  "/@evil.example": "/@evil.example",
  "/evil.example:443/": "/evil.example:443/",
  "/javascript:alert(1)": "/javascript:alert(1)",
  "/notes#/auth/renew": "/notes#/auth/renew",
};

test.each(Object.entries(LOCAL))("%s stays on the site", (typed, written) => {
  expect(localPath(typed, "/auth")).toBe(written);
});

test.each(HOSTILE_PATHS)("%j counts as absent", (typed) => {
  expect(localPath(typed, "/auth")).toBeNull();
});

test.each([undefined, null, 1, ["/notes"], { toString: () => "/notes" }])("%j is no path", (typed) => {
  expect(localPath(typed, "/auth")).toBeNull();
});

test("at most 2 KiB, as typed and as written", () => {
  expect(localPath(`/${"a".repeat(2047)}`, "/auth")).toHaveLength(2048);
  expect(localPath(`/${"a".repeat(2048)}`, "/auth")).toBeNull();
  expect(localPath(`/${"\u00e9".repeat(400)}`, "/auth")).toBeNull();
});

test("whatever is made of such pieces, the answer is null or a page of this site", () => {
  const typed = fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 7 })
    .map((pieces) => pieces.join(""));
  const begun = fc.tuple(fc.constantFrom("/", "/", ""), typed).map(([first, rest]) => first + rest);
  let kept = 0;
  const isLocal = (text: string): void => {
    const path = localPath(text, "/auth");
    if (path === null) return;
    kept++;
    const url = new URL(path, `${ORIGIN}/auth/login`);
    expect([url.origin, url.href]).toEqual([ORIGIN, ORIGIN + path]);
    expect(url.pathname.toLowerCase()).not.toMatch(/^\/+auth(?:\/|$)/);
    expect(path).toMatch(/^\/(?!\/)[\x21-\x7e]*$/);
    expect(localPath(path, "/auth")).toBe(path); // written twice it stays what it is
  };
  fc.assert(fc.property(begun, isLocal), { numRuns: fuzzRuns(5_000) });
  expect(kept).toBeGreaterThan(100);
});

describe("over HTTP", () => {
  test.each(HOSTILE_PATHS)(
    "%j leads home from a sign-in, from the renewal and from a refusal",
    async (returnTo) => {
      const page = formBrowser(makeAuth());
      expect(await ledTo(await page.post("/auth/signup", { ...RIGHT, returnTo }))).toEqual([303, "/home"]);
      const query = String(new URLSearchParams({ returnTo }));
      expect(await ledTo(await page.get(`/auth/renew?${query}`))).toEqual([303, "/home"]);
      const wrong = { ...RIGHT, password: "Wrong1horse", returnTo, form: returnTo };
      expect(await ledTo(await page.post("/auth/login", wrong))).toEqual([
        303,
        "/sign-in?error=invalid_credentials",
      ]);
      const head = { method: "GET", headers: {} };
      expect(page.handler.signInUrl(head, returnTo)).toBe("/sign-in");
    },
  );

  test("of two paths none counts", async () => {
    const page = formBrowser(makeAuth());
    await page.post("/auth/signup", RIGHT);
    const answer = await page.get("/auth/renew?returnTo=/a&returnTo=/b");
    expect(await ledTo(answer)).toEqual([303, "/home"]);
  });

  test("the path of the routes is the one that browsers see", async () => {
    const page = formBrowser(makeAuth(), { publicPath: "/api/auth" });
    const head = { method: "GET", headers: {} };
    expect(page.handler.signInUrl(head, "/api/auth/renew")).toBe("/sign-in");
    expect(page.handler.signInUrl(head, "/auth/mine")).toBe("/sign-in?returnTo=%2Fauth%2Fmine");
  });
});
