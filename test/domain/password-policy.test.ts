import { passwordPolicies } from "sallyport";
import { expect, test } from "vitest";
import { loadCommonWords } from "../../src/domain/common-passwords.ts";
import { foldWord } from "../../src/domain/guessing/fold.ts";
import { compositionProblems, contextWords, isContextWord } from "../../src/domain/password-policy.ts";
import { CLIENT, makeAuth } from "../support/harness.ts";

const codes = (policy: keyof typeof passwordPolicies, password: string): string[] =>
  compositionProblems(passwordPolicies[policy], password).map((problem) => problem.code);

test("the standard policy: eight with upper, lower and digit, or a passphrase of fifteen", () => {
  expect(codes("standard", "Abcdefg1")).toEqual([]);
  expect(codes("standard", "Abcdef1")).toEqual(["too_short"]);
  expect(codes("standard", "abcdefg1")).toEqual(["missing_upper"]);
  expect(codes("standard", "ABCDEFG1")).toEqual(["missing_lower"]);
  expect(codes("standard", "Abcdefgh")).toEqual(["missing_digit"]);
  expect(codes("standard", "")).toEqual(["too_short", "missing_upper", "missing_lower", "missing_digit"]);
  expect(codes("standard", "correct horse battery")).toEqual([]);
  expect(codes("standard", "a".repeat(14))).toEqual(["missing_upper", "missing_digit"]);
  expect(codes("standard", "a".repeat(15))).toEqual([]);
});

test("the other policies: classic always composes, nist never does", () => {
  expect(codes("classic", "correct horse battery")).toEqual(["missing_upper", "missing_digit"]);
  expect(codes("nist", "Abcdefg1")).toEqual(["too_short"]);
  expect(codes("nist", "correct horse battery")).toEqual([]);
});

test("length alone is no strength: what repeats itself is refused", async () => {
  const { auth } = makeAuth();
  const signup = (password: string) =>
    auth.signup({ email: "ada@example.com", password }, CLIENT).catch((error) => error.errors[0].code);
  for (const password of [
    " ".repeat(15),
    "a".repeat(20),
    "1".repeat(15),
    "abcabcabcabcabc",
    "Abcdefg1Abcdefg1",
  ]) {
    expect([password, await signup(password)]).toEqual([password, "repetitive"]);
  }
  expect((await signup("bananas in pyjamas")).status).toBe("signed_in");
});

test("length is in characters, not in bytes or code units; letters of every script count", () => {
  expect(codes("standard", "Ä1ööööö")).toEqual(["too_short"]);
  expect(codes("standard", "Ä1öööööö")).toEqual([]);
  expect(codes("nist", "😀".repeat(14))).toEqual(["too_short"]);
  expect(codes("nist", "😀".repeat(15))).toEqual([]);
});

test("a letter of a script without case counts as upper and as lower", () => {
  for (const password of ["密码安全测试字符1", "كلمةسرطويلة1", "पासवर्डलंबा1", "סיסמהארוכה1", "รหัสผ่านยาว1"]) {
    expect([password, codes("standard", password), codes("classic", password)]).toEqual([password, [], []]);
  }
  expect(codes("standard", "密码安全测试字符")).toEqual(["missing_digit"]);
  expect(codes("standard", "пароль-длинный1")).toEqual([]);
  expect(codes("standard", "длинный1")).toEqual(["missing_upper"]);
  expect(codes("standard", "12345678")).toEqual(["missing_upper", "missing_lower"]);
});

test("every failed rule has its message, and the last one names the other way out", () => {
  const messages = (policy: keyof typeof passwordPolicies) =>
    compositionProblems(passwordPolicies[policy], "abc").map((problem) => problem.message);
  const rules = ["Use at least 8 characters.", "Add an upper-case letter.", "Add a digit."];
  expect(messages("classic")).toEqual(rules);
  expect(messages("standard")).toEqual([
    ...rules.slice(0, 2),
    "Add a digit. Or use a passphrase of 15 characters or more.",
  ]);
  expect(messages("nist")).toEqual(["Use at least 15 characters."]);
});

test("context words are refused whole or dressed up, not inside of longer passwords", () => {
  const words = contextWords("wilhelmina@bigcorp.example", "Sallyport");
  for (const password of [
    "Wilhelmina",
    "Wilhelmina1!",
    "BigCorp2026",
    "sallyport99!",
    "wilhelmina@bigcorp.example",
  ]) {
    expect([password, isContextWord(words, password)]).toEqual([password, true]);
  }
  for (const password of ["Wilhelmina rides a bicycle", "Xbigcorp2026x", "12345678!"]) {
    expect([password, isContextWord(words, password)]).toEqual([password, false]);
  }
  for (const [email, issuer, password] of [
    ["ada@barclays.co.uk", "x", "Barclays1"],
    ["ada@mail.bigcorp.example", "x", "Bigcorp1"],
    ["ada@x.example", "https://auth.acmecorp.example", "Acmecorp1"],
  ] as const) {
    expect([password, isContextWord(contextWords(email, issuer), password)]).toEqual([password, true]);
  }
  expect(isContextWord(contextWords("a@b.c", "x"), "Abcdefg1")).toBe(false);
  expect(isContextWord(contextWords("12345678@x.example", "x"), "98765432a")).toBe(false);
});

test("the lists hold every password that guessing starts with, and words of several languages, folded", async () => {
  const known = await loadCommonWords();
  const words = [
    "password",
    "password1",
    "12345678",
    "abc12345",
    "1q2w3e4r5t",
    "iloveyou",
    "geheim",
    "senha",
    "primavera",
  ];
  for (const word of words) expect([word, known.has(foldWord(word))]).toEqual([word, true]);
  expect([...known.keys()].filter((word) => foldWord(word) !== word)).toEqual([]);
  for (const cost of known.values()) expect(cost).toBeGreaterThanOrEqual(2);
});

test("signup refuses common, breached and context passwords by name, and hears of a breach service that fails", async () => {
  const weak = (error: { code: string; errors: { code: string }[] }) => [
    error.code,
    ...error.errors.map((e) => e.code),
  ];
  const { auth } = makeAuth();
  const signup = (password: string) =>
    auth.signup({ email: "wilhelmina@bigcorp.example", password }, CLIENT).catch(weak);
  expect(await signup("Password1")).toEqual(["weak_password", "common_password"]);
  expect(await signup("QWERTY123")).toEqual(["weak_password", "missing_lower", "common_password"]);
  expect(await signup("Wilhelmina1!")).toEqual(["weak_password", "context_specific"]);

  const asked: string[] = [];
  const isBreached = async (password: string) => asked.push(password) > 0;
  const strict = makeAuth({ password: { isBreached, hasher: makeAuth().ctx.hasher } });
  const input = { email: "ada@example.com", password: "Correct1horse" };
  expect(await strict.auth.signup(input, CLIENT).catch(weak)).toEqual(["weak_password", "breached_password"]);
  expect(asked).toEqual([input.password]);

  const down = () => Promise.reject(new TypeError("service down"));
  const lenient = makeAuth({ password: { isBreached: down, hasher: makeAuth().ctx.hasher } });
  expect((await lenient.auth.signup(input, CLIENT)).status).toBe("signed_in");
  expect(lenient.errors.map(String)).toEqual(["TypeError: service down"]);
});

test("a password is the same in every Unicode normal form", async () => {
  const { auth } = makeAuth();
  await auth.signup({ email: "ada@example.com", password: "Crème-7-Brûlée-Ort".normalize("NFD") }, CLIENT);
  const result = await auth.login(
    { email: "ada@example.com", password: "Crème-7-Brûlée-Ort".normalize("NFC") },
    CLIENT,
  );
  expect(result.status).toBe("signed_in");
});
