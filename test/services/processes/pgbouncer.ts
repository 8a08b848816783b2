import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../support/free-port.ts";

const PATH = "/usr/sbin/pgbouncer";

/** Null: not installed. */
export function pgbouncerBinary(): string | null {
  return existsSync(PATH) ? PATH : null;
}

export interface Pooler {
  readonly url: string;
  stop(): Promise<void>;
}

/** In transaction mode, with two connections to the server: two statements of one client seldom meet the same one. */
export async function transactionPooler(binary: string, databaseUrl: string): Promise<Pooler> {
  const { hostname, port, pathname, username } = new URL(databaseUrl);
  const directory = mkdtempSync(join(tmpdir(), "sallyport-pgbouncer-"));
  chmodSync(directory, 0o755); // pgbouncer refuses to run as root
  const own = await freePort();
  const file = join(directory, "pgbouncer.ini");
  writeFileSync(file, settings({ database: pathname.slice(1), host: hostname, port, user: username, own }));
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(binary, ["--quiet", file], { ...asNobody, cwd: directory, stdio: "ignore" });
  await answering(own, child);
  return {
    url: `postgres://${username}@127.0.0.1:${own}${pathname}`,
    stop: async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(directory, { recursive: true });
    },
  };
}

interface Addresses {
  readonly database: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly own: number;
}

function settings({ database, host, port, user, own }: Addresses): string {
  return `[databases]
${database} = host=${host} port=${port || 5432} user=${user} pool_size=2
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 100
`;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await pause(50);
  }
  throw new Error(`pgbouncer ended with ${child.exitCode}.`);
}
