/** How an access token may be signed with a key pair (RFC 8037, RFC 9864; RFC 7518, section 3.4). */
export type SigningAlgorithm = "EdDSA" | "Ed25519" | "ES256";

/** The public half of a signing key (RFC 7517), as `GET /auth/jwks.json` shows it. */
export interface PublicJwk {
  readonly kty: "OKP" | "EC";
  readonly crv: "Ed25519" | "P-256";
  readonly x: string;
  readonly y?: string | undefined;
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly use: "sig";
}

export interface JsonWebKeySet {
  readonly keys: readonly PublicJwk[];
}

/** A key's name is in the header of every token: it is short, and plain text in every log. */
const KEY_ID = /^[A-Za-z0-9._~-]{1,128}$/;

export function isKeyId(value: unknown): value is string {
  return typeof value === "string" && KEY_ID.test(value);
}

type Fitting = Readonly<
  Record<string, readonly [byDefault: SigningAlgorithm, ...others: SigningAlgorithm[]]>
>;

const FITTING: Fitting = { "OKP Ed25519": ["EdDSA", "Ed25519"], "EC P-256": ["ES256"] };

/**
 * The algorithm of a public key, or of the public half of a private key. Null: not one of ours. The key
 * decides, so that no token can: an `alg` that does not fit its key is refused, not obeyed.
 */
export function algorithmOf({ kty, crv, alg }: Readonly<Record<string, unknown>>): SigningAlgorithm | null {
  // Texts only: a fetched key may hold a list instead, which reads as its one element.
  const kind = typeof kty === "string" && typeof crv === "string" ? `${kty} ${crv}` : "";
  const fitting = Object.hasOwn(FITTING, kind) ? FITTING[kind] : undefined;
  if (alg === undefined) return fitting?.[0] ?? null;
  return fitting?.find((candidate) => candidate === alg) ?? null;
}

/** Whether this is the `alg` of one of our key pairs: neither a shared secret's, nor `none`. */
export function isSigningAlgorithm(value: unknown): value is SigningAlgorithm {
  return Object.values(FITTING).some((fitting) => fitting.some((candidate) => candidate === value));
}
