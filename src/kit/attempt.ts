import type { Context } from "../context.ts";
import type { AuthEvent, AuthEventType } from "../domain/auth-event.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import type { OwnedSession } from "../domain/session.ts";
import type { FailureReason } from "../domain/vocabulary.ts";
import { AuthError, type AuthErrorCode, isAuthError } from "../errors.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { isCutOff } from "./fail-closed.ts";
import type { Client } from "./input.ts";
import { type CountedMail, refundUnlessStored } from "./limits/counted-mail.ts";
import { announceEvent, type EventDraft, type Named, newEvent, recordEvent } from "./record-event.ts";

export interface AttemptDraft {
  readonly type: AuthEventType;
  /** The account that the event names, as far as it is known at the start. */
  readonly named: Named;
  readonly client: Client;
  /** A success needs no event of its own: the session's row has its time and address. */
  readonly isQuiet?: true;
}

/** One attempt. It leaves exactly one event: the success that it commits, or its failure. */
export interface Attempt {
  /** Sets the account that the event names, as soon as the attempt knows it. */
  name(named: Named): void;
  /** Makes the error to throw. Only the audit log holds the reason. */
  refuse(code: AuthErrorCode, reason?: FailureReason): AuthError;
  /** Marks an error whose event a limit records. The attempt then records no event for it. */
  dismiss<E>(error: E): E;
  /**
   * Runs the one transaction of a success. It stores `work` and the event together, or not at all. Null: `work`
   * returned null, because another call came first. If nothing is stored, the points of mails in it are refunded.
   */
  commit(work: Work, mails?: readonly CountedMail[]): Promise<AuthEvent | null>;
}

export type Work = (tx: AuthStore) => Promise<Outcome | null>;

/** The result of a transaction, for its event. */
export interface Outcome extends Named {
  /** Default `success`. */
  readonly outcome?: AuthEvent["outcome"] | undefined;
  readonly reason?: string | undefined;
  readonly data?: AuthEvent["data"] | undefined;
  /** The sessions that ended. Cached checks must refuse them from now on. */
  readonly ended?: Ended | undefined;
  /** The session that came with a sign-in and ended with it. Its user gets an event of their own. */
  readonly replaced?: OwnedSession | undefined;
}

type Ended = { readonly user: UserId } | { readonly session: SessionId };

/** Runs an attempt that passed its limits. It records an error before the commit once, and throws it again. */
export async function attempt<T>(
  ctx: Context,
  { type, named, client, isQuiet }: AttemptDraft,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const state = newState(named);
  const trying = tryingWith(state, (write, mails = []) =>
    refundUnlessStored(ctx, mails, commitEvent(ctx, { type, client }, write)),
  );
  try {
    const result = await work(trying);
    if (!state.isRecorded && !isQuiet) throw new TypeError(`An attempt at ${type} left no event`);
    return result;
  } catch (error) {
    const isDone = state.isRecorded || state.dismissed.has(error);
    const failure = { type, outcome: "failure", ...state.named, reason: reasonOf(error, state) } as const;
    if (!isDone) await recordFailure(ctx, failure, { client, error });
    throw error;
  }
}

interface Failed {
  readonly client: Client;
  readonly error: unknown;
}

// The caller waits for the event, but not twice for a store that hangs.
async function recordFailure(ctx: Context, failure: EventDraft, { client, error }: Failed): Promise<void> {
  const recorded = recordEvent(ctx, failure, client);
  if (isCutOff(error)) recorded.catch(ctx.report);
  else await recorded;
}

interface State {
  named: Named;
  isRecorded: boolean;
  readonly dismissed: Set<unknown>;
  readonly reasons: Map<unknown, FailureReason>;
}

function newState(named: Named): State {
  return { named, isRecorded: false, dismissed: new Set(), reasons: new Map() };
}

function tryingWith(state: State, store: Attempt["commit"]): Attempt {
  return {
    name(named) {
      state.named = named;
    },
    refuse(code, reason) {
      const error = new AuthError(code);
      if (reason) state.reasons.set(error, reason);
      return error;
    },
    dismiss(error) {
      state.dismissed.add(error);
      return error;
    },
    async commit(work, mails) {
      const event = await store(work, mails);
      state.isRecorded ||= event !== null;
      return event;
    },
  };
}

function reasonOf(error: unknown, { reasons }: State): string {
  return reasons.get(error) ?? (isAuthError(error) ? error.code : "internal_error");
}

interface Committing extends Pick<EventDraft, "type"> {
  readonly client: Client;
  /** Sessions that this call or another process ended: cached checks read them again, whatever `work` answers. */
  readonly ended?: Ended | undefined;
}

/** Runs the same transaction for a call that is not an attempt. A failure leaves no event. */
export async function commitEvent(
  ctx: Context,
  { type, client, ended: endedAnyhow }: Committing,
  work: Work,
): Promise<AuthEvent | null> {
  let ended: readonly (Ended | undefined)[] = [endedAnyhow];
  try {
    const events = await ctx.store.transaction(async (tx) => {
      const done = await work(tx);
      if (!done) return null;
      const { replaced } = done;
      ended = [done.ended ?? endedAnyhow, replaced && { session: replaced.sessionId }];
      const draft = { type, ...done, outcome: done.outcome ?? "success" };
      const made = newEvent(ctx, draft, client);
      const all = [made, ...replacement(replaced).map((other) => newEvent(ctx, other, client))];
      await tx.events.append(all);
      return { made, all };
    });
    for (const event of events?.all ?? []) announceEvent(ctx, event);
    return events?.made ?? null;
  } finally {
    // Also after an error: the store may have committed, and only its answer was lost.
    for (const gone of ended) if (gone) forget(ctx, gone);
  }
}

function replacement(replaced: OwnedSession | undefined): readonly EventDraft[] {
  return replaced ? [{ type: "replace_session", outcome: "success", ...replaced }] : [];
}

function forget(ctx: Context, ended: Ended): void {
  if ("user" in ended) ctx.sessionCheck.forgetUser(ended.user);
  else ctx.sessionCheck.forgetSession(ended.session);
}

/** A server that failed, and compared nothing. */
const FAULTS: ReadonlySet<AuthErrorCode> = new Set(["unavailable", "overloaded", "internal_error"]);

/**
 * Runs the comparison of an attempt. It refunds the points of a right answer. It also refunds them if nothing was
 * compared: a busy or failing server must not lock the owner out.
 */
export async function compare<T>(refund: () => Promise<void>, judge: () => Promise<T>): Promise<T> {
  const verdict = await refundIfFaulty(refund, judge());
  // One point, not the counter: a reset would tell a stranger when the owner signs in.
  await refund();
  return verdict;
}

/** Refunds the points if the work fails by a fault of the server. */
export function refundIfFaulty<T>(refund: () => Promise<void>, work: Promise<T>): Promise<T> {
  return work.catch(async (error) => {
    if (!isAuthError(error) || FAULTS.has(error.code)) await refund();
    throw error;
  });
}
