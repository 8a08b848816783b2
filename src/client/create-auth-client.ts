import { type Answer, ask, isOver } from "./answer.ts";
import { createAttempt, fetchWith } from "./attempt.ts";
import type { AuthClientOptionsWith, AuthClientWith, ClientFeatures } from "./feature.ts";
import { install } from "./installable-feature.ts";
import { createKit } from "./kit.ts";
import { createParts, type Parts } from "./parts.ts";
import { sessionChanged } from "./problem.ts";
import { createRenewal, proofOf, type Renewal } from "./renewal.ts";
import type { AuthClient, AuthClientOptions, CurrentUser, ListedSession, Refreshed } from "./types.ts";

/**
 * Makes the browser's side of an `Auth` that `createHandler` serves. Throws a TypeError if there is no page and
 * `basePath` is no URL, or if a feature does not fit.
 *
 * @example
 * ```ts
 * import { createAuthClient } from "sallyport/client";
 *
 * const client = createAuthClient({
 *   transport: "cookie",
 *   onChange: (state) => {
 *     if (state === "signed_out") location.assign("/sign-in");
 *   },
 * });
 * const response = await client.fetch("/api/notes");
 * ```
 */
export function createAuthClient(options?: AuthClientOptions): AuthClient;
export function createAuthClient<F extends ClientFeatures>(
  options: AuthClientOptionsWith<F>,
): AuthClientWith<F>;
export function createAuthClient(options: AuthClientOptions<ClientFeatures | undefined> = {}): AuthClient {
  const parts = createParts(options);
  const renewal = createRenewal(parts);
  const attempt = createAttempt(parts, renewal);
  const kit = createKit(parts, attempt);
  const { call, enter, prove } = kit;
  return install(options.features, kit, {
    signup: (input) => enter("signup", { ...input, ...proofOf(parts.session()) }),
    login: (input) => enter("login", { ...input, ...proofOf(parts.session()) }, true),
    logout: () => parts.exclusive(() => logout(parts)),
    refresh: () => refresh(parts, renewal),
    reauthenticate: (input) => prove("reauthenticate", input),
    password: { change: (input) => prove("password", input) },
    me: () => call("me", {}, parts.isBearer ? undefined : (answer) => meet(parts, answer)),
    sessions: {
      list: async () => (await call<SessionList>("sessions")).sessions,
      revoke: (id) =>
        call(`sessions/${encodeURIComponent(id)}`, { method: "DELETE", isEmpty: true }, () =>
          forget(parts, id),
        ),
      revokeOthers: () => call("sessions", { method: "DELETE" }),
    },
    events: { list: (page = {}) => call(`events?${new URLSearchParams(JSON.parse(JSON.stringify(page)))}`) },
    fetch: async (input, init) => fetchWith(parts, attempt, new Request(input, init)),
    state: parts.state,
    close: parts.close,
  });
}

async function logout(parts: Parts): Promise<void> {
  const session = parts.session();
  await ask(parts, parts.own("logout", { method: "POST", body: proofOf(session) }), true).catch((error) => {
    if (!isOver(error)) throw error;
  });
  // In a tab without locks another user may have signed in meanwhile.
  forget(parts, session?.id);
}

/** Signs out here, unless another session began meanwhile. */
function forget(parts: Parts, id: string | undefined): void {
  if (parts.session()?.id === id) parts.hold();
}

async function refresh(parts: Parts, renewal: Renewal): Promise<Refreshed> {
  await renewal.refresh();
  if (parts.state() === "signed_out") throw sessionChanged();
  return { accessTokenExpiresAt: parts.session()?.until ?? "" };
}

/** In cookie mode nothing but the answer to `me` tells whose the cookies are. */
function meet(parts: Parts, { body }: Answer<CurrentUser>): void {
  const id = body.session?.id;
  if (id && parts.session()?.id !== id) parts.hold({ id, at: 0, ends: null });
}

interface SessionList {
  readonly sessions: readonly ListedSession[];
}
