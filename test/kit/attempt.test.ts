// Class: an attempt that leaves no trace, or two (Vikunja CVE-2026-35597).
import { AuthError } from "sallyport";
import { expect, test } from "vitest";
import { type Attempt, attempt, compare } from "../../src/kit/attempt.ts";
import { codeOf, makeAuth } from "../support/harness.ts";

const client = { ip: null, userAgent: null, requestId: null };

async function recorded(work: (trying: Attempt) => Promise<unknown>, isQuiet?: true): Promise<unknown[]> {
  const { ctx, sink } = makeAuth();
  const draft = { type: "login", named: {}, client, ...(isQuiet && { isQuiet }) } as const;
  const code = await codeOf(attempt(ctx, draft, work));
  await new Promise((resolve) => setImmediate(resolve));
  return [code, ...sink.events.map(({ outcome, reason }) => `${outcome} ${reason}`)];
}

test("an attempt that returns and commits nothing is a fault, and leaves its failure", async () => {
  const [code, ...events] = await recorded(async () => "done");
  expect(code).toMatch(/An attempt at login left no event/);
  expect(events).toEqual(["failure internal_error"]);
  expect(await recorded(async () => "done", true)).toEqual(["fulfilled"]);
});

test("a commit is the attempt's one event, also if a later step throws", async () => {
  const committed = (trying: Attempt) => trying.commit(async () => ({ reason: "why" }));
  expect(await recorded(committed)).toEqual(["fulfilled", "success why"]);
  const thenThrows = (trying: Attempt) =>
    committed(trying).then(() => Promise.reject(new AuthError("overloaded")));
  expect(await recorded(thenThrows)).toEqual(["overloaded", "success why"]);
});

test("each refusal has its own reason, whichever of them is thrown", async () => {
  const first = async (trying: Attempt) => {
    const refusal = trying.refuse("invalid_credentials", "wrong_password");
    trying.refuse("invalid_challenge", "superseded");
    throw refusal;
  };
  expect(await recorded(first)).toEqual(["invalid_credentials", "failure wrong_password"]);
});

test("an error that a limit records is not recorded twice, and every other is", async () => {
  const dismissed = async (trying: Attempt) => {
    throw trying.dismiss(new AuthError("rate_limited"));
  };
  expect(await recorded(dismissed)).toEqual(["rate_limited"]);
  const other = async (trying: Attempt) => {
    trying.dismiss(new AuthError("rate_limited"));
    throw new AuthError("unavailable");
  };
  expect(await recorded(other)).toEqual(["unavailable", "failure unavailable"]);
});

test("whatever code of others throws leaves one event, also if it throws nothing", async () => {
  for (const thrown of [undefined, null, "text", new TypeError("x")]) {
    const [, ...events] = await recorded(() => Promise.reject(thrown));
    expect(events).toEqual(["failure internal_error"]);
  }
});

test("points come back for a right answer and for a fault, and never for a verdict", async () => {
  const refunds = async (judge: () => Promise<unknown>): Promise<number> => {
    let count = 0;
    await codeOf(compare(async () => void count++, judge));
    return count;
  };
  expect(await refunds(async () => true)).toBe(1);
  for (const fault of ["unavailable", "overloaded", "internal_error"] as const)
    expect(await refunds(() => Promise.reject(new AuthError(fault)))).toBe(1);
  expect(await refunds(() => Promise.reject(new TypeError("broken")))).toBe(1);
  for (const verdict of ["invalid_credentials", "invalid_challenge", "forbidden"] as const)
    expect(await refunds(() => Promise.reject(new AuthError(verdict)))).toBe(0);
});
