import type { SignedIn } from "../../api/auth.ts";

/** The tokens of a result, and their ends. Results without tokens have none of these. */
export type Issued = Partial<SignedIn>;

/** The characters of our tokens. Any other could end the value of a cookie and begin an attribute. */
const TOKEN = /^[\w.~-]+$/;

/** Throws a `TypeError` unless it has a pair of tokens: cookies of anything else would sign no user in, unnoticed. */
export function assertIssued(result: unknown): asserts result is Issued {
  const { accessToken, refreshToken, deviceToken, ...ends } = Object(result) as Issued;
  const tokens = [accessToken, refreshToken, ...(deviceToken === undefined ? [] : [deviceToken])];
  const dates: readonly unknown[] = [ends.accessTokenExpiresAt, ends.refreshTokenExpiresAt];
  if (tokens.every(isToken) && dates.every(isDate)) return;
  throw new TypeError(
    "cookies(result): result must be the answer of a sign-in, a refresh or a reauthentication, or null; is an `await` " +
      "missing, or is it a challenge?",
  );
}

export function isToken(value: unknown): boolean {
  return typeof value === "string" && TOKEN.test(value);
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
