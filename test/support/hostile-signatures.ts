import { encodePart, type Ground, orderOfP256, withS, withSPlusL } from "./forged-tokens.ts";
import type { Shapes } from "./hostile-headers.ts";
import { looseEndings, respellings } from "./respellings.ts";

const MEGABYTE = 1024 * 1024;

/** The good token's header and payload, with what stands in the place of a signature. */
export function hostileSignatures(ground: Ground): Shapes {
  const { token, forge, header, payload } = ground;
  const [head, body, last = ""] = token.split(".") as [string, string, string];
  const right = Buffer.from(last, "base64url");
  const size = right.length;
  const bytes: Record<string, Buffer> = {
    "one byte short": right.subarray(0, -1),
    "half of it": right.subarray(0, size / 2),
    "one byte of it": right.subarray(0, 1),
    "a byte more": Buffer.concat([right, Buffer.alloc(1)]),
    twice: Buffer.concat([right, right]),
    "a byte before": Buffer.concat([Buffer.alloc(1), right]),
    zeros: Buffer.alloc(size),
    ones: Buffer.alloc(size, 0xff),
    backwards: Buffer.from(right).reverse(),
    "its halves swapped": Buffer.concat([right.subarray(size / 2), right.subarray(0, size / 2)]),
    ...(ground.alg === "ES256" && curveSignatures(right)),
    ...(ground.alg === "EdDSA" && edwardsSignatures(right)),
  };
  const other = forge(header, { ...payload, jti: payload["sid"] }).split(".")[2];
  return {
    ...Object.fromEntries(
      Object.entries(bytes).map(([name, text]) => [
        `signature ${name}`,
        `${head}.${body}.${encodePart(text)}`,
      ]),
    ),
    "signature of another token": `${head}.${body}.${other}`,
    "signature missing": `${head}.${body}.`,
    "signature of nothing but a space": `${head}.${body}. `,
  };
}

function curveSignatures(right: Buffer): Record<string, Buffer> {
  const [r, s, zero, n] = [right.subarray(0, 32), right.subarray(32), Buffer.alloc(32), orderOfP256()];
  const der = (value: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), value]);
  return {
    "with the other s": withS(right, "high"),
    "with r 0": Buffer.concat([zero, s]),
    "with s 0": Buffer.concat([r, zero]),
    "with r n": Buffer.concat([n, s]),
    "with s n": Buffer.concat([r, n]),
    "with r and s n": Buffer.concat([n, n]),
    "in DER": Buffer.concat([Buffer.from([0x30, 70]), der(r), der(s)]),
  };
}

function edwardsSignatures(right: Buffer): Record<string, Buffer> {
  const identity = Buffer.alloc(64);
  identity[0] = 1;
  return {
    "with S + L": withSPlusL(right),
    "of the neutral point": identity,
    "with S 0": Buffer.concat([right.subarray(0, 32), Buffer.alloc(32)]),
  };
}

/** Other texts of the good token, and what is no compact JWS at all. */
export function hostileTexts({ token, header, payload, forge }: Ground): Shapes {
  const [head, body, last] = token.split(".") as [string, string, string];
  const flat = { protected: head, payload: body, signature: last };
  const ends = [head, body].flatMap((part, index) =>
    looseEndings(part).map((text) => [head, body, last].with(index, text).join(".")),
  );
  return {
    ...Object.fromEntries(respellings(token).map(([name, text]) => [`respelt: ${name}`, text])),
    ...Object.fromEntries(ends.map((text, index) => [`respelt: loose part ${index + 1}`, text])),
    "padding of the payload": `${head}.${body}=.${last}`,
    "five parts, of a good one": `${token}.x.y`,
    "five parts, a JWE": `${encodePart({ alg: "dir", enc: "A256GCM" })}..${head}.${body}.${last}`,
    "five parts, of our header": `${head}.${body}.${last}.${last}.${last}`,
    "four parts": `${token}.${last}`,
    "two parts": `${head}.${body}`,
    "one part": head,
    "no header": `.${body}.${last}`,
    "no payload": `${head}..${last}`,
    "an empty payload": forge(header, ""),
    "a detached payload": `${head}..${forge(header, payload).split(".")[2]}`,
    dots: "..",
    "a JWS in JSON": JSON.stringify(flat),
    "a JWS in general JSON": JSON.stringify({ payload: body, signatures: [flat] }),
    "a token within a token": forge(header, token),
    "two tokens": `${token},${token}`,
    "a NUL": "\0",
    "half a surrogate": "\ud800",
    "an emoji": `${head}.${body}.${last}\u{1f600}`,
  };
}

/** Well-formed and rightly signed, and too long; or just long. */
export function oversized({ header, payload, forge }: Ground): Shapes {
  const sized = (length: number) => {
    let filler = Math.max(1, Math.floor(((length - forge(header, payload).length) * 3) / 4) - 40);
    let text = "";
    do text = forge(header, { ...payload, claims: { x: "x".repeat(filler++) } });
    while (text.length < length);
    return text;
  };
  return {
    "4,097 characters, rightly signed": sized(4097),
    "a megabyte, rightly signed": sized(MEGABYTE),
    "4,097 letters": "a".repeat(4097),
    "a megabyte of letters": "a".repeat(MEGABYTE),
    "a megabyte of dots": ".".repeat(MEGABYTE),
  };
}
