import assert from "node:assert/strict";
import type { Answer } from "./call.ts";
import { PASSWORD } from "./shapes.ts";
import type { Sent, Subject } from "./subject.ts";

export const ACCESS = "__Host-sp-access";
export const REFRESH = "__Secure-sp-refresh";
export const DEVICE = "__Secure-sp-device";

/** A `Set-Cookie` line, taken apart. */
interface SetCookie {
  readonly name: string;
  readonly value: string;
  readonly seconds: number;
}

/** An answer, and what it does to the cookies, by name; the lines that do it are not among its headers any more. */
export interface PageAnswer extends Answer {
  readonly cookies: readonly SetCookie[];
}

/** By name: what a server in cookie mode promises, and its proof on a page of a fresh one. */
export type PagePromises = Readonly<Record<string, (page: Page) => Promise<void>>>;

/** A page in a browser, as far as cookies go: it keeps what it is told to, and says where it comes from. */
export interface Page {
  readonly origin: string;
  readonly subject: Subject;
  readonly jar: Map<string, string>;
  send(path: string, sent?: Sent): Promise<PageAnswer>;
  sendToApp(path: string, sent?: Sent): Promise<PageAnswer>;
  /** Sends nothing by itself but the cookies. */
  sendFrom(path: string, sent: Sent): Promise<PageAnswer>;
  post(path: string, body?: unknown, headers?: Sent["headers"]): Promise<PageAnswer>;
  signUp(email?: string): Promise<PageAnswer>;
  signIn(email?: string): Promise<PageAnswer>;
}

export function pageOf(subject: Subject, origin: string): Page {
  const jar = new Map<string, string>();
  const withCookies = (sent: Sent): Sent => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    return { ...sent, headers: { ...(cookie !== "" && { cookie }), ...sent.headers } };
  };
  const asPage = (sent: Sent = {}): Sent =>
    withCookies({
      ...sent,
      headers: { ...((sent.method ?? "GET") !== "GET" && { origin }), ...sent.headers },
    });
  const keep = (answer: Answer): PageAnswer => {
    const kept = takeCookies(answer, subject.basePath);
    for (const { name, value, seconds } of kept.cookies) {
      if (seconds === 0) jar.delete(name);
      else jar.set(name, value);
    }
    return kept;
  };
  const send: Page["send"] = async (path, sent) => keep(await subject.send(path, asPage(sent)));
  const post: Page["post"] = async (path, body, headers = {}) =>
    send(path, {
      method: "POST",
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
  const enter = async (path: string, email: string): Promise<PageAnswer> => {
    await subject.advance(60_000);
    const answer = await post(path, { email, password: PASSWORD });
    await subject.advance(60_000);
    return answer;
  };
  return {
    origin,
    subject,
    jar,
    send,
    post,
    sendToApp: async (path, sent) => keep(await subject.sendToApp(path, asPage(sent))),
    sendFrom: async (path, sent) =>
      takeCookies(await subject.send(path, withCookies(sent)), subject.basePath),
    signUp: (email = "ada@example.com") => enter("/signup", email),
    signIn: (email = "ada@example.com") => enter("/login", email),
  };
}

/** The cookies of an answer. Fails for one that is not exactly as it has to be. */
function takeCookies({ headers, ...answer }: Answer, basePath: string): PageAnswer {
  const lines = headers.flatMap(([name, value]) => (name === "set-cookie" ? [value] : []));
  const cookies = lines.map((line) => readCookie(line, basePath));
  const names = cookies.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `twice in one answer: ${names}`);
  return { ...answer, headers: headers.filter(([name]) => name !== "set-cookie"), cookies };
}

// The whole line, so that no attribute can be missing, and none be there beside: no Domain, for one.
const LINE = /^(?<name>[\w-]+)=(?<value>[\w.-]*); Max-Age=(?<seconds>\d+); (?<attributes>.+)$/;

function readCookie(line: string, basePath: string): SetCookie {
  const { name = "", value = "", seconds = "", attributes } = LINE.exec(line)?.groups ?? {};
  const expected: Readonly<Record<string, string>> = {
    [ACCESS]: "Path=/; HttpOnly; Secure; SameSite=Lax",
    [REFRESH]: `Path=${basePath}; HttpOnly; Secure; SameSite=Strict`,
    [DEVICE]: `Path=${basePath}; HttpOnly; Secure; SameSite=Strict`,
  };
  assert.ok(name in expected, `an unexpected cookie: ${name}`);
  assert.equal(attributes, expected[name], name);
  assert.ok(Buffer.byteLength(line) <= 4096, `${name} is larger than browsers keep`);
  assert.equal(value === "", seconds === "0", `${name} is empty exactly when it ends`);
  return { name, value, seconds: Number(seconds) };
}
