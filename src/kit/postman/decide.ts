import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import { withoutTag } from "../../domain/email.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { ProofId } from "../../domain/ids.ts";
import type { User } from "../../domain/user.ts";
import type { MailKind } from "../../domain/vocabulary.ts";
import type { MailData } from "../proofs/mail-row.ts";
import type { Waiting } from "./waiting.ts";

/** How long a link that is renewed lives on, and how long after its mail it can be renewed. */
const RENEWED_MS = 3_600_000;
const RENEWABLE_MS = 24 * 3_600_000;

/** What a waiting mail became, once its reader was known. */
export interface Decision {
  /** Null: nothing is sent. */
  readonly letter: Letter | null;
  /** A proof that no user will use. Its address and data are emptied when the mail is settled. */
  readonly forgotten: ProofId | null;
}

export interface Letter {
  readonly kind: MailKind;
  readonly to: string;
  /** Whose link and code the mail brings. Null: it brings no proof. */
  readonly proof: EmailProof | null;
  readonly user: User | null;
}

const NOTHING: Decision = Object.freeze({ letter: null, forgotten: null });

/**
 * Finds out who reads a mail, and what it says. The request that asked for it did not look: it wrote the same rows for
 * every address. A proof is bound to its user here, before its link is made.
 */
export async function decide(ctx: Context, waiting: Waiting): Promise<Decision> {
  const { mail, data } = waiting;
  if (mail.proofId === null) return noticeOf(ctx, waiting);
  const proof = await ctx.store.proofs.find(mail.proofId, ctx.clock.now());
  if (!proof || proof.usedAt) return NOTHING;
  if (proof.epoch !== null) return ofBound(ctx, proof, data);
  if (proof.emailCanonical === "") return NOTHING; // forgotten earlier
  const record = await ctx.store.users.findForLogin(proof.emailCanonical);
  if (!record) return ofStranger(ctx, proof, data);
  const { user } = record;
  if (!(await mayReceive(ctx, proof, { user, data }))) return { ...NOTHING, forgotten: proof.id };
  const isBound = await ctx.store.proofs.bind(proof.id, user.id, user.epoch);
  // Another worker bound it, or it has ended: what it is now decides.
  if (!isBound) return decide(ctx, waiting);
  return { ...NOTHING, letter: letterTo(user, { ...proof, userId: user.id, epoch: user.epoch }) };
}

/** A notice tells of what has happened: it goes out whatever became of the user. */
async function noticeOf(ctx: Context, { mail, kind, data }: Waiting): Promise<Decision> {
  const user = data.userId ? await ctx.store.users.find(data.userId) : null;
  return { ...NOTHING, letter: { kind, to: mail.recipient, proof: null, user } };
}

/** The first binding stays: after a change of the user its link is worthless, and no mail brings it. */
async function ofBound(ctx: Context, proof: EmailProof, data: MailData): Promise<Decision> {
  const user = proof.userId && (await ctx.store.users.find(proof.userId));
  if (!user || user.epoch !== proof.epoch) return NOTHING;
  const isWanted = await mayReceive(ctx, proof, { user, data });
  return isWanted ? { ...NOTHING, letter: letterTo(user, proof) } : NOTHING;
}

interface Reader {
  readonly user: User;
  readonly data: MailData;
}

async function mayReceive(ctx: Context, proof: EmailProof, { user, data }: Reader): Promise<boolean> {
  if (user.status !== "active") return false;
  if (!data.isOverBudget) return true;
  return proof.purpose === "password_reset" && !(await hasWorkingLink(ctx, proof, user));
}

function letterTo(user: User, proof: EmailProof): Letter {
  if (proof.purpose === "signup") return { kind: "signup_taken", to: user.email, proof: null, user };
  // The address of the account, and not the spelling of the request.
  const to = proof.emailCanonical === user.emailCanonical ? user.email : proof.email;
  return { kind: proof.purpose, to, proof, user };
}

async function ofStranger(ctx: Context, proof: EmailProof, data: MailData): Promise<Decision> {
  if (proof.purpose === "signup") return ofNewcomer(ctx, proof, data);
  const forgotten = { letter: null, forgotten: proof.id };
  const isTold = proof.purpose === "password_reset" && ctx.mail?.settings.unknownReset && !data.isOverBudget;
  const letter = { to: proof.email, user: null, kind: "unknown_reset", proof: null } as const;
  return isTold ? { ...forgotten, letter } : forgotten;
}

async function ofNewcomer(ctx: Context, proof: EmailProof, data: MailData): Promise<Decision> {
  const isIdle = data.isOverBudget && (isTagged(proof) || (await hasWorkingLink(ctx, proof, null)));
  const letter = { to: proof.email, user: null, kind: "signup", proof } as const;
  if (!isIdle) return { ...NOTHING, letter };
  // A mail that is sent again has brought this very proof before.
  return proof.sentAt === null ? { letter: null, forgotten: proof.id } : NOTHING;
}

/** Anyone can make up tags without end, and all of them reach one mailbox: beyond its budget each of them gets nothing. */
function isTagged({ emailCanonical }: EmailProof): boolean {
  return withoutTag(emailCanonical) !== emailCanonical;
}

/**
 * Whether a link that was mailed earlier works, or works again from now on. So a stranger who uses up the budget of an
 * address neither keeps its owner out nor makes more mail.
 */
async function hasWorkingLink(ctx: Context, proof: EmailProof, user: User | null): Promise<boolean> {
  const now = ctx.clock.now();
  const renewal = { sentAfter: addMs(now, -RENEWABLE_MS), expiresAt: addMs(now, RENEWED_MS) };
  const renewed = await ctx.store.proofs.renew(proof.purpose, proof.emailCanonical, renewal);
  return renewed !== null && renewed.userId === (user?.id ?? null) && renewed.epoch === (user?.epoch ?? null);
}
