import { join } from "node:path";
import { hash, verify } from "@node-rs/argon2";
import { type Auth, type AuthStore, memoryStore } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import {
  ARGON2,
  accessToken,
  benchAuth,
  HASHES_AT_ONCE,
  PASSWORD,
  signUpUsers,
  withFolder,
} from "./fixtures.ts";
import { type Comparison, compare, spread, type Work } from "./measure.ts";
import { atLeast, type Row } from "./report.ts";

const USERS = 50;
/** More than hash at once, so that a place which gets free is taken at once; fewer than may wait. */
const CALLERS = 16;

/** How much of the machine's hashing a login leaves to logins. */
export async function loginRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return withFolder(async (folder) => {
    const operations = quick ? 80 : 160;
    const stored = await hash(PASSWORD, ARGON2);
    const bare: Work = {
      name: "bare argon2",
      operations,
      run: () => spread(HASHES_AT_ONCE, operations, () => verify(stored, PASSWORD)),
    };
    const memory = await loginsIn("memory", memoryStore(), operations);
    const sqlite = await loginsIn("SQLite", sqliteStore(join(folder, "logins.db")), operations);
    const results = await compare(bare, [memory.work, sqlite.work], quick ? 3 : 7);
    await Promise.all([memory.auth.close(), sqlite.auth.close()]);
    return [...results.map(rateRow), ...results.map(processorRow)];
  });
}

const GROUP = `logins, ${HASHES_AT_ONCE} hashes at once`;

function rateRow({ name, elapsed: { ms, baselineMs, ratio } }: Comparison): Row {
  return {
    group: GROUP,
    name: `${name}, logins a second`,
    value: 1000 / ms,
    unit: "/s",
    baseline: { name: "bare argon2", value: 1000 / baselineMs },
    ratio: 1 / ratio,
    goal: atLeast(0.95, 1 / ratio),
  };
}

function processorRow({ name, processor: { ms, baselineMs, ratio } }: Comparison): Row {
  return {
    group: GROUP,
    name: `${name}, processor time of one`,
    value: ms,
    unit: "ms",
    baseline: { name: "bare argon2", value: baselineMs },
    ratio,
  };
}

async function loginsIn(
  name: string,
  store: AuthStore,
  operations: number,
): Promise<{ readonly auth: Auth; readonly work: Work }> {
  const auth = benchAuth(store, { password: { hashing: { concurrency: HASHES_AT_ONCE } } });
  const emails = await signUpUsers(auth, USERS);
  const run = (): Promise<void> =>
    spread(CALLERS, operations, (turn) => accessToken(auth, emails[turn % USERS] as string));
  return { auth, work: { name, operations, run } };
}
