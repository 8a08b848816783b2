// Web standards only: this file and its imports from us run wherever Request and Response exist.
import { type Auth, AuthError, isAuthError } from "sallyport";
import {
  type AuthHandler,
  createHandler,
  type HandlerOptions,
  type HttpClient,
  type HttpResponse,
  problemResponse,
} from "sallyport/http";
import { noteText, tooManyNotes } from "../shared/note-text.ts";
import type { Notes } from "../shared/notes.ts";
import { readJson } from "./read-json.ts";

export interface AppOptions {
  readonly auth: Auth;
  readonly notes: Notes;
  readonly onError: (error: unknown) => void;
  /** The proxies that may name the client's address. Default: none. */
  readonly trustedProxies?: HandlerOptions["trustedProxies"];
}

/** Answers every request and never rejects. `client` is the caller, as the server knows it. */
export type App = (request: Request, client: HttpClient) => Promise<Response>;

/** The auth routes, one resource of the application, and one format for all refusals. */
export function createApp({ auth, notes, onError, trustedProxies }: AppOptions): App {
  const handler = createHandler(auth, { onError, trustedProxies });
  const route = async (request: Request, client: HttpClient): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (isBelow(pathname, handler.basePath)) return handler(request, client);
    if (pathname === "/health") return health(request, auth);
    const [, userId, noteId] = NOTES_PATH.exec(pathname) ?? [];
    if (userId !== undefined) return serveNotes(request, { handler, notes, userId, noteId });
    throw new AuthError("not_found");
  };
  return (request, client) =>
    route(request, client).catch((error) => {
      if (!isAuthError(error)) onError(error);
      return toResponse(problemResponse(error));
    });
}

const NOTES_PATH = /^\/api\/users\/([^/]+)\/notes(?:\/([^/]+))?$/;
const NO_STORE = { headers: { "cache-control": "no-store" } };

function isBelow(path: string, basePath: string): boolean {
  return path === basePath || path.startsWith(`${basePath}/`);
}

/** For load balancers: whether this process can serve. Strangers must not see the exact fault. */
async function health({ method }: Request, auth: Auth): Promise<Response> {
  if (method !== "GET" && method !== "HEAD") throw new AuthError("method_not_allowed");
  const { ready } = await auth.health();
  return Response.json({ ready }, { ...NO_STORE, status: ready ? 200 : 503 });
}

interface NotesCall {
  readonly handler: AuthHandler;
  readonly notes: Notes;
  /** From the path: any client may have written it. */
  readonly userId: string;
  readonly noteId: string | undefined;
}

/** One user's notes. The owner is always the verified principal, never a part of the request. */
async function serveNotes(request: Request, call: NotesCall): Promise<Response> {
  const { handler, notes, userId, noteId } = call;
  const { userId: owner } = await handler.authenticate(request, { userId });
  const method = request.method === "HEAD" ? "GET" : request.method;
  switch (noteId === undefined ? method : `${method} one`) {
    case "GET":
      return Response.json({ notes: await notes.list(owner) }, NO_STORE);
    case "POST": {
      const note = await notes.add(owner, noteText(await readJson(request)));
      if (!note) throw tooManyNotes();
      return Response.json({ note }, { ...NO_STORE, status: 201 });
    }
    case "DELETE one":
      if (!(await notes.remove(owner, noteId ?? ""))) throw new AuthError("not_found");
      return new Response(null, { ...NO_STORE, status: 204 });
    default:
      throw new AuthError("not_found");
  }
}

/** Turns an answer of `problemResponse` or `dispatch` into a `Response`. */
function toResponse({ status, headers, setCookies, body }: HttpResponse): Response {
  const all = new Headers(headers);
  for (const cookie of setCookies) all.append("set-cookie", cookie);
  return new Response(body, { status, headers: all });
}
