// A server that calls everything, without features.
import { createAuth, memoryStore, passwordPolicies } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";

declare function use(one: unknown, other?: unknown): void;

const auth = createAuth({
  secret: process.env["SALLYPORT_SECRET"],
  store: memoryStore(),
  issuer: "https://app.example",
  limits: { login: { address: "5/1m", account: ["10/15m", "100/24h"] }, signup: { address: false } },
  session: { accessTtl: "1h", max: 10, check: { atMostEvery: "5s" } },
  hooks: { claims: async ({ user }) => ({ roles: ["member"], tenant: user.email }) },
  password: { policy: passwordPolicies.nist, isBreached: async () => false },
  onEvent: (event) => console.info(event.type, event.outcome, event.reason),
});
const person = { email: "ada@example.com", password: "Correct1horse" };
const from = { ip: null };

export async function server(): Promise<void> {
  const signup = await auth.signup(person, from);
  const login = await auth.login(person, from);
  if (signup.status === "challenge") return use(signup.methods);
  if (login.status === "challenge") return use(login.challengeToken);
  const { accessToken, refreshToken, session, user } = login;
  const principal = await auth.verifyToken(accessToken, { userId: user.id });
  use(principal.claims.tenant);
  auth.requireFresh(principal, "10m");
  use((await auth.refresh(refreshToken, from)).refreshToken);
  use((await auth.reauthenticate(accessToken, { password: person.password }, from)).accessToken);
  use((await auth.getUser(accessToken)).user.lastLoginAt);
  const change = { currentPassword: person.password, newPassword: "Another2staple" };
  use((await auth.password.change(accessToken, change, from)).deviceToken);
  for (const { id, current } of await auth.sessions.list(accessToken)) use(id, current);
  use((await auth.sessions.revoke(accessToken, session.id, from)).current);
  use((await auth.sessions.revokeOthers(accessToken, from)).revoked);
  for (const { type, outcome } of (await auth.events.list(accessToken, { limit: 50 })).events)
    use(type, outcome);
  await auth.events.recordCrossSite(from);
  await auth.users.disable(principal.userId, from);
  await auth.users.enable(principal.userId, from);
  await auth.users.delete(principal.userId, from);
  use((await auth.purge({ maxMs: 1_000 })).deleted);
  use((await auth.mail.deliver({ maxMs: 1_000 })).sent, (await auth.mail.dead()).nextCursor);
  use((await auth.health()).hashing.running);
  for (const { kid } of auth.jwks().keys) use(kid);
  for (const { path } of auth.routes) use(path);
  use(auth.clock.now());
  await auth.logout(accessToken, from);
  await auth.close();
  await auth[Symbol.asyncDispose]();
}

export async function http(request: Request): Promise<void> {
  const handler = createHandler(auth, { transport: "cookie", origins: ["https://app.example"] });
  use(toNodeHandler(handler));
  use((await handler.authenticate(request)).claims.roles);
  use((await handler(request, from)).status);
}
