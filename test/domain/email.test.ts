// Classes: look-alike and case-folded addresses (Django CVE-2019-19844, next-auth GHSA-7rqj-j65f-68wh),
// several addresses in one (nodemailer CVE-2025-13033).
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalEmail } from "../../src/domain/email.ts";
import { fuzzRuns } from "../support/fuzz.ts";

test("a name of letters, or in punycode, is at the end of each domain", () => {
  expect(canonicalEmail("ada@1.2.3.example")).toBe("ada@1.2.3.example");
  expect(canonicalEmail("ada@a-1.museum")).toBe("ada@a-1.museum");
  expect(canonicalEmail("ada@example.рф")).toBe("ada@example.xn--p1ai");
  expect(canonicalEmail("ada@example.xn--p1ai")).toBe("ada@example.xn--p1ai");
});

test("case is folded, nothing else", () => {
  expect(canonicalEmail("Ada.Lovelace+X@Example.COM")).toBe("ada.lovelace+x@example.com");
  expect(canonicalEmail("o'brien@example.com")).toBe("o'brien@example.com");
  expect(canonicalEmail("ada@BÜCHER.example")).toBe("ada@xn--bcher-kva.example");
  expect(canonicalEmail("ada@xn--bcher-kva.example")).toBe("ada@xn--bcher-kva.example");
  expect(canonicalEmail("ada@faß.example")).toBe("ada@xn--fa-hia.example");
});

test.each([
  "",
  "@",
  "ada",
  "ada@",
  "@example.com",
  "ada@localhost",
  "ada@@example.com",
  "ada@example..com",
  "ada@.example.com",
  "ada@example.com.",
  "ada@-example.com",
  "ada@example-.com",
  "ada@exa_mple.com",
  "ada@127.0.0.1",
  "ada@0x7f.1",
  "ada@[127.0.0.1]",
  "ada@[IPv6:::1]",
  ".ada@example.com",
  "ada.@example.com",
  "a..da@example.com",
  '"ada"@example.com',
  '"a@b"@example.com',
  "ada(comment)@example.com",
  "ada@example.com,bob@example.com",
  "ada@example.com bob@example.com",
  "ada@example.com>",
  "Ada <ada@example.com>",
  " ada@example.com",
  "ada@example.com ",
  "ada@example.com\n",
  "ada\r\nBcc: bob@example.com",
  "ada\0@example.com",
  "ada@exam\0ple.com",
  "ada\uFF20example.com", // full-width at sign
  "ada\uFE6Bexample.com", // small at sign
  "\u212Aate@example.com", // Kelvin sign, whose lower case is k
  "m\u0131ke@example.com", // dotless i
  "ad\u00E1@example.com",
  "\uFF41da@example.com", // full-width a
  "ada@\uFF45xample.com",
  "ada@example\u3002com", // ideographic full stop
  "ada@ex\u00ADample.com", // soft hyphen
  "ada@ex\u200Bample.com", // zero-width space
  "ada@\u202Eexample.com", // right-to-left override
  "ada@xn--.com",
  "ada@xn--a.com",
  "user@127.0.0.0x1",
  "user@127.0.0.0X1",
  "user@0x7f.0x1",
  "user@1.2.3.4a",
  "x@bad.tld-2",
  "x@bad.tld2",
  "x@example.1a",
  "x@example.a1",
  "x@example.c",
  "x@example.-com",
  "x@example.com-",
  "x@example.xn--",
  "x@a..b.com",
  `${"a".repeat(65)}@example.com`,
  `a@${"b".repeat(64)}.com`,
  `a@${"b.".repeat(130)}com`,
])("%j is no address", (text) => {
  expect(canonicalEmail(text)).toBeNull();
});

test("whatever is typed, a canonical address is ASCII, lower case, bounded and its own canonical form", () => {
  const part = fc.string({ unit: "grapheme", maxLength: 20 });
  fc.assert(
    fc.property(part, part, (local, domain) => {
      const canonical = canonicalEmail(`${local}@${domain}.com`);
      if (canonical === null) return;
      expect(canonical).toMatch(/^[!-?A-~]+@[a-z0-9.-]+$/);
      expect(canonical).toBe(canonical.toLowerCase());
      expect(canonical.length).toBeLessThanOrEqual(254);
      expect(canonicalEmail(canonical)).toBe(canonical);
    }),
    { numRuns: fuzzRuns(500) },
  );
});

test("over all of Unicode, a character beside plain ASCII never makes the address of another", () => {
  const offenders: string[] = [];
  for (let code = 0x80; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const local = canonicalEmail(`a${character}@example.com`);
    const domain = canonicalEmail(`aa@x${character}.example`);
    if (local !== null || (domain !== null && !domain.startsWith("aa@xn--"))) offenders.push(character);
  }
  expect(offenders).toEqual([]);
});
