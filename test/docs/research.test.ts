import { memoryStore } from "sallyport";
import { expect, test } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import { loadCommonWords } from "../../src/domain/common-passwords.ts";
import { SECRET } from "../support/harness.ts";
import { readPage, section } from "./support/pages.ts";

const PAGE = "docs/audit/research.md";
const DECISIONS = [...readPage(PAGE).matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? "");
const { limits, session, retention, password } = parseOptions({ secret: SECRET, store: memoryStore() });

test.each(DECISIONS)(
  "%s: says what was chosen, what speaks against it and what would change our mind",
  (decision) => {
    const text = section(PAGE, decision);
    expect(text).toContain("**Chosen**: ");
    expect(text).toMatch(/\*\*Against\*\*|\| Against it \|/);
    expect(text).toContain("**Would change our mind**: ");
    expect(text).toMatch(/RFC \d{4}|NIST SP|OWASP|\*\*M\*\*/);
  },
);

test("the page asks every question that it was made for", () => {
  expect(DECISIONS.length).toBeGreaterThanOrEqual(12);
});

test("what it says was chosen is what the defaults are", () => {
  const of = (heading: string): string =>
    section(PAGE, DECISIONS.find((name) => name.startsWith(heading)) ?? "");
  const { memoryKiB, passes, queue } = password.hashing;
  expect(of("Password hashing")).toContain(`${memoryKiB / 1024} MiB, ${passes} passes, 1 lane`);
  expect(of("How many hashes")).toContain(`a queue of ${queue}`);
  expect(of("Refresh tokens")).toContain(`**The grace** is ${session.grace / 1000} seconds`);
  const [inMinutes, inHours] = limits.login.account ?? [];
  expect([inMinutes, inHours]).toEqual([
    { points: 10, windowMs: 900_000 },
    { points: 100, windowMs: 86_400_000 },
  ]);
  expect(of("Limits")).toMatch(/100 in 24\s+hours is our bound, 10 in 15 minutes/);
  expect(limits.login.address).toEqual([{ points: 5, windowMs: 60_000 }]);
  expect(of("Limits")).toContain("five logins a minute");
  expect(of("Audit")).toContain(`${retention.events / 86_400_000} days`);
});

test("what it says of the password rules is so", async () => {
  const text = section(PAGE, "Password rules");
  const { minLength, passphraseLength } = password.policy;
  expect(text).toContain(
    `${minLength} characters with upper and lower case and a digit, **or** any ${passphraseLength}`,
  );
  const words = (await loadCommonWords()).size;
  const said = Number(/([\d,]+) words/.exec(text)?.[1]?.replace(",", ""));
  expect(Math.abs(words - said)).toBeLessThan(1000);
});

test("stored parameters are capped where the page says", () => {
  const code = readPage("src/adapters/argon2/argon2-hasher.ts");
  const cap = (name: string): number =>
    Number(new RegExp(`${name} = ([\\d_]+);`).exec(code)?.[1]?.replace("_", ""));
  const said = `${cap("MAX_MEMORY_KIB") / 1024} MiB, ${cap("MAX_PASSES")} passes and ${cap("MAX_LANES")} lanes`;
  expect(section(PAGE, DECISIONS[0] ?? "")).toContain(said);
  expect(section("docs/migrating.md", "argon2id from elsewhere")).toContain(said);
});
