import type { SMTPTransportOptions } from "nodemailer";
import type { NodemailerSettings } from "./options.ts";

/** What nodemailer's transport gets. Each of its own time limits is ours, which ends the whole. */
export function transportOptions({ server, timeoutMs, ca }: NodemailerSettings): SMTPTransportOptions {
  const { host, port, secure, isLocal, auth } = server;
  return {
    host,
    port,
    secure,
    ...(auth && { auth }),
    // Without this, nodemailer sends password and mail in the clear to a server that offers no STARTTLS.
    requireTLS: !isLocal,
    tls: {
      minVersion: "TLSv1.2",
      // A server on this machine may be without TLS, so its certificate proves nothing more.
      rejectUnauthorized: !isLocal || ca !== undefined,
      ...(ca && { ca }),
    },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
