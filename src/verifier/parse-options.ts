import { type Duration, parseDuration } from "../domain/duration.ts";
import { misconfigured } from "../errors.ts";
import { isPlainObject } from "../lib/plain-object.ts";
import { systemClock } from "../lib/system-clock.ts";
import type { Clock } from "../ports/clock.ts";
import type { JwksFetch, VerifierOptions } from "./options.ts";
import { readJwks, type VerificationKey } from "./read-jwks.ts";

/** The parsed options: with all defaults, and durations in milliseconds. */
export interface VerifierSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly requireClaims: boolean;
  readonly clock: Clock;
  readonly source: StaticSource | RemoteSource;
}

interface StaticSource {
  readonly keys: readonly VerificationKey[];
}

interface RemoteSource {
  readonly url: string;
  readonly cacheMaxAge: number;
  readonly cooldown: number;
  readonly timeout: number;
  readonly fetch?: JwksFetch | undefined;
}

/** Parses the options of `createVerifier`, or throws `invalid_configuration` with the option and the fix. */
export function parseOptions(raw: VerifierOptions): VerifierSettings {
  if (!isPlainObject(raw)) throw misconfigured("createVerifier: the options must be a plain object");
  const options: VerifierOptions = { ...raw };
  const problems = [...Object.entries(options).flatMap(judgeOption), ...findContradictions(options)];
  if (problems.length > 0) throw misconfigured(`createVerifier: ${problems.join("; ")}`);
  const { issuer, audience, requireClaims = false, clock = systemClock } = options;
  return Object.freeze({ issuer, audience, requireClaims, clock, source: sourceOf(options) });
}

/** The problem with a value, or null. */
type Judge = (value: unknown) => string | null;

const LONGEST_NAME = 255;

const RULES: Readonly<Record<keyof VerifierOptions, Judge>> = {
  jwksUrl: judgeUrl,
  jwks: judgeJwks,
  issuer: judgeName,
  audience: judgeName,
  cacheMaxAge: durationWithin("1s", "1d"),
  cooldown: durationWithin("1s", "1h"),
  timeout: durationWithin("100ms", "1m"),
  fetch: (value) => (typeof value === "function" ? null : "must be a function"),
  requireClaims: (value) => (typeof value === "boolean" ? null : "must be true or false"),
  clock: (value) => (tellsTime(value) ? null : "must be an object whose now() answers a valid Date"),
};

function judgeOption([name, value]: readonly [string, unknown]): readonly string[] {
  if (!Object.hasOwn(RULES, name)) {
    return [`${name}: no such option; check the spelling against docs/verifier.md`];
  }
  const problem = value === undefined ? null : RULES[name as keyof VerifierOptions](value);
  return problem === null ? [] : [`${name}: ${problem}`];
}

function judgeUrl(value: unknown): string | null {
  const url = parseUrl(value);
  if (!url) return "must be an absolute URL";
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal)) {
    return "must be https: (http: is for localhost only), or an attacker in the network can replace the keys";
  }
  return url.username || url.password ? "must hold no user name and no password" : null;
}

function parseUrl(value: unknown): URL | null {
  try {
    return typeof value === "string" || value instanceof URL ? new URL(value) : null;
  } catch {
    return null;
  }
}

function judgeJwks(value: unknown): string | null {
  const read = readJwks(value);
  if (typeof read === "string") return read;
  return read.length > 0 ? null : "has no keys: is the option `signingKeys` set in the service that signs?";
}

function judgeName(value: unknown): string | null {
  const fits =
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= LONGEST_NAME &&
    !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|^\s|\s$/u.test(value);
  return fits
    ? null
    : `must be a text of 1 to ${LONGEST_NAME} characters without white space around it, the same as where tokens are signed`;
}

function durationWithin(low: Duration, high: Duration): Judge {
  const [least, most] = [toMs(low), toMs(high)];
  return (value) => {
    const ms = toMs(value);
    if (Number.isNaN(ms)) return 'must be a duration such as "10m", "30s" or whole milliseconds';
    return ms >= least && ms <= most ? null : `must be between "${low}" and "${high}"`;
  };
}

/** Milliseconds, or NaN: not a duration. */
function toMs(value: unknown): number {
  const isText = typeof value === "string" || typeof value === "number";
  return (isText ? parseDuration(value) : null) ?? Number.NaN;
}

function tellsTime(clock: unknown): boolean {
  try {
    return !Number.isNaN((clock as Clock).now().getTime());
  } catch {
    return false;
  }
}

const OF_A_FETCH = ["cacheMaxAge", "cooldown", "timeout", "fetch"] as const;

function findContradictions(options: VerifierOptions): readonly string[] {
  const { jwksUrl, jwks, cacheMaxAge = "10m", cooldown = 1 } = options;
  const problems = (["issuer", "audience"] as const)
    .filter((name) => options[name] === undefined)
    .map((name) => `${name}: ${judgeName(undefined)}`);
  if (jwksUrl === undefined && jwks === undefined) problems.push("jwksUrl: must be given, or else jwks");
  if (jwksUrl !== undefined && jwks !== undefined) problems.push("jwks: drop it, or drop jwksUrl");
  const idle = OF_A_FETCH.filter((name) => jwks !== undefined && options[name] !== undefined);
  problems.push(...idle.map((name) => `${name}: drop it: with jwks nothing is fetched`));
  if (toMs(cooldown) > toMs(cacheMaxAge)) problems.push("cooldown: must be at most cacheMaxAge");
  return problems;
}

function sourceOf(options: VerifierOptions): VerifierSettings["source"] {
  const { jwksUrl, jwks, cacheMaxAge = "10m", cooldown = "30s", timeout = "5s", fetch } = options;
  const keys = readJwks(jwks);
  if (typeof keys !== "string") return { keys };
  const longest = toMs(cacheMaxAge);
  return {
    url: new URL(jwksUrl as string | URL).href,
    cacheMaxAge: longest,
    cooldown: Math.min(toMs(cooldown), longest),
    timeout: toMs(timeout),
    fetch,
  };
}
