// One handler behind Express, Fastify and bare node:http, on loopback and, for node:http, on a Unix socket.
import { createServer, request as httpRequest, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import fastify from "fastify";
import { fastifyAuth } from "sallyport/fastify";
import { type AuthHandler, toNodeHandler } from "sallyport/http";

export type HeaderLines = Readonly<Record<string, string | readonly string[]>>;

interface Sent {
  readonly path: string;
  readonly method?: string;
  readonly headers?: HeaderLines;
  readonly body?: unknown;
  /** The address on loopback that the request comes from. */
  readonly from?: string;
}

interface Got {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of it
  readonly json: any;
}

export interface Listening {
  send(sent: Sent): Promise<Got>;
  close(): Promise<void>;
}

/** Room for 10,000 hops; what Node allows by default is less. */
const MAX_HEADER_BYTES = 1 << 20;

export const SERVERS: readonly (readonly [
  name: string,
  start: (handler: AuthHandler) => Promise<Listening>,
])[] = [
  ["node:http", (handler) => listenOn(toNodeHandler(handler))],
  ["Express", (handler) => listenOn(express().use(toNodeHandler(handler)))],
  ["Fastify", startFastify],
];

async function startFastify(handler: AuthHandler): Promise<Listening> {
  const app = fastify({ http: { maxHeaderSize: MAX_HEADER_BYTES } });
  await app.register(fastifyAuth(handler).routes);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return listening(app.server, () => app.close());
}

/** On 127.0.0.1, or where `at` says. */
export async function listenOn(
  listener: RequestListener,
  at?: string | { path: string },
): Promise<Listening> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, listener);
  const where = typeof at === "object" ? at : { port: 0, host: at ?? "127.0.0.1" };
  await new Promise<void>((resolve) => server.listen(where, resolve));
  return listening(server, () => new Promise((resolve) => server.close(() => resolve())));
}

function listening(server: Server, close: () => Promise<void>): Listening {
  const bound = server.address() as AddressInfo | string;
  const target =
    typeof bound === "string" ? { socketPath: bound } : { host: bound.address, port: bound.port };
  return {
    send: (sent) => send(target, sent),
    close: async () => {
      server.closeAllConnections();
      await close();
    },
  };
}

function send(target: object, { path, method = "POST", headers = {}, body, from }: Sent): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const outgoing = httpRequest(
    {
      ...target,
      path,
      method,
      agent: false,
      ...(from && { localAddress: from }),
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers } as Record<
        string,
        string
      >,
    },
    async (response) => {
      const text = Buffer.concat(await response.toArray().catch(() => [])).toString();
      resolve({ status: response.statusCode as number, json: text === "" ? undefined : JSON.parse(text) });
    },
  );
  outgoing.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
