import fastify, { type FastifyError, type FastifyInstance } from "fastify";
import { type Auth, AuthError, type AuthErrorCode, isAuthError } from "sallyport";
import { createHandler, type HandlerOptions } from "sallyport/http";
import { boundedServer } from "../express/bounded-server.ts";
import type { Notes } from "../express/notes.ts";
import { notesRoutes } from "./notes-routes.ts";
import { authRoutes, sendAuthErrors } from "./sallyport-fastify.ts";

export interface AppOptions {
  readonly auth: Auth;
  readonly notes: Notes;
  readonly onError: (error: unknown) => void;
  /** Who in front of the application says where a request comes from. Default: nobody does. */
  readonly trustedProxies?: HandlerOptions["trustedProxies"];
}

/** The auth routes, one resource of the application's own, and every refusal in one format. */
export async function createApp({
  auth,
  notes,
  onError,
  trustedProxies,
}: AppOptions): Promise<FastifyInstance> {
  const handler = createHandler(auth, { onError, trustedProxies });
  const toAuthError = authErrorOf(onError);
  const app = fastify({
    serverFactory: (listener) => boundedServer(listener),
    bodyLimit: 4 * 1024, // of the application's own routes; the auth routes have their own
    // As sent or not at all: by default Ajv turns numbers into texts, and drops what it does not know.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    // What is wrong before there is a route, such as a path that cannot be decoded.
    frameworkErrors: (error, request, reply) => sendAuthErrors(toAuthError(error), request, reply),
  });
  app.setErrorHandler<FastifyError>((error, request, reply) =>
    sendAuthErrors(toAuthError(error), request, reply),
  );
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
  await app.register(authRoutes(handler));
  await app.register(notesRoutes(handler, notes), { prefix: "/api/users/:userId/notes" });
  return app;
}

const CODES: Readonly<Record<number, AuthErrorCode>> = {
  400: "malformed_request",
  404: "not_found",
  413: "payload_too_large",
  414: "not_found",
  415: "unsupported_media_type",
};

/** What Fastify refuses, in the problem format of everything else. */
function authErrorOf(onError: AppOptions["onError"]): (error: FastifyError) => AuthError {
  return (error) => {
    if (isAuthError(error)) return error;
    if (error.validation) return invalidInput(error.validation);
    const code = CODES[error.statusCode ?? 500];
    if (!code) onError(error);
    return new AuthError(code ?? "internal_error");
  };
}

// By Ajv's keywords. Neither they nor its messages repeat what was sent.
const ISSUES: Readonly<Record<string, string>> = {
  type: "invalid_type",
  maxLength: "too_long",
  additionalProperties: "unrecognized_keys",
};

function invalidInput(found: NonNullable<FastifyError["validation"]>): AuthError {
  const errors = found.map(({ instancePath, keyword, params, message = "This is not valid." }) => ({
    path: `${instancePath}/${params["missingProperty"] ?? ""}`.replace(/^\/|\/$/g, "").replaceAll("/", "."),
    code: ISSUES[keyword] ?? keyword,
    message,
  }));
  return new AuthError("invalid_input", { errors });
}
