import { generateKeyPairSync } from "node:crypto";
import { type Auth, type AuthOptions, memoryStore } from "sallyport";
import { signByHand, verifyByHand } from "./by-hand.ts";
import { accessToken, benchAuth, freeHasher, signUpUsers } from "./fixtures.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { atMost, type Row } from "./report.ts";

const GROUP = "verifyToken, the same token again, by session.check";

interface Mode {
  readonly name: string;
  readonly options: Partial<AuthOptions>;
  readonly goal?: number;
}

const ed25519 = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }) as {
  readonly kty: string;
};
const es256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }) as {
  readonly kty: string;
};

const MODES: readonly Mode[] = [
  { name: '"never"', options: { session: { check: "never" } }, goal: 1.2 },
  { name: '"never", Ed25519', options: { session: { check: "never" }, signingKeys: [ed25519] }, goal: 1.2 },
  { name: '"never", ES256', options: { session: { check: "never" }, signingKeys: [es256] }, goal: 1.2 },
  { name: 'atMostEvery "5s"', options: { session: { check: { atMostEvery: "5s" } } }, goal: 1.5 },
  { name: '"always", memory', options: { session: { check: "always" } } },
];

/** What each mode costs beside a signature check that somebody wrote by hand, which looks at no session at all. */
export async function checkModeRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const operations = quick ? 4_000 : 20_000;
  const subjects = await Promise.all(
    MODES.map(async ({ name, options }) => subject(name, await ready(options), operations)),
  );
  const ours = signByHand((await ready({})).token);
  const byHand: Work = {
    name: "by hand",
    operations,
    run() {
      for (let i = 0; i < operations; i++) verifyByHand(ours);
    },
  };
  const results = await compare(byHand, subjects, quick ? 3 : 9);
  return results.map((result, index) => toRow(result, MODES[index]?.goal));
}

interface Ready {
  readonly auth: Auth;
  readonly token: string;
}

async function ready(options: Partial<AuthOptions>): Promise<Ready> {
  const auth = benchAuth(memoryStore(), { password: { hasher: freeHasher }, ...options });
  const [email] = await signUpUsers(auth, 1);
  return { auth, token: await accessToken(auth, email as string) };
}

function subject(name: string, { auth, token }: Ready, operations: number): Work {
  return {
    name,
    operations,
    async run() {
      for (let i = 0; i < operations; i++) await auth.verifyToken(token);
    },
  };
}

function toRow({ name, elapsed: { ms, baselineMs, ratio } }: Comparison, goal: number | undefined): Row {
  return {
    group: GROUP,
    name,
    value: ms * 1000,
    unit: "µs",
    baseline: { name: "by hand", value: baselineMs * 1000 },
    ratio,
    ...(goal !== undefined && { goal: atMost(goal, ratio, "x") }),
  };
}
