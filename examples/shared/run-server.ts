import { once } from "node:events";
import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { type Auth, type AuthOptions, createAuth } from "sallyport";
import { closeServer } from "./bounded-server.ts";
import { readOrCreateSecret } from "./demo-secret.ts";
import type { Notes } from "./notes.ts";
import { type Data, openData } from "./open-data.ts";
import { pageOrigins } from "./page-origins.ts";
import { readPort } from "./port.ts";

const DATA = ".data"; // in the current folder

export interface Example {
  /** The command that starts it, for messages about another way to start it. */
  readonly command: string;
  readonly port: string;
  readonly host: string;
  /** Options of `createAuth` beside the secret and the store. */
  readonly options?: (origins: readonly string[]) => Promise<Pick<AuthOptions, "mailer" | "mail">>;
  /** Makes the server, which does not listen yet. */
  readonly createServer: (means: Means) => Server | Promise<Server>;
}

interface Means {
  readonly auth: Auth;
  readonly notes: Notes;
  /** The origins of its page. */
  readonly origins: readonly string[];
  readonly onError: (error: unknown) => void;
}

/** Starts an example and prints its address; ends it at a signal. An error at the start is printed in one line. */
export async function runServer(example: Example): Promise<void> {
  try {
    await start(example);
  } catch (error) {
    console.error(explain(error as NodeJS.ErrnoException, example));
    process.exit(1);
  }
}

async function start({ port, host, options, createServer }: Example): Promise<void> {
  const listening = await readPort(port);
  const data = await openData(process.env["DATABASE_URL"], DATA);
  const origins = pageOrigins(listening);
  const own = await options?.(origins);
  const auth = createAuth({ ...own, secret: readSecret(), store: data.store, onError: console.error });
  const server = await createServer({ auth, notes: data.notes, origins, onError: console.error });
  await once(server.listen(listening, host), "listening");
  // A second signal finds no listener, and ends the process at once.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop(server, auth, data));
  console.log(`Sallyport demo: ${address(server, host)}`);
}

/** Answers open requests, then closes the stores. */
async function stop(server: Server, auth: Auth, data: Data): Promise<void> {
  await closeServer(server);
  await auth.close();
  await data.close();
}

function readSecret(): string {
  const { SALLYPORT_SECRET } = process.env;
  if (SALLYPORT_SECRET !== undefined) return SALLYPORT_SECRET; // an empty one too: `createAuth` refuses it
  mkdirSync(DATA, { recursive: true, mode: 0o700 });
  return readOrCreateSecret(join(DATA, "secret"));
}

function address(server: Server, host: string): string {
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : "";
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${name === "127.0.0.1" ? "localhost" : name}:${port}`;
}

function explain({ code, syscall, message }: NodeJS.ErrnoException, { port, command }: Example): string {
  const another = `Choose another: PORT=3001 ${command}`;
  if (code === "EADDRINUSE") return `Port ${port} is in use. ${another}`;
  if (code === "EACCES" && syscall === "listen") return `Port ${port} needs more rights. ${another}`;
  return message; // the library's errors name the option and the fix
}
