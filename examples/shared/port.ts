import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** The port that a text names; for 0 one that is free. It has to be known before anybody listens: origins have it. */
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
