// An application's own auth module: nothing is annotated, so its declarations must be inferred and named.
import { type ClientInfo, createAuth, isAuthError, memoryStore, passwordPolicies } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { sqliteStore } from "sallyport/sqlite";

export const auth = createAuth({
  secret: process.env["SALLYPORT_SECRET"],
  store: sqliteStore("auth.db"),
  issuer: "https://app.example",
  limits: { login: { address: "5/1m", account: ["10/15m", "100/24h"] }, signup: { address: false } },
  session: { accessTtl: "1h", max: 10, check: { atMostEvery: "5s" } },
  hooks: { claims: async ({ user }) => ({ roles: ["member"], tenant: user.email.split("@")[1] ?? "" }) },
  password: { policy: passwordPolicies.nist, isBreached: async () => false },
  onEvent: (event) => console.info(event.type, event.outcome, event.reason),
});

const { SALLYPORT_KEYS = "[]" } = process.env;
export const testAuth = createAuth({
  secret: ["a new one", "and the one before"],
  signingKeys: JSON.parse(SALLYPORT_KEYS),
  store: memoryStore(),
});
export const handler = createHandler(auth);
export const nodeHandler = toNodeHandler(handler);

export async function signUp(email: string, password: string, ip: string | undefined) {
  return auth.signup({ email, password }, clientOf(ip));
}

export async function signIn(email: string, password: string, ip: string | undefined) {
  const result = await auth.login({ email, password }, clientOf(ip));
  if (result.status === "challenge") return { challenge: result.challengeToken, until: result.expiresAt };
  return { token: result.accessToken, user: result.user };
}

export async function whoIs(token: string, userId: string) {
  try {
    return await auth.verifyToken(token, { userId });
  } catch (error) {
    if (isAuthError(error) && error.code === "session_revoked") return null;
    throw error;
  }
}

export async function tenantOf(token: string): Promise<string> {
  const principal = await auth.verifyToken(token);
  auth.requireFresh(principal, "10m");
  return principal.claims.tenant;
}

export async function goOn(refreshToken: string, ip: string | undefined) {
  const { accessToken, refreshToken: next } = await auth.refresh(refreshToken, clientOf(ip));
  return { accessToken, next, prove: (password: string) => prove(accessToken, password) };
}

async function prove(token: string, password: string) {
  const proven = await auth.reauthenticate(token, { password }, clientOf(undefined));
  const change = { currentPassword: password, newPassword: `${password}2` };
  return auth.password.change(proven.accessToken, change, clientOf(undefined));
}

export const account = {
  keys: () => auth.jwks().keys.map(({ kid }) => kid),
  signOutPhone: (token: string, id: string) => auth.sessions.revoke(token, id),
  signOutOthers: (token: string) => auth.sessions.revokeOthers(token).then(({ revoked }) => revoked),
  me: (token: string) => auth.getUser(token),
  sessions: (token: string) => auth.sessions.list(token),
  events: (token: string, cursor?: string) => auth.events.list(token, { limit: 50, cursor }),
  signOut: (token: string, client?: ClientInfo) => auth.logout(token, client),
  close: () => auth[Symbol.asyncDispose](),
};

function clientOf(ip: string | undefined): ClientInfo {
  return { ip: ip ?? null, userAgent: undefined };
}
