import { type Answer, type Call, call } from "./call.ts";
import { EMAIL, PASSWORD, type SignedIn, USER_AGENT } from "./shapes.ts";

/** A server that runs, with an `Auth` of its own. */
export interface HttpServerUnderTest {
  /** The full URL of the base path: `http://127.0.0.1:1234/auth`. */
  readonly baseUrl: string;
  /**
   * Where the application's own two routes are, without a slash at the end. `GET` and `POST /whoami` are behind the
   * adapter's check for signed-in users, `GET /users/{id}` behind the one for the user whom the path names;
   * both answer 200 with the JSON `{ userId }`, which is the proven principal's.
   */
  readonly appUrl: string;
  /** Moves the fake clock of its `Auth`. */
  advance(ms: number): void | Promise<void>;
  close(): void | Promise<void>;
}

/** By name: what a server promises, and its proof on a fresh one. */
export type HttpPromises = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

export type Sent = Omit<Call, "target"> & { readonly token?: string | undefined };

/** The server, and the requests that most proofs need. */
export interface Subject {
  readonly basePath: string;
  advance(ms: number): void | Promise<void>;
  /** To a path below the base path. */
  send(path: string, sent?: Sent): Promise<Answer>;
  /** To a raw target. */
  sendTo(target: string, sent?: Sent): Promise<Answer>;
  /** To a route of the application. */
  sendToApp(path: string, sent?: Sent): Promise<Answer>;
  /** A body of JSON: text is sent as it is. */
  post(path: string, body: unknown, sent?: Sent): Promise<Answer>;
  /** Signs up; the limits of both routes are fresh afterwards. */
  signUp(email?: string): Promise<SignedIn>;
  /** Signs in, with fresh limits before and after. */
  logIn(email?: string): Promise<SignedIn>;
}

const JSON_TYPE = { "content-type": "application/json" } as const;
const MINUTE = 60_000;

export function subjectOf({ baseUrl, appUrl, advance }: HttpServerUnderTest): Subject {
  const { origin, pathname: basePath } = new URL(baseUrl);
  const app = new URL(appUrl);
  const appPath = app.pathname.replace(/\/$/, "");

  const ask = (to: string, target: string, { token, headers, ...sent }: Sent = {}): Promise<Answer> => {
    const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return call(to, { target, ...sent, headers: { "user-agent": USER_AGENT, ...bearer, ...headers } });
  };
  const sendTo: Subject["sendTo"] = (target, sent) => ask(origin, target, sent);
  const send: Subject["send"] = (path, sent) => sendTo(basePath + path, sent);
  const post: Subject["post"] = (path, body, sent = {}) =>
    send(path, {
      method: "POST",
      ...sent,
      headers: { ...JSON_TYPE, ...sent.headers },
      body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
  const enter = async (path: string, email: string): Promise<SignedIn> => {
    await advance(MINUTE);
    const { body } = await post(path, { email, password: PASSWORD });
    await advance(MINUTE);
    return JSON.parse(body) as SignedIn;
  };

  return {
    basePath,
    advance,
    send,
    sendTo,
    sendToApp: (path, sent) => ask(app.origin, appPath + path, sent),
    post,
    signUp: (email = EMAIL) => enter("/signup", email),
    logIn: (email = EMAIL) => enter("/login", email),
  };
}
