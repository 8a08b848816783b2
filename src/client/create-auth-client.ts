import { ask, isOver } from "./answer.ts";
import { createAttempt, fetchWith } from "./attempt.ts";
import type { AuthClientOptionsWith, AuthClientWith, ClientFeatures } from "./feature.ts";
import { findOut, meet } from "./first-visit.ts";
import { install } from "./installable-feature.ts";
import { createKit, type OwnKit } from "./kit.ts";
import { checkOptions } from "./options.ts";
import { createParts, type Parts } from "./parts.ts";
import { sessionChanged, tokenMissing } from "./problem.ts";
import { createRenewal, proofOf, type Renewal } from "./renewal.ts";
import type { AuthClient, AuthClientOptions, CurrentUser, ListedSession, Refreshed } from "./types.ts";

/**
 * Makes the browser's side of an `Auth` that `createHandler` serves. Throws a TypeError that names an option which is
 * misspelt, or a feature which does not fit. A server may make a client too: it then reads nothing before its first call.
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
  checkOptions(options);
  const parts = createParts(options);
  const renewal = createRenewal(parts);
  const attempt = createAttempt(parts, renewal);
  const kit = createKit(parts, attempt);
  const { call, begin, prove } = kit;
  const { state, snapshot, subscribe, close } = parts;
  return install(options.features, kit, {
    signup: (input) => begin("signup", input),
    login: (input) => begin("login", input, true),
    logout: () => parts.exclusive(() => logout(parts)),
    refresh: () => parts.stored(() => refresh(parts, renewal)),
    reauthenticate: (input) => prove("reauthenticate", input),
    password: { change: (input) => prove("password", input) },
    me: () => parts.stored(() => me(parts, kit, renewal)),
    sessions: {
      list: async () => (await call<SessionList>("sessions")).sessions,
      revoke: (id) =>
        call(`sessions/${encodeURIComponent(id)}`, { method: "DELETE", isEmpty: true }, () =>
          forget(parts, id),
        ),
      revokeOthers: () => call("sessions", { method: "DELETE" }),
    },
    events: { list: (page = {}) => call(`events?${new URLSearchParams(JSON.parse(JSON.stringify(page)))}`) },
    fetch: async (input, init) => {
      parts.base(); // where there is no page, it says so before `Request` says something else
      return fetchWith(parts, attempt, new Request(input, init));
    },
    state,
    snapshot,
    subscribe,
    close,
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

async function me(parts: Parts, { call }: OwnKit, renewal: Renewal): Promise<CurrentUser> {
  if (parts.state() !== "signed_in") {
    const found = await findOut(parts);
    if (found.user) return found;
    if (!found.renewable) throw tokenMissing();
    await renewal.refresh();
  }
  // In bearer mode the answer changes nothing that is stored.
  return call("me", { isFree: parts.isBearer }, ({ body }) => meet(parts, body));
}

interface SessionList {
  readonly sessions: readonly ListedSession[];
}
