import { randomUUID } from "node:crypto";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { type Auth, type AuthOptions, memoryRateLimiter, memoryStore, type RateLimiter } from "sallyport";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { benchAuth, HASHES_AT_ONCE, PASSWORD, signUpUsers } from "./fixtures.ts";
import { type Comparison, compare, spread, type Work } from "./measure.ts";
import { atMost, type Row } from "./report.ts";

const GROUP = "limits in a login";
const USERS = 20;
const HASHING: Partial<AuthOptions> = { password: { hashing: { concurrency: HASHES_AT_ONCE } } };
const CLIENT = { ip: "203.0.113.7" };

/** As many counters as the default rules have, and never used up. */
const LIMITS: AuthOptions["limits"] = {
  login: { address: "999999/1m", account: ["999999/15m", "999998/24h"] },
  signup: { address: false, account: false },
};

/** To compare: as many calls of Redis as there are counts. */
const KEY_BY_KEY = "on Redis, a call for each key";

/** What counting costs a login, beside one that is not counted. */
export async function limitsCostRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const shared = await redisLimiter();
  const limiters = {
    "in this process": memoryRateLimiter(),
    ...(shared && { "on Redis": shared.limiter, [KEY_BY_KEY]: keyByKey(shared.limiter) }),
  };
  const rows = [await callsRow()];
  for (const callers of [1, 16]) {
    const logins = quick ? 32 : 64;
    const loginsWith = (name: string, auth: Auth): Promise<Work> =>
      manyLogins(name, auth, { callers, logins });
    const without = await loginsWith("without limits", benchAuth(memoryStore(), HASHING));
    const subjects: Work[] = [];
    for (const [name, limiter] of Object.entries(limiters))
      subjects.push(await loginsWith(name, limited(limiter)));
    const results = await compare(without, subjects, quick ? 3 : 6);
    rows.push(...results.map((result) => toRow(callers, result)));
  }
  await shared?.close();
  return rows;
}

async function callsRow(): Promise<Row> {
  const here = counting(memoryRateLimiter());
  const { run } = await manyLogins("", limited(here.limiter), { callers: 1, logins: USERS });
  here.takeCalls();
  await run();
  return {
    group: GROUP,
    name: "calls of the limiter, each login",
    value: here.takeCalls() / USERS,
    unit: "",
  };
}

function toRow(callers: number, { name, elapsed: { ms, baselineMs, ratio } }: Comparison): Row {
  const goal = name !== KEY_BY_KEY && { goal: atMost(name === "on Redis" ? 1.05 : 1.02, ratio, "x") };
  const baseline = { name: "without limits", value: baselineMs };
  const at = callers === 1 ? "one after the other" : `${callers} at once`;
  return { group: GROUP, name: `${name}, ${at}`, value: ms, unit: "ms", baseline, ratio, ...goal };
}

function limited(rateLimiter: RateLimiter): Auth {
  return benchAuth(memoryStore(), { rateLimiter, limits: LIMITS, ...HASHING });
}

interface Crowd {
  readonly callers: number;
  readonly logins: number;
}

async function manyLogins(name: string, auth: Auth, { callers, logins }: Crowd): Promise<Work> {
  const emails = await signUpUsers(auth, USERS);
  const login = (turn: number): Promise<unknown> =>
    auth.login({ email: emails[turn % USERS] as string, password: PASSWORD }, CLIENT);
  return { name, operations: logins, run: () => spread(callers, logins, login) };
}

function keyByKey({ consume, refund }: RateLimiter): RateLimiter {
  return { consume, refund };
}

function counting(inner: RateLimiter): { readonly limiter: RateLimiter; takeCalls(): number } {
  let calls = 0;
  return {
    limiter: {
      consume: (...args) => {
        calls++;
        return inner.consume(...args);
      },
      refund: (...args) => {
        calls++;
        return inner.refund(...args);
      },
    },
    takeCalls: () => {
      const seen = calls;
      calls = 0;
      return seen;
    },
  };
}

/** Null, and a line that says so, where there is no Redis. */
async function redisLimiter(): Promise<{ readonly limiter: RateLimiter; close(): Promise<void> } | null> {
  const url = process.env["REDIS_URL"];
  if (!url) {
    process.stderr.write(`${GROUP}, on Redis: left out, REDIS_URL is not set\n`);
    return null;
  }
  const storeClient = await createClient({ url }).connect();
  const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient, keyPrefix: `bench-${randomUUID()}` });
  return { limiter, close: () => storeClient.close() };
}
