import * as z from "zod";
import type { SigningKey } from "../domain/private-jwks.ts";
import { readPrivateJwks } from "../domain/private-jwks.ts";

/** Private JWKs (RFC 7517) of Ed25519 or P-256. Messages never hold any part of a key. */
export const signingKeys: z.ZodType<readonly SigningKey[]> = z.unknown().transform((value, issue) => {
  const { keys, problems } = readPrivateJwks(value);
  for (const { index, message } of problems) {
    issue.addIssue({ code: "custom", message, path: index === undefined ? [] : [index] });
  }
  return keys;
});
