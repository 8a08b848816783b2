import { createServer, request as httpRequest, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { AuthHandler } from "sallyport/http";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Call {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** One way to reach the HTTP contract; every way must answer alike. */
export interface Server {
  send(call: Call): Promise<Answer>;
  close(): Promise<void>;
}

export async function listen(listener: RequestListener): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, close };
}

/** A server on loopback; the target is sent as it is, with no client that tidies it. */
export async function nodeServer(listener: RequestListener): Promise<Server> {
  const { port, close } = await listen(listener);
  return { close, send: (call) => send(port, call) };
}

function send(port: number, { method = "GET", target, headers = {}, body }: Call): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = { host: "127.0.0.1", port, method, path: target, agent: false } as const;
  const outgoing = httpRequest({ ...options, headers }, async (response) => {
    const chunks = await response.toArray().catch(reject);
    const entries = Object.entries(response.headers).filter(
      ([name]) => !["date", "connection", "keep-alive"].includes(name),
    );
    resolve({
      status: response.statusCode as number,
      headers: Object.fromEntries(entries) as Record<string, string>,
      body: Buffer.concat(chunks ?? []).toString(),
    });
  });
  outgoing.on("error", reject).end(body);
  return promise;
}

/** The Request/Response handler, without any server. */
export function fetchServer(handler: AuthHandler): Server {
  return {
    close: async () => {},
    async send({ method = "GET", target, headers = {}, body }) {
      const init = { method, headers, ...(body === undefined ? {} : { body: body as BodyInit }) };
      const response = await handler(new Request(`http://localhost${target}`, init), { ip: "127.0.0.1" });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    },
  };
}

/** Writes bytes to a socket and reads the head of the answer: for what no HTTP client will send. */
export function rawAnswer(port: number, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
  socket.on("data", (chunk) => {
    received += chunk;
    if (received.includes("\r\n\r\n")) {
      socket.destroy();
      resolve(received.split("\r\n\r\n")[0] as string);
    }
  });
  socket.on("error", reject);
  socket.on("close", () => resolve(received));
  return promise;
}

export async function rawExchange(port: number, bytes: string): Promise<string> {
  return (await rawAnswer(port, bytes)).split("\r\n")[0] as string;
}
