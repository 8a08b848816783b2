import type { AuthOptions } from "sallyport";

/** Which server is measured. Who writes by hand over a store of ours signs nobody in. */
export interface Place {
  readonly author: "ours" | "by hand" | "on its store";
  readonly framework: "node:http" | "Express";
  readonly database: "SQLite" | "PostgreSQL";
  /** The path of a new file, or the URL of an empty database. */
  readonly url: string;
  /** On PostgreSQL: each statement is parsed and planned once on each connection. */
  readonly named?: boolean;
  readonly session?: AuthOptions["session"];
}

/** What a server tells whoever sends it requests. */
export interface Served {
  readonly url: string;
  readonly login: { readonly path: string; readonly bodies: readonly string[] };
  /** The proof of one signed-in user. */
  readonly headers: Readonly<Record<string, string>>;
  readonly paths: { readonly own: string; readonly me: string };
}

/** More users than requests in flight. Few of them reach the most sessions that a user may have. */
export const USERS = 400;
export const PATHS = { login: "/auth/login", me: "/auth/me", own: "/notes" } as const;
