import type { LoginChallenge, LoginResult, SignedIn } from "../api/auth.ts";
import type { Asked, Context, Gate, SignInAttempt, Ticket } from "../context.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Attempt, Outcome } from "./attempt.ts";
import { parkAsChallenge } from "./challenge.ts";
import { customClaims } from "./custom-claims.ts";
import type { Client } from "./input.ts";
import { issueSignIn } from "./issue-tokens.ts";
import type { CountedMail } from "./limits/counted-mail.ts";
import { prepareNotice } from "./notices.ts";
import { newSession, openSession } from "./open-session.ts";
import { endReplaced, findReplaced } from "./replace-session.ts";
import { takeSpends } from "./take-spends.ts";

export interface SignIn extends SignInAttempt {
  readonly client: Client;
  /** Only a signup has it: it writes the user. False: the email is taken. Every other sign-in calls `users.admit`. */
  readonly create?: ((tx: AuthStore) => Promise<boolean>) | undefined;
  /** A mail that `create` stores. */
  readonly mail?: CountedMail | undefined;
}

/**
 * The only function that signs a user in. It asks the gates in order, before any session exists. Then it parks the
 * sign-in as a challenge, or it opens the session. Null: another call changed the user's row first, and this call
 * wrote nothing.
 */
export async function signIn(ctx: Context, trying: Attempt, entry: SignIn): Promise<LoginResult | null> {
  for (const gate of ctx.gates) {
    const asked = await gate.ask(ctx, entry);
    if (asked) return park(ctx, trying, { ...entry, gate, asked });
  }
  return open(ctx, trying, entry);
}

async function open(ctx: Context, trying: Attempt, entry: SignIn): Promise<SignedIn | null> {
  const session = newSession(ctx, entry);
  const user = { ...entry.user, lastLoginAt: session.createdAt };
  const sign = async (): Promise<SignedIn> => {
    const claims = await customClaims(ctx, user, session);
    return issueSignIn(ctx, { user, session, claims }, entry.device);
  };
  // The tokens are signed before the write, so that a failing signer changes nothing. A signup asks `hooks.claims`
  // after its transaction, so that the hook finds the rows of `hooks.userCreated`.
  const signed = entry.create ? null : await sign();
  const found = await findReplaced(ctx, entry.replaces);
  const notice = isNewDevice(entry)
    ? await prepareNotice(ctx, { kind: "new_device", user: entry.user, client: entry.client })
    : null;
  const event = await trying.commit(
    async (tx): Promise<Outcome | null> => {
      if (!(await claim(tx, entry, session.createdAt))) return null;
      await takeSpends(tx, entry.spends, { trying, at: session.createdAt });
      // It ends before the oldest sessions do: it must not count in `session.max`.
      const replaced = await endReplaced(ctx, tx, found);
      const opened = await openSession(ctx, tx, { user, session });
      if (notice) await tx.outbox.put([notice.mail]);
      return { ...opened, replaced };
    },
    [notice, entry.mail ?? null],
  );
  return event && (signed ?? sign());
}

// The first session of an account is no news to its owner.
function isNewDevice({ create, device, user }: SignIn): boolean {
  return !create && device === null && user.lastLoginAt !== null;
}

// A compare-and-swap on the epoch: a proof from before a security change opens no session after it.
function claim(tx: AuthStore, { user, create }: SignIn, at: Date): Promise<boolean> {
  return create ? create(tx) : tx.users.admit(user.id, user.epoch, at);
}

interface Parking extends SignIn {
  readonly gate: Gate;
  readonly asked: Asked;
}

// Parking does not call `users.admit`: `lastLoginAt` counts finished sign-ins only. But it uses the proofs up.
async function park(ctx: Context, trying: Attempt, parking: Parking): Promise<LoginChallenge | null> {
  const { user, gate, asked, create, spends } = parking;
  const { methods } = asked;
  let ticket: Ticket | undefined;
  const write = async (tx: AuthStore): Promise<Outcome | null> => {
    if (create && !(await create(tx))) return null;
    await takeSpends(tx, spends, { trying, at: ctx.clock.now() });
    ticket = asked.park
      ? await asked.park(tx)
      : await parkAsChallenge(ctx, tx, { ...parking, methods, kind: gate.kind });
    const named = { userId: user.id, attemptedEmail: user.emailCanonical };
    return { outcome: "challenged", reason: gate.kind, ...named };
  };
  const event = await trying.commit(write, [parking.mail ?? null, asked.counted ?? null]);
  return event && ticket ? { status: "challenge", kind: gate.kind, methods, ...ticket } : null;
}
