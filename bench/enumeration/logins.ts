import { hash } from "@node-rs/argon2";
import { type AuthStore, isAuthError } from "sallyport";
import { ARGON2, benchAuth, CLIENT, emailsOf, PASSWORD } from "../fixtures.ts";
import { median } from "../measure.ts";
import type { Row } from "../report.ts";
import { rankSumP } from "./rank-sum.ts";

/** By chance alone, one honest pair in twenty is below it. */
const LEAST_P = 0.05;

interface Class {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** The time of a refused login, by the reason that only the log knows. The hash is the real one. */
export async function loginClassRows(on: string, store: AuthStore, calls: number): Promise<readonly Row[]> {
  const auth = benchAuth(store);
  const classes = await classesOn(store);
  const times = new Map(classes.map((one) => [one, [] as number[]]));
  for (let call = -10; call < calls; call++)
    for (const one of turned(classes, call)) {
      const start = performance.now();
      await refused(auth.login({ email: one.email, password: one.password }, CLIENT));
      if (call >= 0) times.get(one)?.push((performance.now() - start) * 1_000);
    }
  const [wrong, ...others] = classes.map((one) => ({ name: one.name, times: times.get(one) as number[] }));
  return others.map(({ name, times: own }) => {
    const baseline = wrong?.times as number[];
    const p = rankSumP(own, baseline);
    return {
      group: `a refused login, on ${on}: Mann-Whitney p beside a wrong password`,
      name: `${name}, p = ${p.toFixed(3)}`,
      value: median(own),
      unit: "µs",
      baseline: { name: wrong?.name as string, value: median(baseline) },
      ratio: median(own) / median(baseline),
      goal: { text: `p >= ${LEAST_P}`, met: p >= LEAST_P },
    };
  });
}

async function classesOn(store: AuthStore): Promise<readonly Class[]> {
  const stored = await hash(PASSWORD, ARGON2);
  const hasher = {
    name: "seed",
    hash: async () => stored,
    verify: async () => true,
    needsRehash: () => false,
  };
  const auth = benchAuth(store, { password: { hasher } });
  const [known = "", disabled = "", bare = "", unknown = ""] = emailsOf(4);
  for (const email of [known, disabled, bare]) await auth.signup({ email, password: PASSWORD }, CLIENT);
  const idOf = async (email: string) => {
    const record = await store.users.findForLogin(email);
    if (!record?.password) throw new TypeError("The account was made.");
    return { userId: record.user.id, credential: record.password.id };
  };
  await auth.users.disable((await idOf(disabled)).userId, CLIENT);
  const { userId, credential } = await idOf(bare);
  await store.credentials.remove(userId, credential);
  return [
    { name: "wrong password", email: known, password: `${PASSWORD}x` },
    { name: "unknown email", email: unknown, password: PASSWORD },
    { name: "disabled, right password", email: disabled, password: PASSWORD },
    { name: "no password", email: bare, password: PASSWORD },
  ];
}

/** Each class is as often the first as any other. */
function turned<T>(all: readonly T[], round: number): readonly T[] {
  const first = ((round % all.length) + all.length) % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

async function refused(call: Promise<unknown>): Promise<void> {
  const error = await call.then(() => null).catch((thrown: unknown) => thrown);
  if (!isAuthError(error) || error.code !== "invalid_credentials")
    throw error ?? new TypeError("A login that had to be refused passed.");
}
