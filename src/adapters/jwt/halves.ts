import type { ReadSigned } from "../../tokens/access-token-jws.ts";

/** What one key does. */
export interface SigningHalves {
  /** Signs a payload as a compact JWS. */
  sign(payload: string): string | Promise<string>;
  readonly read: ReadSigned;
}
