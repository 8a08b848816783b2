import { connect, type Socket } from "node:net";
import { createTransport } from "nodemailer";
import { isTimeout, within } from "../../lib/within.ts";
import type { Mail, Mailer } from "../../ports/mailer.ts";
import { closed, mailFailure } from "./mail-failure.ts";
import { messageOf } from "./message.ts";
import { type NodemailerOptions, type NodemailerSettings, parseNodemailerOptions } from "./options.ts";
import type { SmtpServer } from "./smtp-url.ts";
import { transportOptions } from "./transport.ts";

export type { NodemailerOptions } from "./options.ts";

/**
 * Sends mails by SMTP, through nodemailer.
 *
 * `url`: `smtps://user:password@host` for TLS from the first byte (port 465), or `smtp://user:password@host` for STARTTLS
 * (port 587). A server without TLS, or with a certificate that is not valid for the host, gets neither the mail nor the
 * password; `localhost`, `127.0.0.1` and `::1` need no TLS. Percent-encode special characters of user and password.
 *
 * Each mail has a connection of its own and ends within `timeoutMs`. A refused recipient, size or content (5xx) is
 * permanent; all else is tried again. The id of the message is that of the mail, so that duplicates have one id.
 *
 * Throws `invalid_configuration` for a URL or an option that it cannot use. `send` throws a `TypeError` with `code`,
 * `permanent` and, if the server answered, `responseCode`. It holds no words of the server and no address.
 *
 * @example
 * ```ts
 * import type { Mailer } from "sallyport";
 * import { nodemailerMailer } from "sallyport/nodemailer";
 *
 * const mailer: Mailer = nodemailerMailer(process.env["SMTP_URL"], { from: "Acme <auth@acme.example>" });
 * ```
 */
export function nodemailerMailer(url: string | undefined, options: NodemailerOptions): Mailer {
  const settings = parseNodemailerOptions(url, options);
  const sockets = new Set<Socket>();
  let isClosed = false;
  return Object.freeze<Mailer>({
    async send(mail) {
      if (isClosed) throw closed();
      await deliver(settings, mail, sockets).catch((error: unknown) => {
        throw isClosed ? closed() : error;
      });
    },
    async close() {
      isClosed = true;
      for (const socket of sockets) socket.destroy(closed());
    },
  });
}

/** Hands one mail in. Whatever happens, its socket is gone afterwards: a server that hangs holds nothing of ours. */
async function deliver(settings: NodemailerSettings, mail: Mail, sockets: Set<Socket>): Promise<void> {
  const message = messageOf(settings.from, mail);
  const own: Socket[] = [];
  let isOver = false;
  const transport = createTransport({
    ...transportOptions(settings),
    getSocket: (_options, done) => {
      if (isOver) done(closed());
      else own.push(open(settings.server, sockets, done));
    },
  });
  try {
    await within(settings.timeoutMs, transport.sendMail(message));
  } catch (error) {
    throw mailFailure(isTimeout(error) ? { code: "ETIMEDOUT" } : error);
  } finally {
    isOver = true;
    for (const socket of own) socket.destroy();
  }
}

type Opened = (error: Error | null, socket?: { readonly connection: Socket }) => void;

/** Node looks names up by itself, so that `localhost` is this machine, without a question to a name server. */
function open({ host, port }: SmtpServer, sockets: Set<Socket>, done: Opened): Socket {
  const socket = connect({ host, port });
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  // nodemailer stops listening when it closes: a later error must not end the process.
  socket.on("error", () => {});
  socket.once("error", done);
  socket.once("connect", () => {
    socket.off("error", done);
    done(null, { connection: socket });
  });
  return socket;
}
