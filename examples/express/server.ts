import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { type Auth, createAuth, isAuthError } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import { createDemoApp } from "./app.ts";
import { boundedServer, closeServer } from "./bounded-server.ts";
import { readOrCreateSecret } from "./demo-secret.ts";
import { openNotes, type SqliteNotes } from "./sqlite-notes.ts";

const DATA = ".data"; // in the current folder

const port = process.env["PORT"] ?? "3000";
const host = process.env["HOST"] ?? "127.0.0.1";

try {
  start();
} catch (error) {
  if (!isAuthError(error)) throw error;
  fail(error.message); // it names the option and the mend
}

function start(): void {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) fail(`PORT is not a port: ${port}`);
  mkdirSync(DATA, { recursive: true, mode: 0o700 });
  const auth = createAuth({
    secret: process.env["SALLYPORT_SECRET"] ?? readOrCreateSecret(join(DATA, "secret")),
    store: sqliteStore(join(DATA, "auth.db")),
    onError: console.error,
  });
  const notes = openNotes(join(DATA, "notes.db"));
  const server = boundedServer(createDemoApp({ auth, notes, onError: console.error }));

  server.on("error", (error: NodeJS.ErrnoException) => fail(explain(error)));
  server.listen(Number(port), host, () => console.log(`Sallyport demo: ${address(server)}`));
  // A second signal finds no listener, and ends the process at once.
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => void stop(server, auth, notes));
  }
}

/** Answers what has begun, then closes the stores. */
async function stop(server: Server, auth: Auth, notes: SqliteNotes): Promise<void> {
  await closeServer(server);
  await auth.close();
  notes.close();
}

function address(server: Server): string {
  const bound = server.address();
  const actual = typeof bound === "object" && bound ? bound.port : port;
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${name === "127.0.0.1" ? "localhost" : name}:${actual}`;
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === "EADDRINUSE") return `Port ${port} is in use. Choose another: PORT=3001 npm run demo`;
  if (error.code === "EACCES")
    return `Port ${port} needs more rights. Choose another: PORT=3001 npm run demo`;
  return error.message;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
