import { isUuid } from "../lib/uuid.ts";

/** The claims of an access token (RFC 7519, RFC 9068). Times are whole seconds since the epoch. */
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
  /** The claims of the application, under one name, so that they cannot replace a claim of the library. */
  readonly claims?: object | undefined;
}

/** The issuer and the audience of a token. Both are compared exactly. */
export interface Parties {
  readonly issuer: string;
  readonly audience: string;
}

const KNOWN = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "auth_time", "amr", "claims"];
const FUTURE_TOLERANCE_SECONDS = 5;

/**
 * Reads the claims of a signed payload. Null: the library would not write exactly this text. It writes each claim
 * once, with one type, and no other claim. It never writes an array for `iss` or `aud`, nor a text for `exp`.
 */
export function readAccessClaims(payload: string, { issuer, audience }: Parties): AccessClaims | null {
  const parsed = parseJson(payload);
  // The JSON is written again and compared. So a repeated claim or another spelling is refused.
  if (!isRecord(parsed) || JSON.stringify(parsed) !== payload) return null;
  if (!Object.keys(parsed).every((name) => KNOWN.includes(name))) return null;
  const { iss, aud, ...claims } = parsed;
  return iss === issuer && aud === audience && areClaims(claims) ? freezeDeeply(claims) : null;
}

export type TimeVerdict = "in_time" | "expired" | "not_yet";

/** A token is expired from `exp` on, without tolerance. `iat` may be up to 5 s in the future, as clocks differ. */
export function judgeTime({ iat, exp }: Pick<AccessClaims, "iat" | "exp">, now: Date): TimeVerdict {
  const seconds = now.getTime() / 1000;
  if (iat > seconds + FUTURE_TOLERANCE_SECONDS) return "not_yet";
  return exp > seconds ? "in_time" : "expired"; // With an invalid clock (NaN) every token is expired.
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

// The cached claims go to every caller with the same token, so no caller may change them.
function freezeDeeply<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) freezeDeeply(part);
  return Object.freeze(value);
}
