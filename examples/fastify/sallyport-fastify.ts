import type { FastifyPluginAsync, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from "fastify";
import { isAuthError, type Principal } from "sallyport";
import { type AuthHandler, problemResponse, toNodeHandler } from "sallyport/http";

// Beside the request, not on it: no parser and no other plugin can write a principal here.
const principals = new WeakMap<FastifyRequest, Principal>();

/** Serves the auth routes: `await app.register(authRoutes(handler))`, without a prefix. */
export function authRoutes(handler: AuthHandler): FastifyPluginAsync {
  const serve = toNodeHandler(handler);
  return async (scope) => {
    // In this scope alone: the handler reads and bounds its bodies itself, whatever their type.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const url of [handler.basePath, `${handler.basePath}/*`]) {
      scope.all(url, (request, reply) => {
        reply.hijack();
        copyHeaders(reply);
        serve(request.raw, reply.raw);
      });
    }
  };
}

// What hooks have set, CORS for one, would be lost with the reply that is no longer Fastify's.
function copyHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
}

/** Lets only signed-in users pass. */
export function requireAuth(handler: AuthHandler): preHandlerAsyncHookHandler {
  return async (request: FastifyRequest) => {
    // The raw request: there a repeated header is seen to be repeated.
    principals.set(request, await handler.authenticate(request.raw));
  };
}

/** Who sent this request, proven by `requireAuth`. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  if (!principal) throw new TypeError("principalOf needs requireAuth in front of it");
  return principal;
}

/** Answers what the library refused: `app.setErrorHandler(sendAuthErrors)`. Other errors are Fastify's. */
export async function sendAuthErrors(
  error: unknown,
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!isAuthError(error)) throw error;
  const { status, headers, body } = problemResponse(error);
  return reply.code(status).headers(headers).send(body);
}
