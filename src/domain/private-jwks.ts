import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { algorithmOf, isKeyId, type SigningAlgorithm } from "./signing-key.ts";

// Not part of the options schema: `sallyport keys` applies the same rules to its file, and loads no zod.

/** A private key, or 32 secret bytes for HS256 (RFC 7518, section 3.2), with its name and its one algorithm. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: "HS256" | SigningAlgorithm;
  readonly key: KeyObject;
}

/** The keys, and every problem with them. Messages hold no part of a key. */
export interface PrivateJwks {
  readonly keys: readonly SigningKey[];
  readonly problems: readonly KeyProblem[];
}

interface KeyProblem {
  /** The place of the key in the list; undefined for the list itself. */
  readonly index?: number | undefined;
  readonly message: string;
}

const MAX_KEYS = 8;
const MIN_DISTINCT_BYTES = 10;
const MAKE_ONE = "make one with `npx sallyport keys generate`";

// Published private keys, by the x of their public half: RFC 7515 (A.3), RFC 7517 (A.2), RFC 6979
// (A.2.5), RFC 8032 (7.1, the first of them in RFC 8037 as well), RFC 9421 (B.1), and the one of jwt.io.
const PUBLISHED: ReadonlySet<unknown> = new Set([
  "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y",
  "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
  "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU",
  "qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA",
  "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs",
  "EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84",
]);

/** Private JWKs (RFC 7517) of Ed25519 or P-256. */
export function readPrivateJwks(value: unknown): PrivateJwks {
  if (typeof value === "string") {
    return refused("is text: pass the list that JSON.parse makes of it");
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_KEYS) {
    return refused(`must be a list of 1 to ${MAX_KEYS} private JWKs: ${MAKE_ONE}`);
  }
  // `Array.from` reads a gap in the list too. Skipped, a list of gaps would be an empty list.
  const read = Array.from(value, readKey);
  const keys = read.filter((key) => typeof key !== "string");
  const problems = read.flatMap((message, index): KeyProblem[] =>
    typeof message === "string" ? [{ index, message }] : [],
  );
  const repeat = repeatIn(keys);
  return { keys, problems: repeat ? [...problems, { message: repeat }] : problems };
}

/** The name of a key without a `kid` (RFC 7638). */
export function thumbprint({ crv, kty, x, y }: Jwk): string {
  return createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
}

type Jwk = Readonly<Record<string, unknown>>;

function refused(message: string): PrivateJwks {
  return { keys: [], problems: [{ message }] };
}

/** The key, or what is wrong with it. */
function readKey(jwk: unknown): SigningKey | string {
  if (!isJwk(jwk)) return `must be a private JWK: ${MAKE_ONE}`;
  if (jwk["kty"] === "oct") return "is a shared secret, which a JWKS must not hold: use the option `secret`";
  const alg = algorithmOf(jwk);
  if (!alg) return `must be an Ed25519 or ES256 (P-256) key, with no other alg: ${MAKE_ONE}`;
  if (typeof jwk["d"] !== "string") return "is a public key: signing needs the private key";
  if (!isForSigning(jwk)) return 'is not for signing: its use must be "sig", its key_ops "sign"';
  return weaknessOf(jwk) ?? importKey(jwk, alg) ?? "is damaged: its parts do not belong to one key";
}

function isForSigning({ use, key_ops: operations }: Jwk): boolean {
  const maySign = operations === undefined || (Array.isArray(operations) && operations.includes("sign"));
  return (use === undefined || use === "sig") && maySign;
}

function weaknessOf({ x, d }: Jwk): string | null {
  if (PUBLISHED.has(x)) return `is published, so anyone can sign with it: ${MAKE_ONE}`;
  const distinct = new Set(Buffer.from(String(d), "base64url")).size;
  return distinct < MIN_DISTINCT_BYTES ? `is not random and can be guessed: ${MAKE_ONE}` : null;
}

function importKey(jwk: Jwk, alg: SigningAlgorithm): SigningKey | string | null {
  const key = privateKey(jwk);
  if (!key) return null;
  const { x, y } = createPublicKey(key).export({ format: "jwk" });
  if (x !== jwk["x"] || y !== jwk["y"]) return null;
  const kid = jwk["kid"] === undefined ? thumbprint(jwk) : jwk["kid"];
  if (!isKeyId(kid)) return "has a kid that is not 1 to 128 letters, digits, or any of . _ ~ -";
  return Object.freeze({ kid, alg, key });
}

function privateKey(jwk: Jwk): KeyObject | null {
  try {
    return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    return null; // the reason would repeat parts of the key
  }
}

function repeatIn(keys: readonly SigningKey[]): string | null {
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    return "has one kid twice: a kid must name one key";
  }
  // Under two names, or two algorithms, a dropped key would still be in the list.
  const halves = keys.map(({ key }) => createPublicKey(key).export({ format: "jwk" }).x);
  return new Set(halves).size < keys.length ? "has one key twice, under two names: drop one" : null;
}

function isJwk(value: unknown): value is Jwk {
  return typeof value === "object" && value !== null;
}
