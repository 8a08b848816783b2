import * as z from "zod/mini";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";
import { isObject, objectWith } from "./fields.ts";

const VERBS = ["transaction", "purge", "close"];
const ROOMS = ["users", "credentials", "sessions", "tokens", "proofs", "outbox", "events"];

export const store: z.ZodMiniType<AuthStore, AuthStore> = z.lazy(() =>
  z.custom<AuthStore>(
    isStore,
    "must be a store: kyselyStore(db), sqliteStore(path), memoryStore(), or an adapter of your own",
  ),
);

export const rateLimiter: z.ZodMiniType<RateLimiter, RateLimiter> = z.lazy(() =>
  objectWith<RateLimiter>("consume", "refund"),
);

export const clock: z.ZodMiniType<Clock, Clock> = z.lazy(() =>
  objectWith<Clock>("now").check(z.refine(tellsTime, "must answer now() with a valid Date")),
);

function isStore(value: unknown): boolean {
  return (
    isObject(value) &&
    VERBS.every((verb) => typeof value[verb] === "function") &&
    ROOMS.every((room) => isObject(value[room]))
  );
}

function tellsTime(candidate: Clock): boolean {
  try {
    return !Number.isNaN(candidate.now().getTime());
  } catch {
    return false;
  }
}
