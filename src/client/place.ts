import type { AuthClientOptions } from "./types.ts";

/** Where the server is, and how a request to it is made. */
export interface Place {
  readonly isBearer: boolean;
  /** The name of the stored item and of the lock. All clients of one session have the same. */
  readonly key: string;
  /** Whether a token may go there. It may go to the server's origin only. */
  isHome(url: string | undefined): boolean | undefined;
  /** The setting of a request that sends cookies with it. */
  readonly cookies: RequestInit;
  /** Makes a request to one of the server's routes. */
  own(path: string, call?: Call): Request;
}

export interface Call {
  readonly method?: string | undefined;
  readonly body?: object | undefined;
  /** Whether the server answers 204. */
  readonly isEmpty?: boolean | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

export function createPlace({ basePath = "/auth", transport = "bearer" }: AuthClientOptions<unknown>): Place {
  const page = globalThis.location?.href;
  const base = new URL(basePath, page).href.replace(/\/$/, "");
  // With its slash: `https://here.example.org` begins with `https://here.example` too.
  const root = new URL("/", base).href;
  const isHome: Place["isHome"] = (url) => url?.startsWith(root);
  // The browser sends cookies to another origin only on demand.
  const isBearer = transport !== "cookie";
  const cookies: RequestInit = !isBearer && !isHome(page) ? { credentials: "include" } : {};

  return {
    key: `sallyport:${transport}:${base}`,
    isBearer,
    isHome,
    cookies,
    own: (path, { body, method = body ? "POST" : "GET", timeout = 30_000 } = {}) =>
      new Request(`${base}/${path}`, {
        method,
        ...cookies,
        ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
        // The server never redirects. Another site must not get the password.
        redirect: "error",
        signal: AbortSignal.timeout(timeout),
      }),
  };
}
