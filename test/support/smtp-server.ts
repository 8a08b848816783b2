import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { type SelfSigned, selfSigned } from "./certificate.ts";

/** Loopback, but not one of the names for which TLS is not required. */
export const REMOTE = "127.0.0.2";
export const LOCAL = "127.0.0.1";
export const USER = "mail-user";
export const PASSWORD = "p@ss/w0rd: %";

interface Delivery {
  readonly from: string;
  /** The recipients of the envelope. */
  readonly to: readonly string[];
  /** The message as it came. */
  readonly raw: string;
  /** The same, parsed. */
  readonly message: Email;
}

/** A real SMTP server on loopback. */
export interface Smtp {
  readonly port: number;
  readonly certificate: SelfSigned;
  readonly deliveries: readonly Delivery[];
  /** Who signed in, with the right password. */
  readonly signedIn: readonly string[];
  /** Every byte that came in the clear. */
  clear(): string;
  close(): Promise<void>;
}

/** Refuses with this status at this command. */
interface Refusal {
  readonly at: "connect" | "auth" | "from" | "to" | "data";
  readonly status: number;
}

export interface SmtpOptions {
  readonly host?: string;
  readonly certificate?: SelfSigned;
  readonly refusal?: Refusal;
  readonly options?: SMTPServerOptions;
}

export async function smtpServer(given: SmtpOptions = {}): Promise<Smtp> {
  const { host = REMOTE, certificate = selfSigned([REMOTE, "localhost"]), refusal, options = {} } = given;
  const deliveries: Delivery[] = [];
  const signedIn: string[] = [];
  const clear: Buffer[] = [];
  const judge = (at: Refusal["at"]): Error | null =>
    refusal?.at === at
      ? Object.assign(new Error("No, and 'ada@example.com' knows why"), { responseCode: refusal.status })
      : null;
  const server = new SMTPServer({
    ...certificate,
    authOptional: true,
    logger: false,
    closeTimeout: 100,
    onConnect: (_session, done) => done(judge("connect")),
    onMailFrom: (_address, _session, done) => done(judge("from")),
    onRcptTo: (_address, _session, done) => done(judge("to")),
    onAuth: ({ username = "", password }, _session, done) => {
      const refused = judge("auth") ?? (username === USER && password === PASSWORD ? null : new Error("No"));
      if (!refused) signedIn.push(username);
      done(refused, refused ? undefined : { user: username });
    },
    onData: (stream, { envelope }, done) => {
      void text(stream).then(async (raw) => {
        const refused = judge("data");
        const to = envelope.rcptTo.map(({ address }) => address);
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        if (!refused) deliveries.push({ from, to, raw, message: await PostalMime.parse(raw) });
        done(refused);
      });
    },
    ...options,
  });
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => socket.on("data", (chunk: Buffer) => clear.push(chunk)));
  server.listen(0, host);
  await once(server.server, "listening");
  return {
    port: (server.server.address() as AddressInfo).port,
    certificate,
    deliveries,
    signedIn,
    clear: () => Buffer.concat(clear).toString("latin1"),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** A server that speaks as the test wants it to. */
export interface Scripted {
  readonly port: number;
  /** Every byte that came. */
  said(): string;
  /** The connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

/** `answer` gets each line of the client, and `CONNECT` at first. What it gives is sent; null: nothing is. */
export async function scriptedServer(
  host: string,
  answer: (line: string, socket: Socket) => string | null,
): Promise<Scripted> {
  const said: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    const reply = (line: string): void => {
      const words = answer(line, socket);
      if (words !== null && socket.writable) socket.write(words);
    };
    reply("CONNECT");
    socket.on("data", (chunk) => {
      said.push(chunk);
      for (const line of chunk.toString("latin1").split("\r\n").slice(0, -1)) reply(line);
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    said: () => Buffer.concat(said).toString("latin1"),
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
