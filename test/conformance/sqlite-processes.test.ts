import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqliteStore } from "../../src/adapters/sqlite.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import {
  noon,
  sampleEvent,
  sampleSession,
  sampleToken,
  sampleUser,
} from "../../src/testing/store/samples.ts";
import type { Order } from "./sqlite-caller.ts";

const SCRIPT = fileURLToPath(new URL("sqlite-caller.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
const children: ChildProcess[] = [];

afterAll(async () => {
  const exits = children.map((child) => once(child, "exit"));
  for (const child of children) child.disconnect();
  await Promise.all(exits);
  rmSync(directory, { recursive: true });
});

async function startCallers(count: number, [path, callers]: [string, number]): Promise<ChildProcess[]> {
  const started = Array.from({ length: count }, () =>
    fork(SCRIPT, [path, String(callers)], { execArgv: ["--no-warnings"] }),
  );
  children.push(...started);
  await Promise.all(started.map((child) => once(child, "message")));
  return started;
}

/** Gives each process its order at the same moment; the answers of all their callers. */
async function race(callers: readonly ChildProcess[], order: (index: number) => Order): Promise<unknown[]> {
  const answers = callers.map(async (child) => (await once(child, "message"))[0] as unknown[]);
  callers.forEach((child, index) => {
    child.send(order(index));
  });
  return (await Promise.all(answers)).flat();
}

const winners = (answers: readonly unknown[]): number => answers.filter((answer) => answer === true).length;

test("six processes open a new file at once: all succeed, and the schema is made once", async () => {
  for (const round of [1, 2]) {
    const path = join(directory, `new-${round}.db`);
    const answers = await race(await startCallers(6, [path, 2]), () => ({ verb: "open" }));
    expect(answers).toEqual(Array(12).fill(true));
    const db = new DatabaseSync(path);
    expect(db.prepare("select version from auth_schema").all()).toEqual([{ version: 1 }, { version: 2 }]);
    expect(db.prepare("select count(*) as users from auth_users").get()).toEqual({ users: 12 });
    db.close();
  }
}, 60_000);

describe("two processes with 25 callers each, on one file", () => {
  const path = join(directory, "shared.db");
  let callers: ChildProcess[];
  let store: AuthStore;

  beforeAll(async () => {
    store = sqliteStore(path);
    callers = await startCallers(2, [path, 25]);
  });
  afterAll(() => store.close());

  test("sign up with one email: one account", async () => {
    for (let round = 0; round < 5; round++) {
      const emailCanonical = `round-${round}@example.com`;
      const answers = await race(callers, () => ({ verb: "create", emailCanonical }));
      expect([answers.length, winners(answers)]).toEqual([50, 1]);
      expect(await store.users.findForLogin(emailCanonical)).not.toBeNull();
    }
  });

  test("sign up with one email in transactions: one account, one password, one event", async () => {
    const emailCanonical = "whole@example.com";
    const answers = await race(callers, () => ({ verb: "signUp", emailCanonical }));
    expect([answers.length, winners(answers)]).toEqual([50, 1]);
    const record = await store.users.findForLogin(emailCanonical);
    expect(record?.password).not.toBeNull();
    expect(await store.events.list({ userId: record?.user.id as never, limit: 10 })).toHaveLength(1);
  });

  test("consume one token: one gets it", async () => {
    for (let round = 0; round < 5; round++) {
      const user = sampleUser();
      const token = sampleToken({ userId: user.id });
      await store.users.create(user);
      await store.tokens.issue(token);
      const answers = await race(callers, () => ({ verb: "consume", hash: token.hash }));
      expect([answers.length, winners(answers)]).toEqual([50, 1]);
    }
  });

  test("count attempts: exactly as many as are allowed", async () => {
    const user = sampleUser();
    const token = sampleToken({ userId: user.id });
    await store.users.create(user);
    await store.tokens.issue(token);
    const answers = await race(callers, () => ({ verb: "countAttempt", hash: token.hash }));
    expect([answers.length, winners(answers)]).toEqual([50, 7]);
  });

  test("rotate one session: one moves the counter", async () => {
    for (let round = 0; round < 5; round++) {
      const user = sampleUser();
      const session = sampleSession({ userId: user.id });
      await store.users.create(user);
      await store.sessions.create(session);
      const answers = await race(callers, () => ({ verb: "rotate", id: session.id }));
      expect([answers.length, winners(answers)]).toEqual([50, 1]);
      expect((await store.sessions.find(session.id))?.session.refreshCounter).toBe(1);
    }
  });

  test("log in while the password is reset: no session survives, and one reset happens", async () => {
    for (let round = 0; round < 5; round++) {
      const user = sampleUser();
      await store.users.create(user);
      const answers = await race(callers, (index) => ({
        verb: index === 0 ? "logIn" : "reset",
        userId: user.id,
        epoch: 0,
      }));
      expect(answers.filter((answer) => answer === "changed")).toHaveLength(1);
      expect(await store.sessions.listLive(user.id, noon(), 100)).toEqual([]);
    }
  });

  test("purge at once: each row goes once", async () => {
    const user = sampleUser();
    await store.users.create(user);
    const dead = { userId: user.id, occurredAt: noon(-1_000) };
    await store.events.append(Array.from({ length: 300 }, () => sampleEvent(dead)));
    const answers = (await race(callers, () => ({ verb: "purge" }))) as number[];
    const deleted = answers.reduce((sum, count) => sum + count, 0);
    expect(deleted).toBeGreaterThanOrEqual(300);
    expect(await store.events.list({ userId: user.id, limit: 1 })).toEqual([]);
  });
});
