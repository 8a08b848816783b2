import { type Answer, ask, isOver } from "./answer.ts";
import { type Authorized, createAuthorized } from "./authorized.ts";
import { createExclusive } from "./exclusive.ts";
import { createHeld } from "./held.ts";
import { createPlace } from "./place.ts";
import { sessionChanged } from "./problem.ts";
import { createRenewal, holdAnswer, type Parts, proofOf, type Renewal, type TokenBody } from "./renewal.ts";
import type {
  AuthClient,
  AuthClientOptions,
  CurrentUser,
  EventsPageInput,
  ListedSession,
  LoginResult,
  Reauthenticated,
  SignedIn,
} from "./types.ts";

/**
 * Makes the browser's side of an `Auth` that `createHandler` serves. Throws a TypeError where there is no page
 * and `basePath` is no URL.
 */
export function createAuthClient(options: AuthClientOptions = {}): AuthClient {
  const parts = createParts(options);
  const renewal = createRenewal(parts);
  const { call, fetch } = createAuthorized(parts, renewal);
  const { state, close } = parts.held;
  return Object.freeze({
    ...doors(parts, renewal),
    ...routes(parts, call),
    ...{ fetch, state, close },
  });
}

function createParts(options: AuthClientOptions): Parts {
  const { fetch: send = (request) => fetch(request), now = Date.now, onChange } = options;
  const { locks = globalThis.navigator?.locks, transport } = options;
  const isBearer = transport !== "cookie";
  const place = createPlace(options);
  const held = createHeld({
    storage: () => options.storage ?? (isBearer ? undefined : globalThis.localStorage),
    key: place.key,
    initial: isBearer ? "signed_out" : "unknown",
    onChange,
  });
  // What is in memory here is nobody else's to wait for.
  const exclusive = createExclusive(place.key, isBearer && !options.storage ? null : locks);
  return { place, send, held, exclusive, now, isBearer };
}

type Doors = Pick<AuthClient, "signup" | "login" | "logout" | "refresh">;

/** In, on, and out. One of them at a time: in cookie mode the last answer to arrive would decide who is signed in. */
function doors(parts: Parts, { refresh }: Renewal): Doors {
  const { place, send, held, exclusive } = parts;
  const enter = (path: string, body: object): Promise<LoginResult> =>
    exclusive(async () => {
      const answer = await ask<TokenBody & LoginResult>(send, place.own(path, { body }));
      if (answer.body.status === "signed_in") holdAnswer(parts, answer);
      return withoutTokens(answer.body);
    });
  return {
    signup: (input) => enter("signup", input),
    login: (input) => enter("login", { ...input, deviceToken: held.holdings().device }),
    logout: () =>
      exclusive(async () => {
        const session = held.session();
        await ask(send, place.own("logout", { method: "POST", body: proofOf(session) }), true).catch(
          (error) => {
            if (!isOver(error)) throw error;
          },
        );
        // In a tab without locks somebody may have signed in meanwhile.
        if (held.session()?.id === session?.id) held.hold(undefined);
      }),
    refresh: async () => {
      await refresh();
      if (held.state() === "signed_out") throw sessionChanged();
      return { accessTokenExpiresAt: held.session()?.until ?? "" };
    },
  };
}

type Routes = Pick<AuthClient, "reauthenticate" | "password" | "me" | "sessions" | "events">;

/** What somebody who is signed in may ask of the server. */
function routes(parts: Parts, call: Authorized["call"]): Routes {
  const { held, isBearer } = parts;
  const keep = (answer: Answer<TokenBody>): void => holdAnswer(parts, answer);
  const prove = async <Result>(path: string, body: object): Promise<Result> =>
    withoutTokens(await call<TokenBody & Result>(path, { body }, keep));
  // In cookie mode nothing but the answer to `me` tells whose the cookies are.
  const meet = ({ body }: Answer<CurrentUser>): void => {
    const id = body.session?.id;
    if (id && held.session()?.id !== id) held.hold({ id, at: 0, ends: null });
  };
  const forget = (id: string): void => {
    if (held.session()?.id === id) held.hold(undefined);
  };
  return {
    reauthenticate: (input) => prove<Reauthenticated>("reauthenticate", input),
    password: { change: (input) => prove<SignedIn>("password", input) },
    me: () => call("me", {}, isBearer ? undefined : meet),
    sessions: {
      list: async () => (await call<SessionList>("sessions")).sessions,
      revoke: (id) =>
        call(`sessions/${encodeURIComponent(id)}`, { method: "DELETE", isEmpty: true }, () => forget(id)),
      revokeOthers: () => call("sessions", { method: "DELETE" }),
    },
    events: { list: (page = {}) => call(`events?${query(page)}`) },
  };
}

interface SessionList {
  readonly sessions: readonly ListedSession[];
}

// The client has them. What a page does not get it cannot log, keep or send.
function withoutTokens<Body extends object>(body: Body): Body {
  const { accessToken, refreshToken, deviceToken, ...rest } = body as Body & Partial<TokenBody>;
  return rest as unknown as Body;
}

function query(page: EventsPageInput): string {
  // JSON leaves out what is undefined; the parameters would spell it.
  return String(new URLSearchParams(JSON.parse(JSON.stringify(page))));
}
