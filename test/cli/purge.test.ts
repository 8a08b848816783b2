import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "sallyport/sqlite";
import { fakeClock } from "sallyport/testing";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import {
  noon,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
  sampleUser,
} from "../../src/testing/store/samples.ts";
import { type Outcome, sallyport, sallyportIn } from "./support.ts";

const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
afterAll(() => rmSync(directory, { recursive: true }));

const DAY = 24 * 60 * 60 * 1_000;
const user = sampleUser();
let files = 0;
let path: string;
let store: AuthStore;
beforeEach(async () => {
  path = join(directory, `${++files}.db`);
  store = sqliteStore(path);
  await store.users.create(user);
});
afterEach(() => store.close());

/** `sallyport purge` so many days after noon of the samples. */
function purgeAfter(days: number, ...argv: string[]): Promise<Outcome> {
  const clock = fakeClock(noon(days * DAY).toISOString());
  return sallyportIn({ clock }, "purge", "--url", `sqlite:${path}`, ...argv);
}

test("keeps events for 180 days and ended sessions for 30, and says how many rows went", async () => {
  await store.events.append([sampleEvent({ userId: user.id, occurredAt: noon() })]);
  await store.sessions.create(sampleSession({ userId: user.id, expiresAt: noon() }));
  await store.tokens.issue(sampleToken({ userId: user.id, expiresAt: noon() }));
  const said = async (days: number): Promise<string> => (await purgeAfter(days)).stdout;
  expect(await said(0)).toBe("Deleted 1 row; nothing is left to delete.\n"); // the token
  expect(await said(30)).toBe("Deleted 0 rows; nothing is left to delete.\n");
  expect(await said(30.1)).toBe("Deleted 1 row; nothing is left to delete.\n"); // the session
  expect(await said(180)).toBe("Deleted 0 rows; nothing is left to delete.\n");
  expect(await said(180.1)).toBe("Deleted 1 row; nothing is left to delete.\n"); // the event
});

test("deletes expired proofs, and mail 7 days after it was given up, or as --dead-mail says", async () => {
  const dead = () => store.outbox.put([sampleMail({ deadAt: noon() }), sampleMail()]);
  await store.proofs.open(sampleProof({ expiresAt: noon() }));
  await dead();
  const said = async (days: number, ...argv: string[]) => (await purgeAfter(days, ...argv)).stdout;
  expect(await said(0)).toBe("Deleted 1 row; nothing is left to delete.\n"); // the proof
  expect(await said(7)).toBe("Deleted 0 rows; nothing is left to delete.\n");
  expect(await said(7.1)).toBe("Deleted 1 row; nothing is left to delete.\n");
  await dead();
  expect(await said(0.1, "--dead-mail", "1d")).toBe("Deleted 0 rows; nothing is left to delete.\n");
  expect(await said(0.1, "--dead-mail", "0")).toBe("Deleted 1 row; nothing is left to delete.\n");
  expect(await store.outbox.oldest(noon())).toEqual(noon());
});

test("events that a wrong clock dated ahead stay, and are told", async () => {
  const ahead = (days: number) => sampleEvent({ userId: user.id, occurredAt: noon(days * DAY) });
  await store.events.append([ahead(0.5), ahead(400)]);
  expect((await purgeAfter(0)).stdout).toBe(
    "Deleted 0 rows; nothing is left to delete.\n" +
      "1 event is dated more than a day ahead of this clock, so a clock was wrong. What has no known age stays.\n",
  );
  await store.events.append([ahead(400)]);
  expect((await purgeAfter(0)).stdout).toContain("\n2 events are dated more than a day ahead of this clock");
});

test("--events and --ended-sessions say how long", async () => {
  await store.events.append([sampleEvent({ userId: user.id, occurredAt: noon() })]);
  await store.sessions.create(sampleSession({ userId: user.id, expiresAt: noon() }));
  const later = await purgeAfter(1.1, "--events", "2d", "--ended-sessions", "0");
  expect(later.stdout).toBe("Deleted 1 row; nothing is left to delete.\n");
  expect((await purgeAfter(1.1, "--events", "1d")).stdout).toMatch(/^Deleted 1 row;/);
});

test("goes on batch by batch until nothing is left", async () => {
  const old = Array.from({ length: 1_234 }, () => sampleEvent({ userId: user.id, occurredAt: noon() }));
  await store.events.append(old);
  expect(await purgeAfter(200)).toEqual({
    code: 0,
    stdout: "Deleted 1234 rows; nothing is left to delete.\n",
    stderr: "",
  });
});

test("begins no batch after --max, and says that rows are left", async () => {
  const old = Array.from({ length: 1_234 }, () => sampleEvent({ userId: user.id, occurredAt: noon() }));
  await store.events.append(old);
  const { code, stdout } = await purgeAfter(200, "--max", "1ms");
  expect([code, stdout]).toEqual([0, "Deleted 500 rows; more are left.\n"]);
});

test("tables that were never made are told with the command that makes them, with exit code 1", async () => {
  const { code, stderr } = await sallyport("purge", "--url", `sqlite:${path}`, "--prefix", "other_");
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^sallyport: The database has no table other_schema yet\. Run `npx sallyport migrate/,
  );
});

test("a file that does not exist is not made", async () => {
  const missing = join(directory, "missing.db");
  const { code, stderr } = await sallyport("purge", "--url", `sqlite:${missing}`);
  expect([code, stderr]).toEqual([1, "sallyport: The SQLite file does not exist.\n"]);
  expect(existsSync(missing)).toBe(false);
});

test("purge --help explains every flag, without a database", async () => {
  const { code, stdout, stderr } = await sallyport("purge", "--help");
  expect([code, stderr]).toEqual([0, ""]);
  for (const flag of [
    "--url",
    "--schema",
    "--prefix",
    "--events",
    "--ended-sessions",
    "--dead-mail",
    "--max",
  ]) {
    expect(stdout).toContain(flag);
  }
});
