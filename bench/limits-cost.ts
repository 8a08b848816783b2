import { randomUUID } from "node:crypto";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { type Auth, type AuthOptions, memoryRateLimiter, memoryStore, type RateLimiter } from "sallyport";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { benchAuth, PASSWORD, signUpUsers } from "./fixtures.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { atMost, type Row } from "./report.ts";

const GROUP = "limits in a login, one after the other";
const USERS = 20;
const CLIENT = { ip: "203.0.113.7" };

/** As many counters as the default rules have, and never used up. */
const LIMITS: AuthOptions["limits"] = {
  login: { address: "999999/1m", account: ["999999/15m", "999998/24h"] },
  signup: { address: false },
};

/** What counting costs a login, beside one that is not counted. */
export async function limitsCostRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const shared = await redisLimiter();
  const here = counting(memoryRateLimiter());
  const logins = quick ? 20 : 60;
  const without = await loginsWith("without limits", benchAuth(memoryStore()), logins);
  const subjects = [await loginsWith("in this process", limited(here.limiter), logins)];
  if (shared) subjects.push(await loginsWith("on Redis", limited(shared.limiter), logins));
  here.takeCalls();
  const results = await compare(without, subjects, quick ? 3 : 11);
  const rounds = (quick ? 3 : 11) + 1;
  const calls = {
    group: GROUP,
    name: "calls of the limiter, each login",
    value: here.takeCalls() / (rounds * logins),
    unit: "" as const,
  };
  await shared?.close();
  return [calls, ...results.map(toRow)];
}

function toRow({ name, elapsed: { ms, baselineMs, ratio } }: Comparison): Row {
  const goal = atMost(name === "on Redis" ? 1.05 : 1.02, ratio, "x");
  return {
    group: GROUP,
    name,
    value: ms,
    unit: "ms",
    baseline: { name: "without limits", value: baselineMs },
    ratio,
    goal,
  };
}

function limited(rateLimiter: RateLimiter): Auth {
  return benchAuth(memoryStore(), { rateLimiter, limits: LIMITS });
}

async function loginsWith(name: string, auth: Auth, operations: number): Promise<Work> {
  const emails = await signUpUsers(auth, USERS);
  const run = async (): Promise<void> => {
    for (let turn = 0; turn < operations; turn++) {
      await auth.login({ email: emails[turn % USERS] as string, password: PASSWORD }, CLIENT);
    }
  };
  return { name, operations, run };
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
