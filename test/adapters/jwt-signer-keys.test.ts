// Classes: algorithm and key confusion (CVE-2015-9235, CVE-2016-10555, fast-jwt CVE-2023-48223), a kid that
// chooses another key, signatures with two spellings, private parts in a JWKS.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from "node:crypto";
import type { SigningJwk } from "sallyport";
import { describe, expect, test } from "vitest";
import { secretSigningKey } from "../../src/adapters/jwt/hmac.ts";
import { jwtSigner } from "../../src/adapters/jwt/jwt-signer.ts";
import type { SigningKey } from "../../src/domain/private-jwks.ts";
import { deriveKey } from "../../src/lib/secrets.ts";
import type { TokenSigner } from "../../src/ports/token-signer.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, SECRET } from "../support/harness.ts";
import { ed25519, es256, signingKeysOf, withoutPrivatePart } from "../support/signing-keys.ts";

const PARTIES = { issuer: "sallyport", audience: "sallyport" };
const NOW = 1_767_268_800;
const CLAIMS = {
  sub: randomUUID(),
  sid: randomUUID(),
  jti: randomUUID(),
  iat: NOW,
  exp: NOW + 60,
  auth_time: NOW,
  amr: ["pwd"],
};
const PAYLOAD = { iss: "sallyport", aud: "sallyport", ...CLAIMS };
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const signerOf = (keys: readonly SigningKey[]): TokenSigner => jwtSigner({ keys, ...PARTIES });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const headerOf = (token: string): Record<string, string> =>
  JSON.parse(Buffer.from(token.split(".")[0] as string, "base64url").toString());
const headOf = ({ alg, kid }: SigningJwk): object => ({ alg, typ: "at+jwt", kid });

/** A token with any header, signed with the key of any JWK: what refuses it is the library's own judgement. */
function forge(head: object, jwk: SigningJwk): string {
  const input = Buffer.from(`${encode(head)}.${encode(PAYLOAD)}`);
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  const signature =
    jwk.kty === "EC" ? sign("sha256", input, { key, dsaEncoding: "ieee-p1363" }) : sign(null, input, key);
  return `${input}.${inLowS(signature, jwk).toString("base64url")}`;
}

function inLowS(signature: Buffer, { kty }: SigningJwk): Buffer {
  return kty === "EC" && partS(signature) > ORDER / 2n ? twinOf(signature) : signature;
}

/** The other signature that anybody can make of an ECDSA signature: (r, n - s). */
function twinOf(signature: Buffer): Buffer {
  const s = (ORDER - partS(signature)).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s, "hex")]);
}

function partS(signature: Buffer): bigint {
  return BigInt(`0x${signature.toString("hex", 32)}`);
}

const [A, B, C] = [ed25519(), es256(), { ...ed25519(), alg: "Ed25519" }];
const JWKS = [A, B, C];

describe("of several signing keys", () => {
  test.each([
    [A, B, C],
    [B, C, A],
    [C, A, B],
  ])("the first signs, whichever it is, and all verify", async (...order) => {
    const signer = signerOf(signingKeysOf(...order));
    const token = await signer.sign(CLAIMS);
    expect(headerOf(token)).toEqual(headOf(order[0] as SigningJwk));
    expect(await signer.verify(token)).toEqual(CLAIMS);
    for (const jwk of JWKS) {
      expect(await signer.verify(await signerOf(signingKeysOf(jwk)).sign(CLAIMS))).toEqual(CLAIMS);
      expect(await signer.verify(forge(headOf(jwk), jwk))).toEqual(CLAIMS); // the forge is sound
    }
  });

  test.each(JWKS)("one that is dropped verifies no more: $alg", async (dropped) => {
    const token = await signerOf(signingKeysOf(dropped)).sign(CLAIMS);
    const left = JWKS.filter((jwk) => jwk !== dropped);
    expect(await signerOf(signingKeysOf(...left)).verify(token)).toBeNull();
  });

  test("the JWKS holds the public half of each, in order, and nothing can be written into it", () => {
    const { jwks } = signerOf(signingKeysOf(...JWKS));
    expect(jwks).toEqual({
      keys: JWKS.map(({ kty, crv, x, y, kid, alg }) => ({
        kty,
        crv,
        x,
        ...(y && { y }),
        kid,
        alg,
        use: "sig",
      })),
    });
    for (const { d } of JWKS) expect(JSON.stringify(jwks)).not.toContain(d);
    expect(() => Object.assign(jwks, { keys: [] })).toThrow(TypeError);
    expect(() => (jwks.keys as unknown[]).push(A)).toThrow(TypeError);
    expect(() => Object.assign(jwks.keys[0] as object, { x: B.x })).toThrow(TypeError);
  });

  test("a token that one signed under the name of another is refused, and so is every other mismatch", async () => {
    const signer = signerOf(signingKeysOf(...JWKS));
    for (const signing of JWKS) {
      for (const named of JWKS.filter((jwk) => jwk !== signing)) {
        for (const head of [
          headOf(named),
          { ...headOf(named), alg: signing.alg },
          { ...headOf(signing), alg: named.alg },
        ]) {
          expect(await signer.verify(forge(head, signing))).toBeNull();
        }
      }
      for (const alg of ["none", "HS256", "ES384", "RS256", "eddsa"]) {
        expect(await signer.verify(forge({ ...headOf(signing), alg }, signing))).toBeNull();
      }
      const header = { ...headOf(signing), jwk: withoutPrivatePart(signing) };
      expect(await signer.verify(forge(header, signing))).toBeNull();
      const unsigned = `${encode({ ...headOf(signing), alg: "none" })}.${encode(PAYLOAD)}.`;
      expect(await signer.verify(unsigned)).toBeNull();
    }
  });

  test("a key of a stranger is refused under each of our names", async () => {
    const signer = signerOf(signingKeysOf(...JWKS));
    for (const jwk of JWKS) {
      const stranger = jwk.kty === "EC" ? es256() : ed25519();
      expect(await signer.verify(forge(headOf(jwk), stranger))).toBeNull();
    }
  });

  test("an HMAC keyed with a public key, in whatever spelling, is refused", async () => {
    const signer = signerOf(signingKeysOf(...JWKS));
    for (const jwk of JWKS) {
      for (const secret of publicSpellings(jwk, signer)) {
        for (const head of [headOf(jwk), { ...headOf(jwk), alg: "HS256" }]) {
          expect(await signer.verify(macOf(head, secret))).toBeNull();
        }
      }
    }
  });
});

function macOf(head: object, secret: string | Buffer | KeyObject): string {
  const input = `${encode(head)}.${encode(PAYLOAD)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** Everything that somebody who knows the JWKS might take for a secret. */
function publicSpellings(jwk: SigningJwk, { jwks }: TokenSigner): readonly (string | Buffer)[] {
  const key = createPublicKey({ key: withoutPrivatePart(jwk) as JsonWebKey, format: "jwk" });
  const pem = key.export({ type: "spki", format: "pem" }) as string;
  const raw = Buffer.from(`${jwk.x}${jwk.y ?? ""}`, "base64url");
  const shown = jwks.keys.find(({ kid }) => kid === jwk.kid);
  return [
    ...[pem, ` ${pem}`, pem.trim(), pem.replaceAll("\n", "\r\n")],
    key.export({ type: "spki", format: "der" }),
    ...[JSON.stringify(shown), JSON.stringify(jwks), JSON.stringify(withoutPrivatePart(jwk))],
    ...[jwk.x as string, Buffer.from(jwk.x as string, "base64url"), raw],
    ...[jwk.kid as string, ""],
  ];
}

describe("a token of ES256", () => {
  const signer = signerOf(signingKeysOf(B));

  test("has one spelling: the other signature that anybody can make of it is refused", async () => {
    for (let round = 0; round < 20; round++) {
      const token = await signer.sign(CLAIMS);
      const [head, body, text = ""] = token.split(".");
      const signature = Buffer.from(text, "base64url");
      expect(partS(signature) <= ORDER / 2n).toBe(true);
      expect(await signer.verify(token)).toEqual(CLAIMS);
      const twin = twinOf(signature);
      const key = createPublicKey({ key: withoutPrivatePart(B) as JsonWebKey, format: "jwk" });
      const input = Buffer.from(`${head}.${body}`);
      // By the book it is as good as ours.
      expect(verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, twin)).toBe(true);
      expect(await signer.verify(`${head}.${body}.${twin.toString("base64url")}`)).toBeNull();
    }
  });

  test("is refused with a signature in DER, of zeros, or of other lengths", async () => {
    const [head, body, text = ""] = (await signer.sign(CLAIMS)).split(".");
    const signature = Buffer.from(text, "base64url");
    const key = createPrivateKey({ key: B as JsonWebKey, format: "jwk" });
    for (const wrong of [
      sign("sha256", Buffer.from(`${head}.${body}`), key),
      Buffer.alloc(64), // CVE-2022-21449
      Buffer.concat([signature.subarray(0, 32), Buffer.alloc(32)]),
      Buffer.concat([Buffer.alloc(32), signature.subarray(32)]),
      Buffer.concat([signature, Buffer.alloc(2)]),
      Buffer.concat([Buffer.alloc(1), signature.subarray(0, 32), Buffer.alloc(1), signature.subarray(32)]),
      signature.subarray(0, 63),
      Buffer.alloc(0),
    ]) {
      expect(await signer.verify(`${head}.${body}.${wrong.toString("base64url")}`)).toBeNull();
    }
  });
});

test("a token of Ed25519 has one spelling: S + L, which a lax verifier takes for S, is refused", async () => {
  const signer = signerOf(signingKeysOf(A));
  const [head, body, text = ""] = (await signer.sign(CLAIMS)).split(".");
  const signature = Buffer.from(text, "base64url");
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
  const raised = Buffer.from((s + order).toString(16).padStart(64, "0"), "hex").reverse();
  const twin = Buffer.concat([signature.subarray(0, 32), raised]).toString("base64url");
  expect(await signer.verify(`${head}.${body}.${text}`)).toEqual(CLAIMS);
  expect(await signer.verify(`${head}.${body}.${twin}`)).toBeNull();
});

describe("of several secrets", () => {
  const secrets = [SECRET, `a-${SECRET}`, `b-${SECRET}`];
  const keys = secrets.map((secret) => secretSigningKey(deriveKey(secret, "access-token")));

  test("the first signs, all verify, and each has a name of its own", async () => {
    const signer = signerOf(keys);
    const kids = new Set<string | undefined>();
    for (const key of keys) {
      const token = await signerOf([key]).sign(CLAIMS);
      kids.add(headerOf(token)["kid"]);
      expect(await signer.verify(token)).toEqual(CLAIMS);
    }
    expect(kids.size).toBe(secrets.length);
    expect(headerOf(await signer.sign(CLAIMS))["kid"]).toBe(keys[0]?.kid);
    expect(signer.jwks).toEqual({ keys: [] });
  });

  test("one that is dropped verifies no more, and the name of one is no key to another", async () => {
    const [first, second] = keys as [SigningKey, SigningKey];
    expect(await signerOf([first]).verify(await signerOf([second]).sign(CLAIMS))).toBeNull();
    const head = { alg: "HS256", typ: "at+jwt", kid: first.kid };
    expect(await signerOf(keys).verify(macOf(head, first.key))).toEqual(CLAIMS); // the forge is sound
    expect(await signerOf(keys).verify(macOf(head, second.key))).toBeNull();
  });
});

describe("between secret and signing keys", () => {
  const bySecret = secretSigningKey(deriveKey(SECRET, "access-token"));

  test.each(JWKS)("neither's tokens are taken by the other: $alg", async (jwk) => {
    const { auth, store } = makeAuth();
    const { auth: withKeys } = makeAuth({ store, signingKeys: [jwk] });
    const signedIn = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    expect(await codeOf(withKeys.verifyToken(signedIn.accessToken))).toBe("invalid_token");
    expect(await codeOf(withKeys.logout(signedIn.accessToken))).toBe("invalid_token");
    const next = await withKeys.refresh(signedIn.refreshToken, CLIENT);
    expect(await codeOf(withKeys.verifyToken(next.accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(next.accessToken))).toBe("invalid_token");
  });

  test.each(JWKS)("the secret signs nothing for a signing key, under no name: $alg", async (jwk) => {
    const signer = signerOf(signingKeysOf(jwk));
    for (const head of [
      { alg: "HS256", typ: "at+jwt", kid: bySecret.kid },
      { ...headOf(jwk), alg: "HS256" },
      headOf(jwk),
    ]) {
      expect(await signer.verify(macOf(head, bySecret.key))).toBeNull();
      expect(await signer.verify(macOf(head, SECRET))).toBeNull();
    }
  });
});
