import type { LoginChallenge, LoginResult } from "../api/auth.ts";
import type { Context } from "../context.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import { addMs } from "../domain/duration.ts";
import { AuthError } from "../errors.ts";
import type { LoginAttempt, LoginGate } from "../feature.ts";
import { hashSecretToken, newSecretToken } from "../lib/secrets.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { customClaims } from "./custom-claims.ts";
import type { Client } from "./input.ts";
import { signIn } from "./issue-tokens.ts";
import { newSession, openSession } from "./open-session.ts";
import { announceEvent, failAttempt, newEvent } from "./record-event.ts";

const CHALLENGE_TTL_MS = 10 * 60_000;

/**
 * The end of every sign-in whose proofs were right so far: asks the gates, in order and before any
 * session exists, then opens the session.
 */
export async function completeLogin(
  ctx: Context,
  attempt: LoginAttempt,
  client: Client,
): Promise<LoginResult> {
  const { user, amr } = attempt;
  const fail = failAttempt(
    ctx,
    { type: "login", userId: user.id, attemptedEmail: user.emailCanonical },
    client,
  );
  for (const gate of ctx.gates) {
    if (!(await gate.applies(attempt).catch(fail))) continue;
    return parkLogin(ctx, { ...attempt, gate, client }).catch(fail);
  }
  const opening = { type: "login", user, amr, client } as const;
  const session = newSession(ctx, opening);
  const holder = { ...user, lastLoginAt: session.createdAt };
  const claims = await customClaims(ctx, holder, session).catch(fail);
  // Signed before it is stored: what fails then has done nothing. Until then nobody has the tokens.
  const signedIn = await signIn(ctx, { user: holder, session, claims }, attempt.device).catch(fail);
  const open = async (tx: AuthStore): Promise<AuthEvent | null> => {
    // Compare-and-swap on the epoch: what was proven before a security change opens nothing after it.
    if (!(await tx.users.admit(user.id, user.epoch, session.createdAt))) return null;
    return openSession(ctx, tx, { ...opening, session });
  };
  const event = await ctx.store.transaction(open).catch(fail);
  if (!event) return fail(new AuthError("invalid_credentials"), "superseded");
  if (event.data !== null) ctx.sessionCheck.forgetUser(user.id); // the oldest sessions ended
  announceEvent(ctx, event);
  return signedIn;
}

interface Parking extends LoginAttempt {
  readonly gate: LoginGate;
  readonly client: Client;
}

async function parkLogin(ctx: Context, { user, amr, gate, client }: Parking): Promise<LoginChallenge> {
  const now = ctx.clock.now();
  const expiresAt = addMs(now, CHALLENGE_TTL_MS);
  const challengeToken = newSecretToken();
  const event = newEvent(
    ctx,
    {
      type: "login",
      outcome: "challenged",
      reason: gate.kind,
      userId: user.id,
      attemptedEmail: user.emailCanonical,
    },
    client,
  );
  await ctx.store.transaction(async (tx) => {
    await tx.tokens.issue({
      hash: hashSecretToken(challengeToken),
      purpose: "challenge",
      userId: user.id,
      epoch: user.epoch,
      attempts: 0,
      data: JSON.stringify({ kind: gate.kind, amr }),
      expiresAt,
      createdAt: now,
    });
    await tx.events.append([event]);
  });
  announceEvent(ctx, event);
  return { status: "challenge", kind: gate.kind, challengeToken, expiresAt };
}
