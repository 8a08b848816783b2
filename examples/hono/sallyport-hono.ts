import type { Context, ErrorHandler, MiddlewareHandler } from "hono";
import { AuthError, isAuthError, type NoClaims } from "sallyport";
import { type Caller, type PeerSocket, problemResponse, type Requirements } from "sallyport/http";
import { userInPath } from "../shared/callers.ts";
import { answerOf } from "./sallyport-hono-answer.ts";

/** What a guard adds to the types of a route: `c.var.auth`. */
export interface WithAuth<Auth> {
  Variables: { auth: Auth };
}

export type HonoGuard<Claims extends object> = MiddlewareHandler<WithAuth<Caller<Claims>>>;

/** A handler of any platform. With `clientAddress`, `c.env` is the platform, in the routes and in the guards. */
export interface HonoHandler<Claims extends object = NoClaims> {
  (request: Request, platform: never): Promise<Response>;
  authenticate(request: never, ...requirements: readonly Requirements<Claims>[]): Promise<Caller<Claims>>;
  identify(request: never): Promise<Caller<Claims> | null>;
  readonly addressBy: "peer" | "clientAddress";
}

/** The routes and the guards of one handler. */
export interface HonoAuth<Claims extends object = NoClaims> {
  /** Serves the auth routes: `app.all("/auth/*", routes)`. `basePath` is the full path. */
  readonly routes: (c: Context) => Promise<Response>;
  /** Lets only signed-in users pass who meet the requirements. The caller is in `c.var.auth`. */
  readonly requireAuth: (...needs: readonly Requirements<Claims>[]) => HonoGuard<Claims>;
  /** Lets only the user in the path pass: `requireSameUser("userId")` on `/users/:userId`. */
  readonly requireSameUser: (name: string, ...needs: readonly Requirements<Claims>[]) => HonoGuard<Claims>;
  /** Lets all pass; `c.var.auth` is null if no user is signed in. Another site and an outage are still refused. */
  readonly optionalAuth: MiddlewareHandler<WithAuth<Caller<Claims> | null>>;
}

/**
 * Adapts a handler to Hono 4.
 *
 * @example
 * import { Hono } from "hono";
 * import { honoAuth, sendAuthErrors } from "sallyport/hono";
 *
 * const { routes, requireAuth } = honoAuth(handler);
 * const app = new Hono();
 * app.onError(sendAuthErrors);
 * app.all("/auth/*", routes);
 * app.get("/me", requireAuth(), (c) => c.json({ id: c.var.auth.userId }));
 */
export function honoAuth<Claims extends object = NoClaims>(handler: HonoHandler<Claims>): HonoAuth<Claims> {
  const isTold = handler.addressBy === "clientAddress";
  const headOf = (c: Context) => (isTold ? { request: c.req.raw, platform: c.env } : peerOf(c)) as never;
  return {
    async routes(c) {
      const incoming = incomingOf(c);
      // A `Request` has dot segments resolved. A filter in front may have read another path than we would serve.
      if (incoming && incoming.url?.split("?")[0] !== new URL(c.req.raw.url).pathname)
        return toResponse(c, new AuthError("not_found"));
      const platform = isTold ? c.env : { ip: incoming?.socket.remoteAddress };
      return answerOf(c, await handler(c.req.raw, platform as never));
    },
    requireAuth:
      (...asked) =>
      async (c, next) => {
        c.set("auth", await handler.authenticate(headOf(c), ...asked));
        await next();
      },
    requireSameUser:
      (parameter, ...asked) =>
      async (c, next) => {
        const named = userInPath(parameter, c.req.param(parameter));
        c.set("auth", await handler.authenticate(headOf(c), named, ...asked));
        await next();
      },
    optionalAuth: async (c, next) => {
      c.set("auth", await handler.identify(headOf(c)));
      await next();
    },
  };
}

/** On Node, the request behind that of Hono: `@hono/node-server` puts it there. */
function incomingOf({ env }: Context): { readonly url?: string; readonly socket: PeerSocket } | undefined {
  return env?.incoming?.socket ? env.incoming : undefined;
}

function peerOf(c: Context): object {
  const { method, headers } = c.req.raw;
  const incoming = incomingOf(c);
  return { method, headers, ...(incoming && { socket: incoming.socket }) };
}

/** Answers what the library refused: `app.onError(sendAuthErrors)`. Other errors are thrown on. */
export const sendAuthErrors: ErrorHandler = (error, c) => {
  if (!isAuthError(error)) throw error;
  return toResponse(c, error);
};

function toResponse(c: Context, refusal: AuthError): Response {
  const { status, headers, body } = problemResponse(refusal);
  return answerOf(c, new Response(body, { status, headers }));
}
