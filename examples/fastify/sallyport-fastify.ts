import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { NoClaims } from "sallyport";
import { type AuthHandler, type Caller, type Requirements, toNodeHandler } from "sallyport/http";
import { callersOf, userInPath } from "../shared/callers.ts";

export { frameworkErrors, sendAuthErrors } from "./sallyport-fastify-errors.ts";

/** A hook of `onRequest`: a refused request costs no parsing. */
export type FastifyGuard = (request: FastifyRequest) => Promise<void>;

/** The routes and the guards of one handler. */
export interface FastifyAuth<Claims extends object = NoClaims> {
  /** Serves the auth routes: `app.register(routes)`, behind a prefix too. `basePath` is the full path. */
  readonly routes: FastifyPluginAsync;
  /** Lets only signed-in users pass who meet the requirements: `{ onRequest: requireAuth() }`. */
  readonly requireAuth: (...needs: readonly Requirements<Claims>[]) => FastifyGuard;
  /** Lets only the user in the path pass: `requireSameUser("userId")` on `/users/:userId`. */
  readonly requireSameUser: (parameter: string, ...needs: readonly Requirements<Claims>[]) => FastifyGuard;
  /** Lets all pass, and finds the user for `authOrNull`. Another site and an outage are still refused. */
  readonly optionalAuth: FastifyGuard;
  /** The caller that a guard above has proven. A `TypeError` without such a guard. */
  readonly authOf: (request: FastifyRequest) => Caller<Claims>;
  /** The same behind `optionalAuth`: null if no user is signed in. */
  readonly authOrNull: (request: FastifyRequest) => Caller<Claims> | null;
}

/**
 * Adapts a handler to Fastify 5, without decorators. Two handlers have two factories, and neither knows the callers of
 * the other.
 *
 * @example
 * import fastify from "fastify";
 * import { fastifyAuth, frameworkErrors, sendAuthErrors } from "sallyport/fastify";
 *
 * const { routes, requireAuth, authOf } = fastifyAuth(handler);
 * const app = fastify({ frameworkErrors });
 * app.setErrorHandler(sendAuthErrors);
 * await app.register(routes);
 * app.get("/me", { onRequest: requireAuth() }, async (request) => ({ id: authOf(request).userId }));
 */
export function fastifyAuth<Claims extends object = NoClaims>(
  handler: AuthHandler<Claims>,
): FastifyAuth<Claims> {
  // The raw request, because it shows a repeated header as repeated.
  const { prove, find, ...reading } = callersOf<FastifyRequest, Claims>(handler, ({ raw }) => raw);
  return {
    ...reading,
    async routes(app) {
      const outer = app.prefix.replace(/\/$/, "");
      if (!`${handler.basePath}/`.startsWith(`${outer}/`))
        throw new TypeError(`routes: createHandler needs a basePath that begins with ${outer}`);
      await app.register(routesOf(handler), { prefix: handler.basePath.slice(outer.length) });
    },
    requireAuth:
      (...asked) =>
      (request) =>
        prove(request, asked),
    requireSameUser:
      (parameter, ...asked) =>
      async (request) => {
        const value = (request.params as Readonly<Record<string, unknown>>)[parameter];
        return prove(request, [userInPath(parameter, value), ...asked]);
      },
    optionalAuth: find,
  };
}

function routesOf(handler: AuthHandler): FastifyPluginAsync {
  const serve = toNodeHandler(handler);
  const types = new WeakMap<FastifyRequest, string | undefined>();
  const answer = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    // Headers from hooks, for example CORS, would be lost, because Fastify no longer sends the reply.
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? "");
    const sent = types.get(request);
    if (sent !== undefined) request.raw.headers["content-type"] = sent;
    else delete request.raw.headers["content-type"];
    // Fastify keeps its id beside the raw request. The option `requestId` reads it there.
    serve(Object.assign(request.raw, { id: request.id }), reply.raw);
  };
  return async (scope) => {
    // In this scope only: the handler reads, bounds and checks all its bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.addHook("preParsing", async (request) => {
      types.set(request, request.raw.headers["content-type"]);
      request.raw.headers["content-type"] = "application/octet-stream"; // until the handler runs
    });
    scope.all("/*", answer);
    scope.setNotFoundHandler(answer); // the base path itself, and methods that Fastify does not route
  };
}
