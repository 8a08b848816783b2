import assert from "node:assert/strict";
import { codeOf, expectProblem } from "./expect.ts";
import type { Page, PagePromises } from "./page.ts";
import { concrete, ROUTES, type SuiteRoute } from "./routes.ts";
import type { Sent } from "./subject.ts";

interface Whence {
  readonly headers: Readonly<Record<string, string>>;
  readonly allowed: boolean;
}

const SITES = [undefined, "none", "same-origin", "same-site", "cross-site"] as const;

/** What a request may say of where it comes from, and whether it is served then. */
function matrix(own: string): readonly Whence[] {
  const origins = [
    undefined,
    own,
    "https://evil.example",
    "null",
    `${own}:8443`,
    `${own}.evil.example`,
    own.replace("://", "://not-"),
    own.replace("https:", "http:"),
    `${own}/`,
    own.toUpperCase(),
    "",
  ];
  return origins.flatMap((origin) =>
    SITES.map((site) => ({
      headers: { ...(origin !== undefined && { origin }), ...(site && { "sec-fetch-site": site }) },
      // The policy of a page may hide its origin. What the browser says of it, no page can write.
      allowed: origin === undefined || origin === "null" ? site === "same-origin" : origin === own,
    })),
  );
}

const UNSAFE = ROUTES.filter(({ method }) => method !== "GET");

/** Of one route: what comes from elsewhere is refused and does nothing, what comes from here is served. */
export function servesItsOwn({ method, path, body }: SuiteRoute) {
  const isBodyless = path === "/refresh" || path === "/logout";
  const sent: Sent =
    body && !isBodyless
      ? { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
      : { method };
  return async (page: Page): Promise<void> => {
    await page.signUp();
    const from = ({ headers }: Whence) =>
      page.sendFrom(concrete(path), { ...sent, headers: { ...sent.headers, ...headers } });
    const cases = matrix(page.origin);
    for (const whence of cases.filter(({ allowed }) => !allowed)) {
      const answer = await from(whence);
      expectProblem(answer, "cross_site_request", { headers: { vary: "Origin, Cookie" } });
      assert.deepEqual(answer.cookies, [], JSON.stringify(whence.headers));
    }
    assert.equal((await page.send("/me")).status, 200);
    for (const whence of cases.filter(({ allowed }) => allowed))
      assert.notEqual(codeOf(await from(whence)), "cross_site_request", JSON.stringify(whence.headers));
  };
}

/** Cross-site request forgery: every route that may change something, over everything a browser may say. */
export const crossSitePromises: PagePromises = {
  ...Object.fromEntries(
    UNSAFE.map((route) => [
      `${route.method} ${route.path} is served to pages of our own alone`,
      servesItsOwn(route),
    ]),
  ),
  "it is asked before anything else: of paths that are not there, of methods and of bodies": async (page) => {
    const headers = { origin: "https://evil.example" };
    for (const [path, method, body] of [
      ["/nothing", "POST", "{}"],
      ["/me", "PROPFIND", undefined],
      ["/me", "PUT", "{}"],
      ["/login", "POST", "x".repeat(40_000)],
    ] as const)
      expectProblem(await page.send(path, { method, headers, body }), "cross_site_request", {
        headers: { vary: "Origin, Cookie" },
      });
  },
  "what only reads is answered, and no header lets another site read it": async (page) => {
    await page.signUp();
    const plain = await page.send("/me");
    for (const { headers } of matrix(page.origin))
      assert.deepEqual(await page.send("/me", { headers }), plain);
  },
};
