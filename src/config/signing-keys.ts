import * as z from "zod/mini";
import { reading } from "../api/schema.ts";
import type { SigningKey } from "../domain/private-jwks.ts";
import { readPrivateJwks } from "../domain/private-jwks.ts";

/** Private JWKs (RFC 7517) of Ed25519 or P-256. Messages never hold any part of a key. */
export const signingKeys: z.ZodMiniType<readonly SigningKey[]> = z.lazy(() =>
  reading(z.unknown(), (value, fail) => {
    const { keys, problems } = readPrivateJwks(value);
    for (const { index, message } of problems) {
      fail(message, { path: index === undefined ? [] : [index] });
    }
    return keys;
  }),
);
