import { consoleMailer, type Mail } from "sallyport";
import { afterEach, expect, test, vi } from "vitest";
import { sampleMails } from "../../scripts/sample-mails.ts";

const MAILS = sampleMails().map((mail, index): Mail => ({ ...mail, id: String(index) }));

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test("each mail is printed with its reader, subject, link, code and text", async () => {
  const printed: string[] = [];
  const { send } = consoleMailer({ write: (text) => printed.push(text) });
  for (const mail of MAILS) await send(mail);
  expect(printed).toHaveLength(MAILS.length);
  for (const [index, { kind, to, subject, link, code, text }] of MAILS.entries()) {
    const lines = printed[index]?.split("\n") ?? [];
    expect(lines.slice(0, 2)).toEqual([`--- mail ${kind} (en) to ${to}`, `Subject: ${subject}`]);
    expect(lines.includes(`Link: ${link}`)).toBe(link !== null);
    expect(lines.includes(`Code: ${code}`)).toBe(code !== null);
    expect(printed[index]).toContain(text);
  }
});

test("by default it prints to the standard output", async () => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await consoleMailer().send(MAILS[0] as Mail);
  expect(write.mock.calls.flat().join()).toContain("Code: 402917");
});

test("a failing output is a failed delivery", async () => {
  const write = () => Promise.reject(new TypeError("no space left"));
  await expect(consoleMailer({ write }).send(MAILS[0] as Mail)).rejects.toThrow("no space left");
});

test("it does not start in production, where others read the output", () => {
  vi.stubEnv("NODE_ENV", "production");
  const start = () => consoleMailer({ write: () => {} });
  expect(start).toThrow(/^consoleMailer: it prints links and codes .* NODE_ENV is production/);
  expect(start).toThrow(expect.objectContaining({ code: "invalid_configuration" }));
  vi.stubEnv("NODE_ENV", "development");
  expect(start).not.toThrow();
});

test.each([
  [{ log: () => {} }, /log: no such option; there is write/],
  [{ write: "stdout" }, /write: must be a function/],
  [[], /plain object/],
])("it does not start with %j", (options, message) => {
  expect(() => consoleMailer(options as never)).toThrow(message);
});
