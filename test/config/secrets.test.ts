// Classes: default, short or published secrets (Ory Keto CVE-2026-33505), a public key as an HMAC secret
// (fast-jwt CVE-2023-48223, GHSA-g3jj-5cmm-3hxx).
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { type AuthOptions, createAuth, isAuthError, memoryStore } from "sallyport";
import { expect, test } from "vitest";
import { SECRET } from "../support/harness.ts";

function refusalOf(secret: unknown): string {
  try {
    createAuth({ secret, store: memoryStore() } as AuthOptions);
  } catch (error) {
    if (!isAuthError(error) || error.code !== "invalid_configuration") throw error;
    return error.message;
  }
  return "started";
}

const strong = (seed: string): string => `${seed}-${SECRET.slice(0, 41)}`;
const PAIR = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = PAIR.publicKey.export({ type: "spki", format: "pem" });

const WEAK: readonly (readonly [what: string, secret: unknown, message: string])[] = [
  ["31 bytes", SECRET.slice(0, 31), "has fewer than 32 bytes"],
  ["empty", "", "has fewer than 32 bytes"],
  ["few characters", "abcdefab".repeat(8), "has fewer than 10 different characters"],
  ["repetitive", "changeme-2026!".repeat(4), "repeats itself"],
  ["published", "0123456789abcdef0123456789ABCDEF", "is published"],
  ["a public key in PEM", PEM, "is the text of a key"],
  ["a public key in PEM after a space", ` ${PEM}`, "is the text of a key"],
  ["a public key after any other text", `x\n${PEM}`, "is the text of a key"],
  ["a JWK", JSON.stringify(PAIR.publicKey.export({ format: "jwk" })), "is the text of a key"],
  ["a JWK over several lines", JSON.stringify({ kty: "oct", k: SECRET }, null, 2), "is the text of a key"],
  ["a public key of SSH", `ssh-ed25519 ${SECRET} ada@example`, "is the text of a key"],
  ["undefined, a variable that is not set", undefined, "is missing"],
  ["bytes", Buffer.from(SECRET), "is missing"],
  ["a key object", createPublicKey(PAIR.privateKey), "is missing"],
  ["a list in the list", [SECRET], "is missing"],
];

test.each(WEAK.filter(([, secret]) => !Array.isArray(secret)))(
  "%s is refused as the secret, in words that hold nothing of it",
  (_what, secret, problem) => {
    expect(refusalOf(secret)).toContain(`createAuth: secret: ${problem}`);
    if (secret) expect(refusalOf(secret)).not.toContain(String(secret).slice(0, 31));
  },
);

test.each(WEAK)(
  "%s is refused in every place of the list, and the message names the place",
  (_what, secret, problem) => {
    for (const place of [0, 1, 2]) {
      const list: unknown[] = [strong("a"), strong("b"), strong("c")];
      list[place] = secret;
      const message = refusalOf(list);
      expect(message).toContain(`createAuth: secret.${place}: ${problem}`);
      expect(message).not.toContain(SECRET.slice(0, 31));
      expect(message.match(/secret\.\d/g)).toHaveLength(1);
    }
  },
);

test.each([
  ["an empty list", [], "secret: is an empty list: make one"],
  ["a list of a gap", new Array(1), "secret.0: is missing"],
  ["one secret twice", [SECRET, strong("a"), SECRET], "secret: has the same secret twice"],
  ["nine secrets", Array.from("abcdefghi", strong), "secret: has more than 8"],
  ["null", null, "secret: is missing"],
])("%s is refused", (_what, secret, problem) => {
  expect(refusalOf(secret)).toContain(problem);
  expect(refusalOf(secret)).not.toContain(SECRET);
});

test("a secret of the list that is issuer or audience as well is refused, whichever it is", () => {
  for (const name of ["issuer", "audience"]) {
    const options = { secret: [strong("a"), SECRET], store: memoryStore(), [name]: SECRET };
    expect(() => createAuth(options)).toThrow(/secret: is also the issuer or the audience/);
  }
});

test("one to eight strong secrets start", () => {
  for (const count of [1, 2, 8])
    expect(refusalOf(Array.from("abcdefgh".slice(0, count), strong))).toBe("started");
});
