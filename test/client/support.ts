import {
  type AuthClient,
  type AuthClientOptions,
  type ClientStorage,
  type Credentials,
  createAuthClient,
} from "sallyport/client";
import { createHandler, toNodeHandler } from "sallyport/http";
import { EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";
import { listen } from "../support/http.ts";

export const CREDENTIALS: Credentials = { email: EMAIL, password: PASSWORD };

/** What answers in the server's place, or undefined: the server. */
type Interception = (request: Request) => Promise<Response | undefined> | Response | undefined;

export interface World extends Harness {
  readonly origin: string;
  /** `POST /auth/login` and so on, in the order in which they were sent. */
  readonly calls: string[];
  /** The `Authorization` of each request to a route of the application. */
  readonly seen: (string | undefined)[];
  /** By how much the pages' clock is ahead of the server's. */
  skewMs: number;
  intercept: Interception | undefined;
  /** A tab: a client of its own, that shares with others what `options` says. */
  tab(options?: AuthClientOptions): AuthClient;
  close(): Promise<void>;
}

/** A server in bearer mode on loopback, whose `Date` is the fake clock's, with one route of the application's own. */
export async function makeWorld(): Promise<World> {
  const harness = makeAuth({ limits: { login: { address: false } } });
  const { auth, clock } = harness;
  const handler = createHandler(auth);
  const serveAuth = toNodeHandler(handler);
  const seen: (string | undefined)[] = [];
  const { port, close } = await listen((request, response) => {
    response.setHeader("date", clock.now().toUTCString());
    if (request.url?.startsWith("/auth")) return serveAuth(request, response);
    seen.push(request.headers.authorization);
    const answer = async () => {
      const body = (await request.toArray()).join("");
      const code = await handler.authenticate(request).then(
        () => undefined,
        (error: { readonly code: string }) => error.code,
      );
      response.writeHead(code ? 401 : 200, {
        "content-type": code ? "application/problem+json" : "text/plain",
      });
      response.end(code ? JSON.stringify({ code, title: "No.", status: 401 }) : `echo ${body}`);
    };
    answer().catch(() => response.destroy());
  });
  const world: World = {
    ...harness,
    ...{ origin: `http://127.0.0.1:${port}`, calls: [], seen, skewMs: 0, intercept: undefined, close },
    tab: (options) =>
      createAuthClient({
        basePath: `${world.origin}/auth`,
        now: () => clock.now().getTime() + world.skewMs,
        fetch: async (request) => {
          world.calls.push(`${request.method} ${new URL(request.url).pathname}`);
          return (await world.intercept?.(request)) ?? fetch(request);
        },
        ...options,
      }),
  };
  return world;
}

export function fakeStorage(): ClientStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

export function count(calls: readonly string[], call: string): number {
  return calls.filter((one) => one === call).length;
}

export const REFRESH = "POST /auth/refresh";
