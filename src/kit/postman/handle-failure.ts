import { randomInt } from "node:crypto";
import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import { AuthError } from "../../errors.ts";
import type { MailFailure } from "../../ports/mailer.ts";
import { commitEvent } from "../attempt.ts";
import type { MailData } from "../proofs/mail-row.ts";
import type { Letter } from "./decide.ts";
import { askerOf, nameReader } from "./name-reader.ts";
import type { ClaimedMail } from "./waiting.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The waits after the first failures. After one failure more the mail is given up. */
const WAITS = [5 * SECOND, 15 * SECOND, MINUTE, 4 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR] as const;

/** A mail that was claimed and did not go out. */
export interface Failed extends ClaimedMail {
  readonly data?: MailData | undefined;
  /** Null: the mail could not be read. */
  readonly letter: Letter | null;
  readonly error: unknown;
}

/** Lets a mail that was not accepted be due again later, or gives it up. */
export async function handleFailure(ctx: Context, failed: Failed): Promise<void> {
  const { mail, lease, letter, error } = failed;
  const next = addMs(ctx.clock.now(), waitAfter(mail.attempts));
  // A link that has ended by then is of no use.
  const isTooLate = letter?.proof !== null && letter?.proof !== undefined && next >= letter.proof.expiresAt;
  if (mail.attempts > WAITS.length || isTooLate || factsOf(error).permanent) await giveUp(ctx, failed);
  else await ctx.store.outbox.postpone(mail.id, lease, next);
}

/** Gives a mail up, with an event, and tells the operator. */
async function giveUp(ctx: Context, { mail, lease, data, letter, error }: Failed): Promise<void> {
  const { permanent: _, ...facts } = factsOf(error);
  const about = { kind: mail.kind, attempts: mail.attempts, ...facts };
  const event = await commitEvent(ctx, { type: "mail", client: askerOf(data) }, async (tx) => {
    if (!(await tx.outbox.bury(mail.id, lease, ctx.clock.now()))) return null;
    return {
      ...nameReader(ctx, mail, letter),
      outcome: "failure",
      reason: "undeliverable",
      data: about,
    };
  });
  if (!event) return;
  ctx.report(new AuthError("unavailable", { message: GIVEN_UP, cause: { id: mail.id, ...about } }));
}

const GIVEN_UP = "A mail could not be delivered and was given up. auth.mail.dead() lists it.";

// Instances that lost one mail server together must not come back to it together.
function waitAfter(attempts: number): number {
  const wait = WAITS[Math.min(attempts, WAITS.length) - 1] ?? WAITS[0];
  return wait + randomInt(-wait / 5, wait / 5 + 1);
}

/** What is kept of a failure. */
interface Facts {
  readonly permanent: boolean;
  readonly code?: string;
  readonly status?: number;
}

/** Of the mailer's error only these are kept: its words can hold the address of a user. */
export function factsOf(error: unknown): Facts {
  const { permanent, code, responseCode } = Object(error) as MailFailure;
  return {
    permanent: permanent === true,
    ...(typeof code === "string" && /^[A-Z]\w{0,63}$/.test(code) && { code }),
    ...(Number.isSafeInteger(responseCode) && { status: responseCode as number }),
  };
}
