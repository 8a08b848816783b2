// HS256 is computed here and not in jose: both must say the same of every token.
import { createSecretKey, randomBytes } from "node:crypto";
import { CompactSign, compactVerify } from "jose";
import { describe, expect, test } from "vitest";
import { hmacHalves, secretSigningKey } from "../../src/adapters/jwt/hmac.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { times } from "../support/harness.ts";

const PAYLOADS = ["{}", '{"sub":"ada"}', '{"name":"Ądą 😀"}', "x".repeat(3000), '{"nul":"\\u0000"}'];

const keyOf = (bytes: Buffer) => {
  const signingKey = secretSigningKey(createSecretKey(bytes));
  const header = { alg: "HS256", typ: "at+jwt", kid: signingKey.kid };
  return { bytes, header, ...hmacHalves(signingKey) };
};

test("the example of RFC 7515, appendix A.1, is read, and no change of it is", async () => {
  const key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
  const head = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
  const body =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const mac = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const { read } = keyOf(Buffer.from(key, "base64url"));
  expect(await read(`${head}.${body}.${mac}`)).toContain('"http://example.com/is_root":true');
  for (const [h, b, m] of [
    [head.replace("J", "K"), body, mac],
    [head, body.replace("p", "q"), mac],
    [head, body, `c${mac.slice(1)}`],
  ])
    expect(await read(`${h}.${b}.${m}`)).toBeNull();
});

describe.each(times(4, (index) => 32 + 24 * index))("with a key of %s bytes", (length) => {
  test("jose makes the same token, and each reads the other's", async () => {
    for (const payload of PAYLOADS) {
      const { bytes, header, sign, read } = keyOf(randomBytes(length));
      const own = await sign(payload);
      const theirs = await new CompactSign(Buffer.from(payload)).setProtectedHeader(header).sign(bytes);
      expect(own).toBe(theirs);
      expect(await read(theirs)).toBe(payload);
      expect(Buffer.from((await compactVerify(own, bytes)).payload).toString()).toBe(payload);
    }
  });

  test("a signature of another length, or with one bit changed, is refused as jose refuses it", async () => {
    const { bytes, sign, read } = keyOf(randomBytes(length));
    const token = await sign('{"sub":"ada"}');
    const end = token.lastIndexOf(".") + 1;
    const mac = Buffer.from(token.slice(end), "base64url");
    const others = [
      ...times(64, (size) => Buffer.concat([mac, mac]).subarray(0, size)).filter(
        ({ length: size }) => size !== 32,
      ),
      ...times(8 * 32, (bit) => flipped(mac, bit)),
    ];
    for (const other of others) {
      const forged = token.slice(0, end) + other.toString("base64url");
      expect(await read(forged)).toBeNull();
      await expect(compactVerify(forged, bytes)).rejects.toThrow();
    }
  });
});

test("no other key reads a token", async () => {
  for (const _ of times(fuzzRuns(200), Number)) {
    const token = await keyOf(randomBytes(32)).sign('{"sub":"ada"}');
    expect(await keyOf(randomBytes(32)).read(token)).toBeNull();
  }
});

test("a payload that is no UTF-8 is not read", async () => {
  const { bytes, header, read } = keyOf(randomBytes(32));
  for (const payload of [[0xff], [0xc0, 0x80], [0x22, 0xed, 0xa0, 0x80, 0x22]]) {
    const token = await new CompactSign(Uint8Array.from(payload)).setProtectedHeader(header).sign(bytes);
    expect(await read(token)).toBeNull();
  }
});

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}
