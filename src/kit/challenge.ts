import * as z from "zod/mini";
import type { Context, SignInAttempt, Spend, Ticket } from "../context.ts";
import { addMs } from "../domain/duration.ts";
import type { SessionId } from "../domain/ids.ts";
import type { OneTimeToken } from "../domain/one-time-token.ts";
import type { User } from "../domain/user.ts";
import type { FailureReason } from "../domain/vocabulary.ts";
import { isCanonicalBase64url } from "../lib/base64url.ts";
import { hashSecretToken, newSecretToken } from "../lib/secrets.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Parties } from "../tokens/access-claims.ts";
import { jsonCodec } from "./codec.ts";

const TTL_MS = 10 * 60_000;
/** The length of 32 bytes in base64url. */
const TOKEN_LENGTH = 43;

const codec = jsonCodec(
  z.lazy(() =>
    z.strictObject({
      v: z.literal(2),
      issuer: z.string(),
      audience: z.string(),
      kind: z.string(),
      methods: z.readonly(z.array(z.string())),
      amr: z.readonly(z.array(z.string())),
      device: z.nullable(z.string()),
      replaces: z.nullable(z.string()),
    }),
  ),
);

interface Parking extends SignInAttempt {
  readonly kind: string;
  readonly methods: readonly string[];
}

/**
 * Stores a sign-in as a one-time token, with its proofs, its known device, the session that it replaces and the epoch of
 * its user. Several applications may share a store, so the token names its own.
 */
export async function parkAsChallenge(
  ctx: Context,
  tx: AuthStore,
  { user, kind, methods, amr, device, replaces }: Parking,
): Promise<Ticket> {
  const createdAt = ctx.clock.now();
  const expiresAt = addMs(createdAt, TTL_MS);
  const challengeToken = newSecretToken();
  const { issuer, audience } = ctx.settings;
  await tx.tokens.issue({
    hash: hashSecretToken(challengeToken),
    purpose: "challenge",
    userId: user.id,
    epoch: user.epoch,
    attempts: 0,
    data: codec.encode({ v: 2, issuer, audience, kind, methods, amr, device, replaces }),
    expiresAt,
    createdAt,
  });
  return { challengeToken, expiresAt };
}

/** A parked sign-in that may continue. */
export interface Resumed extends SignInAttempt {
  readonly challenge: OneTimeToken;
}

/** Finds the sign-in that a challenge parked, or the reason why it must not continue. It consumes nothing. */
export async function resume(
  ctx: Context,
  challengeToken: string,
  method: string,
): Promise<Resumed | FailureReason> {
  if (!isToken(challengeToken)) return "challenge_unknown";
  const challenge = await ctx.store.tokens.find(
    "challenge",
    hashSecretToken(challengeToken),
    ctx.clock.now(),
  );
  const user = challenge && (await ctx.store.users.find(challenge.userId));
  if (!user) return "challenge_unknown";
  const parked = codec.decode(challenge.data);
  if (!parked?.methods.includes(method) || !isOurs(ctx, parked)) return "challenge_unknown";
  const { amr, device } = parked;
  const replaces = parked.replaces as SessionId | null;
  return whyNot(user, challenge) ?? { user, amr, device, replaces, challenge, spends: [consume(challenge)] };
}

// A challenge of another application answers like an unknown challenge.
function isOurs({ settings }: Context, { issuer, audience }: Parties): boolean {
  return issuer === settings.issuer && audience === settings.audience;
}

// A text of a wrong length or spelling costs no read of the store.
function isToken(token: unknown): boolean {
  return typeof token === "string" && token.length === TOKEN_LENGTH && isCanonicalBase64url(token);
}

function whyNot(user: User, challenge: OneTimeToken): FailureReason | null {
  if (user.status !== "active") return "disabled";
  return user.epoch === challenge.epoch ? null : "superseded";
}

// It runs in the transaction that opens the session: of any number of right answers, only one signs in.
function consume({ hash }: OneTimeToken): Spend {
  return {
    code: "invalid_challenge",
    reason: "challenge_overtaken",
    take: async (tx, at) => (await tx.tokens.consume("challenge", hash, at)) !== null,
  };
}
