// What stands ready for each try of the tables, and what a row of them says.
import type { Auth, AuthEvent, AuthOptions, AuthStore, ClientInfo, SignedIn } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { expect } from "vitest";
import type { FactorWay } from "../../../src/context.ts";
import type { InstallableFeature } from "../../../src/installed-feature.ts";
import type { CallsOf } from "../../support/calls-of.ts";
import { CLIENT, EMAIL, type Harness, makeAuth, PASSWORD, type PlainAuth } from "../../support/harness.ts";
import { interceptStore } from "../../support/intercept-store.ts";

export const RIGHT: { readonly email: string; readonly password: string } = {
  email: EMAIL,
  password: PASSWORD,
};
/** Of the tries. No other client is like it. */
export const FROM: ClientInfo = { ip: "198.51.100.77", userAgent: "Table/1.0", requestId: "req-7" };
export const HMAC: unknown = expect.stringMatching(/^hmac:[\w-]+:[\w-]+$/);

const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const NO_LIMITS = {
  signup: { address: false, account: false },
  login: { address: false, account: false, device: false, devices: false },
  refresh: { address: false, session: false },
  reauthenticate: { address: false, session: false },
  changes: { session: false },
} as const;

/** Ada has signed up, over another instance: no event of that is in `sink`. */
export interface Stage extends Harness {
  readonly ada: SignedIn;
  /** The other instance: the same store and clock, no limits, no hooks. */
  readonly other: PlainAuth;
}

/** The fields in which an event differs from one of no account, reason and data. */
export type Said = Pick<AuthEvent, "type" | "outcome"> & { readonly [Field in keyof AuthEvent]?: unknown };

/** One way in which a call can end. */
export interface Try {
  /** How, in a few words. */
  readonly by: string;
  readonly options?: (before: Before) => Partial<AuthOptions>;
  /** What comes first. Its events do not count. */
  readonly prepare?: (stage: Stage) => unknown;
  readonly call: (stage: Stage) => unknown;
  /** The code of its error. Default `"fulfilled"`. */
  readonly ends?: string;
  /** The verb of the store that fails during the call. */
  readonly fails?: string;
  /** Events that other calls store meanwhile. */
  readonly besides?: number;
  /** The one event that it leaves; null: none, and `by` says why. `result` is that of the call. */
  readonly leaves: ((stage: Stage, result: unknown) => Said) | null;
  /** The event of what it did to another session, beside its own. */
  readonly leavesToo?: (stage: Stage) => Said;
}

type Before = Pick<Stage, "ada" | "other">;

/** The ways in which one call can end. */
type Row = readonly [Try, ...Try[]];

export type Rows<Call extends CallsOf<Auth>> = Readonly<Record<Call, Row>>;

export interface Staged {
  readonly stage: Stage;
  /** From now on each call of this verb of the store fails. Answers how many calls there were. */
  breakVerb(verb: string | undefined): () => number;
  /** From now on each transaction is undone after its work, and runs again. */
  rerunTransactions(): void;
}

export async function stageOf(store: AuthStore, { options }: Pick<Try, "options">): Promise<Staged> {
  // Its tokens have claims: those of a release before the hook would have expired for the other instance.
  const first = makeAuth({ store, limits: NO_LIMITS, hooks: { claims: () => ({}) } });
  const before = { ada: await first.auth.signup(RIGHT, CLIENT), other: first.auth };
  let broken: string | undefined;
  let isRerun = false;
  let count = 0;
  const breakable = interceptStore(store, (verb) => {
    if (verb !== broken) return;
    count++;
    throw new TypeError(`no ${verb}`);
  });
  const faulty: AuthStore = {
    ...breakable,
    close: async () => {}, // the test still reads the store
    transaction: async (work) => {
      if (isRerun) await undone(breakable, work);
      return breakable.transaction(work);
    },
  };
  const { clock } = first;
  const second = makeAuth({ store: faulty, clock, limits: NO_LIMITS, ...options?.(before) });
  return {
    stage: { ...second, ...before, store, clock },
    breakVerb: (verb) => {
      broken = verb;
      return () => count;
    },
    rerunTransactions: () => {
      isRerun = true;
    },
  };
}

/** As a store does after a deadlock: all of the work ran, and none of it is kept. */
async function undone(store: AuthStore, work: (tx: AuthStore) => Promise<unknown>): Promise<void> {
  const running = store.transaction(async (tx) => {
    await work(tx);
    throw new TypeError("deadlock");
  });
  await running.catch(() => {});
}

/** The whole event. */
export function eventOf({ clock }: Stage, said: Said): Record<keyof AuthEvent, unknown> {
  return {
    id: UUID,
    reason: null,
    userId: null,
    attemptedEmail: null,
    sessionId: null,
    ip: FROM.ip,
    userAgent: FROM.userAgent,
    requestId: FROM.requestId,
    data: null,
    occurredAt: clock.now(),
    ...said,
  };
}

const way: FactorWay = { method: "test", kind: "totp", role: "factor", isUsable: () => true };

/** Every sign-in needs a second factor. */
export function withFactor(): Partial<AuthOptions> {
  const factor = { name: "factor", install: () => ({ api: {}, ways: [way] }) };
  const features = { factor: factor as unknown as InstallableFeature<object> };
  return { features } as Partial<AuthOptions>;
}

export const breached: NonNullable<Try["options"]> = () => ({
  password: { isBreached: () => true, hasher: insecureTestHasher() },
});
/** Every hash ends in this error. */
export function hashing(error: unknown): NonNullable<Try["options"]> {
  const fail = () => Promise.reject(error);
  return () => ({
    password: { hasher: { name: "failing", hash: fail, verify: fail, needsRehash: () => false } },
  });
}

export const brokenClaims: NonNullable<Try["options"]> = () => ({
  hooks: { claims: () => Promise.reject(new TypeError("no claims")) },
});

/** `hooks.claims` runs after the proof and before the transaction. */
export const overtaken: NonNullable<Try["options"]> = ({ ada, other }) => ({
  hooks: {
    claims: async () => {
      await other.users.disable(ada.user.id);
      return {};
    },
  },
});

type Names = Omit<Partial<Said>, "type" | "outcome">;

/** What an event says that names Ada by her email. */
export const adaNamed: (stage: Stage) => Names = ({ ada }) => ({
  userId: ada.user.id,
  attemptedEmail: RIGHT.email,
});
/** What an event of Ada's session says. */
export const adaProving: (stage: Stage) => Names = ({ ada }) => ({
  userId: ada.user.id,
  sessionId: ada.session.id,
});

/** What an event says of the use of Ada's session after its end. */
export const endedUse: NonNullable<Try["leaves"]> = (stage) => ({
  type: "ended_session",
  outcome: "failure",
  reason: "session_revoked",
  ...adaProving(stage),
});

export function opened(result: unknown): Names {
  return { sessionId: (result as SignedIn).session.id };
}

export const refused: Pick<Said, "outcome" | "reason"> & { readonly outcome: "refused" } = {
  outcome: "refused",
  reason: "rate_limited",
};
