import type { Mail } from "sallyport";
import { capturingMailer } from "sallyport/testing";
import { expect, test } from "vitest";
import { sampleMails } from "../../scripts/sample-mails.ts";

const [first, second, third] = sampleMails().map((mail, index): Mail => ({ ...mail, id: String(index) })) as [
  Mail,
  Mail,
  Mail,
];

test("it keeps every mail in order, and finds the newest to an address in any spelling", async () => {
  const mailer = capturingMailer();
  await mailer.send(first);
  await mailer.send({ ...second, to: "eve@xn--exmple-cua.com" });
  await mailer.send(third);
  expect(mailer.all.map(({ kind }) => kind)).toEqual([first.kind, second.kind, third.kind]);
  expect(mailer.last("ADA@example.com")).toBe(mailer.all[2]);
  expect(mailer.last("eve@exämple.com")?.kind).toBe(second.kind);
  expect(mailer.last("bob@example.com")).toBeNull();
  expect(mailer.last("no address")).toBeNull();
});

test("clear() forgets them", async () => {
  const mailer = capturingMailer();
  await mailer.send(first);
  mailer.clear();
  expect([mailer.all, mailer.last(first.to)]).toEqual([[], null]);
});
