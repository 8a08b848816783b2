import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";

export interface PwnedPasswordsOptions {
  /**
   * The address of the range API, with a slash at its end: of a mirror of your own. `https:`, or `http:` on this machine.
   * Default: the public service of Have I Been Pwned.
   */
  readonly url?: string | URL | undefined;
  /** How long an answer may take, in milliseconds. 100 to 10,000, default 1,000. */
  readonly timeoutMs?: number | undefined;
  /** The number of leaks from which a password counts as breached. At least 1, the default. */
  readonly threshold?: number | undefined;
  /** Sends the request, for a proxy or a test. Default: the global `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}

export interface PwnedSettings {
  readonly url: string;
  readonly timeoutMs: number;
  readonly threshold: number;
  readonly fetch?: PwnedPasswordsOptions["fetch"];
}

const PUBLIC_SERVICE = "https://api.pwnedpasswords.com/range/";
const NAMES: readonly (keyof PwnedPasswordsOptions)[] = ["url", "timeoutMs", "threshold", "fetch"];

/** Parses the options of `pwnedPasswords`, or throws `invalid_configuration` with the option and the fix. */
export function parsePwnedOptions(options: PwnedPasswordsOptions): PwnedSettings {
  const kind = optionsProblem(options, NAMES);
  if (kind) throw misconfigured(`pwnedPasswords: ${kind}`);
  const { url = PUBLIC_SERVICE, timeoutMs = 1_000, threshold = 1, fetch } = options;
  const problems = [
    isSafeAddress(url) ? null : "url: must be https: with a slash at its end, or http: on localhost",
    isWhole(timeoutMs, 100, 10_000) ? null : "timeoutMs: must be whole, from 100 to 10000",
    isWhole(threshold, 1, Number.MAX_SAFE_INTEGER) ? null : "threshold: must be whole, at least 1",
    fetch === undefined || typeof fetch === "function" ? null : "fetch: must be a function",
  ].filter((problem) => problem !== null);
  if (problems.length > 0) throw misconfigured(`pwnedPasswords: ${problems.join("; ")}`);
  return { url: String(url), timeoutMs, threshold, fetch };
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;
}

function isSafeAddress(value: unknown): boolean {
  const url = typeof value === "string" || value instanceof URL ? URL.parse(value) : null;
  if (!url?.pathname.endsWith("/") || url.search || url.hash || url.username) return false;
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLocal);
}
