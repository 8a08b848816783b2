// What an attacker tries at every account: few passwords, each at many accounts, so that no limit of an account counts.
import { createCipheriv } from "node:crypto";
import { type PasswordPolicy, passwordPolicies } from "sallyport";
import { beforeAll, expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { loadCommonWords } from "../../src/domain/common-passwords.ts";
import type { KnownWords } from "../../src/domain/guessing/is-easily-guessed.ts";
import { compositionProblems } from "../../src/domain/password-policy.ts";
import { newPasswordErrors } from "../../src/kit/check-new-password.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { CLIENT, EMAIL, makeAuth } from "../support/harness.ts";

/** Seasons, months, days, towns, teams, names, companies, years, leet, walks and phrases, as people decorate them. */
const SPRAY = `
Spring2026! Autumn2025 Winter25! Herbst2026! Sommer2025 Invierno2026 Verano2025! Printemps26 Estate2026! Zima2026!
January2026 March2025! Oktober2026 Janvier2026! Maggio2025! Viernes2026 Monday123! Freitag13! December25 Juni2026!
Chicago2026 Barcelona1! Muenchen1860 Istanbul34 Paris2024! Roma2026! Moscow2026! Tokyo2020! Lisboa2026 Warszawa1!
Arsenal2026 Chelsea1905 Juventus10 Dortmund09 Galatasaray1905 Flamengo2019 Steelers2026 Yankees27! Lakers2020! Celtic1888
Michael1990 Jessica123 Andreas1985! Sophie2010 Mohammed1 Giuseppe1! Katarzyna1 Fernanda12 Alexander2 Natalia1999!
Google2026! Microsoft1! Toyota2020 Samsung123 Company2026! Office2026! Contoso2026! Siemens1847 Amazon123! Netflix1!
P@55w0rd! Pa$$word1 Passw0rd2026 P4ssw0rd! Adm1n1strator! W3lcome1! L3tm31n! M0nk3y12! Dr4g0n99 Sup3rm4n!
Qwerty12345 1Q2w3e4r5t Asdfghjkl1 Zaq12wsx! !QAZ2wsx Qazwsx123 Zxcvbnm1! Azertyuiop1 Yxcvbnm123 Qwertz12345
Password12 Passwort123! Contrasena1 MotDePasse1 Senha1234 Wachtwoord1 Haslo1234! Parola123 Salasana1 Lozinka1!
Iloveyou2! Letmein123 Changeme1! Welcome@123 Admin@2026 Trustno1! Abc123456! Aa12345678 A1b2c3d4e5 Test1234!
`
  .trim()
  .split(/\s+/);

/** Fifteen and more characters, which need no classes. */
const LONG_SPRAY = `
123456789012345 qwertyuiopasdfgh Baseballbaseball passwordpassword 1234567890qwerty abcdefghijklmnop
aaaaaaaabbbbbbbb 1qaz2wsx3edc4rfv zxcvbnmasdfghjkl 0987654321098765 iloveyouiloveyou qwerty1234567890
PasswordPassword1 letmeinletmein123 adminadminadmin1 111122223333444455556666 1a2b3c4d5e6f7g8h asdfghjklasdfghjkl
`
  .trim()
  .split(/\s+/);

const UNDER_TEST = { standard: makeAuth().ctx, nist: contextOf(passwordPolicies.nist) };

function contextOf(policy: PasswordPolicy): Context {
  return makeAuth({ password: { policy, hasher: makeAuth().ctx.hasher } }).ctx;
}

async function acceptedOf(ctx: Context, passwords: readonly string[]): Promise<readonly string[]> {
  const accepted: string[] = [];
  for (const password of passwords) {
    const errors = await newPasswordErrors(ctx, { password: password.normalize("NFC"), path: "p" }, EMAIL);
    if (errors.length === 0) accepted.push(password);
  }
  return accepted;
}

test("of 100 passwords of a spray list, the standard policy accepts at most 3", async () => {
  expect(new Set(SPRAY).size).toBe(100);
  const weak = SPRAY.filter(
    (password) => compositionProblems(passwordPolicies.standard, password).length > 0,
  );
  expect(weak).toEqual([]); // only the guessing rules stand in their way
  expect((await acceptedOf(UNDER_TEST.standard, SPRAY)).length).toBeLessThanOrEqual(3);
});

test("no long password of a spray list is accepted, under any policy that takes its length", async () => {
  for (const ctx of Object.values(UNDER_TEST)) expect(await acceptedOf(ctx, LONG_SPRAY)).toEqual([]);
});

/** The same numbers in each run. */
function numbersOf(seed: number): (below: number) => number {
  const stream = createCipheriv("aes-256-ctr", Buffer.alloc(32, seed), Buffer.alloc(16));
  return (below) => stream.update(Buffer.alloc(4)).readUInt32LE() % below;
}

function pick<T>(list: readonly T[], below: (count: number) => number): T {
  return list[below(list.length)] as T;
}

let words: KnownWords;
beforeAll(async () => {
  words = await loadCommonWords();
});

const JOINTS = [" ", "-", "", ".", "_"];

test.each([
  ["all known words", 0],
  ["the best known words", 1],
])("no passphrase of four random words is refused, of %s", async (_which, best) => {
  const below = numbersOf(3);
  const known = [...words].filter(([word, cost]) => /^[a-z]{4,10}$/.test(word) && (!best || cost <= 3));
  expect(known.length).toBeGreaterThan(500);
  const passphrases = Array.from({ length: fuzzRuns(500) }, (_, index) => {
    const four = new Set<string>();
    while (four.size < 4) four.add(pick(known, below)[0]);
    return [...four].join(JOINTS[index % JOINTS.length]);
  }).filter((passphrase) => passphrase.length >= 15);
  const accepted = new Set(await acceptedOf(UNDER_TEST.nist, passphrases));
  expect(passphrases.filter((passphrase) => !accepted.has(passphrase))).toEqual([]);
});

test("no random password of 12 characters is refused by the guessing rules", async () => {
  const below = numbersOf(4);
  const letters = [..."abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"];
  const random = Array.from({ length: fuzzRuns(500) }, () =>
    Array.from({ length: 12 }, () => pick(letters, below)).join(""),
  ).filter((password) => compositionProblems(passwordPolicies.standard, password).length === 0);
  expect(random.length).toBeGreaterThan(fuzzRuns(500) / 2);
  const accepted = new Set(await acceptedOf(UNDER_TEST.standard, random));
  expect(random.filter((password) => !accepted.has(password))).toEqual([]);
});

const CLASSES = [[], ["lower"], ["digit"], ["lower", "digit"], ["upper", "lower", "digit"]] as const;
const POLICIES: readonly PasswordPolicy[] = [8, 10, 12, 15].flatMap((minLength) =>
  CLASSES.flatMap((classes) =>
    [null, 15].map((passphraseLength): PasswordPolicy => ({ minLength, classes, passphraseLength })),
  ),
);

test("most random passwords of 8 characters pass too", async () => {
  const below = numbersOf(5);
  const random = Array.from(
    { length: 1_000 },
    () =>
      `${Array.from({ length: 5 }, () => pick([..."bcdfghjkmnpqrstvwxyz"], below)).join("")}Q7${below(10)}`,
  );
  expect((await acceptedOf(UNDER_TEST.standard, random)).length).toBeGreaterThan(980);
});

test.each(POLICIES)("under %j no listed password passes, in any case", async (policy) => {
  const ctx = contextOf(policy);
  const listed = [...words.keys()].filter((_, index) => index % 997 === 0);
  const spellings = [
    "password",
    "12345678",
    "iloveyou",
    "qwertyuiop",
    "football",
    "sunshine1",
    ...listed,
  ].flatMap((word) => [word, word.toUpperCase(), word.slice(0, 1).toUpperCase() + word.slice(1)]);
  expect(await acceptedOf(ctx, spellings)).toEqual([]);
});

test("signup refuses `password` under a policy of eight characters and no classes", async () => {
  const policy = { minLength: 8, classes: [], passphraseLength: null };
  const { auth } = makeAuth({ password: { policy, hasher: makeAuth().ctx.hasher } });
  for (const password of ["password", "PASSWORD", "Pａssword", "drowssap", "p@ssword"]) {
    await expect(auth.signup({ email: EMAIL, password }, CLIENT)).rejects.toMatchObject({
      code: "weak_password",
      errors: [{ path: "password", code: "common_password" }],
    });
  }
});

test("a long password is judged in bounded time, whatever it holds", async () => {
  for (const unit of ["a", "ab1!", "qwerty", "😀é", "password"]) {
    const password = `Start7x${unit.repeat(1024)}`.slice(0, 1024);
    expect((await acceptedOf(UNDER_TEST.nist, [password])).length).toBeLessThanOrEqual(1);
  }
});
