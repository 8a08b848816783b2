import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from "node:crypto";
import { type AuthOptions, memoryStore } from "sallyport";
import { deriveKey } from "../../src/lib/secrets.ts";
import { EMAIL, type Harness, makeAuth, PASSWORD, SECRET } from "./harness.ts";

type Sign = (input: Buffer) => Buffer;

/** A way to sign access tokens, with the real key in hand: what is left to refuse a token is our judgement. */
export interface Configuration {
  readonly name: string;
  readonly options: Partial<AuthOptions>;
  readonly alg: "HS256" | "EdDSA" | "ES256";
  readonly sign: Sign;
  /** The same with a key that is nobody's. */
  readonly signAsStranger: Sign;
  /** What everybody knows of the key; null for a secret. */
  readonly publicKey: KeyObject | null;
}

export const CONFIGURATIONS: readonly Configuration[] = [withSecret(), withEd25519(), withES256()];

/** A configuration at work, a good token of it, and the means to make others. */
export interface Ground extends Configuration {
  readonly harness: Harness;
  readonly token: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  /** As they stand in the good token. */
  readonly headerText: string;
  readonly payloadText: string;
  /** A token with any header and payload; objects as JSON. */
  readonly forge: (header: unknown, payload: unknown, signature?: Sign) => string;
}

/** On memory: it is about tokens, and no store is asked. */
export async function prepareGround(configuration: Configuration): Promise<Ground> {
  const harness = makeAuth({ store: memoryStore(), ...configuration.options });
  const { accessToken } = await harness.auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
  const [headerText, payloadText] = accessToken
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString()) as [string, string];
  const header = JSON.parse(headerText);
  const payload = JSON.parse(payloadText);
  const forge: Ground["forge"] = (head, body, signature = configuration.sign) => {
    const input = `${encodePart(head)}.${encodePart(body)}`;
    return `${input}.${signature(Buffer.from(input)).toString("base64url")}`;
  };
  return { ...configuration, harness, token: accessToken, header, payload, headerText, payloadText, forge };
}

export function encodePart(part: unknown): string {
  const bytes = Buffer.isBuffer(part)
    ? part
    : Buffer.from(typeof part === "string" ? part : JSON.stringify(part));
  return bytes.toString("base64url");
}

export function hmac(key: KeyObject | string | Buffer, digest = "sha256"): Sign {
  return (input) => createHmac(digest, key).update(input).digest();
}

// The order of P-256, and that of edwards25519's base point (RFC 8032, section 5.1).
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Of an ES256 signature's two spellings the one with the smaller s, or the one with the greater. */
export function withS(signature: Buffer, which: "low" | "high"): Buffer {
  const s = BigInt(`0x${signature.toString("hex", 32)}`);
  const isLow = s <= N / 2n;
  const wanted = isLow === (which === "low") ? s : N - s;
  return Buffer.concat([signature.subarray(0, 32), fromHex(wanted)]);
}

/** An Ed25519 signature with S + L in place of S: right, for a verifier that does not bound S. */
export function withSPlusL(signature: Buffer): Buffer {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
  return Buffer.concat([signature.subarray(0, 32), fromHex(s + L).reverse()]);
}

function fromHex(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

export function orderOfP256(): Buffer {
  return fromHex(N);
}

function withSecret(): Configuration {
  const key = deriveKey(SECRET, "access-token");
  return {
    name: "a secret",
    options: {},
    alg: "HS256",
    sign: hmac(key),
    signAsStranger: hmac(randomUUID()),
    publicKey: null,
  };
}

function withEd25519(): Configuration {
  const { privateKey } = generateKeyPairSync("ed25519");
  const stranger = generateKeyPairSync("ed25519").privateKey;
  return {
    name: "an Ed25519 key",
    options: signingWith(privateKey),
    alg: "EdDSA",
    sign: (input) => sign(null, input, privateKey),
    signAsStranger: (input) => sign(null, input, stranger),
    publicKey: createPublicKey(privateKey),
  };
}

function withES256(): Configuration {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const signWith = (key: KeyObject): Sign => {
    return (input) => withS(sign("sha256", input, { key, dsaEncoding: "ieee-p1363" }), "low");
  };
  return {
    name: "an ES256 key",
    options: signingWith(privateKey),
    alg: "ES256",
    sign: signWith(privateKey),
    signAsStranger: signWith(stranger),
    publicKey: createPublicKey(privateKey),
  };
}

function signingWith(key: KeyObject): Partial<AuthOptions> {
  return { signingKeys: [key.export({ format: "jwk" }) as JsonWebKey & { kty: string }] };
}
