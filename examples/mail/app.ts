import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type Auth, AuthError, isAuthError } from "sallyport";
import { createHandler, problemResponse, sendNodeResponse, toNodeHandler } from "sallyport/http";
import { type Inbox, inboxPage } from "./inbox.ts";

export interface MailAppOptions {
  readonly auth: Auth;
  readonly origins: readonly string[];
  readonly onError: (error: unknown) => void;
  /** Of `sallyport/client` and `sallyport/client-mail`: the files that the pages load. */
  readonly clients: { readonly client: string; readonly mail: string };
  /** The inbox of development. Null: mails go out, and there is no such page. */
  readonly inbox: Inbox | null;
}

// Only own scripts run. The address of `/mail` brings a token until the script has taken it out, so no page tells another
// one where its visitor came from.
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; " +
    "base-uri 'none'; frame-ancestors 'none'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/** Two pages and their scripts: signing up and in, a forgotten password, and the page that links lead to. */
export function createMailApp({ auth, origins, onError, clients, inbox }: MailAppOptions): RequestListener {
  const handler = createHandler(auth, {
    transport: "cookie",
    origins,
    insecureLocalhost: origins.every((origin) => origin.startsWith("http://")),
    onError,
  });
  const own = (name: string): URL => new URL(`public/${name}`, import.meta.url);
  const files: Readonly<Record<string, string | URL>> = {
    "/": own("index.html"),
    "/mail": own("mail.html"),
    "/index.js": own("index.js"),
    "/mail.js": own("mail.js"),
    "/shared.js": own("shared.js"),
    "/style.css": own("style.css"),
    "/client.js": clients.client,
    "/client-mail.js": clients.mail,
  };
  const servePage = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = ""] = (request.url ?? "").split("?");
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    const isInbox = path === "/dev/mail" && inbox !== null;
    if (file === undefined && !isInbox) throw new AuthError("not_found");
    if (request.method !== "GET" && request.method !== "HEAD") throw new AuthError("method_not_allowed");
    if (file !== undefined) return send(response, readFileSync(file), typeOf(file));
    await auth.mail.deliver(); // what waits arrives when the inbox is opened
    if (inbox) send(response, inboxPage(inbox), "html");
  };
  const serveAuth = toNodeHandler(handler);
  return (request, response) =>
    serveAuth(request, response, () => {
      servePage(request, response).catch((error) => {
        if (!isAuthError(error)) onError(error);
        sendNodeResponse(response, problemResponse(error));
      });
    });
}

function typeOf(file: string | URL): string {
  return String(file).split(".").at(-1) ?? "";
}

function send(response: ServerResponse, body: string | Buffer, type: string): void {
  response.writeHead(200, { ...HEADERS, "content-type": TYPES[type] }).end(body);
}
