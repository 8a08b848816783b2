import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "redis";
import { expect } from "vitest";
import { type Answer, type Call, call } from "../examples/demo.ts";
import { createDatabase, type TestDatabase } from "../support/databases.ts";
import { SECRET } from "../support/harness.ts";
import { isThere } from "../support/required-services.ts";

const MAIN = fileURLToPath(new URL("../../examples/cluster/main.ts", import.meta.url));
const USE_SOURCE = new URL("../support/use-source.ts", import.meta.url).href;
export const PASSWORD = "Correct1horse";

/** Whether there is what a cluster shares. */
export function servicesAreThere(): boolean {
  const { POSTGRES_URL, REDIS_URL } = process.env;
  return isThere(POSTGRES_URL && REDIS_URL, "cluster: POSTGRES_URL or REDIS_URL is not set");
}

interface Instance {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
}

/** examples/cluster, started by its one command. */
export interface Cluster {
  readonly main: ChildProcess;
  readonly front: string;
  readonly database: TestDatabase;
  /** As they are now: one that was started again has another process, and port. */
  readonly instances: () => readonly Instance[];
  /** What it wrote, errors too. */
  readonly output: () => string;
  /** Resolves when it has ended, to its exit code. */
  readonly ended: Promise<number | null>;
  /** Ends what is left of it, and deletes what it stored. */
  remove(): Promise<void>;
}

export async function startCluster(options: LaunchOptions = {}): Promise<Cluster> {
  const cluster = await launchCluster(options);
  const port = (): string | undefined => /^Sallyport demo: .*:(\d+)$/m.exec(cluster.output())?.[1];
  await until(() => port() !== undefined || cluster.main.exitCode !== null);
  if (port() !== undefined) return { ...cluster, front: `http://127.0.0.1:${port()}` };
  await cluster.remove();
  throw new TypeError(`The cluster did not start:\n${cluster.output()}`);
}

export async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await pause(20);
}

interface LaunchOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** As from a terminal: in a group of processes that a signal reaches as one. */
  readonly detached?: boolean;
}

/** The same, without waiting until it serves. */
export async function launchCluster({
  environment,
  detached = false,
}: LaunchOptions = {}): Promise<Omit<Cluster, "front">> {
  const database = await createDatabase("postgres");
  const prefix = new URL(database.ref.url).pathname.slice(1);
  const main = spawn(process.execPath, ["--import", USE_SOURCE, MAIN], {
    env: {
      ...process.env,
      PORT: "0",
      POSTGRES_URL: database.ref.url,
      REDIS_PREFIX: prefix,
      SALLYPORT_SECRET: SECRET,
      NODE_NO_WARNINGS: "1",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
  let output = "";
  for (const stream of [main.stdout, main.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const ended = once(main, "close").then(([code]) => code as number | null);
  const killed = (): void => void main.kill("SIGKILL"); // the instances then end by themselves
  process.once("exit", killed);
  return {
    main,
    database,
    ended,
    output: () => output,
    instances: () => instancesIn(output),
    remove: async () => {
      process.off("exit", killed);
      main.kill("SIGTERM");
      await ended;
      await database.drop();
      await forget(prefix);
    },
  };
}

/** The last that was said of each. */
function instancesIn(output: string): readonly Instance[] {
  const said = output.matchAll(/^ *instance (\d): (http:\/\/localhost:(\d+)) \(process (\d+)\)$/gm);
  const byNumber = [...said].map(([, number, url = "", port, pid]): [number, Instance] => [
    Number(number),
    { url: url.replace("localhost", "127.0.0.1"), port: Number(port), pid: Number(pid) },
  ]);
  const last = [...new Map(byNumber)];
  return last.sort(([one], [other]) => one - other).map(([, instance]) => instance);
}

/** Deletes the counters of one cluster. */
async function forget(prefix: string): Promise<void> {
  const redis = createClient({ url: process.env["REDIS_URL"] as string });
  await redis.connect();
  for await (const keys of redis.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1000 })) {
    if (keys.length > 0) await redis.del(keys);
  }
  await redis.close();
}

let addresses = 0;

/** An address that no other caller of this file has. */
export function freshAddress(): string {
  addresses++;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
}

/** A call from an address, as a proxy that is trusted tells it. */
export function callFrom(
  address: string,
  [method, url]: readonly [method: string, url: string],
  options: Call = {},
): Promise<Answer> {
  return call(url, method, { ...options, headers: { ...options.headers, "x-forwarded-for": address } });
}

export interface SignedIn {
  readonly email: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly deviceToken: string;
}

export async function signUp(url: string, email: string): Promise<SignedIn> {
  const body = { email, password: PASSWORD };
  return signedIn(await callFrom(freshAddress(), ["POST", `${url}/auth/signup`], { body }), 201);
}

export async function logIn(url: string, email: string, password: string = PASSWORD): Promise<SignedIn> {
  const body = { email, password };
  return signedIn(await callFrom(freshAddress(), ["POST", `${url}/auth/login`], { body }), 200);
}

export function signedIn({ status, json }: Answer, expected: number): SignedIn {
  expect([status, json?.code]).toEqual([expected, undefined]);
  const { user, session, accessToken, refreshToken, deviceToken } = json;
  return {
    email: user.email,
    userId: user.id,
    sessionId: session.id,
    token: accessToken,
    refreshToken,
    deviceToken,
  };
}
