import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type AuthHandler, createHandler, toNodeHandler } from "sallyport/http";
import { type Harness, makeAuth } from "../support/harness.ts";

const SIGN_IN = `<!doctype html><title>Sign in</title><link rel="icon" href="data:,"><h1>Sign in</h1>
<form method="post" action="/auth/login">
<input name="email" type="email" autocomplete="username"><input name="password" type="password">
<button>Sign in</button><button formaction="/auth/signup">Sign up</button></form>`;

const NOTES = `<!doctype html><title>Notes</title><link rel="icon" href="data:,"><h1>Notes</h1>
<a href="/notes?ahead">Next notes</a><form method="post" action="/auth/logout"><button>Sign out</button></form>`;

/** An application on localhost with pages: one for signed-in users, `/notes`. Any other is its sign-in. */
export interface PagesApp {
  readonly site: string;
  readonly clock: Harness["clock"];
  /** What it answered, in order, as `GET /notes 303`. */
  readonly answered: readonly string[];
  /** The posts to the renewal among these. */
  renewals(): readonly string[];
  /** How many different refresh tokens it gave out. */
  rotations(): number;
  close(): void;
}

/** Says whether it has served the request. */
type OwnRoutes = (request: IncomingMessage, response: ServerResponse) => boolean;

export async function openPagesApp(own: OwnRoutes = () => false): Promise<PagesApp> {
  const { auth, clock } = makeAuth({ limits: { login: { address: false }, signup: { address: false } } });
  const answered: string[] = [];
  const tokens = new Set<string>();
  const server = await listening((request, response) => {
    response.once("finish", () => {
      if (request.url === "/favicon.ico") return; // asked for by the browser itself, at any time
      answered.push(`${request.method} ${request.url} ${response.statusCode}`);
      for (const line of [response.getHeader("set-cookie") ?? []].flat().map(String))
        if (/^sp-refresh=[^;]/.test(line)) tokens.add(line.split(";")[0] ?? "");
    });
    serve(request, response);
  });
  const site = `http://localhost:${portOf(server)}`;
  const handler = createHandler(auth, {
    transport: "cookie",
    origins: [site],
    insecureLocalhost: true,
    pages: { signIn: "/sign-in", home: "/notes", signedOut: "/sign-in?out" },
  });
  const serveAuth = toNodeHandler(handler);
  const serve: RequestListener = (request, response) =>
    serveAuth(request, response, () => {
      if (!own(request, response)) void servePage(handler, request, response);
    });
  return {
    site,
    clock,
    answered,
    renewals: () => answered.filter((line) => line.startsWith("POST /auth/renew")),
    rotations: () => tokens.size - 1,
    close: () => closeServer(server),
  };
}

async function servePage(
  handler: AuthHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const html = { "content-type": "text/html", "cache-control": "no-store" };
  if (!request.url?.startsWith("/notes")) return void response.writeHead(200, html).end(SIGN_IN);
  const me = await handler.identify(request);
  if (me) return void response.writeHead(200, html).end(NOTES);
  const location = handler.signInUrl(request, request.url);
  response.writeHead(303, { location, "cache-control": "no-store" }).end();
}

export async function listening(serve: RequestListener): Promise<Server> {
  const server = createServer(serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export function closeServer(server: Server): void {
  server.closeAllConnections();
  server.close();
}
