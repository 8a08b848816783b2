import type { Spend } from "../context.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Attempt } from "./attempt.ts";

interface Taking {
  readonly trying: Attempt;
  readonly at: Date;
}

/** Uses up what the proofs use up, in the transaction of their effect. A lost spend throws, so that the rest rolls back. */
export async function takeSpends(
  tx: AuthStore,
  spends: readonly Spend[],
  { trying, at }: Taking,
): Promise<void> {
  for (const spend of spends) {
    if (!(await spend.take(tx, at))) throw trying.refuse(spend.code, spend.reason);
  }
}
