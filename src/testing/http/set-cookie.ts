import assert from "node:assert/strict";
import type { Answer } from "./call.ts";

export const ACCESS = "__Host-sp-access";
export const REFRESH = "__Secure-sp-refresh";
export const DEVICE = "__Secure-sp-device";
/** Only with the option `pages`. */
export const HINT = "__Host-sp-renew";

/** A `Set-Cookie` line, taken apart. */
interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** Null: until the browser closes. */
  readonly seconds: number | null;
}

/** An answer, and what it does to the cookies, by name; the lines that do it are not among its headers any more. */
export interface PageAnswer extends Answer {
  readonly cookies: readonly SetCookie[];
}

/** The cookies of an answer. Fails for one that is not exactly as it has to be. */
export function takeCookies({ headers, ...answer }: Answer, basePath: string): PageAnswer {
  const lines = headers.flatMap(([name, value]) => (name === "set-cookie" ? [value] : []));
  const cookies = lines.map((line) => readCookie(line, basePath));
  const names = cookies.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `twice in one answer: ${names}`);
  return { ...answer, headers: headers.filter(([name]) => name !== "set-cookie"), cookies };
}

// The whole line, so that no attribute can be missing, and none be there beside: no Domain, for one.
const LINE = /^(?<name>[\w-]+)=(?<value>~?[\w.-]*);(?: Max-Age=(?<seconds>\d+);)? (?<attributes>.+)$/;

function readCookie(line: string, basePath: string): SetCookie {
  const { name = "", value = "", seconds = "", attributes } = LINE.exec(line)?.groups ?? {};
  const expected: Readonly<Record<string, string>> = {
    [ACCESS]: "Path=/; HttpOnly; Secure; SameSite=Lax",
    [REFRESH]: `Path=${basePath}; HttpOnly; Secure; SameSite=Strict`,
    [HINT]: "Path=/; HttpOnly; Secure; SameSite=Lax",
    [DEVICE]: `Path=${basePath}; HttpOnly; Secure; SameSite=Strict`,
  };
  assert.ok(name in expected, `an unexpected cookie: ${name}`);
  assert.equal(attributes, expected[name], name);
  assert.ok(Buffer.byteLength(line) <= 4096, `${name} is larger than browsers keep`);
  assert.equal(value === "", seconds === "0", `${name} is empty exactly when it ends`);
  // The mark tells the next refresh that the browser shall forget its cookies, too.
  assert.equal(value.startsWith("~"), name === REFRESH && seconds === "", `${name}: the mark`);
  return { name, value, seconds: seconds === "" ? null : Number(seconds) };
}
