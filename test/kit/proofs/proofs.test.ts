// What a mail brings and what a browser keeps: none of it is stored, and each is good for one proof alone.
import type { EmailProof } from "sallyport";
import { expect, test } from "vitest";
import type { Context } from "../../../src/context.ts";
import { addMs } from "../../../src/domain/duration.ts";
import { PROOF_PURPOSES } from "../../../src/domain/vocabulary.ts";
import { codeMatches, codeOf } from "../../../src/kit/proofs/code.ts";
import { linkOf, readLink } from "../../../src/kit/proofs/link.ts";
import { mailRow, readMailData } from "../../../src/kit/proofs/mail-row.ts";
import { newProof } from "../../../src/kit/proofs/new-proof.ts";
import { issueTicket, type MailTicket, readTicket } from "../../../src/kit/proofs/ticket.ts";
import { pseudonymOf } from "../../../src/kit/record-event.ts";
import { EMAIL, SECRET, times } from "../../support/harness.ts";
import { ASKER, makeMailing } from "../../support/mail.ts";

const OTHER_SECRET = "Jx7mQ2vL9tRb4nYc8ZsKd1WfHgUpEaBi6oT3eVrN5uM";
const LATER = new Date("2026-01-01T13:00:00.000Z");

function contextOf(secret: string | readonly string[] = SECRET, options = {}, mail = {}): Context {
  return makeMailing({ secret, ...options }, mail).ctx;
}

const ctx = contextOf();

function proofOf(changes: Partial<EmailProof> = {}): EmailProof {
  const draft = { purpose: "password_reset", email: EMAIL, emailCanonical: EMAIL } as const;
  return { ...newProof(ctx, { ...draft, userId: null, epoch: null, data: {}, ttl: 1 }), ...changes };
}

const USER = "018f0000-0000-7000-8000-000000000001" as NonNullable<EmailProof["userId"]>;

/** A change of any of these is another proof. */
const CHANGES: readonly Partial<EmailProof>[] = [
  { id: "018f0000-0000-7000-8000-000000000009" as EmailProof["id"] },
  { purpose: "sign_in" },
  { nonce: "A".repeat(43) },
  { emailCanonical: "eve@example.com" },
  { userId: USER },
  { epoch: 1 },
];

test("a link has 66 characters, is the same each time, and names its proof", () => {
  const proof = proofOf();
  const link = linkOf(ctx, proof);
  expect(link).toMatch(/^[\w-]{66}$/);
  expect(linkOf(ctx, proof)).toBe(link);
  expect(readLink(ctx, link)?.id).toBe(proof.id);
  expect(readLink(ctx, link)?.matches(proof)).toBe(true);
  // A mark on the row changes nothing: a used proof still knows its link.
  expect(readLink(ctx, link)?.matches({ ...proof, usedAt: LATER, data: "{}", attempts: 9 })).toBe(true);
});

test.each(CHANGES)("a link is not that of a proof with %j", (change) => {
  const proof = proofOf();
  expect(readLink(ctx, linkOf(ctx, proof))?.matches({ ...proof, ...change })).toBe(false);
});

test("an unbound user and an unbound epoch are no text that an address could hold", () => {
  const proof = proofOf({ emailCanonical: `${EMAIL}",null,"` });
  const link = linkOf(ctx, proof);
  expect(readLink(ctx, link)?.matches({ ...proof, emailCanonical: EMAIL })).toBe(false);
});

test("a link has one spelling: whatever else is no link, or matches no proof", () => {
  const proof = proofOf();
  const link = linkOf(ctx, proof);
  const misread = [
    null,
    7,
    [link],
    "",
    link.slice(1),
    `${link}A`,
    `${link.slice(0, 65)}=`,
    ` ${link.slice(1)}`,
  ];
  for (const text of misread) expect(readLink(ctx, text)).toBeNull();
  for (const index of times(66, (at) => at)) {
    const other = link[index] === "A" ? "B" : "A";
    const changed = `${link.slice(0, index)}${other}${link.slice(index + 1)}`;
    expect(readLink(ctx, changed)?.matches(proof) ?? false).toBe(false);
  }
});

test("links and codes work across a rotation of the secret, and no further", () => {
  const proof = proofOf();
  const link = linkOf(ctx, proof);
  const code = codeOf(ctx, proof) as string;
  const rotated = contextOf([OTHER_SECRET, SECRET]);
  expect(readLink(rotated, link)?.matches(proof)).toBe(true);
  expect(codeMatches(rotated, proof, code)).toBe(true);
  expect(linkOf(rotated, proof)).not.toBe(link);
  const replaced = contextOf(OTHER_SECRET);
  expect(readLink(replaced, link)?.matches(proof)).toBe(false);
  expect(codeMatches(replaced, proof, code)).toBe(false);
});

test("an application with the same secret and another issuer or audience knows none of them", () => {
  const proof = proofOf();
  for (const options of [{ issuer: "admin" }, { audience: "admin" }]) {
    const other = contextOf(SECRET, options);
    expect(readLink(other, linkOf(ctx, proof))?.matches(proof)).toBe(false);
    expect(codeMatches(other, proof, codeOf(ctx, proof) as string)).toBe(false);
    expect(readTicket(other, "signup", issueTicket(ctx, ticketOf(proof), LATER))).toBeNull();
  }
});

test("a code is digits, as many as the option says, zeros in front included", () => {
  for (const codeDigits of [6, 8, 10]) {
    const own = contextOf(SECRET, {}, { codeDigits });
    const codes = times(200, () => codeOf(own, proofOf()) as string);
    for (const code of codes) expect(code).toMatch(new RegExp(`^\\d{${codeDigits}}$`));
    expect(new Set(codes).size).toBeGreaterThan(150);
    expect(codes.some((code) => code.startsWith("0"))).toBe(true);
  }
});

test("a typed code may have spaces and hyphens, and nothing else", () => {
  const proof = proofOf();
  const code = codeOf(ctx, proof) as string;
  const typed = [code, ` ${code} `, `${code.slice(0, 3)} ${code.slice(3)}`, [...code].join("-")];
  for (const text of typed) expect(codeMatches(ctx, proof, text)).toBe(true);
  const wrong = [
    "",
    code.slice(1),
    `${code}0`,
    `${code}.`,
    `+${code}`,
    code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    `${code}${" ".repeat(40)}`,
    String((Number(code) + 1) % 1_000_000).padStart(6, "0"),
  ];
  for (const text of wrong) expect(codeMatches(ctx, proof, text)).toBe(false);
});

test("a code is of one proof and one purpose", () => {
  const proof = proofOf();
  const code = codeOf(ctx, proof) as string;
  const others = times(100, () => proofOf());
  expect(others.filter((other) => codeMatches(ctx, other, code))).toEqual([]);
  expect(codeOf(ctx, { ...proof, purpose: "sign_in" })).not.toBe(code);
});

test("without codes there is no code, and none that matches", () => {
  const proof = proofOf();
  const none = contextOf(SECRET, {}, { codeDigits: false });
  expect(codeOf(none, proof)).toBeNull();
  expect(codeMatches(none, proof, codeOf(ctx, proof) as string)).toBe(false);
  expect(codeMatches(none, proof, "")).toBe(false);
});

function ticketOf({ id }: EmailProof): MailTicket {
  const pseudonym = pseudonymOf(ctx, "ada+news@example.com");
  return { id, pseudonym, limitKeys: [pseudonymOf(ctx, EMAIL)], purpose: "signup" };
}

test("a challenge token gives back its proof, pseudonym and limit key, until it ends", () => {
  const { ctx: own, clock } = makeMailing();
  const ticket = ticketOf(proofOf());
  const token = issueTicket(own, ticket, LATER);
  expect(token).toMatch(/^[\w-]+$/);
  expect(readTicket(own, "signup", token)).toEqual({ ...ticket, expiresAt: LATER });
  clock.set(addMs(LATER, -1));
  expect(readTicket(own, "signup", token)).toEqual({ ...ticket, expiresAt: LATER });
  clock.set(LATER);
  expect(readTicket(own, "signup", token)).toBeNull();
});

test("a challenge token has the limit keys of every secret, and one length for any number of them", () => {
  const keys = times(8, (index) => pseudonymOf(ctx, `ada${index}@example.com`));
  const tokens = keys.map((_, index) => {
    const ticket = { ...ticketOf(proofOf()), limitKeys: keys.slice(0, index + 1) };
    const token = issueTicket(ctx, ticket, LATER);
    expect(readTicket(ctx, "signup", token)).toEqual({ ...ticket, expiresAt: LATER });
    return token;
  });
  expect(new Set(tokens.map(({ length }) => length)).size).toBe(1);
});

test("a challenge token is of one purpose, and no changed one is genuine", () => {
  const token = issueTicket(ctx, ticketOf(proofOf()), LATER);
  for (const purpose of PROOF_PURPOSES)
    expect(readTicket(ctx, purpose, token) !== null).toBe(purpose === "signup");
  for (const index of times(token.length, (at) => at)) {
    const other = token[index] === "A" ? "B" : "A";
    const changed = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
    expect(readTicket(ctx, "signup", changed)).toBeNull();
  }
  for (const text of [null, 7, "", token.slice(1), `${token}A`])
    expect(readTicket(ctx, "signup", text)).toBeNull();
});

test("a challenge token holds pseudonyms alone: an address is a mistake of the code", () => {
  const ticket = { ...ticketOf(proofOf()), limitKeys: [EMAIL] };
  expect(() => issueTicket(ctx, ticket, LATER)).toThrow(TypeError);
  expect(issueTicket(ctx, ticketOf(proofOf()), LATER)).not.toContain("ada");
});

test("a link, a code and a challenge token need the row, or the secret: a copy of one is not enough", () => {
  const proof = proofOf();
  const row = JSON.stringify(proof);
  expect(row).not.toContain(linkOf(ctx, proof).slice(24));
  const stranger = contextOf(OTHER_SECRET);
  expect(readLink(ctx, linkOf(stranger, proof))?.matches(proof)).toBe(false);
  expect(readTicket(ctx, "signup", issueTicket(stranger, ticketOf(proof), LATER))).toBeNull();
});

test("a new proof is random, unsent, and ends after its time", () => {
  const one = proofOf();
  const draft = { purpose: "signup", email: EMAIL, emailCanonical: EMAIL, userId: USER, epoch: 3 } as const;
  const two = newProof(ctx, { ...draft, data: { hash: "x" }, ttl: 60_000 });
  expect(Buffer.from(two.nonce, "base64url")).toHaveLength(32);
  expect(two.nonce).not.toBe(one.nonce);
  expect(two).toMatchObject({ ...draft, attempts: 0, sentAt: null, usedAt: null, data: '{"hash":"x"}' });
  expect(two.expiresAt).toEqual(addMs(ctx.clock.now(), 60_000));
});

test("a mail is first due after 0 to 2 seconds at random, and at once where the application delivers", () => {
  const { ctx: inProcess } = makeMailing({}, { delivery: "in-process" });
  const draft = {
    kind: "signup",
    recipient: EMAIL,
    proofId: null,
    data: { locale: null, client: null },
  } as const;
  const waits = (own: Context) =>
    times(300, () => mailRow(own, draft).dueAt.getTime() - own.clock.now().getTime());
  const random = waits(inProcess);
  expect(Math.min(...random)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...random)).toBeLessThanOrEqual(2_000);
  expect(new Set(random).size).toBeGreaterThan(100);
  expect(new Set(waits(ctx))).toEqual(new Set([0]));
});

test("the data of a mail come back as they were, and a client's functions stay out", () => {
  const client = { ...ASKER, onRateLimit: () => {} };
  const data = {
    locale: "de-AT",
    client,
    userId: USER,
    isOverBudget: true,
    factor: { kind: "totp", change: "added" },
    reclaimed: true,
    isLast: false,
  } as const;
  const row = mailRow(ctx, { kind: "factor_changed", recipient: EMAIL, proofId: null, data });
  expect(readMailData(row)).toEqual({ ...data, client: ASKER });
  expect(readMailData({ data: '{"locale":"en","later":1}' })).toEqual({ locale: "en", client: null });
  for (const text of ["", "7", "[]", '{"locale":"en","userId":7}', '{"factor":{"kind":"x"}}'])
    expect(() => readMailData({ data: text })).toThrow();
});
