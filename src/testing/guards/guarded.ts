import assert from "node:assert/strict";
import type { AuthErrorCode } from "../../errors.ts";
import type { Answer } from "../http/call.ts";
import { type ExpectedProblem, expectProblem } from "../http/expect.ts";
import { pageOf } from "../http/page.ts";
import { ACCESS } from "../http/set-cookie.ts";
import { EMAIL } from "../http/shapes.ts";
import { type Sent, type Subject, subjectOf } from "../http/subject.ts";

/** A guard of an adapter in front of one route. */
export interface Guard {
  /**
   * `required` lets signed-in users pass. `same_user` lets the user pass that the path names. `optional` lets all pass,
   * and tells the route who is signed in.
   */
  readonly kind: "required" | "same_user" | "optional";
  /**
   * The arguments that are its requirements, for the first two kinds: none, one or several. Some are wrong on purpose.
   * So the guard must pass on the very values, also `undefined`: `requireAuth(...asked)`. A copy by spread of a promise, a
   * list or a class instance has no requirement left.
   */
  readonly asked: readonly unknown[];
}

/** A server that runs, with an `Auth` of its own and one guard. */
export interface GuardedServer {
  /** The full URL of the base path of the auth routes. */
  readonly baseUrl: string;
  /**
   * The full URL of a route behind the guard, for `GET` and `POST`. With `same_user` the id of a user follows it, as one
   * segment. It answers 200 with the JSON `{ userId, email }` of the caller, by `user()`. Both are null if an optional
   * guard knows no user.
   */
  readonly routeUrl: string;
  /** Moves the fake clock of its `Auth`. */
  advance(ms: number): void | Promise<void>;
  /** From now on every call of its store fails. */
  loseStore(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** By name: what a guard promises, and its proof. */
export type GuardPromises = Readonly<Record<string, (guards: Guards) => Promise<void>>>;

/** A guard, perhaps without requirements. */
export type GuardToOpen = Pick<Guard, "kind"> & Partial<Guard>;

/** Opens guards, and speaks to them as the transport of their handler wants it. */
export interface Guards {
  /** Of cookie mode. */
  readonly origin: string | undefined;
  /** Runs on a fresh server with this guard. */
  behind(guard: GuardToOpen, prove: (route: GuardedRoute) => Promise<void>): Promise<void>;
  /** A refusal, with exactly the headers that this transport has. */
  expectRefused(answer: Answer, code: AuthErrorCode, expected?: Omit<ExpectedProblem, "inCookies">): void;
}

export interface GuardedRoute extends Pick<GuardedServer, "advance" | "loseStore"> {
  ask(sent?: Sent & { readonly userId?: string }): Promise<Answer>;
  signUp(email?: string): Promise<SignedInUser>;
}

export interface SignedInUser {
  readonly userId: string;
  readonly email: string;
  /** The access token, as it travels. */
  readonly headers: Readonly<Record<string, string>>;
  /** The headers of a request that may change something. */
  readonly writing: Readonly<Record<string, string>>;
  signOut(): Promise<void>;
}

export interface GuardsUnderTest {
  readonly open: (guard: Guard) => GuardedServer | Promise<GuardedServer>;
  readonly origin: string | undefined;
}

export function guardsOf({ open, origin }: GuardsUnderTest): Guards {
  return {
    origin,
    expectRefused: (answer, code, expected) =>
      expectProblem(answer, code, { ...expected, inCookies: origin !== undefined }),
    async behind(guard, prove) {
      const server = await open({ asked: [], ...guard });
      try {
        await prove(routeOf(server, origin));
      } finally {
        await server.close();
      }
    },
  };
}

function routeOf(server: GuardedServer, origin: string | undefined): GuardedRoute {
  const subject = subjectOf({ ...server, appUrl: server.routeUrl });
  const enter = origin === undefined ? enterByHeader : enterByCookie(origin);
  return {
    advance: (ms) => server.advance(ms),
    loseStore: () => server.loseStore(),
    ask: ({ userId, ...sent } = {}) => subject.sendToApp(userId === undefined ? "" : `/${userId}`, sent),
    signUp: (email = EMAIL) => enter(subject, email),
  };
}

async function enterByHeader(subject: Subject, email: string): Promise<SignedInUser> {
  const { accessToken: token, user } = await subject.signUp(email);
  const headers = { authorization: `Bearer ${token}` };
  const signOut = async (): Promise<void> =>
    assert.equal((await subject.send("/logout", { method: "POST", token })).status, 204);
  return { userId: user.id, email, headers, writing: headers, signOut };
}

function enterByCookie(origin: string): typeof enterByHeader {
  return async (subject, email) => {
    const page = pageOf(subject, origin);
    const { user } = JSON.parse((await page.signUp(email)).body);
    const headers = { cookie: `${ACCESS}=${page.jar.get(ACCESS)}` };
    const signOut = async (): Promise<void> => assert.equal((await page.post("/logout")).status, 204);
    return { userId: user.id, email, headers, writing: { ...headers, origin }, signOut };
  };
}

/** The route served this user; null: it served a stranger. */
export function expectServed(answer: Answer, user: Pick<SignedInUser, "userId" | "email"> | null): void {
  assert.equal(answer.status, 200, answer.body);
  const { userId, email } = user ?? { userId: null, email: null };
  assert.deepEqual(JSON.parse(answer.body), { userId, email });
}
