import * as z from "zod/mini";
import { reading } from "../api/schema.ts";
import { DAY, duration, isObject, MINUTE, SECOND, whole, YEAR } from "./fields.ts";

/** How often `verifyToken` reads the session, in milliseconds. */
export type SessionCheckSetting = "always" | "never" | { readonly atMostEvery: number };

export interface SessionSettings extends Lifetimes {
  readonly grace: number;
  /** The share of `accessTtl` by which a refreshed access token may end early. */
  readonly jitter: number;
  readonly max: number;
  readonly check: SessionCheckSetting;
}

interface Lifetimes {
  readonly accessTtl: number;
  readonly refreshTtl: number;
  readonly idleTtl: number;
}

/** The options before their defaults: a lifetime without a value depends on the other ones. */
export type RawSession = Omit<SessionSettings, keyof Lifetimes> & {
  readonly [Name in keyof Lifetimes]: number | undefined;
};

const GRACE = 'must be 0 or a duration of at most "60s"';
const CHECK = 'must be "always", "never" or { atMostEvery: "5s" }';

const check = z.lazy(() =>
  reading(z.unknown(), (value, fail) => readCheck(value) ?? fail(CHECK)).check(
    z.refine(
      (mode) => typeof mode === "string" || (mode.atMostEvery >= SECOND && mode.atMostEvery <= 5 * MINUTE),
      'atMostEvery must be between "1s" and "5m"',
    ),
  ),
);

function readCheck(value: unknown): SessionCheckSetting | null {
  if (value === "always" || value === "never") return value;
  const names = isObject(value) ? Object.keys(value) : [];
  const every = isObject(value) && names.length === 1 ? duration.safeParse(value["atMostEvery"]) : null;
  return every?.success ? { atMostEvery: every.data } : null;
}

export const session: z.ZodMiniType<RawSession> = z.lazy(() =>
  z.strictObject({
    accessTtl: lifetime(YEAR),
    refreshTtl: lifetime(10 * YEAR),
    idleTtl: lifetime(10 * YEAR),
    grace: z.prefault(
      z.union([z.literal(0), duration], GRACE).check(z.refine((ms) => ms <= MINUTE, GRACE)),
      "10s",
    ),
    jitter: z._default(
      z.number().check(z.minimum(0, "must be at least 0"), z.maximum(0.5, "must be at most 0.5")),
      0.1,
    ),
    max: z._default(whole(1, 10_000), 50),
    check: z.prefault(check, "always"),
  }),
);

function lifetime(most: number): z.ZodMiniType<number | undefined> {
  const isInRange = (ms: number): boolean => ms >= MINUTE && ms <= most;
  return z.optional(duration.check(z.refine(isInRange, `must be between one minute and ${most / DAY} days`)));
}

/**
 * All lifetimes. The default of a lifetime adapts to the ones with a value. Where tokens are verified without
 * their session, here or in other services, the default of `accessTtl` is short.
 */
export function sessionSettings(raw: RawSession, isVerifiedElsewhere: boolean): SessionSettings {
  const { accessTtl: access = 0, idleTtl: idle = 0 } = raw;
  const refreshTtl = raw.refreshTtl ?? Math.max(30 * DAY, idle, access);
  const idleTtl = raw.idleTtl ?? Math.min(Math.max(14 * DAY, access), refreshTtl);
  const isUnchecked = raw.check === "never" || isVerifiedElsewhere;
  const accessTtl = raw.accessTtl ?? Math.min(isUnchecked ? 15 * MINUTE : DAY, idleTtl);
  return { ...raw, accessTtl, refreshTtl, idleTtl };
}

/** Lifetimes that contradict each other, or `session.check`. */
export function sessionContradictions(settings: SessionSettings): readonly string[] {
  const { accessTtl, refreshTtl, idleTtl, grace, check: mode } = settings;
  const problems: string[] = [];
  if (idleTtl > refreshTtl)
    problems.push("session.idleTtl: is longer than refreshTtl, when every session ends; shorten it");
  if (accessTtl > idleTtl)
    problems.push(
      "session.accessTtl: is longer than idleTtl or refreshTtl, when the session ends; shorten it",
    );
  if (grace >= accessTtl) problems.push("session.grace: is no shorter than accessTtl; shorten it");
  if (mode === "never" && accessTtl > DAY)
    problems.push(
      'session.check: with "never" an ended session works until its access token ends; shorten accessTtl to "24h" or less',
    );
  if (typeof mode === "object" && mode.atMostEvery >= accessTtl)
    problems.push(
      "session.check: atMostEvery is no shorter than accessTtl, so a session is checked only once; shorten it",
    );
  return problems;
}
