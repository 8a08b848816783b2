import { misconfigured } from "../errors.ts";
import type { KeyOfHeader } from "../tokens/access-token-jws.ts";
import { importKeySet, type KeySet } from "./key-set.ts";
import type { VerificationKey } from "./read-jwks.ts";

/** The keys of the `jwks` option. The first token imports them, once. */
export function staticKeys(keys: readonly VerificationKey[]): KeyOfHeader {
  let imported: KeySet | undefined;
  return async (header) => {
    imported ??= await importKeySet(keys).catch(refuse);
    return imported.get(header);
  };
}

function refuse(cause: unknown): never {
  throw misconfigured("createVerifier: jwks: has a key that this runtime cannot import", cause);
}
