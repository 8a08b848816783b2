import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "sallyport/sqlite";
import { fakeClock } from "sallyport/testing";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import type { LeaseId } from "../../src/domain/ids.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import { newId, noon, sampleMail } from "../../src/testing/store/samples.ts";
import { type Outcome, sallyport, sallyportIn } from "./support.ts";

const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
let path: string;
let store: AuthStore;
beforeEach(() => {
  path = join(directory, `${++files}.db`);
  store = sqliteStore(path);
});
afterEach(() => store.close());

function mail(...argv: string[]): Promise<Outcome> {
  const [action = "", ...rest] = argv;
  return sallyportIn(
    { clock: fakeClock(noon().toISOString()) },
    "mail",
    action,
    "--url",
    `sqlite:${path}`,
    ...rest,
  );
}

test("dead lists what was given up, newest first, and no more than --limit", async () => {
  const [older, newer] = [1, 2].map((ms) => sampleMail({ createdAt: noon(ms), deadAt: noon(), attempts: 8 }));
  await store.outbox.put([older as never, newer as never, sampleMail()]);
  const line = ({ id }: { id: string }) =>
    `${id} password_reset Ada@Example.com after 8 attempts, ${noon().toISOString()}\n`;
  expect(await mail("dead")).toEqual({
    code: 0,
    stdout: `${line(newer as never)}${line(older as never)}2 mails were given up.\n`,
    stderr: "",
  });
  expect((await mail("dead", "--limit", "1")).stdout).toBe(`${line(newer as never)}1 mail was given up.\n`);
  expect((await mail("dead", "--before", newer?.id ?? "")).stdout).toBe(
    `${line(older as never)}1 mail was given up.\n`,
  );
});

test("retry lets a mail be due at once, and an unknown one is a failure", async () => {
  const dead = sampleMail({ deadAt: noon(-5), attempts: 8 });
  await store.outbox.put([dead]);
  expect(await mail("retry", "--id", dead.id)).toEqual({
    code: 0,
    stdout: "The mail is due now.\n",
    stderr: "",
  });
  const lease = newId<LeaseId>();
  const claimed = await store.outbox.claim({
    audience: "sallyport",
    now: noon(),
    until: noon(9),
    limit: 5,
    lease,
  });
  expect(claimed.map(({ id, attempts }) => [id, attempts])).toEqual([[dead.id, 1]]);
  expect(await mail("retry", "--id", dead.id)).toEqual({
    code: 1,
    stdout: "",
    stderr: "sallyport: No mail with this id was given up\n",
  });
});

test.each([
  ["no action", []],
  ["another action", ["send"]],
  ["a name that every object has", ["constructor"]],
  ["a limit that is no number", ["dead", "--limit", "many"]],
  ["a limit of nothing", ["dead", "--limit", "0"]],
  ["a limit without end", ["dead", "--limit", "1001"]],
  ["no id", ["retry"]],
  ["an id that is none", ["retry", "--id", "1 or 1=1"]],
  ["a cursor that is none", ["dead", "--before", "1 or 1=1"]],
])("%s is wrong use", async (_, argv) => {
  const { code, stdout, stderr } = await (argv.length > 1 ? mail(...argv) : sallyport("mail", ...argv));
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^sallyport: [^\n]*; see sallyport mail --help\n$/);
  expect(stderr).not.toContain("1=1");
});

test("mail --help explains every action and flag, without a database", async () => {
  for (const argv of [["--help"], ["-h"], ["dead", "--help"], ["retry", "-h"], ["deliver", "--help"]]) {
    const { code, stdout, stderr } = await sallyport("mail", ...argv);
    expect([code, stderr]).toEqual([0, ""]);
    for (const word of [
      "dead",
      "retry",
      "deliver",
      "--url",
      "--limit",
      "--before",
      "--id",
      "--module",
      "--max",
    ])
      expect(stdout).toContain(word);
  }
});

/** An application, as far as the command uses it. */
function moduleWith(source: string): string {
  const file = join(directory, `${++files}.mjs`);
  writeFileSync(file, source);
  return file;
}

test("deliver loads the application, sends, and closes it", async () => {
  const said: unknown[] = [];
  Reflect.set(globalThis, "mailCommand", said);
  const file = moduleWith(`
    const { mailCommand } = globalThis;
    export const auth = {
      mail: { async deliver(options) { mailCommand.push(options); return { sent: 3, failed: 1, more: true }; } },
      async close() { mailCommand.push("closed"); },
    };`);
  expect(await sallyport("mail", "deliver", "--module", file, "--max", "5s")).toEqual({
    code: 0,
    stdout: "Sent 3, failed 1; more may be due.\n",
    stderr: "",
  });
  expect(said).toEqual([{ maxMs: 5_000 }, "closed"]);
});

test.each([
  ["a module without auth", "export const other = 1;", "The module exports no auth of this library"],
  ["a module that fails", 'throw new TypeError("secret of mine");', "The module could not be loaded"],
])("deliver refuses %s", async (_, source, message) => {
  const { code, stderr } = await sallyport("mail", "deliver", "--module", moduleWith(source));
  expect([code, stderr]).toEqual([1, `sallyport: ${message}\n`]);
});

test("deliver needs a module, and a time that it can read", async () => {
  expect((await sallyport("mail", "deliver")).code).toBe(2);
  expect((await sallyport("mail", "deliver", "--module", "x.js", "--max", "soon")).code).toBe(2);
});
