import type { Auth, SignedIn } from "sallyport";
import { CLIENT, EMAIL, PASSWORD } from "./harness.ts";

type Call = (auth: Auth, made: SignedIn) => Promise<unknown>;

export interface NamedCall {
  readonly call: Call;
  /** It makes the account. All others get the result of an earlier signup. */
  readonly isFirst?: true;
  readonly before?: Call;
  /** The ids of the sessions that it ends. A fault of the limiter does not stop it. */
  readonly ends?: (auth: Auth, made: SignedIn) => Promise<readonly string[]>;
}

const right = { email: EMAIL, password: PASSWORD };
const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
const secondSession: Call = (auth) => auth.login(right, CLIENT);

async function oldestSession(auth: Auth, { accessToken }: SignedIn): Promise<string> {
  const oldest = (await auth.sessions.list(accessToken)).at(-1);
  if (!oldest) throw new TypeError("No session");
  return oldest.id;
}

const ownSession: NamedCall["ends"] = async (_auth, { session }) => [session.id];

async function otherSessions(auth: Auth, { accessToken }: SignedIn): Promise<readonly string[]> {
  const sessions = await auth.sessions.list(accessToken);
  return sessions.filter(({ current }) => !current).map(({ id }) => id);
}

/**
 * True: the call goes on after a fault at this step. An outage of the limiter must not keep a session alive. A fault at
 * any other step fails the call.
 */
export function goesOnAfter(step: string, { ends }: NamedCall): boolean {
  return ends !== undefined && step === "limiter.consume";
}

/** Every call of the library that uses the store, and how a right one looks. */
export const EVERY_CALL: Readonly<Record<string, NamedCall>> = {
  signup: { call: (auth) => auth.signup(right, CLIENT), isFirst: true },
  "taken signup": { call: (auth) => auth.signup(right, CLIENT) },
  login: { call: (auth) => auth.login(right, CLIENT) },
  "failed login": { call: (auth) => auth.login({ ...right, password: "wrong" }, CLIENT) },
  refresh: { call: (auth, { refreshToken }) => auth.refresh(refreshToken, CLIENT) },
  logout: { call: (auth, { accessToken }) => auth.logout(accessToken), ends: ownSession },
  "logout with the refresh token": {
    call: (auth, { refreshToken }) => auth.logout(refreshToken),
    ends: ownSession,
  },
  verifyToken: { call: (auth, { accessToken }) => auth.verifyToken(accessToken) },
  reauthenticate: {
    call: (auth, { accessToken }) => auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT),
  },
  getUser: { call: (auth, { accessToken }) => auth.getUser(accessToken) },
  "sessions.list": { call: (auth, { accessToken }) => auth.sessions.list(accessToken) },
  "events.list": { call: (auth, { accessToken }) => auth.events.list(accessToken) },
  "mail.dead": { call: (auth) => auth.mail.dead() },
  "events.recordCrossSite": { call: (auth) => auth.events.recordCrossSite(CLIENT) },
  "password.change": { call: (auth, { accessToken }) => auth.password.change(accessToken, change, CLIENT) },
  "sessions.revoke": {
    call: async (auth, made) => auth.sessions.revoke(made.accessToken, await oldestSession(auth, made)),
    before: secondSession,
    ends: async (auth, made) => [await oldestSession(auth, made)],
  },
  "sessions.revokeOthers": {
    call: (auth, { accessToken }) => auth.sessions.revokeOthers(accessToken),
    before: secondSession,
    ends: otherSessions,
  },
  purge: { call: (auth) => auth.purge() },
  "users.disable": { call: (auth, { user }) => auth.users.disable(user.id) },
  "users.enable": {
    call: (auth, { user }) => auth.users.enable(user.id),
    before: (auth, { user }) => auth.users.disable(user.id),
  },
  "users.delete": { call: (auth, { user }) => auth.users.delete(user.id) },
};
