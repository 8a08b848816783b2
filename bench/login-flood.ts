import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Auth, isAuthError } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import {
  accessToken,
  benchAuth,
  CLIENT,
  countingHasher,
  HASHES_AT_ONCE,
  PASSWORD,
  signUpUsers,
  withFolder,
} from "./fixtures.ts";
import { median, percentile } from "./measure.ts";
import { atMost, type Row } from "./report.ts";

const LOGINS = 500;
const USERS = 50;
const CALL_EVERY_MS = 2;
const IDLE_MS = 1_000;
const GROUP = `${LOGINS} logins at once, SQLite`;

/** What a flood of logins does to everybody who is signed in already. */
export async function loginFloodRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return withFolder(async (folder) => {
    const hasher = countingHasher();
    const auth = benchAuth(sqliteStore(join(folder, "flood.db")), {
      password: { hasher, hashing: { concurrency: HASHES_AT_ONCE } },
    });
    const emails = await signUpUsers(auth, USERS);
    const token = await accessToken(auth, emails[0] as string);
    const rounds: Round[] = [];
    for (let round = 0; round <= (quick ? 3 : 5); round++) {
      const idle = await callsDuring(auth, token, () => sleep(IDLE_MS));
      hasher.takeMaxInFlight();
      let answers: Answers = { signedIn: 0, overloaded: 0 };
      const flooded = await callsDuring(auth, token, async () => {
        answers = await flood(auth, emails);
      });
      if (round > 0) rounds.push({ idle, flooded, answers, hashes: hasher.takeMaxInFlight() });
    }
    await auth.close();
    return toRows(rounds);
  });
}

interface Round {
  readonly idle: Calls;
  readonly flooded: Calls;
  readonly answers: Answers;
  readonly hashes: number;
}

/** Milliseconds of every call: by itself, and since the moment it was due. */
interface Calls {
  readonly own: readonly number[];
  readonly sinceDue: readonly number[];
}

interface Answers {
  readonly signedIn: number;
  readonly overloaded: number;
}

/** Verifies a token every 2 ms while `work` runs. A call that the event loop holds up is still due. */
async function callsDuring(auth: Auth, token: string, work: () => Promise<void>): Promise<Calls> {
  const own: number[] = [];
  const sinceDue: number[] = [];
  const calls: Promise<void>[] = [];
  const call = async (due: number): Promise<void> => {
    const start = performance.now();
    await auth.verifyToken(token);
    const end = performance.now();
    own.push(end - start);
    sinceDue.push(end - due);
  };
  let running = true;
  const finished = work().finally(() => {
    running = false;
  });
  let due = performance.now() + CALL_EVERY_MS;
  while (running) {
    await sleep(1);
    for (; due <= performance.now(); due += CALL_EVERY_MS) calls.push(call(due));
  }
  await Promise.all([finished, ...calls]);
  return { own, sinceDue };
}

async function flood(auth: Auth, emails: readonly string[]): Promise<Answers> {
  const answers = await Promise.all(
    Array.from({ length: LOGINS }, (_, index) =>
      auth
        .login({ email: emails[index % emails.length] as string, password: PASSWORD }, CLIENT)
        .then(({ status }) => status)
        .catch((error: unknown) => {
          if (isAuthError(error) && error.code === "overloaded") return "overloaded" as const;
          throw error;
        }),
    ),
  );
  const count = (wanted: string): number => answers.filter((answer) => answer === wanted).length;
  return { signedIn: count("signed_in"), overloaded: count("overloaded") };
}

function toRows(rounds: readonly Round[]): readonly Row[] {
  const hashes = Math.max(...rounds.map((round) => round.hashes));
  const overall = (pick: (answers: Answers) => number): number =>
    median(rounds.map(({ answers }) => pick(answers)));
  return [
    {
      group: GROUP,
      name: "hashes in flight, at most",
      value: hashes,
      unit: "",
      goal: atMost(HASHES_AT_ONCE, hashes, "hashes"),
    },
    { group: GROUP, name: "answered signed_in", value: overall(({ signedIn }) => signedIn), unit: "" },
    { group: GROUP, name: "answered overloaded", value: overall(({ overloaded }) => overloaded), unit: "" },
    withGoal(latencyRow("verifyToken p99, the call itself", rounds, ({ own }) => own)),
    // No goal: idle, it is the timer's millisecond; in the flood, the logins that came in the same tick.
    latencyRow("verifyToken p99, since it was due", rounds, ({ sinceDue }) => sinceDue),
  ];
}

type LatencyRow = Row & { readonly ratio: number };

function withGoal(row: LatencyRow): Row {
  return { ...row, goal: atMost(20, row.ratio, "x") };
}

function latencyRow(
  name: string,
  rounds: readonly Round[],
  pick: (calls: Calls) => readonly number[],
): LatencyRow {
  const p99s = rounds.map(({ idle, flooded }) => ({
    idle: percentile(pick(idle), 0.99),
    flooded: percentile(pick(flooded), 0.99),
  }));
  const ratio = median(p99s.map(({ idle, flooded }) => flooded / idle));
  return {
    group: GROUP,
    name,
    value: median(p99s.map(({ flooded }) => flooded)),
    unit: "ms",
    baseline: { name: "idle", value: median(p99s.map(({ idle }) => idle)) },
    ratio,
  };
}
