import type { Answer } from "./call.ts";
import { type PageAnswer, takeCookies } from "./set-cookie.ts";
import { PASSWORD } from "./shapes.ts";
import type { Sent, Subject } from "./subject.ts";

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
  const post: Page["post"] = async (path, body, headers) => send(path, postOf(body, headers));
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

/** A body of JSON: text is sent as it is. */
function postOf(body: unknown, headers: Sent["headers"]): Sent {
  return {
    method: "POST",
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  };
}
