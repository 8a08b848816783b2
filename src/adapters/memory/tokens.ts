import type { OneTimeToken, TokenPurpose } from "../../domain/one-time-token.ts";
import type { TokenStore } from "../../ports/auth-store.ts";
import { copyRow } from "./table.ts";
import { assertInsertable, assertUserExists, type Run, type Tables } from "./tables.ts";

export function memoryTokens(tables: Tables, run: Run): TokenStore {
  const { tokens } = tables;
  const findLive = (purpose: TokenPurpose, hash: string, now: Date): OneTimeToken | null => {
    const token = tokens.get(hash);
    return token?.purpose === purpose && now < token.expiresAt ? token : null;
  };
  return Object.freeze<TokenStore>({
    issue: (token) =>
      run(() => {
        assertInsertable(tokens, token.hash);
        assertUserExists(tables, token.userId);
        tokens.put(token);
      }),
    find: (purpose, hash, now) =>
      run(() => {
        const token = findLive(purpose, hash, now);
        return token && copyRow(token);
      }),
    consume: (purpose, hash, now) =>
      run(() => {
        const token = findLive(purpose, hash, now);
        if (token) tokens.drop(hash);
        return token;
      }),
    countAttempt: (purpose, hash, { max, now }) =>
      run(() => {
        const token = findLive(purpose, hash, now);
        if (!token || token.attempts >= max) return false;
        tokens.put({ ...token, attempts: token.attempts + 1 });
        return true;
      }),
    revokeAll: (userId, purpose) =>
      run(() => {
        const owned = tokens.ownedBy(userId);
        const doomed = purpose === undefined ? owned : owned.filter((token) => token.purpose === purpose);
        for (const token of doomed) tokens.drop(token.hash);
        return doomed.length;
      }),
  });
}
