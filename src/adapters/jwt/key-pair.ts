import { createPublicKey } from "node:crypto";
import type { SigningKey } from "../../domain/private-jwks.ts";
import type { SigningAlgorithm } from "../../domain/signing-key.ts";
import type { NamedKey } from "../../tokens/key-pair-jws.ts";
import type { SigningHalves } from "./halves.ts";

/** Signs and reads tokens with a key pair. It loads jose, which tokens of a secret do not need. */
export function keyPairHalves(signingKey: SigningKey): SigningHalves {
  const jws = import("../../tokens/key-pair-jws.ts");
  // Imported once: jose would import a KeyObject again for every token.
  const half = async (usage: "sign" | "verify"): Promise<NamedKey> => {
    const { kid, key } = signingKey;
    const alg = signingKey.alg as SigningAlgorithm;
    const used = usage === "verify" ? createPublicKey(key) : key;
    return { kid, alg, key: await (await jws).importKey(used.export({ format: "jwk" }), alg, usage) };
  };
  const signing = half("sign");
  const verifying = half("verify");
  // Without the algorithm a platform fails at the first use, not here.
  for (const imported of [signing, verifying]) imported.catch(() => undefined);
  return {
    sign: async (payload) => (await jws).signText(payload, await signing),
    read: async (token) => (await jws).readSigned(token, await verifying),
  };
}
