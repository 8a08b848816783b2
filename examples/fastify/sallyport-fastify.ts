import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "sallyport";
import { type AuthHandler, toNodeHandler } from "sallyport/http";

export { frameworkErrors, sendAuthErrors } from "./sallyport-fastify-errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sent this request, proven by `requireAuth` or `requireSameUser`; throws without them. */
    readonly principal: Principal;
  }
}

// Beside the request, not on it: no parser and no other plugin can write a principal here.
const principals = new WeakMap<FastifyRequest, Principal>();
/** Says that `principal` is ours: several handlers in one application share it. */
const OURS: unique symbol = Symbol("sallyport.principal");

/** Serves the auth routes, behind a prefix too: `basePath` is the full path. */
export function authRoutes(handler: AuthHandler): FastifyPluginAsync<{ readonly prefix?: string }> {
  const plugin: ReturnType<typeof authRoutes> = async (app, { prefix = "" }) => {
    // Where somebody else has the name already, theirs would be read for ours: Fastify does not start then.
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
  // The decorator is for the application's own routes: without this it would end with the plugin.
  return Object.assign(plugin, { [Symbol.for("skip-override")]: true });
}

function routesOf(handler: AuthHandler): FastifyPluginAsync {
  const serve = toNodeHandler(handler);
  const types = new WeakMap<FastifyRequest, string | undefined>();
  const answer = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    // What hooks have set, CORS for one, would be lost with the reply that is no longer Fastify's.
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? "");
    const sent = types.get(request);
    if (sent !== undefined) request.raw.headers["content-type"] = sent;
    else delete request.raw.headers["content-type"];
    serve(request.raw, reply.raw);
  };
  return async (scope) => {
    // In this scope alone: the handler reads, bounds and judges its bodies itself, whatever their type.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.addHook("preParsing", async (request) => {
      types.set(request, request.raw.headers["content-type"]);
      request.raw.headers["content-type"] = "application/octet-stream"; // until the handler is asked
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
export function requireAuth(handler: AuthHandler): Guard {
  // The raw request: there a repeated header is seen to be repeated.
  return async (request) => void principals.set(request, await handler.authenticate(request.raw));
}

/** Lets only the user pass whom the path names: `requireSameUser(handler, "userId")` on `/users/:userId`. */
export function requireSameUser(handler: AuthHandler, parameter: string): Guard {
  return async (request) => {
    const userId = (request.params as Readonly<Record<string, unknown>>)[parameter];
    // A misspelt parameter must not become a check that is left out.
    if (typeof userId !== "string") throw new TypeError(`This path has no parameter :${parameter}`);
    principals.set(request, await handler.authenticate(request.raw, { userId }));
  };
}

/** Who sent this request, proven by one of the two above: what `request.principal` says. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  if (!principal) throw new TypeError("principal needs requireAuth or requireSameUser in front of it");
  return principal;
}
