import { isUuid } from "../lib/uuid.ts";

/** The claims of an access token (RFC 7519, RFC 9068); times in whole seconds since the epoch. */
export interface AccessClaims {
  /** The user's id. */
  readonly sub: string;
  /** The session's id. */
  readonly sid: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly auth_time: number;
  readonly amr: readonly string[];
  /** The application's own, under one name: whatever they are called, they touch no claim of ours. */
  readonly claims?: object | undefined;
}

/** Whom a token is from and for: exact texts. */
export interface Parties {
  readonly issuer: string;
  readonly audience: string;
}

const KNOWN = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "auth_time", "amr", "claims"];
const FUTURE_TOLERANCE_SECONDS = 5;

/**
 * The claims of a payload that was signed, or null if it is not exactly what we write: every claim, no
 * other one, no claim twice, exact types. Arrays for `iss` and `aud`, or a text for `exp`, are not ours.
 */
export function readAccessClaims(payload: string, { issuer, audience }: Parties): AccessClaims | null {
  const parsed = parseJson(payload);
  // Written again it is the same text: a claim that is there twice, or spelt otherwise, is not.
  if (!isRecord(parsed) || JSON.stringify(parsed) !== payload) return null;
  if (!Object.keys(parsed).every((name) => KNOWN.includes(name))) return null;
  const { iss, aud, ...claims } = parsed;
  return iss === issuer && aud === audience && areClaims(claims) ? freezeDeeply(claims) : null;
}

export type TimeVerdict = "in_time" | "expired" | "not_yet";

/** The end itself is too late. Clocks may differ by 5 s on the way in, and by nothing on the way out. */
export function judgeTime({ iat, exp }: Pick<AccessClaims, "iat" | "exp">, now: Date): TimeVerdict {
  const seconds = now.getTime() / 1000;
  if (iat > seconds + FUTURE_TOLERANCE_SECONDS) return "not_yet";
  return exp > seconds ? "in_time" : "expired"; // a clock that tells no time finds nothing in time
}

type Parsed = Readonly<Record<string, unknown>>;

function areClaims(parsed: Parsed): parsed is Parsed & AccessClaims {
  const { sub, sid, jti, iat, exp, auth_time, amr, claims } = parsed;
  return (
    [sub, sid, jti].every((id) => typeof id === "string" && isUuid(id)) &&
    [iat, exp, auth_time].every((time) => Number.isSafeInteger(time) && (time as number) >= 0) &&
    Array.isArray(amr) &&
    amr.length > 0 &&
    amr.every((method) => typeof method === "string") &&
    (claims === undefined || isRecord(claims))
  );
}

function isRecord(value: unknown): value is Parsed {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// Claims are kept and given to every caller with the same token: none may write into them.
function freezeDeeply<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) freezeDeeply(part);
  return Object.freeze(value);
}
