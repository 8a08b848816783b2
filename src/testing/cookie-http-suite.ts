import { cookiePromises, pageGuardPromises } from "./http/cookies.ts";
import { crossSitePromises } from "./http/cross-site.ts";
import { type PagePromises, pageOf } from "./http/page.ts";
import { subjectOf } from "./http/subject.ts";
import type { HttpSuiteOptions } from "./http-suite.ts";

export interface CookieHttpSuiteOptions extends HttpSuiteOptions {
  /** One of `origins` of the server's handler, which is in cookie mode: `"https://app.example"`. */
  readonly origin: string;
}

const GROUPS: Readonly<Record<string, PagePromises>> = {
  cookies: cookiePromises,
  "cross-site": crossSitePromises,
  guards: pageGuardPromises,
};

/**
 * Proves that a server keeps what cookie mode adds to the contract: the cookies it sets and ends, and that
 * other sites' pages change nothing. Beside `httpSuite`, which asks the same server in bearer mode.
 */
export function cookieHttpSuite({ test, open, origin }: CookieHttpSuiteOptions): void {
  for (const [group, promises] of Object.entries(GROUPS)) {
    for (const [promise, prove] of Object.entries(promises)) {
      test(`${group}: ${promise}`, async () => {
        const server = await open();
        try {
          await prove(pageOf(subjectOf(server), origin));
        } finally {
          await server.close();
        }
      });
    }
  }
}
