// A program of its own, since memory is a process's: a million addresses come to the limiter in this process.
import { memoryRateLimiter } from "sallyport";

const RULES = [
  { points: 5, windowMs: 60_000 },
  { points: 10, windowMs: 900_000 },
] as const;

const limiter = memoryRateLimiter();
const [address, account] = RULES;
for (let spent = 0; spent < 20; spent++) {
  await limiter.consume("login:address:192.0.2.1", address);
  await limiter.consume("login:account:victim", account);
}
const before = held();
for (let index = 0; index < 1_000_000; index++) {
  await limiter.consume(`login:address:10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, address);
}
const grown = held() - before;
const victims = [
  await limiter.consume("login:address:192.0.2.1", address),
  await limiter.consume("login:account:victim", account),
];
process.stdout.write(JSON.stringify({ grown, victims }));

function held(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
