// docs/mail.md against the mails and the options.
import { expect, test } from "vitest";
import { sampleMails } from "../../scripts/sample-mails.ts";
import { PLAIN_MAILS, PROOF_PURPOSES } from "../../src/domain/vocabulary.ts";
import { optionPaths } from "./support/option-paths.ts";
import { codeSpans, readPage, section, tableRows } from "./support/pages.ts";

const PAGE = "docs/mail.md";
const rowsOf = (heading: string) => tableRows(section(PAGE, heading));
const namesIn = (rows: readonly (readonly string[])[]) => rows.map(([name = ""]) => codeSpans(name)[0]);

test("every kind of mail is in its table, and no other", () => {
  const rows = rowsOf("The mails");
  expect(namesIn(rows)).toEqual([...PROOF_PURPOSES, ...PLAIN_MAILS]);
});

test("each says what its row says", () => {
  const headings = new Map(
    sampleMails().map(({ kind, text }) => [kind as string, text.split("\n")[0] as string]),
  );
  for (const [name = "", says = ""] of rowsOf("The mails")) {
    const heading = (headings.get(codeSpans(name)[0] ?? "") ?? "").replace(/ (?:to|at|for) Acme$/, "");
    if (name !== "`invitation`") expect(says.startsWith(heading)).toBe(true);
  }
});

test("every option of nodemailerMailer is on the page, and no other", () => {
  const options = rowsOf("SMTP").filter((cells) => cells.length === 4);
  expect(namesIn(options)).toEqual(
    optionPaths("src/adapters/nodemailer/options.ts", "NodemailerOptions", /^$/),
  );
  expect(readPage("src/adapters/nodemailer/options.ts")).toContain("timeoutMs = 20_000");
  expect(readPage("src/adapters/nodemailer/smtp-url.ts")).toContain('{ "smtp:": 587, "smtps:": 465 }');
});

test("the number of mails in the changelog is right", () => {
  expect(readPage("CHANGELOG.md")).toContain(
    `- ${PROOF_PURPOSES.length + PLAIN_MAILS.length} mails, as text`,
  );
});
