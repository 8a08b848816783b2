import { fileURLToPath } from "node:url";
import { nodemailerMailer } from "sallyport/nodemailer";
import { boundedServer } from "../shared/bounded-server.ts";
import { runServer } from "../shared/run-server.ts";
import { createMailApp } from "./app.ts";
import { createInbox } from "./inbox.ts";

const { SMTP_URL, MAIL_FROM = "Acme <auth@localhost>" } = process.env;
const inbox = SMTP_URL === undefined ? createInbox() : null;
const pathOf = (entry: string): string => fileURLToPath(import.meta.resolve(entry));

await runServer({
  command: "npm run demo:mail",
  port: process.env["PORT"] ?? "3000",
  host: process.env["HOST"] ?? "127.0.0.1",
  options: ([origin = ""]) => ({
    mailer: inbox ?? nodemailerMailer(SMTP_URL, { from: MAIL_FROM }),
    mail: { page: `${origin}/mail`, name: "Acme", delivery: inbox ? "manual" : "in-process" },
  }),
  createServer: ({ auth, origins, onError }) => {
    const clients = { client: pathOf("sallyport/client"), mail: pathOf("sallyport/client-mail") };
    return boundedServer(createMailApp({ auth, origins, onError, clients, inbox }));
  },
});
