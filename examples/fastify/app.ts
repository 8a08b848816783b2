import fastify, { type FastifyInstance } from "fastify";
import { type Auth, AuthError } from "sallyport";
import { fastifyAuth, frameworkErrors, sendAuthErrors } from "sallyport/fastify";
import { createHandler, type HandlerOptions } from "sallyport/http";
import { boundedServer } from "../shared/bounded-server.ts";
import type { Notes } from "../shared/notes.ts";
import { notesRoutes } from "./notes-routes.ts";

export interface AppOptions {
  readonly auth: Auth;
  readonly notes: Notes;
  readonly onError: (error: unknown) => void;
  /** The proxies that may name the client's address. Default: none. */
  readonly trustedProxies?: HandlerOptions["trustedProxies"];
}

/** The auth routes, one resource of the application, and one format for all refusals. */
export async function createApp({
  auth,
  notes,
  onError,
  trustedProxies,
}: AppOptions): Promise<FastifyInstance> {
  const guarded = fastifyAuth(createHandler(auth, { onError, trustedProxies }));
  const app = fastify({
    serverFactory: (listener) => boundedServer(listener),
    bodyLimit: 4 * 1024, // of the application's own routes; the auth routes have their own
    // Accept input as sent or refuse it: by default Ajv turns numbers into texts and drops unknown fields.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    frameworkErrors, // errors before a route is found, such as a path that cannot be decoded
  });
  app.setErrorHandler(orFault(onError));
  app.setNotFoundHandler(() => {
    throw new AuthError("not_found");
  });
  app.get("/health", async (_request, reply) => {
    const { ready } = await auth.health();
    return reply
      .code(ready ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ ready });
  });
  await app.register(guarded.routes);
  await app.register(notesRoutes(guarded, notes), { prefix: "/api/users/:userId/notes" });
  return app;
}

/** Any other error is a fault: the log has it, and the answer has no detail. */
function orFault(onError: AppOptions["onError"]): typeof sendAuthErrors {
  return (error, request, reply) =>
    sendAuthErrors(error, request, reply).catch((fault) => {
      onError(fault);
      return sendAuthErrors(new AuthError("internal_error"), request, reply);
    });
}
