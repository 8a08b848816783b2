import type { AuthStore, SignedIn, TokenPurpose, User } from "sallyport";
import { pseudonymOf } from "../../src/kit/record-event.ts";
import { hashSecretToken, newSecretToken } from "../../src/lib/secrets.ts";
import { closedGate, loginThrough } from "./gates.ts";
import { codeOf, EMAIL, type Harness, makeAuth, PASSWORD, SECRET } from "./harness.ts";
import { userOf } from "./security-change.ts";
import { JOB } from "./session-endings.ts";

/** One user with two sessions, and one of everything that somebody might take for a token. */
export interface Holdings {
  readonly harness: Harness;
  readonly signedIn: SignedIn;
  readonly kinds: Readonly<Record<Kind, string>>;
}

/**
 * What each kind is good for: names of `allCalls`, or `every`. A new kind of token is one more row here, and
 * one more line in `holdEverything`.
 */
export const KINDS = {
  "an access token": "every call but refresh",
  "a refresh token": "refresh and logout",
  "a device token": "no call",
  "a login challenge": "no call",
  "a password reset's token": "no call",
  "an email verification's token": "no call",
  "a session's id": "no call",
  "a user's id": "no call",
  "a one-time token's stored hash": "no call",
  "a stored password hash": "no call",
  "a pseudonym of the log": "no call",
  "the secret itself": "no call",
} as const;

export type Kind = keyof typeof KINDS;

export const KIND_NAMES: readonly Kind[] = Object.keys(KINDS) as Kind[];

/** Whether a call takes this kind. */
export function takes(call: string, kind: Kind): boolean {
  const good = KINDS[kind];
  if (good === "no call") return false;
  return good === "refresh and logout" ? ["refresh", "logout"].includes(call) : call !== "refresh";
}

const PURPOSES: Readonly<Partial<Record<Kind, TokenPurpose>>> = {
  "a login challenge": "challenge",
  "a password reset's token": "password_reset",
  "an email verification's token": "email_verification",
};

export async function holdEverything(store: AuthStore): Promise<Holdings> {
  const harness = makeAuth({ store });
  const { auth, ctx } = harness;
  const first = await auth.signup({ email: EMAIL, password: PASSWORD }, JOB);
  await auth.login({ email: EMAIL, password: PASSWORD }, JOB);
  const user = await userOf(store, EMAIL);
  const [password] = await store.credentials.list(user.id, "password");
  const reset = await issue(harness, user, "password_reset");
  const kinds: Record<Kind, string> = {
    "an access token": first.accessToken,
    "a refresh token": first.refreshToken,
    "a device token": first.deviceToken,
    "a login challenge": await park(harness),
    "a password reset's token": reset,
    "an email verification's token": await issue(harness, user, "email_verification"),
    "a session's id": first.session.id,
    "a user's id": user.id,
    "a one-time token's stored hash": hashSecretToken(reset),
    "a stored password hash": password?.data ?? "",
    "a pseudonym of the log": pseudonymOf(ctx, EMAIL),
    "the secret itself": SECRET,
  };
  return { harness, signedIn: first, kinds };
}

/** What is no longer as it was: nothing, unless something was accepted that should not have been. */
export async function damageOf({ harness, signedIn: held, kinds }: Holdings): Promise<string[]> {
  const { auth, store, clock } = harness;
  const damage: string[] = [];
  const live = await store.sessions.listLive(held.user.id, clock.now(), 10);
  if (live.length !== 2) damage.push(`${live.length} sessions instead of 2`);
  for (const [kind, purpose] of Object.entries(PURPOSES) as [Kind, TokenPurpose][]) {
    const found = await store.tokens.find(purpose, hashSecretToken(kinds[kind]), clock.now());
    if (found?.attempts !== 0) damage.push(`${kind} is not what it was`);
  }
  const codes = [codeOf(auth.verifyToken(held.accessToken)), codeOf(auth.refresh(held.refreshToken, JOB))];
  for (const code of await Promise.all(codes)) if (code !== "fulfilled") damage.push(`the session: ${code}`);
  return damage;
}

async function park({ ctx }: Harness): Promise<string> {
  const parked = await loginThrough(ctx, [closedGate], { email: EMAIL, password: PASSWORD }, JOB);
  if (parked.status === "signed_in") throw new TypeError("The gate was not asked");
  return parked.challengeToken;
}

async function issue({ store, clock }: Harness, user: User, purpose: TokenPurpose): Promise<string> {
  const token = newSecretToken();
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + 600_000);
  const { id: userId, epoch } = user;
  const hash = hashSecretToken(token);
  await store.tokens.issue({ hash, purpose, userId, epoch, attempts: 0, data: "{}", expiresAt, createdAt });
  return token;
}
