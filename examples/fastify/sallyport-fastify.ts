import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { AuthError, type Principal } from "sallyport";
import { type AuthHandler, type Requirements, toNodeHandler } from "sallyport/http";

export { frameworkErrors, sendAuthErrors } from "./sallyport-fastify-errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The sender of this request, verified by `requireAuth` or `requireSameUser`; throws without them. */
    readonly principal: Principal;
  }
}

// Beside the request, not on it: no parser and no other plugin can write a principal here.
const principals = new WeakMap<FastifyRequest, Principal>();
/** Marks `principal` as ours: several handlers in one application share it. */
const OURS: unique symbol = Symbol("sallyport.principal");

/** Serves the auth routes, behind a prefix too: `basePath` is the full path. */
export function authRoutes(handler: AuthHandler): FastifyPluginAsync<{ readonly prefix?: string }> {
  const plugin: ReturnType<typeof authRoutes> = async (app, { prefix = "" }) => {
    // If another plugin has this name, its value would be read as ours. Then Fastify does not start.
    if (!app.hasRequestDecorator(OURS))
      app.decorateRequest(OURS, null).decorateRequest("principal", { getter: ofThis });
    const mount: FastifyPluginAsync = async (scope) => {
      const outer = scope.prefix.replace(/\/$/, "");
      if (!`${handler.basePath}/`.startsWith(`${outer}/`))
        throw new TypeError(`authRoutes: createHandler needs a basePath that begins with ${outer}`);
      await scope.register(routesOf(handler), { prefix: handler.basePath.slice(outer.length) });
    };
    await app.register(mount, { prefix });
  };
  // The application's own routes need the decorator: without this it would end with the plugin.
  return Object.assign(plugin, { [Symbol.for("skip-override")]: true });
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

function ofThis(this: FastifyRequest): Principal {
  return principalOf(this);
}

type Guard = (request: FastifyRequest) => Promise<void>;

/** Lets only signed-in users pass: `{ onRequest: requireAuth(handler) }`, before a body is read. */
export function requireAuth(handler: AuthHandler, requirements?: Requirements): Guard {
  // The raw request, because it shows a repeated header as repeated.
  return async (request) =>
    void principals.set(request, await handler.authenticate(request.raw, requirements));
}

/** Lets only the user in the path pass: `requireSameUser(handler, "userId")` on `/users/:userId`. */
export function requireSameUser(handler: AuthHandler, parameter: string, requirements?: Requirements): Guard {
  return async (request) => {
    const userId = (request.params as Readonly<Record<string, unknown>>)[parameter];
    // A misspelt parameter must not skip the check.
    if (typeof userId !== "string") throw new TypeError(`This path has no parameter :${parameter}`);
    // The requirements go on as they are: a copy of a promise or a list would have none left.
    const caller = await handler.authenticate(request.raw, requirements);
    if (caller.userId !== userId) throw new AuthError("forbidden");
    principals.set(request, caller);
  };
}

/** The value of `request.principal`: the sender of this request, verified by one of the two functions above. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  if (!principal) throw new TypeError("principal needs requireAuth or requireSameUser in front of it");
  return principal;
}
