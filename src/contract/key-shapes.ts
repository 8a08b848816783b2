import * as z from "zod/mini";
import type { JsonWebKeySet } from "../domain/signing-key.ts";
import { component } from "./described.ts";

const publicJwk = z.strictObject({
  kty: z.enum(["OKP", "EC"]),
  crv: z.enum(["Ed25519", "P-256"]),
  x: z.string(),
  y: z.optional(z.string()),
  kid: z.string(),
  alg: z.enum(["EdDSA", "Ed25519", "ES256"]),
  use: z.literal("sig"),
});
export const jwksOutput: z.ZodMiniType = component<JsonWebKeySet>()(
  "JsonWebKeySet",
  z.strictObject({ keys: z.array(publicJwk) }),
);
