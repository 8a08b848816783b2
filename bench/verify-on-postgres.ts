import type { PostgresPool } from "kysely";
import type { Auth, SessionId } from "sallyport";
import { lookupText } from "./bare-lookup.ts";
import { accessToken, benchAuth, freeHasher, signUpUsers } from "./fixtures.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { dialectOn, type Pools, storeOn, withPostgres } from "./postgres.ts";
import { atMost, type Row } from "./report.ts";

const GROUP = "verifyToken, one call";
const USERS = 40;
const SESSIONS_EACH = 50;

/** What a checked session costs, beside its statement alone: same text, same parameters, same settings. */
export async function verifyOnPostgresRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return withPostgres(GROUP, async (pools) => {
    const { token, id } = await signedIn(pools);
    const text = await lookupText(dialectOn(pools.plain), id);
    return comparedOn(pools, { token, id, text }, quick);
  });
}

interface Lookup {
  readonly token: string;
  readonly id: SessionId;
  readonly text: string;
}

async function comparedOn(pools: Pools, lookup: Lookup, quick: boolean): Promise<readonly Row[]> {
  const { text, id } = lookup;
  const calls = quick ? 200 : 800;
  const rounds = quick ? 3 : 7;
  const repeated = (name: string, call: () => Promise<unknown>): Work => ({
    name,
    operations: calls,
    run: async () => {
      for (let i = 0; i < calls; i++) await call();
    },
  });
  const verify = (name: string, pool: PostgresPool): Work => {
    const auth: Auth = benchAuth(storeOn(pool));
    return repeated(name, () => auth.verifyToken(lookup.token));
  };
  const unnamed = repeated("unnamed", () => pools.plain.query(text, [id]));
  const named = repeated("named", () => pools.plain.query({ name: "lookup", text, values: [id] }));
  const plain = verify("a plain pool", pools.plain);
  const naming = verify("a pool that names statements", pools.naming);
  const beside = async (baseline: Work, subjects: readonly Work[]): Promise<readonly Row[]> =>
    (await compare(baseline, subjects, rounds)).map((result) => toRow(baseline.name, result));
  return [
    ...(await beside(unnamed, [plain])).map(withGoal),
    ...(await beside(named, [naming])).map(withGoal),
    // No goal: the difference is the server's, which plans the one each time and the other never again.
    ...(await beside(named, [plain, unnamed])),
  ];
}

async function signedIn({ plain: pool }: Pools): Promise<Omit<Lookup, "text">> {
  const auth = benchAuth(storeOn(pool), { password: { hasher: freeHasher } });
  const tokens: string[] = [];
  for (const email of await signUpUsers(auth, USERS))
    for (let i = 0; i < SESSIONS_EACH; i++) tokens.push(await accessToken(auth, email));
  await pool.query("analyze");
  const token = tokens[0] as string;
  return { token, id: (await auth.verifyToken(token)).sessionId };
}

type RatioRow = Row & { readonly ratio: number };

function toRow(baseline: string, { name, elapsed: { ms, baselineMs, ratio } }: Comparison): RatioRow {
  return {
    group: `${GROUP}, PostgreSQL`,
    name: name === "unnamed" ? "the bare statement, unnamed" : name,
    value: ms * 1000,
    unit: "µs",
    baseline: { name: `bare, ${baseline}`, value: baselineMs * 1000 },
    ratio,
  };
}

function withGoal(row: Row): Row {
  return { ...row, goal: atMost(1.3, row.ratio ?? Number.NaN, "x") };
}
