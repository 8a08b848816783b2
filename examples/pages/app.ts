import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type Auth, AuthError, isAuthError } from "sallyport";
import {
  type AuthHandler,
  createHandler,
  problemResponse,
  sendNodeResponse,
  toNodeHandler,
} from "sallyport/http";
import type { Markup } from "./html.ts";
import { accountPage, documentOf, homePage, signInPage } from "./views.ts";

export interface PagesOptions {
  readonly auth: Auth;
  readonly origins: readonly string[];
  readonly onError: (error: unknown) => void;
}

const STYLE = readFileSync(new URL("style.css", import.meta.url));

// No script, no frame, and no form that leads elsewhere.
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** Pages of a server, without a line of script: the forms go to the auth routes themselves. */
export function createPagesApp({ auth, origins, onError }: PagesOptions): RequestListener {
  const handler = createHandler(auth, {
    transport: "cookie",
    origins,
    insecureLocalhost: origins.every((origin) => origin.startsWith("http://")),
    pages: { signIn: "/sign-in", home: "/account", signedOut: "/" },
    onError,
  });
  const serveAuth = toNodeHandler(handler);
  return (request, response) =>
    serveAuth(request, response, () => {
      servePage(handler, request, response).catch((error) => {
        if (!isAuthError(error)) onError(error);
        sendNodeResponse(response, problemResponse(error));
      });
    });
}

async function servePage(
  handler: AuthHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.parse(request.url ?? "", "http://localhost"); // the host has no meaning here
  if (!url) throw new AuthError("not_found");
  if (request.method !== "GET" && request.method !== "HEAD") throw new AuthError("method_not_allowed");
  switch (url.pathname) {
    case "/":
      return send(response, homePage());
    case "/sign-in":
      return send(response, signInPage(url));
    case "/account":
      return serveAccount(handler, request, response);
    case "/style.css":
      response.writeHead(200, { ...HEADERS, "content-type": "text/css" }).end(STYLE);
      return;
    default:
      throw new AuthError("not_found");
  }
}

async function serveAccount(
  handler: AuthHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = request.url ?? "/account";
  const me = await handler.identify(request);
  if (me) {
    const { user } = await me.user();
    return send(response, accountPage(user.email, new URL(target, "http://localhost")));
  }
  // To renew a session that may be there, or to sign in.
  const location = handler.signInUrl(request, target);
  response.writeHead(303, { location, "cache-control": "no-store" }).end();
}

function send(response: ServerResponse, page: Markup): void {
  const headers = { ...HEADERS, "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(200, headers).end(documentOf(page));
}
