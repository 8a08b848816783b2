import { mistake } from "./options.ts";
import type { AuthClientOptions } from "./types.ts";

/** Where the server is, and how a request to it is made. All of it is found at a call: a server has no page. */
export interface Place {
  readonly isBearer: boolean;
  /** The URL of the routes. Throws a TypeError that names `basePath` if it is a path and there is no page. */
  base(): string;
  /** The name of the stored item and of the lock. All clients of one session have the same. */
  key(): string;
  /** Whether a token may go there. It may go to the server's origin only. */
  isHome(url: string | undefined): boolean | undefined;
  /** The setting of a request that sends cookies with it. */
  cookies(): RequestInit;
  /** Makes a request to one of the server's routes. */
  own(path: string, call?: Call): Request;
}

export interface Call {
  readonly method?: string | undefined;
  readonly body?: object | undefined;
  /** Whether the server answers 204. */
  readonly isEmpty?: boolean | undefined;
  /** Whether it waits for no other tab: it changes nothing that is stored. */
  readonly isFree?: boolean | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

export function createPlace({ basePath = "/auth", transport = "bearer" }: AuthClientOptions<unknown>): Place {
  let known: string | undefined;
  const base: Place["base"] = () => {
    try {
      known ??= new URL(basePath, globalThis.location?.href).href.replace(/\/$/, "");
      return known;
    } catch {
      throw mistake("without a page, basePath must be a URL");
    }
  };
  // With its slash: `https://here.example.org` begins with `https://here.example` too.
  const isHome: Place["isHome"] = (url) => url?.startsWith(`${base().split("/", 3).join("/")}/`);
  const isBearer = transport !== "cookie";
  // The browser sends cookies to another origin only on demand.
  const cookies: Place["cookies"] = () =>
    isBearer || isHome(globalThis.location?.href) ? {} : { credentials: "include" };

  return {
    isBearer,
    base,
    isHome,
    cookies,
    key: () => `sallyport:${transport}:${base()}`,
    own: (path, { body, method = body ? "POST" : "GET", timeout = 30_000 } = {}) =>
      new Request(`${base()}/${path}`, {
        method,
        ...cookies(),
        ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
        // The server never redirects. Another site must not get the password.
        redirect: "error",
        signal: timeLimit(timeout),
      }),
  };
}

/** Not `AbortSignal.timeout`: phones do not have it. */
function timeLimit(ms: number): AbortSignal {
  const limit = new AbortController();
  const timer: { unref?(): unknown } = Object(setTimeout(() => limit.abort(), ms));
  timer.unref?.(); // on Node it must not keep the process alive
  return limit.signal;
}
