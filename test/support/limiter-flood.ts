// A program of its own, since memory is a process's: addresses flood the limiter of this process, at one moment.
import { memoryRateLimiter } from "sallyport";
import { fakeClock } from "sallyport/testing";

/** More than the limiter keeps apart for each window. As many come again. */
const ADDRESSES = 100_000;

const MINUTE = 60_000;
const ADDRESS = { points: 5, windowMs: MINUTE, scope: "address" } as const;
const NETWORK = { points: 50, windowMs: MINUTE, scope: "address" } as const;
const ACCOUNT = { points: 10, windowMs: 15 * MINUTE, scope: "account" } as const;
const ACCOUNT_OF_A_DAY = { points: 100, windowMs: 24 * 60 * MINUTE, scope: "account" } as const;

const limiter = memoryRateLimiter({ clock: fakeClock() });
const count = (address: string, account: string) =>
  Promise.all([
    limiter.consume(`login:address:${address}::/48`, NETWORK),
    limiter.consume(`login:address:${address}:1::/64`, ADDRESS),
    limiter.consume(`login:account:hmac:9f86d081:${account}`, ACCOUNT),
    limiter.consume(`login:account:hmac:9f86d081:${account}`, ACCOUNT_OF_A_DAY),
  ]);

for (let spent = 0; spent < 200; spent++) await count("2001:db8:1", "victim");
const atFirst = held();
await flood(0);
const full = held();
await flood(ADDRESSES);
const grown = { atFirst: full - atFirst, later: held() - full };
process.stdout.write(JSON.stringify({ grown, victims: await count("2001:db8:1", "victim") }));

/** As the default rules count logins: each from a network of its own, for an account of its own. */
async function flood(from: number): Promise<void> {
  for (let index = from; index < from + ADDRESSES; index++) {
    await count(
      `2001:${(index >> 10).toString(16)}:${(index & 1023).toString(16)}`,
      `${index}aaaaaaaaaaaaaaa`,
    );
  }
}

function held(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
