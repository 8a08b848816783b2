import { fileURLToPath } from "node:url";
import express, { type RequestHandler, type Response, type Router } from "express";
import type { Auth } from "sallyport";
import { type Inbox, inboxPage } from "./inbox.ts";

const PAGE = fileURLToPath(new URL("./public/mail.html", import.meta.url));

export interface DemoMail {
  /** The file of `sallyport/client-mail`, which the pages load. */
  readonly pageClient: string;
  /** The inbox of development. Null: mails go out, and there is no such page. */
  readonly inbox: Inbox | null;
}

export interface MailPagesOptions {
  readonly auth: Auth;
  readonly origins: readonly string[];
  /** Null: this server sends no mail. */
  readonly mail: DemoMail | null;
}

/** The page that links of mails lead to, the inbox of development, and a module that tells the pages what there is. */
export function mailPages({ auth, origins, mail }: MailPagesOptions): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.get("/setup.js", (_request, response) => unkept(response).type("js").send(setup(mail)));
  if (!mail) return router;
  router.get("/client-mail.js", (_request, response) => sendFile(response, mail.pageClient));
  // The address of this page brings a token until its script has taken it out.
  router.get("/mail", (_request, response) => sendFile(unkept(response), PAGE));
  const { inbox } = mail;
  if (inbox) router.get("/dev/mail", showInbox(auth, inbox, origins));
  return router;
}

function showInbox(auth: Auth, inbox: Inbox, origins: readonly string[]): RequestHandler {
  const hosts = origins.map((origin) => new URL(origin).host);
  return async (request, response, next) => {
    // Otherwise a site whose name leads to this machine could read every mail.
    if (!hosts.includes(request.headers.host ?? "")) return next();
    await auth.mail.deliver(); // what waits arrives when the inbox is opened
    unkept(response).type("html").send(inboxPage(inbox));
  };
}

/** What the pages import: the calls about mail, or null, and where mails are: `none`, `inbox` or `smtp`. */
function setup(mail: DemoMail | null): string {
  if (!mail) return 'export const mail = null;\nexport const delivery = "none";\n';
  const delivery = mail.inbox ? "inbox" : "smtp";
  return `export { mail } from "./client-mail.js";\nexport const delivery = "${delivery}";\n`;
}

function unkept(response: Response): Response {
  return response.set("cache-control", "no-store");
}

function sendFile(response: Response, path: string): void {
  // Express hides files below folders such as `.local`, and packages may be there.
  response.sendFile(path, { dotfiles: "allow", cacheControl: false });
}
