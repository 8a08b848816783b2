import type { AuthClientOptions } from "./types.ts";

/** Where the server is, and how a request to it is made. */
export interface Place {
  /** For what is stored and locked: the same for all clients that mean the same session. */
  readonly key: string;
  /** Whether a token may go there: to the server's origin, and to no other. */
  isHome(url: string | undefined): boolean | undefined;
  /** What lets cookies go with a request. */
  readonly cookies: RequestInit;
  /** One of the server's own routes. */
  own(path: string, call?: Call): Request;
}

export interface Call {
  readonly method?: string | undefined;
  readonly body?: object | undefined;
  /** The answer is 204. */
  readonly isEmpty?: boolean | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

export function createPlace({ basePath = "/auth", transport = "bearer" }: AuthClientOptions): Place {
  const page = globalThis.location?.href;
  const base = new URL(basePath, page).href.replace(/\/$/, "");
  // With its slash: `https://here.example` is how `https://here.example.org` begins, too.
  const root = new URL("/", base).href;
  const isHome: Place["isHome"] = (url) => url?.startsWith(root);
  // Cookies go to another origin only when they are told to.
  const cookies: RequestInit = transport === "cookie" && !isHome(page) ? { credentials: "include" } : {};

  return {
    key: `sallyport:${transport}:${base}`,
    isHome,
    cookies,
    own: (path, { body, method = body ? "POST" : "GET", timeout = 30_000 } = {}) =>
      new Request(`${base}/${path}`, {
        method,
        ...cookies,
        ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
        // The routes redirect nowhere: whoever does must not get the password.
        redirect: "error",
        signal: AbortSignal.timeout(timeout),
      }),
  };
}
