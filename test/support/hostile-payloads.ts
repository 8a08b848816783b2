import type { Ground } from "./forged-tokens.ts";
import type { Shapes } from "./hostile-headers.ts";

const TIMES = ["iat", "exp", "auth_time"] as const;
const IDS = ["sub", "sid", "jti"] as const;
const UNKNOWN = ["nbf", "scope", "admin", "azp", "roles", "token_use", "constructor"];

/** Payloads that nobody wrote, under the good header and the right signature. */
export function hostilePayloads(ground: Ground): Shapes {
  const { payload, forge, header } = ground;
  const shapes: Record<string, unknown> = { ...texts(ground) };
  const set = (name: string, value: unknown, title = JSON.stringify(value)) => {
    shapes[`${name} ${title}`] = { ...payload, [name]: value };
  };
  for (const name of Object.keys(payload)) {
    shapes[`no ${name}`] = Object.fromEntries(Object.entries(payload).filter(([claim]) => claim !== name));
    for (const value of [null, {}, true]) set(name, value);
    set(name, [payload[name]], "in an array");
  }
  for (const name of ["iss", "aud"])
    for (const value of ["other", "Sallyport", "sallyport ", "", "sally", ["sallyport", "other"], 1])
      set(name, value);
  const now = Number(payload["iat"]);
  for (const name of TIMES) {
    const odd = [String(payload[name]), "2030-01-01T00:00:00Z", "NaN", "", now + 0.5, -1, 1e21, 2 ** 53];
    for (const value of odd) set(name, value);
  }
  for (const name of IDS) {
    const id = String(payload[name]);
    for (const value of [1, "", "admin", { $ne: null }]) set(name, value);
    set(name, id.toUpperCase(), "in capitals");
    set(name, `{${id}}`, "in braces");
    set(name, `${id} `, "with a space");
    set(name, id.replaceAll("-", ""), "without its dashes");
  }
  for (const value of [[], "pwd", [1], [null], [["pwd"]], { 0: "pwd" }, null]) set("amr", value);
  for (const value of [null, [], [{}], "admin", 1, true]) set("claims", value);
  for (const name of UNKNOWN) set(name, name === "nbf" ? now : true);
  return Object.fromEntries(Object.entries(shapes).map(([name, body]) => [name, forge(header, body)]));
}

/** The same claims in another text, numbers that JSON.stringify would not write, and texts that are no claims. */
function texts({ payload, payloadText }: Ground): Record<string, unknown> {
  const swap = (name: string, text: string) => {
    return payloadText.replace(`"${name}":${JSON.stringify(payload[name])}`, `"${name}":${text}`);
  };
  const numbers = [
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "1e10",
    "9007199254740993",
    "0x7fffffff",
    "9999999999.0",
  ];
  const doubled = Object.keys(payload).flatMap((name) => [
    [`${name} twice, first another`, payloadText.replace("{", `{"${name}":"x",`)],
    [`${name} twice, alike`, payloadText.replace("}", `,"${name}":${JSON.stringify(payload[name])}}`)],
  ]);
  return {
    ...Object.fromEntries(
      TIMES.flatMap((name) => numbers.map((text) => [`${name} as ${text}`, swap(name, text)])),
    ),
    ...Object.fromEntries(doubled),
    "exp twice, last later": payloadText.replace("}", ',"exp":9999999999}'),
    "a name spelt otherwise": payloadText.replace('"sub"', '"\\u0073ub"'),
    "a value spelt otherwise": payloadText.replace('"sallyport"', '"sall\\u0079port"'),
    "spaces within": payloadText.replaceAll(",", ", "),
    "a space before": ` ${payloadText}`,
    "a line after": `${payloadText}\n`,
    "a NUL after": `${payloadText}\0`,
    "a byte order mark": `\u{feff}${payloadText}`,
    "a prototype": payloadText.replace("}", ',"__proto__":{"admin":true}}'),
    "two objects": `${payloadText}${payloadText}`,
    "a comment": `${payloadText}//`,
    "a comma too many": payloadText.replace("}", ",}"),
    "single quotes": payloadText.replaceAll('"', "'"),
    "claims in an array": [payload],
    "claims in claims": { claims: payload },
    "deep nesting": `${"[".repeat(2500)}`,
    "deep nesting in claims": payloadText.replace("}", `,"claims":${'{"a":'.repeat(500)}`),
    "no JSON": "{",
    "a text": '"admin"',
    "a number": "1",
    null: "null",
    "an empty object": {},
    "bytes that are no UTF-8": withBytes(payloadText, [0xff]),
    "an overlong UTF-8": withBytes(payloadText, [0xc0, 0xaf]),
    "half a surrogate": withBytes(payloadText, [0xed, 0xa0, 0x80]),
    "UTF-16": Buffer.from(payloadText, "utf16le"),
  };
}

// In a value that may be any text, so that nothing but the bytes is wrong.
function withBytes(text: string, bytes: readonly number[]): Buffer {
  const [before = "", after = ""] = text.split('"pwd"');
  return Buffer.concat([Buffer.from(`${before}"pwd`), Buffer.from(bytes), Buffer.from(`"${after}`)]);
}
