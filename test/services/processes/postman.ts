// A process that sends the mail that waits in a database, until it is killed.
import { createAuth } from "sallyport";
import { nodemailerMailer } from "sallyport/nodemailer";
import { insecureTestHasher } from "sallyport/testing";
import { openStore, type StoreRef } from "./store-at.ts";

export interface PostmanOrder {
  readonly open: StoreRef;
  readonly port: number;
  readonly secret: string;
  readonly page: string;
  /** When the clocks of all processes began to run, and how much too fast they run. */
  readonly start: number;
  readonly speed: number;
}

process.on("message", async ({ open, port, secret, page, start, speed }: PostmanOrder) => {
  const { store } = await openStore(open, 6);
  createAuth({
    secret,
    store,
    clock: { now: () => new Date(start + (Date.now() - start) * speed) },
    mailer: nodemailerMailer(`smtp://localhost:${port}`, { from: "Acme <auth@acme.example>" }),
    mail: { page, codeDigits: false }, // a code ends within seconds of this clock, and a later mail is without it
    password: { hasher: insecureTestHasher() },
    onWarning: () => {},
  });
  process.send?.("sending");
});
process.on("disconnect", () => process.exit());
process.send?.("started");
