// Classes: algorithm and key confusion, unknown `crit`, embedded keys, claims of other types (CVE-2015-9235,
// CVE-2018-0114, PyJWT CVE-2026-32597, fast-jwt CVE-2026-44351, Supabase Realtime CVE-2026-54238).
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secretSigningKey } from "../../src/adapters/jwt/hmac.ts";
import { jwtSigner } from "../../src/adapters/jwt/jwt-signer.ts";
import { deriveKey } from "../../src/lib/secrets.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, SECRET } from "../support/harness.ts";

const key = deriveKey(SECRET, "access-token");
const issuer = { issuer: "sallyport", audience: "sallyport" };
const keys = [secretSigningKey(key)];
const signer = jwtSigner({ keys, ...issuer });
const now = 1_767_268_800;
const claims = {
  sub: randomUUID(),
  sid: randomUUID(),
  jti: randomUUID(),
  iat: now,
  exp: now + 60,
  auth_time: now,
  amr: ["pwd"],
};
const payload = { iss: "sallyport", aud: "sallyport", ...claims };
const header = JSON.parse(
  Buffer.from((await signer.sign(claims)).split(".")[0] as string, "base64url").toString(),
);

const encode = (value: unknown): string => {
  if (value instanceof Buffer) return value.toString("base64url");
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
};

/** Signs anything with the real key: what is left to refuse it is the library's own judgement. */
function forge(head: unknown, body: unknown, hmacKey: KeyObject | string | Buffer = key): string {
  const input = `${encode(head)}.${encode(body)}`;
  return `${input}.${createHmac("sha256", hmacKey).update(input).digest("base64url")}`;
}

test("a token is a JWT of RFC 9068 with every claim, and comes back as it went in", async () => {
  const token = await signer.sign(claims);
  expect(header).toEqual({ alg: "HS256", typ: "at+jwt", kid: expect.stringMatching(/^[\w-]{8}$/) });
  expect(JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString())).toEqual(payload);
  expect(await signer.verify(token)).toEqual(claims);
  expect(await signer.verify(forge(header, payload))).toEqual(claims); // the forge is sound
});

describe("although the key is right, refused are", () => {
  /** A payload up to the open end of a text in its own claims. */
  const written = (text: string): Buffer =>
    Buffer.from(JSON.stringify({ ...payload, claims: { text } }).slice(0, -3));
  const without = (name: string) =>
    Object.fromEntries(Object.entries(payload).filter(([claim]) => claim !== name));
  const HEADERS: Record<string, unknown> = {
    "alg none": { ...header, alg: "none" },
    "alg HS384": { ...header, alg: "HS384" },
    "alg RS256": { ...header, alg: "RS256" },
    "alg in another case": { ...header, alg: "hs256" },
    "no alg": { typ: header.typ, kid: header.kid },
    "no typ": { alg: "HS256", kid: header.kid },
    "another typ": { ...header, typ: "JWT" },
    "no kid": { alg: "HS256", typ: "at+jwt" },
    "another kid": { ...header, kid: "../../dev/null" },
    "unknown crit": { ...header, crit: ["exp"], exp: 1 },
    "empty crit": { ...header, crit: [] },
    "b64 false": { ...header, b64: false, crit: ["b64"] },
    "an embedded key": { ...header, jwk: { kty: "oct", k: "AAAA" } },
    "a key's address": { ...header, jku: "https://attacker.example/keys" },
    "a certificate's address": { ...header, x5u: "https://attacker.example/cert" },
    "anything else": { ...header, cty: "JWT" },
    "an array": [header],
    "a text": "header",
  };
  const PAYLOADS: Record<string, unknown> = {
    ...Object.fromEntries(Object.keys(payload).map((name) => [`no ${name}`, without(name)])),
    "another iss": { ...payload, iss: "other" },
    "iss as array": { ...payload, iss: ["sallyport"] },
    "another aud": { ...payload, aud: "other" },
    "aud as array": { ...payload, aud: ["sallyport", "other"] },
    "exp as text": { ...payload, exp: "9999999999" },
    "exp as date": { ...payload, exp: "2030-01-01" },
    "exp null": { ...payload, exp: null },
    "exp as fraction": { ...payload, exp: now + 0.5 },
    "exp negative": { ...payload, exp: -1 },
    "exp beyond integers": JSON.stringify(payload).replace(`"exp":${claims.exp}`, '"exp":1e400'),
    "iat as text": { ...payload, iat: String(now) },
    "sub as number": { ...payload, sub: 1 },
    "sub empty": { ...payload, sub: "" },
    "sub no uuid": { ...payload, sub: "admin" },
    "sid as object": { ...payload, sid: { $ne: null } },
    "amr empty": { ...payload, amr: [] },
    "amr as text": { ...payload, amr: "pwd" },
    "an unknown claim": { ...payload, admin: true },
    "an array": [payload],
    null: "null",
    "no JSON": "{",
    "no UTF-8": Buffer.concat([written("\u2028"), Buffer.from([0xff]), Buffer.from('"}}')]),
    "a byte order mark": `\ufeff${JSON.stringify(payload)}`,
    "a space": JSON.stringify(payload).replace(":", ": "),
    "a claim twice": JSON.stringify(payload).replace("{", `{"sub":"${randomUUID()}",`),
    "a claim spelt otherwise": JSON.stringify(payload).replace('"sub"', '"\\u0073ub"'),
    "a number spelt otherwise": JSON.stringify(payload).replace(
      `"exp":${claims.exp}`,
      `"exp":${claims.exp}.0`,
    ),
    "claims null": { ...payload, claims: null },
    "claims as array": { ...payload, claims: ["admin"] },
    "claims as text": { ...payload, claims: "admin" },
  };

  test.each(Object.entries(HEADERS))("header: %s", async (_name, head) => {
    expect(await signer.verify(forge(head, payload))).toBeNull();
  });

  test.each(Object.entries(PAYLOADS))("payload: %s", async (_name, body) => {
    expect(await signer.verify(forge(header, body))).toBeNull();
  });
});

describe("with another key, refused are", () => {
  test("another secret, another purpose's key, an empty key, a public key as HMAC secret", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = publicKey.export({ type: "spki", format: "pem" });
    for (const wrong of [
      deriveKey(`${SECRET}x`, "access-token"),
      deriveKey(SECRET, "pseudonym"),
      "",
      SECRET,
      pem,
    ]) {
      expect(await signer.verify(forge(header, payload, wrong as string))).toBeNull();
    }
    const input = `${encode({ ...header, alg: "RS256" })}.${encode(payload)}`;
    const rsa = sign("sha256", Buffer.from(input), privateKey).toString("base64url");
    expect(await signer.verify(`${input}.${rsa}`)).toBeNull();
  });

  test("signatures that are empty, cut, zero, another token's, or of JWE shape", async () => {
    const [head, body, signature = ""] = forge(header, payload).split(".");
    const other = forge(header, { ...payload, jti: randomUUID() }).split(".")[2];
    for (const wrong of [
      "",
      signature.slice(0, -2),
      "A".repeat(43),
      other,
      `${signature}AAAA`,
      `${signature}.x.y`,
    ]) {
      expect(await signer.verify(`${head}.${body}.${wrong}`)).toBeNull();
    }
  });

  test("another issuer's and audience's tokens of the same key", async () => {
    const sibling = jwtSigner({ keys, issuer: "sibling", audience: "sallyport" });
    expect(await sibling.verify(await signer.sign(claims))).toBeNull();
    expect(await signer.verify(await sibling.sign(claims))).toBeNull();
  });
});

test("no text whatever makes verify throw", async () => {
  const token = forge(header, payload);
  const respelled = [
    `${token.slice(0, -1)}${String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`,
    `${token}=`,
  ];
  for (const text of respelled) expect(await signer.verify(text)).toBeNull();
  const mutation = fc
    .tuple(fc.nat(token.length), fc.string({ maxLength: 5 }))
    .map(([at, text]) => token.slice(0, at) + text + token.slice(at + 1));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: "binary" }), mutation), async (text) => {
      const verified = await signer.verify(text);
      if (text !== token) expect(verified).toBeNull();
    }),
    { numRuns: fuzzRuns(300) },
  );
});

test("a re-spelled token is refused, also when the true one is known: one token has one spelling", async () => {
  const { auth } = makeAuth();
  const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  await auth.verifyToken(accessToken);
  const [head, body, signature = ""] = accessToken.split(".");
  const last = signature.at(-1) as string;
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const twins = [1, 2, 3].map((step) => signature.slice(0, -1) + alphabet[alphabet.indexOf(last) + step]);
  const spellings = [
    ...twins.map((twin) => `${head}.${body}.${twin}`),
    ` ${accessToken}`,
    `${accessToken}\n`,
    `${accessToken}=`,
    `${head}=.${body}.${signature}`,
  ];
  for (const spelling of spellings) {
    expect(await codeOf(auth.verifyToken(spelling))).toBe("invalid_token");
    expect(await codeOf(auth.logout(spelling))).toBe("invalid_token");
  }
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
});

test("time is judged at each use: exp to the second, an iat from the future with 5 s of tolerance", async () => {
  const { auth, clock } = makeAuth({ session: { accessTtl: "1h" } });
  const { accessToken, accessTokenExpiresAt, session } = await auth.signup(
    { email: EMAIL, password: PASSWORD },
    CLIENT,
  );
  expect(accessTokenExpiresAt.getTime()).toBeLessThanOrEqual(session.expiresAt.getTime());
  const issued = clock.now().getTime();
  clock.set(new Date(accessTokenExpiresAt.getTime() - 1));
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
  clock.set(accessTokenExpiresAt);
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("token_expired");
  clock.set(new Date(issued - 5000));
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
  clock.set(new Date(issued - 5001));
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("invalid_token");
});

test.each([undefined, null, 1, {}, [], true, Symbol("x")])(
  "%s instead of a token is invalid_token",
  async (value) => {
    const { auth } = makeAuth();
    expect(await codeOf(auth.verifyToken(value as never))).toBe("invalid_token");
    expect(await codeOf(auth.logout(value as never))).toBe("invalid_token");
  },
);
