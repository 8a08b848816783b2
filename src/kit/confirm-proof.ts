import type { ShownHalves } from "../api/proof-schemas.ts";
import type { Context, Spend } from "../context.ts";
import type { AuthEventType } from "../domain/auth-event.ts";
import { onlyScopes } from "../domain/budget.ts";
import { addMs } from "../domain/duration.ts";
import type { EmailProof } from "../domain/email-proof.ts";
import type { User } from "../domain/user.ts";
import type { FailureReason } from "../domain/vocabulary.ts";
import { type Attempt, attempt, refundIfFaulty } from "./attempt.ts";
import type { Client } from "./input.ts";
import { enforceLimits } from "./limits/budget.ts";
import { countCode } from "./limits/mail-budgets.ts";
import { type MailedPurpose, mailsOf } from "./mail-sent.ts";
import { codeMatches } from "./proofs/code.ts";
import { type PresentedLink, readLink } from "./proofs/link.ts";
import { type MailTicket, readTicket } from "./proofs/ticket.ts";
import { type Named, pseudonymOf } from "./record-event.ts";

/** The most guesses of the code of one mail. Right ones count too. */
const MAX_GUESSES = 5;

export interface Confirming {
  readonly type: AuthEventType;
  readonly purpose: MailedPurpose;
  /** What the caller shows: two halves, or one beside a session or a new password. The schema of the input saw to it. */
  readonly shown: ShownHalves;
  readonly client: Client;
  /** The session that stands for the challenge. Default: the event names the pseudonym of the address only. */
  readonly named?: Named | undefined;
}

/**
 * The one place that decides whether a mail is answered rightly. Two of three count: the browser that asked (its
 * challenge, or a session), the link of the mail, and the code that a person types. A new password beside the link
 * stands for the code.
 *
 * `invalid_code` is the one answer to what is wrong, unknown, used, expired, superseded, or tried too often. Only the
 * event says which. Nothing is used up: `work` takes the proof in its transaction, by `spendOf`.
 */
export async function confirmProof<T>(
  ctx: Context,
  confirming: Confirming,
  work: (trying: Attempt, proof: EmailProof) => Promise<T>,
): Promise<T> {
  mailsOf(ctx);
  const { type, client } = confirming;
  const halves = readHalves(ctx, confirming);
  const named = confirming.named ?? (halves?.ticket ? { attemptedEmail: halves.ticket.pseudonym } : {});
  const draft = { type, named, client };
  await enforceLimits(ctx, onlyScopes(ctx.settings.limits.proof, "address"), draft);
  return attempt(ctx, draft, async (trying) => {
    if (!halves) throw trying.refuse("invalid_code", "proof_unknown");
    return work(trying, await rightProof(ctx, trying, { ...confirming, halves }));
  });
}

interface Halves {
  readonly id: EmailProof["id"];
  readonly ticket: MailTicket | null;
  readonly link: PresentedLink | null;
}

/** Null: one of the halves is forged, or they are not of one mail. It costs no read of the store. */
function readHalves(ctx: Context, { purpose, shown }: Confirming): Halves | null {
  const { challengeToken, link: text } = shown;
  const ticket = challengeToken === undefined ? null : readTicket(ctx, purpose, challengeToken);
  const link = text === undefined ? null : readLink(ctx, text);
  const isForged = (challengeToken !== undefined && !ticket) || (text !== undefined && !link);
  return isForged ? null : ofOneMail(ticket, link);
}

function ofOneMail(ticket: MailTicket | null, link: PresentedLink | null): Halves | null {
  const ids = new Set([ticket?.id, link?.id].filter((id) => id !== undefined));
  const [id] = ids;
  return id !== undefined && ids.size === 1 ? { id, ticket, link } : null;
}

interface Deciding extends Confirming {
  readonly halves: Halves;
}

async function rightProof(ctx: Context, trying: Attempt, deciding: Deciding): Promise<EmailProof> {
  const { halves, named, purpose, shown } = deciding;
  const proof = await ctx.store.proofs.find(halves.id, ctx.clock.now());
  if (!named && !halves.ticket) trying.name(namedBy(ctx, proof));
  const guess = { ...halves, purpose, code: shown.code, proof };
  const problem = halves.link ? linkProblem(guess) : await codeProblem(ctx, guess);
  if (problem || !proof) throw trying.refuse("invalid_code", problem ?? "proof_unknown");
  return proof;
}

/** Without a challenge, only the row knows the address. A proof that no user has is without one. */
function namedBy(ctx: Context, proof: EmailProof | null): Named {
  const attemptedEmail = pseudonymOf(ctx, proof?.emailCanonical ?? "");
  return proof?.emailCanonical ? { attemptedEmail } : {};
}

interface Guess extends Halves {
  readonly purpose: MailedPurpose;
  readonly code: string | undefined;
  readonly proof: EmailProof | null;
}

/** Whether the proof can be answered at all: it is there, of this purpose, and neither used nor ended. */
function isOpen({ purpose, proof }: Guess): boolean {
  return proof !== null && proof.purpose === purpose && proof.usedAt === null;
}

// A link is not counted: it cannot be guessed. If it were, the stranger who asked could use up the owner's attempts.
function linkProblem(guess: Guess): FailureReason | null {
  const { link, proof } = guess;
  const matches = proof !== null && link?.matches(proof) === true;
  if (!isOpen(guess)) return "proof_unknown";
  return matches ? null : "wrong_link";
}

// Counted before it is compared: of parallel guesses, only so many are compared. What cannot count any more is counted
// and compared in the same way: the caller may be a stranger who wants to know whether the owner used the mail.
async function codeProblem(ctx: Context, guess: Guess): Promise<FailureReason | null> {
  const { id, ticket, code, proof } = guess;
  if (!ticket || code === undefined) return "proof_unknown";
  const now = ctx.clock.now();
  const { isWithin, refund } = await countCode(ctx, ticket.limitKeys);
  const counting = ctx.store.proofs.countAttempt(id, { max: MAX_GUESSES, now });
  const isCounted = (await refundIfFaulty(refund, counting)) && isWithin;
  const matches = proof !== null && isCounted && codeMatches(ctx, proof, code);
  if (!isOpen(guess) || isCodeOver(ctx, guess, now)) return "proof_unknown";
  if (!matches) return whyNoMatch(isCounted);
  await refund();
  return null;
}

function whyNoMatch(isCounted: boolean): FailureReason {
  return isCounted ? "wrong_code" : "attempts_used_up";
}

function isCodeOver(ctx: Context, { proof }: Guess, now: Date): boolean {
  return proof !== null && now >= addMs(proof.createdAt, mailsOf(ctx).settings.ttl.code);
}

/** Uses the proof up. Of any number of right confirmations, one wins. */
export function spendOf({ id }: EmailProof): Spend {
  return {
    code: "invalid_code",
    reason: "proof_overtaken",
    take: (tx, at) => tx.proofs.take(id, at),
  };
}

/** The user of a proof, if the proof still counts for them. */
export async function ownerOf(ctx: Context, trying: Attempt, proof: EmailProof): Promise<User> {
  const user = proof.userId === null ? null : await ctx.store.users.find(proof.userId);
  const reason = user ? whyNot(user, proof) : "proof_unknown";
  if (!user || reason) throw trying.refuse("invalid_code", reason ?? "proof_unknown");
  return user;
}

function whyNot(user: User, proof: EmailProof): FailureReason | null {
  if (user.status !== "active") return "disabled";
  const isSame = user.epoch === proof.epoch && user.emailCanonical === proof.emailCanonical;
  return isSame ? null : "superseded";
}
