// Each mail of the library, and what holds for all of them.
import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import { AT, PROOF, RENDERING, sampleFacts, sampleMails } from "../../../scripts/sample-mails.ts";
import { MAIL_KINDS, PLAIN_MAILS, PROOF_PURPOSES } from "../../../src/domain/vocabulary.ts";
import { mailRenderer } from "../../../src/kit/mail/mail-renderer.ts";
import type { ReadyMail } from "../../../src/mail-service.ts";

const MAILS = sampleMails();
const PROOFS = MAILS.filter(({ link }) => link !== null);
const CODES = MAILS.filter(({ code }) => code !== null);
const render = mailRenderer(RENDERING);

const documentOf = ({ html }: Pick<ReadyMail, "html">): Document => new JSDOM(html).window.document;
const blocksOf = ({ text }: Pick<ReadyMail, "text">): readonly string[] => text.trimEnd().split("\n\n");
/** What a reader of the HTML sees, with one space for each break. */
const seen = (mail: ReadyMail): string => documentOf(mail).body.textContent.replaceAll(/\s+/g, " ");

test("there is a mail of each kind, and the kinds with a proof bring one", () => {
  expect(MAILS.map(({ kind }) => kind)).toEqual(MAIL_KINDS);
  expect(PROOFS.map(({ kind }) => kind)).toEqual(PROOF_PURPOSES);
  expect(new Set(MAILS.map(({ subject }) => subject)).size).toBeGreaterThan(MAIL_KINDS.length - 4);
});

describe.each(MAILS)("$kind", (mail) => {
  const { subject, text, html } = mail;

  test("has a subject of one line that names the application", () => {
    expect(subject).toMatch(/^[\x20-\x7e]{1,120}$/);
    expect(subject).toContain("Acme");
  });

  test("is a document in English with one heading, which begins the text too", () => {
    const document = documentOf(mail);
    expect(document.documentElement.lang).toBe("en");
    expect(document.documentElement.dir).toBe("ltr");
    expect(document.title).toBe(subject);
    const headings = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")];
    expect(headings.map(({ tagName }) => tagName)).toEqual(["H1"]);
    expect(blocksOf(mail)[0]).toBe(headings[0]?.textContent);
    expect(document.querySelectorAll("table:not([role=presentation])")).toHaveLength(0);
  });

  test("loads nothing: no image, no script, no style sheet, no font, no address but the page of the application", () => {
    const document = documentOf(mail);
    expect(
      document.querySelectorAll("img,script,link,iframe,object,embed,video,audio,svg,form,input"),
    ).toHaveLength(0);
    expect(html).not.toMatch(/url\(|@import|\bsrc=|\bsrcset=|\bon\w+=|background=/i);
    const addresses = [
      ...html.matchAll(/\b[a-z]+:\/\/[^\s"<]+/gi),
      ...text.matchAll(/\b[a-z]+:\/\/[^\s"<]+/gi),
    ];
    for (const [address] of addresses) expect(new URL(address).origin).toBe("https://app.acme.example");
    for (const link of document.querySelectorAll("a"))
      expect(link.href).toMatch(/^https:\/\/app\.acme\.example\/mail/);
  });

  test("says the same in text and in HTML", () => {
    const whole = seen(mail);
    const lines = blocksOf(mail).flatMap((block) => block.split(":\n"));
    expect(lines.filter((line) => !whole.includes(line) && line !== (mail.link ?? RENDERING.page))).toEqual(
      [],
    );
  });

  test("holds neither the address of its reader nor any value that was left out", () => {
    for (const part of [subject, text, html]) {
      expect(part).not.toMatch(/ada|example\.com/i);
      expect(part).not.toMatch(/\b(?:undefined|null|NaN|Invalid Date)\b|\[object/);
    }
  });
});

describe.each(PROOFS)("$kind, which brings a proof,", (mail) => {
  const { kind, text } = mail;

  test("has one button to the page, with the proof in the fragment, and the same proof as a line to paste", () => {
    const link = `https://app.acme.example/mail#sallyport=${kind}.${PROOF.link}`;
    expect(mail.link).toBe(link);
    expect([...documentOf(mail).querySelectorAll("a")].map(({ href }) => href)).toEqual([
      link,
      ...Array(kind === "login" ? 2 : 1).fill(RENDERING.page),
    ]);
    expect(documentOf(mail).querySelectorAll(".button a")).toHaveLength(1);
    expect(text.split("\n")).toContain(link);
    expect(text.split("\n")).toContain(`${kind}.${PROOF.link}`);
    expect([...documentOf(mail).querySelectorAll("p")].map((line) => line.textContent)).toContain(
      `${kind}.${PROOF.link}`,
    );
  });

  test("says until when it works, who asked, and to keep it", () => {
    const until = sampleFacts(kind).proof?.expiresAt as Date;
    expect(text).toContain(
      `${until.getUTCDate()} ${until.toLocaleString("en", { month: "long", timeZone: "UTC" })} 2026, 14:03 UTC`.replace(
        "14:03",
        until.toISOString().slice(11, 16),
      ),
    );
    expect(text).toMatch(
      /The request came from Firefox on Windows, address 203\.0\.113\.7, on 20 November 2026, 14:03 UTC\.|The operators of this service asked for it\./,
    );
    expect(text).toMatch(/Do not give this (?:code|link) to anyone/);
    expect(mail.expiresAt).toEqual(until);
  });
});

describe.each(CODES)("$kind, which brings a code,", (mail) => {
  test("has the code on a line of its own, and as last line for the host of the page", () => {
    const lines = mail.text.trimEnd().split("\n");
    expect(lines.filter((line) => line === PROOF.code)).toHaveLength(1);
    expect(lines.at(-1)).toBe(`@app.acme.example #${PROOF.code}`);
    const paragraphs = [...documentOf(mail).querySelectorAll("p")].map((line) => line.textContent);
    expect(paragraphs.filter((line) => line === PROOF.code)).toHaveLength(1);
    expect(seen(mail).trimEnd().endsWith(`@app.acme.example #${PROOF.code}`)).toBe(true);
    expect(mail.subject).not.toContain(PROOF.code);
  });
});

test.each(PLAIN_MAILS)("%s brings no proof, no code and no line for autofill", (kind) => {
  const mail = render(kind, sampleFacts(kind), "en");
  expect([mail.link, mail.code, mail.expiresAt]).toEqual([null, null, null]);
  expect(mail.text + mail.html).not.toMatch(/sallyport=|@app\./);
  expect(mail.text).not.toMatch(/\b\d{6}\b/);
});

/** What the reader is to do if they did not ask. These kinds say it in other words, or no one else can have asked. */
const OTHERWISE = [
  "email_revert",
  "email_reverted",
  "session_reuse",
  "invitation",
  "email_verification",
  "deletion_undo",
];
const OWN_WORDS = /If you (?:did not|do not|have no)|Sign in again|can choose a new password/;

test.each(MAILS)("$kind says what to do if it was not the reader", ({ kind, text }) => {
  expect(text).toMatch(OTHERWISE.includes(kind) ? OWN_WORDS : /If that was not you, /);
});

test("without codes, the mails have none, and say to keep the link", () => {
  for (const kind of PROOF_PURPOSES) {
    const proof = { ...PROOF, code: null, codeExpiresAt: null };
    const mail = render(kind, { ...sampleFacts(kind), proof }, "en");
    expect([mail.code, mail.text.includes("#402917")]).toEqual([null, false]);
    expect(mail.text).toContain("Do not give this link to anyone");
    expect(mail.text).not.toMatch(/ code\b/);
    expect(mail.text.trimEnd()).not.toMatch(/\n@[^\n]*$/);
  }
});

test("a password that an operator took away is not said to stay as it is", () => {
  const { text } = render("password_reset", { ...sampleFacts("password_reset"), request: null }, "en");
  expect(text).toContain("The operators of this service asked for it.");
  expect(text).not.toMatch(/stays as it is|ignore this mail/);
});

test("the code's own end is said where it comes before the link's", () => {
  const { text } = render("signup", sampleFacts("signup"), "en");
  expect(text).toContain("The link works until 21 November 2026, 14:03 UTC.");
  expect(text).toContain("The code alone works until 20 November 2026, 14:13 UTC.");
});

test("a notice tells of a reclaimed account, and that it is the last of its day, only where it is so", () => {
  const facts = { ...sampleFacts("password_changed"), reclaimed: false, isLast: false };
  const plain = render("password_changed", facts, "en").text;
  expect(plain).not.toMatch(/was removed|last notice/);
  expect(render("password_changed", { ...facts, reclaimed: true }, "en").text).toContain("was removed");
  expect(render("password_changed", { ...facts, isLast: true }, "en").text).toContain("the last notice");
});

test.each([
  ["passkey", "added", "A passkey was added."],
  ["totp", "removed", "An authenticator app was removed."],
  ["recovery_codes", "replaced", "Recovery codes were replaced."],
  ["oauth", "added", "An account of another service was added."],
] as const)("a notice of %s, %s, says: %s", (kind, change, sentence) => {
  const { text } = render("factor_changed", { to: "ada@example.com", factor: { kind, change } }, "en");
  expect(text).toContain(sentence);
});

test("what is unknown of a request is left out", () => {
  const about = (request: object): string =>
    render("new_device", { to: "ada@example.com", request: { at: AT, ip: null, ...request } as never }, "en")
      .text;
  expect(about({ device: { browser: null, system: null } })).toContain(
    "This came from an unknown device, on 20",
  );
  expect(about({ device: { browser: "Safari", system: null } })).toContain("This came from Safari, on 20");
  expect(about({ device: { browser: null, system: "Linux" } })).toContain("This came from Linux, on 20");
  expect(render("new_device", { to: "ada@example.com" }, "en").text).not.toContain("This came from");
});
