// Classes: default, short or published secrets (Ory Keto CVE-2026-33505), a public key as an HMAC secret
// (fast-jwt CVE-2023-48223, GHSA-g3jj-5cmm-3hxx).
import { createCipheriv, createPublicKey, generateKeyPairSync } from "node:crypto";
import { type AuthOptions, createAuth, isAuthError, memoryStore } from "sallyport";
import { expect, test } from "vitest";
import { secretWeakness } from "../../src/domain/secret-strength.ts";
import { fuzzRuns } from "../support/fuzz.ts";
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
  ["an alphabet", "abcdefghijklmnopqrstuvwxyz012345", "is made of few words"],
  ["an alphabet backwards", "zyxwvutsrqponmlkjihgfedcba987654", "is made of few words"],
  ["an alphabet in two cases", "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789", "is made of few words"],
  ["digits and letters", "1234567890abcdefghijklmnopqrstuv", "is made of few words"],
  ["hexadecimal digits in order", "00112233445566778899aabbccddeeff", "is made of few words"],
  ["rows of the keyboard", "qwertyuiopasdfghjklzxcvbnm1234567890", "is made of few words"],
  ["columns of the keyboard", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,", "is made of few words"],
  ["a German keyboard", "qwertzuiopüasdfghjklöäyxcvbnm,.-", "is made of few words"],
  ["digits", "31415926535897932384626433832795", "has fewer than 10 different"],
  ["a placeholder", "my-super-secret-key-for-production-use", "is a placeholder"],
  ["a placeholder in capitals", "REPLACE_THIS_WITH_A_LONG_KEY_1234", "is a placeholder"],
  ["a placeholder in camel case", "thisIsMyVeryLongJwtSigningKey2026", "is a placeholder"],
  ["a placeholder that says your", "your-256-bit-key-goes-right-in-here", "is a placeholder"],
  ["an order", "changeme-changeit-please-0123456789", "is a placeholder"],
  ["an example", "example-value-of-thirty-two-bytes!", "is a placeholder"],
  ["words in leet", "my-k3y-f0r-my-4pp-0f-th3-y34r-2026", "is made of few words"],
  ["a sentence", "the quick brown fox jumps over the lazy dog", "reads like words"],
  ["a passphrase", "correct horse battery staple mountain", "reads like words"],
  ["a sentence with joints", "to-be-or-not-to-be-that-is-the-question", "reads like words"],
  ["German words", "dasisteinganzlangerundgeheimerschluessel", "is a placeholder"],
  ["French words", "il-etait-une-fois-dans-un-pays-lointain", "reads like words"],
  ["a template of a shell", `\${SALLYPORT_SECRET:-Zk3vQ9xLw2Bn8Rt5}`, "is a template"],
  ["a command of a shell", "$(openssl rand -base64 32 | tr -d x)", "is a template"],
  ["a name of a shell", "$SALLYPORT_SECRET_OF_THIS_MACHINE", "is a template"],
  ["an instruction", "<generate with openssl rand -base64 32>", "is a template"],
  ["a template of a chart", "{{ .Values.auth.sallyportSecret }}", "is a template"],
  ["a template of Windows", "%SALLYPORT_SECRET_OF_THIS_MACHINE%", "is a template"],
  ["a template of a pipeline", "#{SALLYPORT_SECRET_OF_THIS_MACHINE}#", "is a template"],
  ["a key of a tutorial", "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970", "is published"],
  [
    "a key of an RFC",
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "is published",
  ],
  ["a line end after", `${SECRET}\n`, "holds a control character"],
  ["a line end of Windows after", `${SECRET}\r\n`, "holds a control character"],
  ["a tab within", `${SECRET.slice(0, 20)}\t${SECRET.slice(20)}`, "holds a control character"],
  ["a space after", `${SECRET} `, "begins or ends in white space"],
  ["a space before", ` ${SECRET}`, "begins or ends in white space"],
  ["a wide space after", `${SECRET}\u00a0`, "begins or ends in white space"],
  ["a byte order mark before", `\ufeff${SECRET}`, "begins or ends in white space"],
  ["quotes around", `"${SECRET}"`, "has quotes around it"],
  ["single quotes around", `'${SECRET}'`, "has quotes around it"],
  ["undefined, a variable that is not set", undefined, "is missing"],
  ["bytes", Buffer.from(SECRET), "is missing"],
  ["a key object", createPublicKey(PAIR.privateKey), "is missing"],
  ["a list in the list", [SECRET], "is missing"],
];

test.each(WEAK.filter(([, secret]) => !Array.isArray(secret)))(
  "%s is refused as the secret, in words that hold nothing of it",
  (_what, secret, problem) => {
    expect(refusalOf(secret)).toContain(`createAuth: secret: ${problem}`);
    expect(refusalOf(secret)).toContain("npx sallyport secret");
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

/** Random bytes that are the same in each run. */
function randomBytesOf(seed: number): (size: number) => Buffer {
  const stream = createCipheriv("aes-256-ctr", Buffer.alloc(32, seed), Buffer.alloc(16));
  return (size) => stream.update(Buffer.alloc(size));
}

const uuidOf = (bytes: Buffer): string =>
  bytes.toString("hex").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");

test.each([
  ["npx sallyport secret", (random: Buffer) => random.toString("base64url")],
  ["openssl rand -base64 32", (random: Buffer) => random.toString("base64")],
  ["openssl rand -hex 32", (random: Buffer) => random.toString("hex")],
  ["two UUIDs", (random: Buffer) => uuidOf(random.subarray(0, 16)) + uuidOf(random.subarray(16))],
])("no random secret of %s is refused", (_tool, write) => {
  const random = randomBytesOf(7);
  const refused = Array.from({ length: fuzzRuns(500) }, () => write(random(32)))
    .map((secret) => [secret, secretWeakness(secret)])
    .filter(([, weakness]) => weakness !== null);
  expect(refused).toEqual([]);
});

test.each(["issuer", "audience"])("%s has no white space around it, and no control character", (name) => {
  const started = (value: string): string => {
    try {
      createAuth({ secret: SECRET, store: memoryStore(), [name]: value });
      return "started";
    } catch (error) {
      return String(error);
    }
  };
  for (const value of ["acme ", " acme", "acme\u00a0", "\ufeffacme", " "])
    expect(started(value)).toContain(`createAuth: ${name}: must not begin or end in white space`);
  for (const value of ["acme\n", "ac\tme", "acme\0", "ac\u2028me"])
    expect(started(value)).toContain(`createAuth: ${name}: must hold no control characters`);
  for (const value of ["acme", "Acme Inc.", "https://acme.example/"]) expect(started(value)).toBe("started");
});

test("one to eight strong secrets start", () => {
  for (const count of [1, 2, 8])
    expect(refusalOf(Array.from("abcdefgh".slice(0, count), strong))).toBe("started");
});
