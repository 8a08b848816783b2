import { join } from "node:path";
import { jwtVerify } from "jose";
import { type Auth, type AuthStore, memoryStore } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import { signByHand, verifyByHand } from "./by-hand.ts";
import { accessToken, benchAuth, freeHasher, signUpUsers, withFolder } from "./fixtures.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { atMost, type Row } from "./report.ts";

const GROUP = "verifyToken, one call";
const USERS = 40;
const SESSIONS_EACH = 50;

/** What a checked session costs, beside a signature check that somebody wrote by hand. */
export async function verifyTokenRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return withFolder(async (folder) => {
    const scale = quick ? 0.2 : 1;
    const memory = await tokensIn(memoryStore());
    const sqlite = await tokensIn(sqliteStore(join(folder, "verify.db")));
    const ours = signByHand(memory.token);
    const byHand: Work = {
      ...repeat("by hand", 20_000 * scale),
      run() {
        for (let i = 0; i < this.operations; i++) verifyByHand(ours);
      },
    };
    const jose: Work = {
      ...repeat("jose jwtVerify, no session", 1_000 * scale),
      async run() {
        for (let i = 0; i < this.operations; i++)
          await jwtVerify(ours.token, ours.key, { algorithms: ["HS256"] });
      },
    };
    const subjects = [
      jose,
      repeated("memory, the same token again", memory, 15_000 * scale),
      repeated("SQLite, the same token again", sqlite, 8_000 * scale),
      inTurn("SQLite, 2,000 tokens in turn", sqlite),
      firstSight("memory, token never seen", memory),
      firstSight("SQLite, token never seen", sqlite),
    ];
    const results = await compare(byHand, subjects, quick ? 3 : 9);
    await Promise.all([memory.auth.close(), sqlite.auth.close()]);
    return results.map(toRow);
  });
}

interface Tokens {
  readonly store: AuthStore;
  readonly auth: Auth;
  readonly token: string;
  readonly tokens: readonly string[];
}

async function tokensIn(store: AuthStore): Promise<Tokens> {
  const auth = benchAuth(store, { password: { hasher: freeHasher } });
  const emails = await signUpUsers(auth, USERS);
  const tokens: string[] = [];
  for (const email of emails)
    for (let i = 0; i < SESSIONS_EACH; i++) tokens.push(await accessToken(auth, email));
  return { store, auth, token: tokens[0] as string, tokens };
}

function repeat(name: string, operations: number): { readonly name: string; readonly operations: number } {
  return { name, operations };
}

function repeated(name: string, { auth, token }: Tokens, operations: number): Work {
  return {
    ...repeat(name, operations),
    async run() {
      for (let i = 0; i < operations; i++) await auth.verifyToken(token);
    },
  };
}

/** Every signature known, every session another row. */
function inTurn(name: string, { auth, tokens }: Tokens): Work {
  return {
    ...repeat(name, tokens.length),
    async run() {
      for (const token of tokens) await auth.verifyToken(token);
    },
  };
}

/** A new instance for each round, over the same sessions: it has seen no signature. */
function firstSight(name: string, { store, tokens }: Tokens): Work {
  let fresh: Auth;
  return {
    ...repeat(name, tokens.length),
    prepare() {
      fresh = benchAuth(store);
    },
    async run() {
      for (const token of tokens) await fresh.verifyToken(token);
    },
  };
}

function toRow({ name, elapsed: { ms, baselineMs, ratio } }: Comparison): Row {
  return {
    group: GROUP,
    name,
    value: ms * 1000,
    unit: "µs",
    baseline: { name: "by hand", value: baselineMs * 1000 },
    ratio,
    ...(name.startsWith("SQLite, the same") ? { goal: atMost(6, ratio, "x") } : {}),
  };
}
