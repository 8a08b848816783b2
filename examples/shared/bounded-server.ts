import { createServer, type RequestListener, type Server } from "node:http";

const GRACE_MS = 5000;

/**
 * A server that clients cannot block: the time of a slow client and the number of connections are bounded.
 * Bodies are bounded where they are read.
 */
export function boundedServer(listener: RequestListener): Server {
  const options = {
    headersTimeout: 10_000, // a client that sends its headers byte by byte holds a place; Node's default is 60 s
    requestTimeout: 20_000, // the same with the body; Node's default is 5 minutes
    connectionsCheckingInterval: 5_000, // how often the two limits above are checked; Node's default is 30 s
    keepAliveTimeout: 5_000, // an idle connection holds a place too; behind a proxy, let the proxy be the first to close it
    maxHeaderSize: 8 * 1024, // a token has at most 4 KiB; Node's default is 16 KiB
  };
  const server = createServer(options, listener);
  server.maxConnections = 1000; // beyond these a connection is closed at once, before it costs memory
  return server;
}

/** Takes no new connection, answers open requests for a limited time, and then closes. */
export async function closeServer(server: Server): Promise<void> {
  const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(impatience);
}
