import { fileURLToPath } from "node:url";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { type Auth, AuthError, type AuthErrorCode, isAuthError } from "sallyport";
import { createHandler, type HandlerOptions } from "sallyport/http";
import type { Notes } from "./notes.ts";
import { notesRoutes } from "./notes-routes.ts";
import { mountAuth, requireSameUser, sendAuthErrors } from "./sallyport-express.ts";

const PAGE = fileURLToPath(new URL("./public", import.meta.url));

export interface DemoOptions {
  readonly auth: Auth;
  readonly notes: Notes;
  readonly onError: (error: unknown) => void;
  /** Who in front of the application says where a request comes from. Default: nobody does. */
  readonly trustedProxies?: HandlerOptions["trustedProxies"];
}

/** The demo: the auth routes, one resource of the application's own, and the page that uses both. */
export function createDemoApp({ auth, notes, onError, trustedProxies }: DemoOptions): Express {
  const handler = createHandler(auth, { onError, trustedProxies });
  const app = express();
  app.disable("x-powered-by");
  app.use(securityHeaders);
  app.get("/health", readiness(auth));
  mountAuth(app, handler);
  app.use("/api/users/:userId/notes", requireSameUser(handler, "userId"), notesRoutes(notes));
  app.use(express.static(PAGE));
  app.use(() => {
    throw new AuthError("not_found");
  });
  app.use(asAuthError(onError));
  app.use(sendAuthErrors);
  return app;
}

/** For load balancers: whether this process can serve. What exactly is wrong is nobody's business outside. */
function readiness(auth: Auth): RequestHandler {
  return async (_request, response) => {
    const { ready } = await auth.health();
    response
      .status(ready ? 200 : 503)
      .set("cache-control", "no-store")
      .json({ ready });
  };
}

// The page keeps its token where scripts can read it, so no script but our own files may ever run.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'", // forms are sent by the script: never a password in a URL
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", // text becomes text: innerHTML throws
].join("; ");

const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  next();
};

/** What Express and its JSON parser refuse, in the problem format of everything else. */
function asAuthError(onError: DemoOptions["onError"]): ErrorRequestHandler {
  const codes: Readonly<Record<number, AuthErrorCode>> = {
    400: "malformed_request",
    413: "payload_too_large",
    415: "unsupported_media_type",
  };
  // biome-ignore lint/complexity/useMaxParams: four parameters make an error handler in Express
  return (error, _request, _response, next) => {
    if (isAuthError(error)) return next(error);
    const code = codes[error?.status];
    if (!code) onError(error);
    next(new AuthError(code ?? "internal_error"));
  };
}
