import { cookiePromises } from "./http/cookies.ts";
import { crossSitePromises } from "./http/cross-site.ts";
import { formPromises, noFormPromises } from "./http/forms.ts";
import { type PagePromises, pageOf } from "./http/page.ts";
import { pageGuardPromises } from "./http/page-guards.ts";
import { chosen, proveAreas } from "./http/prove-areas.ts";
import { subjectOf } from "./http/subject.ts";
import type { HttpSuiteOptions } from "./http-suite.ts";

/** One part of what cookie mode adds to the contract. */
export type CookieHttpArea = "cookies" | "cross-site" | "guards" | "forms";

function areasOf(signIn: string | undefined): Readonly<Record<CookieHttpArea, PagePromises>> {
  return {
    cookies: cookiePromises,
    "cross-site": crossSitePromises,
    guards: pageGuardPromises,
    forms: signIn === undefined ? noFormPromises : formPromises(signIn),
  };
}

export interface CookieHttpSuiteOptions extends Omit<HttpSuiteOptions, "areas"> {
  /** One of `origins` of the server's handler, which is in cookie mode: `"https://app.example"`. */
  readonly origin: string;
  /**
   * `pages.signIn` of the server's handler: it must take forms. Only the area `forms` is about such a handler.
   * Default: the handler has no pages, and must refuse forms.
   */
  readonly signIn?: string;
  /**
   * Proves these areas alone. Default: every area of the core, and with `signIn` the forms. A server that leaves out one
   * is not proven.
   */
  readonly areas?: readonly CookieHttpArea[];
}

/**
 * Proves that a server keeps what cookie mode adds to the contract: the cookies it sets and ends, and that
 * other sites' pages change nothing. Beside `httpSuite`, which asks the same server in bearer mode.
 */
export function cookieHttpSuite({ test, open, origin, ...of }: CookieHttpSuiteOptions): void {
  const { signIn, areas = signIn === undefined ? undefined : ["forms"] } = of;
  proveAreas(chosen(areasOf(signIn), areas), {
    test,
    open,
    askerOf: (server) => pageOf(subjectOf(server), origin),
  });
}
