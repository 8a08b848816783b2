import * as z from "zod";
import type { Context, SignInAttempt, Spend, Ticket } from "../context.ts";
import { addMs } from "../domain/duration.ts";
import type { OneTimeToken } from "../domain/one-time-token.ts";
import type { User } from "../domain/user.ts";
import type { FailureReason } from "../domain/vocabulary.ts";
import { isCanonicalBase64url } from "../lib/base64url.ts";
import { hashSecretToken, newSecretToken } from "../lib/secrets.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { jsonCodec } from "./codec.ts";

const TTL_MS = 10 * 60_000;
/** The length of 32 bytes in base64url. */
const TOKEN_LENGTH = 43;

const codec = jsonCodec(
  z.strictObject({
    v: z.literal(1),
    kind: z.string(),
    methods: z.array(z.string()).readonly(),
    amr: z.array(z.string()).readonly(),
    device: z.string().nullable(),
  }),
);

interface Parking extends SignInAttempt {
  readonly kind: string;
  readonly methods: readonly string[];
}

/** Stores a sign-in as a one-time token, with its proofs, its known device and the epoch of its user. */
export async function parkAsChallenge(
  ctx: Context,
  tx: AuthStore,
  { user, kind, methods, amr, device }: Parking,
): Promise<Ticket> {
  const createdAt = ctx.clock.now();
  const expiresAt = addMs(createdAt, TTL_MS);
  const challengeToken = newSecretToken();
  await tx.tokens.issue({
    hash: hashSecretToken(challengeToken),
    purpose: "challenge",
    userId: user.id,
    epoch: user.epoch,
    attempts: 0,
    data: codec.encode({ v: 1, kind, methods, amr, device }),
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
  if (!parked?.methods.includes(method)) return "challenge_unknown";
  const { amr, device } = parked;
  return whyNot(user, challenge) ?? { user, amr, device, challenge, spends: [consume(challenge)] };
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
