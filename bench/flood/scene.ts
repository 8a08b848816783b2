import { randomBytes } from "node:crypto";
import {
  type Auth,
  type AuthStore,
  createAuth,
  isAuthError,
  memoryRateLimiter,
  memoryStore,
  type SignedIn,
  type SignupResult,
} from "sallyport";
import { fakeClock } from "sallyport/testing";
import { freeHasher, PASSWORD } from "../fixtures.ts";

/** An owner, and what the owner holds. */
interface Owner {
  readonly email: string;
  held: SignedIn;
}

/** An instance with the default limits, and owners who did nothing wrong. */
export interface Scene {
  readonly auth: Auth;
  readonly clock: ReturnType<typeof fakeClock>;
  /** They come with the right password, on a new device. */
  readonly newcomers: readonly Owner[];
  /** They come with a device token. */
  readonly knowns: readonly Owner[];
  /** They are signed in: they refresh, prove themselves again and change their password. */
  readonly members: readonly Owner[];
}

export async function makeScene(owners: {
  readonly newcomers: number;
  readonly others: number;
}): Promise<Scene> {
  const clock = fakeClock("2026-01-01T00:00:00Z");
  const auth = createAuth({
    secret: randomBytes(32).toString("base64url"),
    store: withoutEvents(memoryStore()),
    rateLimiter: memoryRateLimiter({ clock }),
    clock,
    password: { hasher: freeHasher },
  });
  const signUp = async (kind: string, count: number): Promise<readonly Owner[]> => {
    const made: Owner[] = [];
    for (let index = 0; index < count; index++) {
      const email = `${kind}${index}@example.com`;
      made.push({ email, held: signedIn(await auth.signup({ email, password: PASSWORD }, { ip: null })) });
    }
    return made;
  };
  const newcomers = await signUp("newcomer", owners.newcomers);
  const knowns = await signUp("known", owners.others);
  const members = await signUp("member", owners.others);
  clock.advance("25h"); // no count of a signup is left
  for (const member of members)
    member.held = signedIn(await auth.login({ email: member.email, password: PASSWORD }, { ip: null }));
  return { auth, clock, newcomers, knowns, members };
}

/** A flood writes a million events, and the memory of a store is not what is measured. */
function withoutEvents(store: AuthStore): AuthStore {
  const quiet = <Store extends AuthStore>(loud: Store): Store => ({
    ...loud,
    events: { ...loud.events, append: async () => {} },
  });
  return { ...quiet(store), transaction: (work) => store.transaction((tx) => work(quiet(tx))) };
}

function signedIn(result: SignupResult): SignedIn {
  if (result.status !== "signed_in") throw new Error("No gate was asked for.");
  return result;
}

/** How many were refused for a limit, of each kind of owner. */
export interface Refused {
  readonly newcomers: number;
  readonly knowns: number;
  readonly members: number;
}

/** All owners come once, each from an address of their own. */
export async function visit({ auth, newcomers, knowns, members }: Scene): Promise<Refused> {
  const refused = { newcomers: 0, knowns: 0, members: 0 };
  for (const [index, { email }] of newcomers.entries())
    refused.newcomers += await refusals(() => auth.login({ email, password: PASSWORD }, clientOf(index)));
  for (const [index, { email, held }] of knowns.entries()) {
    const input = { email, password: PASSWORD, deviceToken: held.deviceToken };
    refused.knowns += await refusals(() => auth.login(input, clientOf(10_000 + index)));
  }
  for (const [index, member] of members.entries())
    refused.members += await refusals(() => useSession(auth, member, clientOf(20_000 + index)));
  return refused;
}

async function useSession(auth: Auth, member: Owner, client: { readonly ip: string }): Promise<void> {
  const { accessToken } = await auth.refresh(member.held.refreshToken, client);
  await auth.reauthenticate(accessToken, { password: PASSWORD }, client);
  // The new password of one change is the current one of the next.
  const change = { currentPassword: PASSWORD, newPassword: PASSWORD };
  member.held = signedIn(await auth.password.change(accessToken, change, client));
}

/** 1 if a limit refused the call, 0 if it succeeded. No other failure is expected. */
export async function refusals(call: () => Promise<unknown>): Promise<number> {
  try {
    await call();
    return 0;
  } catch (error) {
    if (isAuthError(error) && error.code === "rate_limited") return 1;
    throw error;
  }
}

/** Whether a call of a flood passed its limits. What it then fails for is its own fault. */
export async function isJudged(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    (error) => isAuthError(error) && error.code !== "rate_limited",
  );
}

/** The addresses of owners: every second one is of IPv6. */
function clientOf(index: number): { readonly ip: string } {
  const [high, low] = [index >> 8, index & 255];
  return { ip: index % 2 ? `2a02:${high.toString(16)}:${low.toString(16)}::1` : `192.${high}.${low}.1` };
}
