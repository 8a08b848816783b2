import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { secretSigningKey } from "../../src/adapters/jwt/hmac.ts";
import { deriveKey } from "../../src/lib/secrets.ts";
import { encodePart, type Ground, hmac } from "./forged-tokens.ts";
import { SECRET } from "./harness.ts";

/** Tokens by what is wrong with them. */
export type Shapes = Readonly<Record<string, string>>;

const ALGORITHMS =
  "none None NONE nOnE HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS512 ES256 ES256K ES384 ES512 EdDSA Ed25519 Ed448";
const ATTACKER = "https://attacker.example";

/** Headers that nobody wrote, over the good payload, under the right signature. */
export function hostileHeaders(ground: Ground): Shapes {
  const { header, payload, forge } = ground;
  const shapes = { ...algorithms(ground), ...members(ground), ...texts(ground) };
  const forged = Object.entries(shapes).map(([name, head]) => [name, forge(head, payload)]);
  const empty = ["none", "None", "NONE"].map((alg) => [
    `alg ${alg} and no signature`,
    `${encodePart({ ...header, alg })}.${encodePart(payload)}.`,
  ]);
  return Object.fromEntries([...forged, ...empty]);
}

function algorithms({ header, alg: own }: Ground): Record<string, unknown> {
  const others = ALGORITHMS.split(" ").filter((alg) => alg !== own);
  const values = [own.toLowerCase(), own.toUpperCase(), own.replace("S", "\u017f"), `${own} `, ` ${own}`];
  const odd = [...values, `${own}\0`, "", [own], { alg: own }, null, 0, true].filter((alg) => alg !== own);
  return Object.fromEntries(
    [...others, ...odd].map((alg) => [`alg ${JSON.stringify(alg)}`, { ...header, alg }]),
  );
}

function members({ header }: Ground): Record<string, unknown> {
  const { typ, kid } = header as { typ: string; kid: string };
  const without = (name: string) =>
    Object.fromEntries(Object.entries(header).filter(([member]) => member !== name));
  const types = ["JWT", "at+JWT", "AT+JWT", `application/${typ}`, `${typ} `, "refresh+jwt", "", [typ], null];
  const kids = ["", "unknown", "../../dev/null", "/dev/null", "' OR '1'='1", "0 UNION SELECT ''"];
  const odd = ["__proto__", "constructor", "toString", { $ne: null }, null, 0];
  const near = {
    "in another case": swapCase(kid),
    "and a space": `${kid} `,
    "and a NUL": `${kid}\0`,
    "in an array": [kid],
  };
  const jwk = { kty: "oct", k: "AAAA" };
  return {
    ...Object.fromEntries(Object.keys(header).map((name) => [`no ${name}`, without(name)])),
    ...Object.fromEntries(types.map((type) => [`typ ${JSON.stringify(type)}`, { ...header, typ: type }])),
    ...Object.fromEntries(
      [...kids, ...odd].map((id) => [`kid ${JSON.stringify(id)}`, { ...header, kid: id }]),
    ),
    ...Object.fromEntries(Object.entries(near).map(([name, id]) => [`kid ${name}`, { ...header, kid: id }])),
    "crit of a known claim": { ...header, crit: ["exp"], exp: 9_999_999_999 },
    "crit of the unknown": { ...header, crit: ["urn:x"], "urn:x": true },
    "crit that is empty": { ...header, crit: [] },
    "crit that is a text": { ...header, crit: "exp" },
    "crit that is null": { ...header, crit: null },
    "b64 false, in crit": { ...header, crit: ["b64"], b64: false },
    "b64 false, alone": { ...header, b64: false },
    "b64 true": { ...header, crit: ["b64"], b64: true },
    "an embedded jwk": { ...header, jwk },
    "jku, a key's address": { ...header, jku: `${ATTACKER}/keys` },
    "x5u, a certificate's address": { ...header, x5u: `${ATTACKER}/certificate` },
    "x5c, a certificate": { ...header, x5c: ["AAAA"] },
    "x5t, a certificate's name": { ...header, x5t: "AAAA" },
    "zip, compression": { ...header, zip: "DEF" },
    "cty, a token within": { ...header, cty: "JWT" },
    "enc, encryption": { ...header, enc: "A256GCM" },
    "iss and aud": { ...header, iss: "sallyport", aud: "sallyport" },
    "an unknown member": { ...header, admin: true },
  };
}

/** The same members in another text, and texts that are no header. */
function texts({ header, headerText }: Ground): Record<string, unknown> {
  const doubled = (name: string, first: string) => headerText.replace("{", `{"${name}":"${first}",`);
  const again = Object.keys(header).map((name) => [
    `${name} twice, alike`,
    headerText.replace("}", `,"${name}":${JSON.stringify(header[name])}}`),
  ]);
  return {
    ...Object.fromEntries(again),
    "alg twice, first none": doubled("alg", "none"),
    "alg twice, last none": headerText.replace("}", ',"alg":"none"}'),
    "kid twice, first another": doubled("kid", "unknown"),
    "another order": JSON.stringify(Object.fromEntries(Object.entries(header).reverse())),
    "spaces within": headerText.replaceAll(":", ": "),
    "a line after": `${headerText}\n`,
    "a name spelt otherwise": headerText.replace('"alg"', '"\\u0061lg"'),
    "a name in capitals": headerText.replace('"alg"', '"ALG"'),
    "a byte order mark": `\u{feff}${headerText}`,
    "a prototype": headerText.replace("}", ',"__proto__":{"admin":true}}'),
    "a header in an array": [header],
    "no JSON": "{",
    "a number": "1",
    null: "null",
    "an empty object": {},
    "bytes that are no UTF-8": Buffer.concat([
      Buffer.from(headerText.slice(0, -1)),
      Buffer.from([0xff, 0x7d]),
    ]),
    "UTF-16": Buffer.from(headerText, "utf16le"),
  };
}

/** Everything that an attacker has or guesses, used as an HMAC key, under an HS256 header and under our own. */
export function confusedKeys(ground: Ground): Shapes {
  const { header, payload, forge } = ground;
  const kinds: [string, unknown][] = [
    ["HS256", { ...header, alg: "HS256" }],
    ["our own header", header],
  ];
  const materials = ground.publicKey ? publicTexts(ground.publicKey, ground) : {};
  const all: Record<string, string | Buffer> = {
    ...materials,
    "an empty key": "",
    "a zero byte": Buffer.alloc(1),
    "32 zero bytes": Buffer.alloc(32),
    "the key's name": String(header["kid"]),
    "the secret's text": SECRET,
    "the secret's bytes": Buffer.from(SECRET, "base64url"),
    null: "null",
    undefined: "undefined",
  };
  return Object.fromEntries(
    kinds.flatMap(([name, head]) =>
      Object.entries(all).map(([material, key]) => [
        `${name} with ${material}`,
        forge(head, payload, hmac(key)),
      ]),
    ),
  );
}

function publicTexts(key: KeyObject, { harness }: Ground): Record<string, string | Buffer> {
  const pem = String(key.export({ type: "spki", format: "pem" }));
  const jwk = key.export({ format: "jwk" });
  return {
    "the public PEM": pem,
    "the public PEM, a space before": ` ${pem}`,
    "the public PEM, a line before": `\n${pem}`,
    "the public PEM, no last line": pem.trimEnd(),
    "the public PEM, with CRLF": pem.replaceAll("\n", "\r\n"),
    "the public DER": key.export({ type: "spki", format: "der" }),
    "the public JWK": JSON.stringify(jwk),
    "the published JWK": JSON.stringify(harness.auth.jwks().keys[0]),
    "the published JWKS": JSON.stringify(harness.auth.jwks()),
    "the raw public bytes": Buffer.from(String(jwk.x), "base64url"),
    "the public x": String(jwk.x),
  };
}

/** Right signatures, with keys that are not the one that the configuration signs with. */
export function foreignKeys(ground: Ground): Shapes {
  const { header, payload, forge, signAsStranger } = ground;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signRsa = (input: Buffer) => sign("sha256", input, rsa.privateKey);
  const ed = generateKeyPairSync("ed25519");
  const signEd = (input: Buffer) => sign(null, input, ed.privateKey);
  const derived = secretSigningKey(deriveKey(SECRET, "access-token"));
  const shapes: Record<string, string> = {
    "a stranger's key": forge(header, payload, signAsStranger),
    RS256: forge({ ...header, alg: "RS256" }, payload, signRsa),
    "RSA under our own header": forge(header, payload, signRsa),
    "RS256 with its jwk": forge(
      { ...header, alg: "RS256", jwk: rsa.publicKey.export({ format: "jwk" }) },
      payload,
      signRsa,
    ),
    "EdDSA with its jwk": forge(
      { ...header, alg: "EdDSA", jwk: ed.publicKey.export({ format: "jwk" }) },
      payload,
      signEd,
    ),
  };
  if (!ground.publicKey) return shapes;
  const { kid, alg, key } = derived;
  // The secret signs nothing any more once there are signing keys.
  return { ...shapes, "the secret's own key": forge({ alg, typ: "at+jwt", kid }, payload, hmac(key)) };
}

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
}
