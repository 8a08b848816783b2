import { generateKeyPairSync, randomBytes } from "node:crypto";
import { makeKey, type TestKey } from "./support.ts";

export const KEY: TestKey = makeKey("k1");
export const CURVED: TestKey = makeKey("k2", "ES256");

const rsa = (bits: number): object => ({
  ...generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ format: "jwk" }),
  kid: "rsa",
  use: "sig",
});
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });
const x25519 = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
const k = randomBytes(32).toString("base64url");

/** What no message may repeat. */
export const PUBLISHED_SECRETS: readonly string[] = [k, String(KEY.private["d"]), String(KEY.public.x)];

/** Sets that are refused whole, with the words that say why; the address of keys is held to them too. */
export const HOSTILE_SETS: Record<string, [jwks: unknown, why: string]> = {
  "not an object": ["jwks", "must be a JSON Web Key Set"],
  null: [null, "must be a JSON Web Key Set"],
  "a bare list": [[KEY.public], "must be a JSON Web Key Set"],
  "keys as an object": [{ keys: { 0: KEY.public } }, "must be a JSON Web Key Set"],
  "a single key": [KEY.public, "must be a JSON Web Key Set"],
  "an entry that is null": [{ keys: [null] }, "keys.0 is no JWK"],
  "a shared secret": [{ keys: [{ kty: "oct", k, kid: "s", alg: "HS256" }] }, "keys.0 is a shared secret"],
  "a shared secret beside a good key": [
    { keys: [KEY.public, { kty: "oct", k, kid: "s" }] },
    "keys.1 is a shared secret",
  ],
  "a secret in a public key": [{ keys: [{ ...KEY.public, k }] }, "keys.0 is a shared secret"],
  "HS256 for an Ed25519 key": [{ keys: [{ ...KEY.public, alg: "HS256" }] }, "keys.0 must be an Ed25519"],
  "HS256 for a P-256 key": [{ keys: [{ ...CURVED.public, alg: "HS256" }] }, "keys.0 must be an Ed25519"],
  "none for an Ed25519 key": [{ keys: [{ ...KEY.public, alg: "none" }] }, "keys.0 must be an Ed25519"],
  "ES256 for an Ed25519 key": [{ keys: [{ ...KEY.public, alg: "ES256" }] }, "keys.0 must be an Ed25519"],
  "a private key": [{ keys: [KEY.private] }, "keys.0 is a private key"],
  "a private key beside good ones": [
    { keys: [KEY.public, CURVED.public, makeKey("k3").private] },
    "keys.2 is a private key",
  ],
  "one kid twice": [{ keys: [KEY.public, makeKey("k1").public] }, "has one kid twice"],
  "one kid for two algorithms": [{ keys: [KEY.public, makeKey("k1", "ES256").public] }, "has one kid twice"],
  "RSA of 2048 bits": [{ keys: [{ ...rsa(2048), alg: "RS256" }] }, "keys.0 must be an Ed25519"],
  "RSA of 1024 bits": [{ keys: [rsa(1024)] }, "keys.0 must be an Ed25519"],
  "RSA of 4096 bits beside a good key": [
    { keys: [KEY.public, { ...rsa(4096), alg: "PS256" }] },
    "keys.1 must be an Ed25519",
  ],
  "P-384": [{ keys: [{ ...p384, kid: "p" }] }, "keys.0 must be an Ed25519"],
  X25519: [{ keys: [{ ...x25519, kid: "x" }] }, "keys.0 must be an Ed25519"],
  "a key for encryption": [{ keys: [{ ...KEY.public, use: "enc" }] }, 'its use must be "sig"'],
  "a key for other work": [{ keys: [{ ...KEY.public, key_ops: ["encrypt"] }] }, 'its use must be "sig"'],
  "no kid": [{ keys: [{ ...KEY.public, kid: undefined }] }, "keys.0 has no kid"],
  "a kid that is a path": [{ keys: [{ ...KEY.public, kid: "../../dev/null" }] }, "keys.0 has no kid"],
  "a kid that is a number": [{ keys: [{ ...KEY.public, kid: 1 }] }, "keys.0 has no kid"],
  "a kid too long": [{ keys: [{ ...KEY.public, kid: "k".repeat(129) }] }, "keys.0 has no kid"],
  "x missing": [{ keys: [{ ...KEY.public, x: undefined }] }, "keys.0 is damaged"],
  "x too short": [{ keys: [{ ...KEY.public, x: "AAAA" }] }, "keys.0 is damaged"],
  "x with padding": [{ keys: [{ ...KEY.public, x: `${KEY.public.x}=` }] }, "keys.0 is damaged"],
  "x as a list": [{ keys: [{ ...KEY.public, x: [KEY.public.x] }] }, "keys.0 is damaged"],
  "P-256 without y": [{ keys: [{ ...CURVED.public, y: undefined }] }, "keys.0 is damaged"],
};
