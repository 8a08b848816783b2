// Class: case-folded, accented and look-alike addresses (Django CVE-2019-19844).
import { domainToASCII } from "node:url";
import { expect, test } from "vitest";
import { canonicalEmail } from "../../src/domain/email.ts";
import { allSpellings, LOOKALIKES } from "../support/spellings.ts";

const spellings = [...allSpellings(), ...LOOKALIKES];
const places = {
  "local part": (text: string) => `x${text}@example.com`,
  domain: (text: string) => `x@x${text}.example`,
};

test("the sweep meets tens of thousands of spellings", () => {
  expect(spellings.length).toBeGreaterThan(20_000);
});

test("over all of Unicode, what a folding takes for one local part is one account or refused", () => {
  const place = places["local part"];
  const two = spellings.filter(({ text, folded }) => {
    const [one, other] = [canonicalEmail(place(text)), canonicalEmail(place(folded))];
    return one !== null && other !== null && one !== other;
  });
  // Two plain letters, which look alike and are no spelling of each other.
  expect(two).toEqual([
    { text: "l", folded: "1" },
    { text: "0", folded: "o" },
  ]);
});

test("over all of Unicode, what IDNA takes for one domain is one account or refused", () => {
  const two = spellings.filter(({ text, folded }) => {
    const [one, other] = [text, folded].map(places.domain) as [string, string];
    if (canonicalEmail(one) === null || canonicalEmail(other) === null) return false;
    // Composed first: Node's IDNA is older than the newest letters of Unicode.
    const [name, otherName] = [one, other].map((email) => domainToASCII(email.slice(2).normalize("NFC")));
    return (name === otherName) !== (canonicalEmail(one) === canonicalEmail(other));
  });
  expect(two).toEqual([]);
});
