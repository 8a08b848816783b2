import fc from "fast-check";
import type { Sent } from "../../src/testing/http/subject.ts";

/** What parsers, stores and regular expressions have been broken by. */
const TEXTS: readonly string[] = [
  "",
  "\u0000",
  "\ud800",
  "\udfff\ud800",
  "\u202eevil",
  "\ufeff",
  "straße@example.com",
  "İstanbul@example.com",
  "K\u0301",
  "__proto__",
  "constructor",
  "toString",
  "../../etc/passwd",
  "..",
  "%",
  "%00",
  "%2e%2e%2f",
  "%c0%af",
  "%0d%0aset-cookie: a=b",
  "\r\nset-cookie: a=b",
  "' OR 1=1 --",
  "a".repeat(5000),
  "💚".repeat(600),
  "1e309",
  "-0",
  "9".repeat(400),
  "null",
  "ada@example.com",
  "ADA@EXAMPLE.COM",
  "ada@xn--bcher-kva.example",
  "a@b",
  "018f0000-0000-7000-8000-000000000000",
];

/** What belongs to a user who is signed in, and may stand anywhere. */
export interface Known {
  readonly email: string;
  readonly password: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly deviceToken: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly cursor: string;
  /** Of the last mail that was asked for. Empty without a mailer. */
  readonly challengeToken: string;
  readonly link: string;
  readonly code: string;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Of its body. */
  readonly fields: readonly string[];
  readonly statuses: readonly string[];
}

type Value = { readonly known: keyof Known } | { readonly text: string } | { readonly json: unknown };

export interface Attack {
  /** Which of the operations, by its place. */
  readonly operation: number;
  readonly id: Value;
  readonly query: readonly (readonly [name: string, value: Value])[];
  readonly headers: readonly (readonly [name: string, values: readonly Value[]])[];
  readonly bearer: readonly Value[];
  readonly body: Body;
  readonly type: string;
  readonly chunked: boolean;
}

/** As it should be, but for some fields; or anything; or a text that may not even be JSON. */
type Body =
  | { readonly instead: Readonly<Record<string, Value>> }
  | { readonly any: unknown }
  | { readonly raw: string };

const KNOWN = [
  "accessToken",
  "refreshToken",
  "deviceToken",
  "sessionId",
  "userId",
  "cursor",
  "password",
  "challengeToken",
  "link",
] as const;
const FIELDS = [
  "email",
  "password",
  "currentPassword",
  "newPassword",
  "refreshToken",
  "deviceToken",
  "challengeToken",
  "link",
  "code",
] as const;
const known = (name: keyof Known): Value => ({ known: name });

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...KNOWN).map(known),
  fc.constantFrom(...TEXTS).map((text) => ({ text })),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => ({ text })),
);
const field: fc.Arbitrary<Value> = fc.oneof(
  value,
  fc.jsonValue().map((json) => ({ json })),
);
const names = fc.constantFrom(...FIELDS, "__proto__", "constructor", "length", "");

const RAW: readonly string[] = [
  "{",
  "",
  "\ufeff{}",
  '{"email":1e999}',
  '{"a":"\\ud800"}',
  `${"[".repeat(7000)}${"]".repeat(7000)}`,
  `{"email":${'{"a":'.repeat(2000)}1${"}".repeat(2000)},"password":"x"}`,
  '{"__proto__":{"email":"ada@example.com"},"email":"ada@example.com","password":"x"}',
  " ".repeat(20_000),
  `{"email":"${"\\u0061".repeat(2500)}"}`,
  "1e400",
  '"text"',
];

const body: fc.Arbitrary<Body> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ instead: {} }) },
  { weight: 5, arbitrary: fc.dictionary(names, field, { maxKeys: 3 }).map((instead) => ({ instead })) },
  { weight: 2, arbitrary: fc.jsonValue().map((any) => ({ any })) },
  { weight: 1, arbitrary: fc.constantFrom(...RAW).map((raw) => ({ raw })) },
);

const TYPES = [
  "application/json; charset=utf-8",
  "application/json; charset=utf-16",
  "application/json;",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "garbage",
  ";",
  "",
];
const HEADERS = [
  "cookie",
  "x-forwarded-for",
  "user-agent",
  "content-encoding",
  "origin",
  "accept",
  "x-request-id",
];

export const attack: fc.Arbitrary<Attack> = fc.record({
  operation: fc.nat(),
  id: fc.oneof({ weight: 2, arbitrary: value }, fc.constant(known("sessionId"))),
  query: fc.array(fc.tuple(fc.constantFrom("limit", "cursor", "__proto__", ""), value), { maxLength: 2 }),
  headers: fc.array(fc.tuple(fc.constantFrom(...HEADERS), fc.array(value, { minLength: 1, maxLength: 2 })), {
    maxLength: 1,
  }),
  bearer: fc.oneof(
    { weight: 4, arbitrary: fc.constant([known("accessToken")]) },
    fc.array(value, { maxLength: 2 }),
  ),
  body,
  type: fc.oneof({ weight: 5, arbitrary: fc.constant("application/json") }, fc.constantFrom(...TYPES)),
  chunked: fc.boolean(),
});

/** What an attack on an operation looks like on the wire. */
export function requestOf(
  drawn: Attack,
  { method, path, fields }: Operation,
  of: Partial<Known>,
): { path: string; sent: Sent } {
  const text = (given: Value): string => String(plain(given, of));
  const id = encodePath(text(drawn.id));
  const query = drawn.query
    .map(([name, given]) => `${name}=${encodePath(text(given)).slice(0, 2000)}`)
    .join("&");
  const headers = Object.fromEntries(
    drawn.headers.map(([name, values]) => [name, values.map((given) => headerText(text(given)))]),
  );
  const authorization = drawn.bearer.map((given) => headerText(`Bearer ${text(given)}`));
  return {
    path: path.replace("{id}", id.slice(0, 2000)) + (query && `?${query}`),
    sent: {
      method,
      headers: { ...headers, ...(authorization.length > 0 && { authorization }), "content-type": drawn.type },
      ...(method !== "GET" && { body: bodyOf(drawn.body, fields, of), chunked: drawn.chunked }),
    },
  };
}

function plain(given: Value, of: Partial<Known>): unknown {
  if ("known" in given) return of[given.known];
  return "text" in given ? given.text : given.json;
}

function bodyOf(drawn: Body, fields: readonly string[], of: Partial<Known>): string {
  if ("raw" in drawn) return drawn.raw;
  if ("any" in drawn) return JSON.stringify(drawn.any);
  const right = fields.filter((name) => name in of).map((name) => [name, of[name as keyof Known]]);
  const instead = Object.entries(drawn.instead).map(([name, given]) => [name, plain(given, of)]);
  return JSON.stringify(Object.fromEntries([...right, ...instead]));
}

// Percent signs stay as they are: half of the attacks are in what is decoded once too often.
function encodePath(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\w%.~!$&'()*+,;=:@-]/gu, (character) => encodeURIComponent(character));
}

function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?").slice(0, 1500);
}
