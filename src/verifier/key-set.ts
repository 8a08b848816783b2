import { headerOf, type ReadSigned } from "../tokens/access-token-jws.ts";
import { importKey, readSigned } from "../tokens/key-pair-jws.ts";
import type { VerificationKey } from "./read-jwks.ts";

/** Keys by the header of their tokens: a lookup finds a key only together with its one algorithm. */
export type KeySet = ReadonlyMap<string, ReadSigned>;

/** Rejects if the runtime cannot import a key, or lacks its algorithm. */
export async function importKeySet(keys: readonly VerificationKey[]): Promise<KeySet> {
  const imported = keys.map(async ({ jwk, ...named }) => {
    const key = await importKey({ ...jwk }, named.alg, "verify");
    const read: ReadSigned = (token) => readSigned(token, { ...named, key });
    return [headerOf(named), read] as const;
  });
  return new Map(await Promise.all(imported));
}
