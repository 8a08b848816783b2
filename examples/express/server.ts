import { fileURLToPath } from "node:url";
import type { Mailer } from "sallyport";
import { boundedServer } from "../shared/bounded-server.ts";
import { runServer } from "../shared/run-server.ts";
import { createDemoApp } from "./app.ts";
import { createInbox } from "./inbox.ts";

const { SMTP_URL, MAIL_FROM = "Sallyport demo <auth@localhost>", HOST = "127.0.0.1", ORIGIN } = process.env;
// Who reads the inbox can take over every account. So it exists only if no other machine can open its page.
const isPrivate = ["127.0.0.1", "::1", "localhost"].includes(HOST) && !ORIGIN;
const inbox = SMTP_URL === undefined && isPrivate ? createInbox() : null;

await runServer({
  command: "npm run demo",
  port: process.env["PORT"] ?? "3000",
  host: HOST,
  options: async ([origin = ""]) => {
    const mailer = inbox ?? (await smtpMailer());
    const delivery = inbox ? "manual" : "in-process";
    return mailer ? { mailer, mail: { page: `${origin}/mail`, name: "Sallyport demo", delivery } } : {};
  },
  createServer: (means) => {
    const mail = means.auth.mail.enabled ? { pageClient: pathOf("sallyport/client-mail"), inbox } : null;
    return boundedServer(createDemoApp({ ...means, pageClient: pathOf("sallyport/client"), mail }));
  },
});

/** Null: this server sends no mail. Only a server that sends needs the package `nodemailer`. */
async function smtpMailer(): Promise<Mailer | null> {
  if (SMTP_URL === undefined) return null;
  const { nodemailerMailer } = await import("sallyport/nodemailer");
  return nodemailerMailer(SMTP_URL, { from: MAIL_FROM });
}

function pathOf(entry: string): string {
  return fileURLToPath(import.meta.resolve(entry));
}
