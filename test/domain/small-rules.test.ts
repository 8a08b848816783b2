import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressKeys, normalizeAddress } from "../../src/domain/client-address.ts";
import { parseDuration, parseRateRule } from "../../src/domain/duration.ts";
import { createIdSource } from "../../src/domain/ids.ts";
import { sessionState } from "../../src/domain/session.ts";
import { cleanHeaderText, isStorableText } from "../../src/lib/text.ts";
import { isUuid } from "../../src/lib/uuid.ts";
import { isCompactJws } from "../../src/tokens/token-format.ts";
import { times } from "../support/harness.ts";

describe("ids", () => {
  test("are UUIDv7 with the time in front, and rise strictly, also when the clock stands or steps back", () => {
    const newId = createIdSource();
    const at = new Date("2026-01-01T00:00:00.123Z");
    const ids = [
      ...times(10_000, () => newId(at)),
      ...times(100, () => newId(new Date(at.getTime() - 60_000))),
    ];
    expect(ids.every((id) => isUuid(id) && /^.{14}7.{4}[89ab]/.test(id))).toBe(true);
    expect(Number.parseInt((ids[0] as string).replace("-", "").slice(0, 12), 16)).toBe(at.getTime());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort());
  });

  test("follow a clock back that was far ahead for a moment: their time decides when events are purged", () => {
    const newId = createIdSource();
    const at = new Date("2026-01-01T00:00:00.123Z");
    const msOf = (id: string): number => Number.parseInt(id.replace("-", "").slice(0, 12), 16);
    const before = newId(at);
    const ahead = times(10, () => newId(new Date(at.getTime() + 400 * 86_400_000)));
    const after = times(10_000, () => newId(at));
    expect(after.every((id) => msOf(id) - at.getTime() <= 60_000)).toBe(true);
    expect(after).toEqual([...after].sort());
    expect(new Set([before, ...ahead, ...after]).size).toBe(10_011);
  });

  test("two sources of one moment share none", () => {
    const [one, two] = [createIdSource(), createIdSource()];
    const at = new Date();
    const all = times(4000, (index) => (index % 2 ? one : two)(at));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("durations and rules", () => {
  test.each([
    ["15m", 900_000],
    ["24h", 86_400_000],
    ["30d", 2_592_000_000],
    ["10s", 10_000],
    ["250ms", 250],
    [1500, 1500],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "0s",
    "-1s",
    "1.5h",
    "1 h",
    "h",
    "1w",
    "1e3s",
    "15",
    "٣s",
    "9999999999s",
    0,
    -1,
    1.5,
    Number.NaN,
    Infinity,
  ])("%s is no duration", (text) => expect(parseDuration(text)).toBeNull());

  test("rules", () => {
    expect(parseRateRule("5/1m")).toEqual({ points: 5, windowMs: 60_000 });
    for (const text of ["5", "5/", "/1m", "0/1m", "5/0m", "-5/1m", "5/1m/ip", "1e9/1m", "5/999ms"])
      expect(parseRateRule(text)).toBeNull();
  });
});

describe("addresses", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["2001:DB8::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::", "::"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("%s is %s", (ip, normal) => {
    expect(normalizeAddress(ip)).toBe(normal);
  });

  test("every spelling of an IPv6 address has the same keys", () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(fc.oneof(group, fc.constant(0)), { minLength: 8, maxLength: 8 }), (groups) => {
        if (groups.slice(0, 5).every((value) => value === 0)) return; // IPv4-mapped, or nearly
        const hex = groups.map((value) => value.toString(16));
        const long = groups.map((value) => value.toString(16).padStart(4, "0").toUpperCase()).join(":");
        const normal = normalizeAddress(hex.join(":")) as string;
        expect([normalizeAddress(long), normalizeAddress(normal)]).toEqual([normal, normal]);
        expect(addressKeys(normal)).toEqual([
          { key: `${hex.slice(0, 2).join(":")}::/32`, scale: 160 },
          { key: `${[...hex.slice(0, 2), upperByte(hex[2] as string)].join(":")}::/40`, scale: 40 },
          { key: `${hex.slice(0, 3).join(":")}::/48`, scale: 10 },
          { key: `${hex.slice(0, 4).join(":")}::/64`, scale: 1 },
        ]);
      }),
    );
  });

  test("nothing else is an address", () => {
    for (const text of [
      "",
      "localhost",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.4:80",
      "[::1]",
      "::1::",
      "0x7f.1",
      "1.2.3.4\n",
      "1.2.3.4%eth0",
      // Class: the rest of a list behind a zone, so that the client chose the address.
      "192.0.2.66%, 203.0.113.7",
      "2001:db8::66%, 203.0.113.7",
      "2001:db8::66%eth0,203.0.113.7",
      "fe80::1%",
      "fe80::1%eth0\n",
      "fe80::1%a%b",
      "%eth0",
      "é",
    ]) {
      expect([text, normalizeAddress(text)]).toEqual([text, null]);
    }
  });
});

describe("sessions", () => {
  const end = new Date("2026-01-02T00:00:00.000Z");
  const session = { expiresAt: end, idleExpiresAt: end, revokedAt: null } as never;
  const at = (ms: number) => sessionState(session, new Date(end.getTime() + ms));

  test("end at their end, to the millisecond", () => {
    expect([at(-1), at(0), at(1)]).toEqual(["live", "expired", "expired"]);
  });

  test("end when idle for too long, and when revoked", () => {
    const idle = { expiresAt: new Date(end.getTime() + 5), idleExpiresAt: end, revokedAt: null } as never;
    expect(sessionState(idle, end)).toBe("expired");
    const revoked = { expiresAt: end, idleExpiresAt: end, revokedAt: end } as never;
    expect(sessionState(revoked, new Date(0))).toBe("revoked");
  });
});

describe("token format", () => {
  const part = Buffer.from("a part of a token").toString("base64url");

  test("accepts what base64url makes, of every length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64url");
        expect(isCompactJws(`${text}.${text}.${text}`)).toBe(true);
      }),
    );
  });

  test("accepts one spelling of each token only", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const bytes of [1, 2, 3]) {
      const text = Buffer.alloc(bytes, 0x5a).toString("base64url");
      const accepted = [...alphabet].filter((last) => {
        const variant = text.slice(0, -1) + last;
        const same = Buffer.from(variant, "base64url").equals(Buffer.alloc(bytes, 0x5a));
        return same && isCompactJws(`${part}.${part}.${variant}`);
      });
      expect(accepted).toEqual([text.at(-1)]);
    }
  });

  test.each([
    "",
    ".",
    "..",
    part,
    `${part}.${part}`,
    `${part}.${part}.`,
    `.${part}.${part}`,
    `${part}.${part}.${part}.${part}`,
    `${part}.${part}.${part}.${part}.${part}`,
    ` ${part}.${part}.${part}`,
    `${part}.${part}.${part}\n`,
    `${part}=.${part}.${part}`,
    `${part}.${part}.a`,
    `${part}.${part}.a+b/`,
    `${part}.${part}.${"A".repeat(4096)}`,
  ])("%j is refused", (text) => {
    expect(isCompactJws(text)).toBe(false);
  });
});

test("stored text is whole, header text is one clean line", () => {
  expect(["a", "", "é😀", "a\0b", "\ud800", "\udc00a"].map(isStorableText)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(cleanHeaderText("a\r\nb\0c\x1b[31m", 100)).toBe("a  b c [31m");
  expect(cleanHeaderText(`${"x".repeat(3)}😀`, 4)).toBe("xxx\ufffd");
});

/** The upper byte of a group of an address, as a group. */
function upperByte(group: string): string {
  return (Number.parseInt(group, 16) & 0xff00).toString(16);
}
