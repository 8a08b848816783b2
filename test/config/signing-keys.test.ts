// Classes: keys guessed from text (fast-jwt CVE-2023-48223), keys that everybody has, a JWKS with a secret in it,
// one kid for keys of two algorithms (key confusion), keys of other algorithms.
import { createPrivateKey, type JsonWebKey } from "node:crypto";
import fc from "fast-check";
import { type AuthOptions, createAuth, isAuthError, memoryStore, type SigningJwk } from "sallyport";
import { describe, expect, test } from "vitest";
import { fuzzRuns } from "../support/fuzz.ts";
import { CLIENT, EMAIL, makeAuth, PASSWORD, SECRET } from "../support/harness.ts";
import { ed25519, es256, jwkOf, withoutPrivatePart } from "../support/signing-keys.ts";

const ED = ed25519();
const EC = es256();
const RSA_2048 = jwkOf("rsa", { modulusLength: 2048 });
const RSA_4096 = jwkOf("rsa", { modulusLength: 4096 });

function refusalOf(signingKeys: unknown): string {
  try {
    createAuth({ secret: SECRET, store: memoryStore(), signingKeys } as AuthOptions);
  } catch (error) {
    if (!isAuthError(error) || error.code !== "invalid_configuration" || error.cause !== undefined)
      throw error;
    return error.message;
  }
  return "started";
}

const pem = (jwk: SigningJwk): string =>
  createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" }).export({
    type: "pkcs8",
    format: "pem",
  }) as string;

const PUBLISHED: Readonly<Record<string, SigningJwk>> = {
  "RFC 7515, A.3": ec(
    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  ),
  "RFC 7517, A.2": ec(
    "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
    "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  ),
  "RFC 6979, A.2.5": ec(
    "yarJ2EW6dRZrXCFXZ7HWk0xQw9s26JsSe4piKxIPZyE",
    "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y",
    "eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk",
  ),
  "RFC 9421, B.1.3": ec(
    "UpuF81l-kOxbjf7T4mNSv0r5tN67Gim7rnf6EFpcYDs",
    "qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA",
    "Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0",
  ),
  "jwt.io": ec(
    "evZzL1gdAFr88hb2OF_2NxApJCzGCEDdfSp6VQO30hw",
    "EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84",
    "kGe5DgSIycKp8w9aJmoHhB1sB3QTugfnRWm5nU_TzsY",
  ),
  "RFC 8037, A.1": okp(
    "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  ),
  "RFC 8032, 7.1, test 2": okp(
    "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs",
    "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
  ),
  "RFC 8032, 7.1, test 3": okp(
    "xaqN9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc",
    "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU",
  ),
  "RFC 9421, B.1.4": okp(
    "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU",
    "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs",
  ),
};

function ec(d: string, x: string, y: string): SigningJwk {
  return { kty: "EC", crv: "P-256", d, x, y };
}

function okp(d: string, x: string): SigningJwk {
  return { kty: "OKP", crv: "Ed25519", d, x };
}

const KIND = /signingKeys\.0: must be an Ed25519 or ES256.*npx sallyport keys generate/;
const LIST = /signingKeys: must be a list of 1 to 8 private JWKs: .*npx sallyport keys generate/;
const DAMAGED = /signingKeys\.0: is damaged/;
const TWICE = /signingKeys: has one kid twice/;

const REFUSED: readonly (readonly [what: string, signingKeys: unknown, message: RegExp])[] = [
  ["no keys", [], LIST],
  ["null", null, LIST],
  ["one key without a list", ED, LIST],
  ["a JWKS around the list", { keys: [ED] }, LIST],
  ["nine keys", Array.from({ length: 9 }, ed25519), LIST],
  ["a list of gaps, which holds nothing", new Array(2), /signingKeys\.0: must be a private JWK/],
  ["the text of the variable, not parsed", JSON.stringify([ED]), /signingKeys: is text: .*JSON\.parse/],
  ["PEM in place of the list", pem(ED), /signingKeys: is text/],
  ["PEM in the list", [pem(EC)], /signingKeys\.0: must be a private JWK/],
  ["a public key, second in the list", [ED, withoutPrivatePart(EC)], /signingKeys\.1: is a public key/],
  ["a shared secret", [{ kty: "oct", k: SECRET }], /signingKeys\.0: is a shared secret.*`secret`/],
  ["RSA of 2048 bits", [RSA_2048], KIND],
  ["RSA of 4096 bits", [{ ...RSA_4096, alg: "RS256" }], KIND],
  ["P-384", [jwkOf("ec", { namedCurve: "P-384" })], KIND],
  ["secp256k1", [jwkOf("ec", { namedCurve: "secp256k1" })], KIND],
  ["X25519", [jwkOf("x25519")], KIND],
  ["Ed448", [jwkOf("ed448")], KIND],
  ["kty in a list", [{ ...ED, kty: ["OKP"] }], KIND],
  ["kty that no text can be made of", [{ ...ED, kty: { toString: 1 } }], KIND],
  ["ES256 for an Ed25519 key", [{ ...ED, alg: "ES256" }], KIND],
  ["EdDSA for a P-256 key", [{ ...EC, alg: "EdDSA" }], KIND],
  ["HS256", [{ ...EC, alg: "HS256" }], KIND],
  ["none", [{ ...ED, alg: "none" }], KIND],
  ["alg null", [{ ...ED, alg: null }], KIND],
  ["a key for encryption", [{ ...EC, use: "enc" }], /signingKeys\.0: is not for signing/],
  ["a key that may only verify", [{ ...EC, key_ops: ["verify"] }], /signingKeys\.0: is not for signing/],
  ["x of another key", [{ ...ED, x: ed25519().x }], DAMAGED],
  ["y of another key", [{ ...EC, y: es256().y }], DAMAGED],
  ["no x", [{ ...ED, x: undefined }], DAMAGED],
  ["x that no text can be made of", [{ ...ED, x: { toString: 1 } }], DAMAGED],
  ["a y that an Ed25519 key has not", [{ ...ED, y: EC.y }], DAMAGED],
  ["d cut short", [{ ...ED, d: ED.d?.slice(0, -4) }], DAMAGED],
  ["x in another spelling", [{ ...EC, x: `${EC.x}=` }], DAMAGED],
  ["d empty", [{ ...ED, d: "" }], /signingKeys\.0: is not random/],
  ["d of zeros", [{ ...ED, d: "A".repeat(43) }], /signingKeys\.0: is not random/],
  ["d that is 1", [{ ...EC, d: `${"A".repeat(42)}E` }], /signingKeys\.0: is not random/],
  ["a kid of other characters", [{ ...ED, kid: "../../dev/null" }], /signingKeys\.0: has a kid/],
  ["a kid too long", [{ ...ED, kid: "k".repeat(129) }], /signingKeys\.0: has a kid/],
  ["an empty kid", [{ ...ED, kid: "" }], /signingKeys\.0: has a kid/],
  ["a kid that is no text", [{ ...ED, kid: 1 }], /signingKeys\.0: has a kid/],
  ["kid null", [{ ...ED, kid: null }], /signingKeys\.0: has a kid/],
  ["one kid twice", [ED, { ...ed25519(), kid: ED.kid }], TWICE],
  ["one kid for two algorithms", [ED, { ...EC, kid: ED.kid }], TWICE],
  ["one key twice", [ED, ED], TWICE],
  ["one key under two names", [ED, { ...ED, kid: "other" }], /signingKeys: has one key twice/],
  ["one key under two algorithms", [ED, { ...ED, kid: "b", alg: "Ed25519" }], /has one key twice/],
  ...Object.entries(PUBLISHED).map(
    ([where, jwk]) => [`the key of ${where}`, [jwk], /signingKeys\.0: is published/] as const,
  ),
];

/** Everything secret or told apart by its value, in a list of whatever it is. */
function valuesIn(value: unknown): readonly string[] {
  const seen: string[] = [];
  JSON.stringify(value, (name, inner) => {
    if (/^(?:d|x|y|n|p|q|dp|dq|qi|k|kid)$/.test(name) && typeof inner === "string" && inner.length > 7)
      seen.push(inner);
    return inner;
  });
  return seen;
}

test.each(REFUSED)(
  "%s does not start; the message names place and fix, and no value",
  (_what, keys, told) => {
    const message = refusalOf(keys);
    expect(message).toMatch(told);
    const values = [...valuesIn(keys), ...[keys].flat().filter((value) => typeof value === "string")];
    for (const value of values) expect(message).not.toContain(value);
    expect(message.length).toBeLessThan(1000);
  },
);

test("every key that is wrong is named at once, by its place", () => {
  const message = refusalOf([ED, withoutPrivatePart(EC), RSA_2048]);
  expect(message).toMatch(/signingKeys\.1: is a public key.*signingKeys\.2: must be an Ed25519/);
  expect(message).not.toContain("signingKeys.0");
});

test("whatever JSON is given as keys, createAuth starts or says invalid_configuration", () => {
  const part = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      "OKP",
      "EC",
      "oct",
      "RSA",
      "Ed25519",
      "P-256",
      "ES256",
      "EdDSA",
      "sig",
      ED.d,
      ED.x,
      EC.d,
      EC.y,
    ),
    fc.constantFrom({ toString: 1, valueOf: 1 }, { toString: null }, ["OKP"], [], "__proto__"),
  );
  const names = [
    "kty",
    "crv",
    "d",
    "x",
    "y",
    "kid",
    "alg",
    "use",
    "key_ops",
    "__proto__",
    "toJSON",
    "length",
  ];
  const jwk = fc
    .dictionary(fc.constantFrom(...names), part)
    .chain((changes) =>
      fc.constantFrom({}, ED, EC).map((base) => JSON.parse(JSON.stringify({ ...base, ...changes }))),
    );
  const json = fc.oneof(fc.jsonValue(), fc.array(fc.oneof(jwk, part), { maxLength: 10 }));
  fc.assert(
    fc.property(json, (keys) => {
      const message = refusalOf(keys);
      for (const secret of [ED.d, EC.d] as const) expect(message).not.toContain(secret);
    }),
    { numRuns: fuzzRuns(300) },
  );
});

describe("keys that start", () => {
  const { alg: _alg, use: _use, kid: _kid, ...bare } = ED;
  test.each([
    ["Ed25519, with alg EdDSA by default", bare, "EdDSA"],
    ["Ed25519 with alg EdDSA", ED, "EdDSA"],
    ["Ed25519 with alg Ed25519 (RFC 9864)", { ...ED, alg: "Ed25519" }, "Ed25519"],
    ["P-256, with alg ES256 by default", { ...EC, alg: undefined }, "ES256"],
    ["P-256 with alg ES256", EC, "ES256"],
    ["one that WebCrypto exported", { ...EC, ext: true, key_ops: ["sign"] }, "ES256"],
    ["one with members of others", { ...ED, "acme:made-by": "ada", constructor: 1 }, "EdDSA"],
  ])("%s", async (_what, jwk, alg) => {
    const { auth } = makeAuth({ signingKeys: [jwk as SigningJwk] });
    const { accessToken, user } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    const header = JSON.parse(Buffer.from(accessToken.split(".")[0] as string, "base64url").toString());
    // The thumbprint (RFC 7638) is the name of a key without one: the command names its keys so, too.
    expect(header).toEqual({ alg, typ: "at+jwt", kid: jwk === EC || alg === "ES256" ? EC.kid : ED.kid });
    expect((await auth.verifyToken(accessToken)).userId).toBe(user.id);
  });

  test("eight of them, of both kinds", () => {
    const eight = Array.from({ length: 8 }, (_, index) => (index % 2 ? ed25519() : es256()));
    expect(refusalOf(eight)).toBe("started");
  });

  test("the key of RFC 8037 would be named as that RFC names it", async () => {
    const { thumbprint } = await import("../../src/domain/private-jwks.ts");
    expect(thumbprint({ ...PUBLISHED["RFC 8037, A.1"] })).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });

  test("later changes of the list change nothing", async () => {
    const list = [{ ...ED }];
    const { auth } = makeAuth({ signingKeys: list });
    list.push(EC as never);
    Object.assign(list[0] as object, { kid: "other", d: "A" });
    expect(auth.jwks().keys.map(({ kid }) => kid)).toEqual([ED.kid]);
    const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    await auth.verifyToken(accessToken);
  });
});
