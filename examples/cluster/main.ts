// Starts three instances and a front before them, with one command.
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { closeServer } from "../shared/bounded-server.ts";
import { readOrCreateSecret } from "../shared/demo-secret.ts";
import { readPort } from "../shared/port.ts";
import { prepareDatabase } from "../shared/postgres.ts";
import { createFront } from "./front.ts";
import { type Instances, startInstances } from "./instances.ts";
import { findServices } from "./services.ts";

const DATA = ".data"; // in the current folder
const INSTANCES = 3;
const { PORT = "3000" } = process.env;

try {
  await start(await readPort(PORT, INSTANCES));
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

async function start(port: number): Promise<void> {
  const services = findServices();
  if (!services) fail("Set POSTGRES_URL and REDIS_URL to servers of your own.");
  // Checked here, and named: a later error would show the whole URL, with its password.
  for (const [name, url] of Object.entries(services)) if (!URL.canParse(url)) fail(`${name} is not a URL.`);
  // Once, and before any instance: no instance may see unfinished tables.
  await prepareDatabase(services.POSTGRES_URL).catch(({ message }: Error) => fail(`PostgreSQL: ${message}`));
  const shared = { ...process.env, ...services, SALLYPORT_SECRET: readSecret() };
  console.log("Starting:");
  const instances = await startInstances(
    Array.from({ length: INSTANCES }, (_, index) => ({
      ...shared,
      FRONT_PORT: String(port),
      PORT: String(Number(PORT) && port + index + 1),
    })),
  );
  const front = createFront(instances.ports).listen(port, "127.0.0.1");
  await once(front, "listening").catch((error) => instances.stop().then(() => fail(error.message)));
  console.log(`Sallyport demo: http://localhost:${(front.address() as AddressInfo).port}`);
  // A second signal finds no listener and ends this process at once. The instances then end too.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop(front, instances));
}

/** From the outside to the inside, so that open requests are answered. */
async function stop(front: Server, instances: Instances): Promise<void> {
  await closeServer(front);
  await instances.stop();
}

function readSecret(): string {
  const { SALLYPORT_SECRET } = process.env;
  if (SALLYPORT_SECRET) return SALLYPORT_SECRET;
  mkdirSync(DATA, { recursive: true, mode: 0o700 });
  return readOrCreateSecret(join(DATA, "secret"));
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
