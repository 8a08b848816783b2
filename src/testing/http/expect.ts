import assert from "node:assert/strict";
import { AuthError, type AuthErrorCode } from "../../errors.ts";
import type { Answer } from "./call.ts";

export type Headers = Readonly<Record<string, string>>;
/** A value, a pattern of a text, a rule, or an object of these with exactly these members. */
export type Shape = null | boolean | number | string | RegExp | Rule | readonly Shape[] | Members;
type Rule = (value: unknown) => boolean;
export interface Members {
  readonly [member: string]: Shape;
}

const ALWAYS: Headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** A JSON answer with exactly these headers and exactly this shape. Returns its body. */
export function expectJson<T>(answer: Answer, status: number, { shape, headers = {} }: Expected): T {
  assert.equal(answer.status, status, answer.body);
  expectHeaders(answer, { ...ALWAYS, "content-type": "application/json", ...lengthOf(answer), ...headers });
  const body: unknown = JSON.parse(answer.body);
  assertShape(body, shape, "body");
  return body as T;
}

export interface Expected {
  readonly shape: Shape;
  /** Beside those that every JSON answer has, or in their place. */
  readonly headers?: Headers;
}

/** An answer without a body, with exactly these headers beside `Cache-Control`. */
export function expectEmpty(answer: Answer, status: number, headers: Headers = {}): void {
  assert.deepEqual([answer.status, answer.body], [status, ""]);
  expectHeaders(answer, { "cache-control": "no-store", ...headers });
}

export interface ExpectedProblem {
  /** Of every failed rule: its path and code. */
  readonly errors?: readonly (readonly [path: string, code: string])[];
  /** The least wait. An answer may add up to a fifth, at most 60 seconds. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Headers;
  /** An answer of cookie mode, which refuses the header that `WWW-Authenticate` asks for. */
  readonly inCookies?: boolean;
}

/** The same for a page: its tokens are in cookies. */
export function expectPageProblem(
  answer: Answer,
  code: AuthErrorCode,
  expected: Omit<ExpectedProblem, "inCookies"> = {},
): void {
  expectProblem(answer, code, { ...expected, inCookies: true });
}

/** A problem (RFC 9457) of this code, with exactly these headers and members. */
export function expectProblem(answer: Answer, code: AuthErrorCode, expected: ExpectedProblem = {}): void {
  const { errors, headers = {}, inCookies = false } = expected;
  const retryAfterSeconds = waitOf(answer, expected);
  const { status, message } = new AuthError(code);
  assert.deepEqual([answer.status, codeOf(answer)], [status, code], answer.body);
  const isBearerFailure = status === 401 && code !== "invalid_credentials" && !inCookies;
  const challenge = code === "token_missing" ? "Bearer" : 'Bearer error="invalid_token"';
  const bearer = isBearerFailure ? { "www-authenticate": challenge } : {};
  const retry = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  expectHeaders(answer, {
    ...ALWAYS,
    "content-type": "application/problem+json",
    ...lengthOf(answer),
    ...bearer,
    ...retry,
    ...headers,
  });
  assertShape(
    JSON.parse(answer.body),
    {
      type: `tag:sallyport,2026:problem:${code}`,
      title: code === "malformed_request" ? /^[A-Z].+\.$/ : message, // it says what could not be understood
      status,
      code,
      ...(errors && { errors: errors.map(([path, of]) => ({ path, code: of, message: /^[A-Z]/ })) }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
    "problem",
  );
}

/** The wait that the answer gives, after a check of its bounds. Undefined: the answer must have none. */
function waitOf({ body }: Answer, { retryAfterSeconds: least }: ExpectedProblem): number | undefined {
  if (least === undefined) return undefined;
  const wait: number = JSON.parse(body).retryAfterSeconds;
  const most = least + Math.min(60, Math.ceil(least / 5));
  assert.ok(Number.isInteger(wait) && wait >= least && wait <= most, `retryAfterSeconds is ${wait}`);
  return wait;
}

/** The code of a problem; undefined for any other answer. */
export function codeOf({ body }: Answer): unknown {
  try {
    return JSON.parse(body).code;
  } catch {
    return undefined;
  }
}

function expectHeaders(answer: Answer, expected: Headers): void {
  const lines = Object.entries(expected).map(([name, value]) => `${name}: ${value}`);
  assert.deepEqual(
    answer.headers.map(([name, value]) => `${name}: ${value}`),
    lines.sort(),
  );
}

function lengthOf({ body }: Answer): Headers {
  return { "content-length": String(Buffer.byteLength(body)) };
}

function assertShape(value: unknown, shape: Shape, at: string): void {
  if (typeof shape === "function") assert.ok(shape(value), `${at} is ${JSON.stringify(value)}`);
  else if (shape instanceof RegExp) assert.ok(isText(value, shape), `${at} is ${JSON.stringify(value)}`);
  else if (typeof shape === "object" && shape !== null) assertMembers(value, shape, at);
  else assert.equal(value, shape, at);
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

function assertMembers(value: unknown, shape: object, at: string): void {
  assert.ok(typeof value === "object" && value !== null, `${at} is ${JSON.stringify(value)}`);
  assert.equal(Array.isArray(value), Array.isArray(shape), at);
  assert.deepEqual(Object.keys(value).sort(), Object.keys(shape).sort(), at);
  for (const [name, inner] of Object.entries(shape))
    assertShape((value as Readonly<Record<string, unknown>>)[name], inner as Shape, `${at}.${name}`);
}
