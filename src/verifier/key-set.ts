import { headerOf, importKey, type NamedKey } from "../tokens/access-token-jws.ts";
import type { VerificationKey } from "./read-jwks.ts";

/** Keys by the header of their tokens: a lookup finds a key only together with its one algorithm. */
export type KeySet = ReadonlyMap<string, NamedKey>;

/** Rejects if the runtime cannot import a key, or lacks its algorithm. */
export async function importKeySet(keys: readonly VerificationKey[]): Promise<KeySet> {
  const imported = keys.map(async ({ jwk, ...named }) => {
    const key = await importKey({ ...jwk }, named.alg, "verify");
    return [headerOf(named), { ...named, key }] as const;
  });
  return new Map(await Promise.all(imported));
}
