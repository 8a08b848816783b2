import type { Auth, SignedIn } from "sallyport";
import { CLIENT, EMAIL, PASSWORD } from "./harness.ts";

type Call = (auth: Auth, made: SignedIn) => Promise<unknown>;

export interface NamedCall {
  readonly call: Call;
  /** It makes the account. All others get the result of an earlier signup. */
  readonly isFirst?: true;
  readonly before?: Call;
}

const right = { email: EMAIL, password: PASSWORD };
const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
const secondSession: Call = (auth) => auth.login(right, CLIENT);

async function oldestSession(auth: Auth, { accessToken }: SignedIn): Promise<string> {
  const oldest = (await auth.sessions.list(accessToken)).at(-1);
  if (!oldest) throw new TypeError("No session");
  return oldest.id;
}

/** Every call of the library that uses the store, and how a right one looks. */
export const EVERY_CALL: Readonly<Record<string, NamedCall>> = {
  signup: { call: (auth) => auth.signup(right, CLIENT), isFirst: true },
  "taken signup": { call: (auth) => auth.signup(right, CLIENT) },
  login: { call: (auth) => auth.login(right, CLIENT) },
  "failed login": { call: (auth) => auth.login({ ...right, password: "wrong" }, CLIENT) },
  refresh: { call: (auth, { refreshToken }) => auth.refresh(refreshToken, CLIENT) },
  logout: { call: (auth, { accessToken }) => auth.logout(accessToken) },
  "logout with the refresh token": { call: (auth, { refreshToken }) => auth.logout(refreshToken) },
  verifyToken: { call: (auth, { accessToken }) => auth.verifyToken(accessToken) },
  reauthenticate: {
    call: (auth, { accessToken }) => auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT),
  },
  getUser: { call: (auth, { accessToken }) => auth.getUser(accessToken) },
  "sessions.list": { call: (auth, { accessToken }) => auth.sessions.list(accessToken) },
  "events.list": { call: (auth, { accessToken }) => auth.events.list(accessToken) },
  "events.recordCrossSite": { call: (auth) => auth.events.recordCrossSite(CLIENT) },
  "password.change": { call: (auth, { accessToken }) => auth.password.change(accessToken, change, CLIENT) },
  "sessions.revoke": {
    call: async (auth, made) => auth.sessions.revoke(made.accessToken, await oldestSession(auth, made)),
    before: secondSession,
  },
  "sessions.revokeOthers": {
    call: (auth, { accessToken }) => auth.sessions.revokeOthers(accessToken),
    before: secondSession,
  },
  purge: { call: (auth) => auth.purge() },
  "users.disable": { call: (auth, { user }) => auth.users.disable(user.id) },
  "users.enable": {
    call: (auth, { user }) => auth.users.enable(user.id),
    before: (auth, { user }) => auth.users.disable(user.id),
  },
  "users.delete": { call: (auth, { user }) => auth.users.delete(user.id) },
};
