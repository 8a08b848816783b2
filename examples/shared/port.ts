import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** The port in a text; for 0, a free one. It must be known before the server listens, because origins contain it. */
export async function readPort(text: string, instances = 0): Promise<number> {
  if (!/^\d{1,5}$/.test(text) || Number(text) + instances > 65_535)
    throw new TypeError(`PORT is not a port: ${text}`);
  return Number(text) || freePort();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
