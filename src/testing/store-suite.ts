import type { AuthStore } from "../ports/auth-store.ts";
import { closePromises } from "./store/close.ts";
import { credentialPromises } from "./store/credentials.ts";
import { eventPromises } from "./store/events.ts";
import { mailClaimPromises } from "./store/mail-claims.ts";
import { outboxPromises } from "./store/outbox.ts";
import { proofRenewalPromises } from "./store/proof-renewals.ts";
import { proofPromises } from "./store/proofs.ts";
import { purgePromises } from "./store/purge.ts";
import { sessionEndPromises } from "./store/session-ends.ts";
import { sessionPromises } from "./store/sessions.ts";
import type { StorePromises } from "./store/support.ts";
import { tokenPromises } from "./store/tokens.ts";
import { trailPromises } from "./store/trails.ts";
import { transactionIsolationPromises } from "./store/transaction-isolation.ts";
import { transactionPromises } from "./store/transactions.ts";
import { userChangePromises } from "./store/user-changes.ts";
import { userPromises } from "./store/users.ts";
import { valuePromises } from "./store/values.ts";

/** `test` of any runner: `node:test`, vitest, jest. */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown;

export interface StoreSuiteOptions {
  readonly test: TestFunction;
  /** Makes a new, empty store. Each test calls it once; the suite closes the store. */
  readonly makeStore: () => AuthStore | Promise<AuthStore>;
}

const GROUPS: Readonly<Record<string, StorePromises>> = {
  users: userPromises,
  "users.change": userChangePromises,
  credentials: credentialPromises,
  sessions: sessionPromises,
  "sessions.revoke": sessionEndPromises,
  tokens: tokenPromises,
  proofs: proofPromises,
  "proofs.renew": proofRenewalPromises,
  outbox: outboxPromises,
  "outbox.claim": mailClaimPromises,
  events: eventPromises,
  trails: trailPromises,
  transaction: transactionPromises,
  isolation: transactionIsolationPromises,
  values: valuePromises,
  purge: purgePromises,
  close: closePromises,
};

/**
 * Proves that a store keeps every promise of the `AuthStore` port, with 50 parallel callers where only one may
 * win. A store that fails a single test is not safe to use: no option leaves a test out.
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { memoryStore } from "sallyport";
 * import { storeSuite } from "sallyport/testing";
 *
 * storeSuite({ test, makeStore: () => memoryStore() });
 * ```
 */
export function storeSuite({ test, makeStore }: StoreSuiteOptions): void {
  for (const [group, promises] of Object.entries(GROUPS)) {
    for (const [promise, prove] of Object.entries(promises)) {
      test(`${group}: ${promise}`, async () => {
        const store = await makeStore();
        try {
          await prove(store);
        } finally {
          await store.close();
        }
      });
    }
  }
}
