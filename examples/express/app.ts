import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { type Auth, AuthError, type AuthErrorCode, isAuthError } from "sallyport";
import { expressAuth, sendAuthErrors } from "sallyport/express";
import { createHandler, type HandlerOptions } from "sallyport/http";
import type { Notes } from "../shared/notes.ts";
import { type DemoMail, mailPages } from "./mail-pages.ts";
import { notesRoutes } from "./notes-routes.ts";

const PAGE = fileURLToPath(new URL("./public", import.meta.url));
/** Express hides files below folders such as `.local`, and packages may be there. */
const WHEREVER_IT_IS = { dotfiles: "allow" } as const;

export interface DemoOptions {
  readonly auth: Auth;
  readonly notes: Notes;
  readonly onError: (error: unknown) => void;
  /** The origins of the page: on localhost, or with TLS. */
  readonly origins: readonly string[];
  /** The file of `sallyport/client`, which the page loads. */
  readonly pageClient: string;
  /** Its mail, for an `auth` with a mailer. Default: none. */
  readonly mail?: DemoMail | null;
  /** The proxies that may name the client's address. Default: none. */
  readonly trustedProxies?: HandlerOptions["trustedProxies"];
}

/**
 * The demo: the auth routes, one resource of the application, and the page that uses both. All routes exist
 * twice: with bearer tokens for scripts and applications, and below `/web` with cookies for the page.
 */
export function createDemoApp(options: DemoOptions): Express {
  const { auth, notes, onError, origins, mail = null, trustedProxies } = options;
  const app = express();
  const clients = expressAuth(createHandler(auth, { onError, trustedProxies }));
  const pages = expressAuth(
    createHandler(auth, {
      basePath: "/web/auth",
      transport: "cookie",
      origins,
      onError,
      trustedProxies,
      insecureLocalhost: origins.every((origin) => origin.startsWith("http://")),
    }),
  );
  app.disable("x-powered-by");
  app.use(securityHeaders);
  app.get("/health", readiness(auth));
  app.use(clients.routes, pages.routes);
  app.use("/api/users/:userId/notes", clients.requireSameUser("userId"), notesRoutes(clients, notes));
  app.use("/web/api/users/:userId/notes", pages.requireSameUser("userId"), notesRoutes(pages, notes));
  app.get("/client.js", (_request, response) => response.sendFile(options.pageClient, WHEREVER_IT_IS));
  app.use(mailPages({ auth, origins, mail }));
  app.use(express.static(PAGE, { setHeaders: keepNoPage }));
  app.use(() => {
    throw new AuthError("not_found");
  });
  app.use(asAuthError(onError));
  app.use(sendAuthErrors);
  return app;
}

/** For load balancers: whether this process can serve. Strangers must not see the exact fault. */
function readiness(auth: Auth): RequestHandler {
  return async (_request, response) => {
    const { ready } = await auth.health();
    response
      .status(ready ? 200 : 503)
      .set("cache-control", "no-store")
      .json({ ready });
  };
}

// No script can read the page's tokens, but an injected one could use them. So only our own files may run.
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
  "trusted-types 'none'", // and no policy can allow it again
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

/** Browsers keep no copy of the page for the back button: after a sign-out it shows no private data. */
function keepNoPage(response: ServerResponse, file: string): void {
  if (file.endsWith(".html")) response.setHeader("cache-control", "no-store");
}

/** Answers refusals of Express and its JSON parser in the problem format too. */
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
