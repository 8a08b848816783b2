// A server that calls everything, and four features. They are opaque, as their factories make them.
import {
  type ClientInfo,
  createAuth,
  type Feature,
  type LoginResult,
  memoryStore,
  passwordPolicies,
  type Reauthenticated,
  type SignedIn,
} from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";

interface Answer {
  readonly challengeToken: string;
  readonly rememberDevice?: boolean | undefined;
}

type Enroller = { readonly accessToken: string } | { readonly challengeToken: string };

interface FactorChanged extends SignedIn {
  readonly recoveryCodes: readonly string[] | null;
}

interface TotpEnrolment {
  readonly enrolmentToken: string;
  readonly secret: string;
  readonly uri: string;
  readonly expiresAt: Date;
}

interface Code {
  readonly code: string;
}

interface TotpApi {
  begin(who: Enroller, client: ClientInfo): Promise<TotpEnrolment>;
  confirm(
    who: Enroller,
    input: Code & { enrolmentToken: string },
    client: ClientInfo,
  ): Promise<FactorChanged>;
  answer(input: Answer & Code, client: ClientInfo): Promise<LoginResult>;
  reauthenticate(
    accessToken: string,
    input: Code & { password: string },
    client: ClientInfo,
  ): Promise<Reauthenticated>;
  remove(accessToken: string, client: ClientInfo): Promise<FactorChanged>;
  reseal(options?: { maxMs?: number }): Promise<{ resealed: number; unreadable: number; more: boolean }>;
}

interface RecoveryCodesApi {
  list(accessToken: string): Promise<{ readonly left: number }>;
  renew(accessToken: string, client: ClientInfo): Promise<FactorChanged>;
  answer(input: Answer & Code, client: ClientInfo): Promise<LoginResult>;
  reauthenticate(
    accessToken: string,
    input: Code & { password: string },
    client: ClientInfo,
  ): Promise<Reauthenticated>;
  remove(accessToken: string, client: ClientInfo): Promise<FactorChanged>;
}

/** What `navigator.credentials` takes, as JSON. */
interface PasskeyRequest {
  readonly publicKey: { readonly challenge: string; readonly rpId: string; readonly timeout: number };
}

interface PasskeyAssertion {
  readonly id: string;
  readonly response: { readonly clientDataJSON: string; readonly signature: string };
}

interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

interface PasskeysApi {
  options(input: { email?: string }, client: ClientInfo): Promise<PasskeyRequest>;
  signIn(
    input: { credential: PasskeyAssertion; deviceToken?: string },
    client: ClientInfo,
  ): Promise<LoginResult>;
  answerOptions(input: Answer, client: ClientInfo): Promise<PasskeyRequest>;
  answer(input: Answer & { credential: PasskeyAssertion }, client: ClientInfo): Promise<LoginResult>;
  registerOptions(who: Enroller, client: ClientInfo): Promise<PasskeyRequest>;
  register(
    who: Enroller,
    input: { credential: PasskeyAssertion; name?: string },
    client: ClientInfo,
  ): Promise<FactorChanged & { passkey: Passkey }>;
  reauthenticate(
    accessToken: string,
    input: { credential: PasskeyAssertion },
    client: ClientInfo,
  ): Promise<Reauthenticated>;
  list(accessToken: string): Promise<readonly Passkey[]>;
  rename(accessToken: string, input: { id: string; name: string }, client: ClientInfo): Promise<Passkey>;
  remove(accessToken: string, id: string, client: ClientInfo): Promise<FactorChanged>;
}

interface OidcApi {
  begin(provider: string, client: ClientInfo): Promise<{ readonly url: string; readonly state: string }>;
  finish(input: { state: string; code: string }, client: ClientInfo): Promise<LoginResult>;
  link(accessToken: string, provider: string, client: ClientInfo): Promise<{ readonly url: string }>;
  list(accessToken: string): Promise<readonly { readonly provider: string; readonly linkedAt: Date }[]>;
  unlink(accessToken: string, provider: string, client: ClientInfo): Promise<void>;
}

declare const totp: Feature<TotpApi>;
declare const recoveryCodes: Feature<RecoveryCodesApi>;
declare const passkeys: Feature<PasskeysApi>;
declare const oidc: Feature<OidcApi>;

declare function use(one: unknown, other?: unknown): void;

const auth = createAuth({
  secret: process.env["SALLYPORT_SECRET"],
  store: memoryStore(),
  issuer: "https://app.example",
  limits: { login: { address: "5/1m", account: ["10/15m", "100/24h"] }, signup: { address: false } },
  session: { accessTtl: "1h", max: 10, check: { atMostEvery: "5s" } },
  hooks: { claims: async ({ user }) => ({ roles: ["member"], tenant: user.email }) },
  password: { policy: passwordPolicies.nist, isBreached: async () => false },
  features: { totp, recoveryCodes, passkeys, oidc },
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

export async function features(): Promise<void> {
  const who = { accessToken: "token" };
  const answer = { challengeToken: "token" };
  const credential = { id: "id", response: { clientDataJSON: "{}", signature: "" } };
  const proof = { code: "123456", password: person.password };
  use((await auth.totp.begin(who, from)).uri);
  use((await auth.totp.confirm(who, { enrolmentToken: "token", code: "123456" }, from)).recoveryCodes);
  use((await auth.totp.answer({ ...answer, code: "123456" }, from)).status);
  use((await auth.totp.reauthenticate(who.accessToken, proof, from)).accessToken);
  use((await auth.totp.remove(who.accessToken, from)).recoveryCodes);
  use((await auth.totp.reseal({ maxMs: 1_000 })).resealed);
  use((await auth.recoveryCodes.list(who.accessToken)).left);
  use((await auth.recoveryCodes.renew(who.accessToken, from)).recoveryCodes);
  use((await auth.recoveryCodes.answer({ ...answer, code: "abcd-efgh" }, from)).status);
  use((await auth.recoveryCodes.reauthenticate(who.accessToken, proof, from)).accessToken);
  use((await auth.recoveryCodes.remove(who.accessToken, from)).session);
  use((await auth.passkeys.options({}, from)).publicKey);
  use((await auth.passkeys.signIn({ credential }, from)).status);
  use((await auth.passkeys.answerOptions(answer, from)).publicKey);
  use((await auth.passkeys.answer({ ...answer, credential }, from)).status);
  use((await auth.passkeys.registerOptions(who, from)).publicKey);
  use((await auth.passkeys.register(who, { credential, name: "Key" }, from)).passkey.name);
  use((await auth.passkeys.reauthenticate(who.accessToken, { credential }, from)).accessToken);
  for (const { name } of await auth.passkeys.list(who.accessToken)) use(name);
  use((await auth.passkeys.rename(who.accessToken, { id: "id", name: "Phone" }, from)).name);
  use((await auth.passkeys.remove(who.accessToken, "id", from)).recoveryCodes);
  use((await auth.oidc.begin("example", from)).url);
  use((await auth.oidc.finish({ state: "state", code: "code" }, from)).status);
  use((await auth.oidc.link(who.accessToken, "example", from)).url);
  for (const { provider } of await auth.oidc.list(who.accessToken)) use(provider);
  await auth.oidc.unlink(who.accessToken, "example", from);
}
