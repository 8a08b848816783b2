// Classes: different answers, hashes or statements for unknown, disabled and passwordless accounts
// (Django CVE-2024-39329, CVE-2016-2513; Spring CVE-2025-22234, CVE-2026-22746).
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHandler, toNodeHandler } from "sallyport/http";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { argon2Hasher } from "../../src/adapters/argon2/argon2-hasher.ts";
import { countingHasher } from "../support/counting-hasher.ts";
import { databaseUnderTest } from "../support/database-under-test.ts";
import {
  CLIENT,
  codeOf,
  type Harness,
  makeAuth,
  PASSWORD,
  STORES,
  strangers,
  times,
} from "../support/harness.ts";
import { countVerbs, interceptStore } from "../support/intercept-store.ts";
import { userOf } from "../support/security-change.ts";

// The memory and passes of every argon2 computation, in order, and how many have not ended.
const { work, running } = vi.hoisted(() => ({
  work: [] as { memory: number; passes: number }[],
  running: { count: 0 },
}));

vi.mock("@node-rs/argon2", async (original) => {
  const argon2 = await original<typeof import("@node-rs/argon2")>();
  const track = <T>(computation: Promise<T>): Promise<T> => {
    running.count++;
    return computation.finally(() => running.count--);
  };
  return {
    ...argon2,
    hash: (password: string, options: { memoryCost: number; timeCost: number }) => {
      work.push({ memory: options.memoryCost, passes: options.timeCost });
      return track(argon2.hash(password, options));
    },
    verify: (stored: string, password: string) => {
      const [, memory, passes] = /m=(\d+),t=(\d+)/.exec(stored) as unknown as string[];
      work.push({ memory: Number(memory), passes: Number(passes) });
      return track(argon2.verify(stored, password));
    },
  };
});

const ACCOUNTS = [
  "known@example.com",
  "unknown@example.com",
  "disabled@example.com",
  "deleting@example.com",
  "deleted@example.com",
  "passwordless@example.com",
];
const unlimited = {
  limits: { login: { address: false, account: false }, signup: { address: false } },
} as const;

async function makeAccounts(makeStore: (typeof STORES)[number][1]) {
  const { store, verbs } = countVerbs(makeStore());
  const counting = countingHasher();
  const harness = makeAuth({ store, password: { hasher: counting.hasher }, ...unlimited });
  return { ...(await fillAccounts(harness)), verbs, hashes: counting.calls };
}

async function fillAccounts(harness: Harness): Promise<Harness> {
  const { auth, store } = harness;
  for (const email of ACCOUNTS.filter((account) => !account.startsWith("unknown"))) {
    await auth.signup({ email, password: PASSWORD }, CLIENT);
  }
  await auth.users.disable((await userOf(store, "disabled@example.com")).id);
  await auth.users.delete((await userOf(store, "deleted@example.com")).id);
  const { id, epoch, createdAt } = await userOf(store, "deleting@example.com");
  await store.users.change(id, epoch, { status: "deleting", deleteAfter: createdAt, at: createdAt });
  const passwordless = await store.users.findForLogin("passwordless@example.com");
  if (!passwordless?.password) throw new TypeError("No password to remove");
  await store.credentials.remove(passwordless.user.id, passwordless.password.id);
  return harness;
}

/** Lets everything else run that is ready. */
async function turns(count: number): Promise<void> {
  for (const _ of times(count, Number)) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("a failed login costs one hash and the same statements for every kind of account", async () => {
    const { auth, verbs, hashes } = await makeAccounts(makeStore);
    for (const email of ACCOUNTS) {
      for (const password of ["Wrong1password", PASSWORD]) {
        if (email.startsWith("known") && password === PASSWORD) continue;
        verbs.length = 0;
        hashes.length = 0;
        const error = await auth.login({ email, password }, CLIENT).catch((thrown) => thrown);
        expect({ email, hashes: hashes.length, verbs, answer: { ...error }, message: error.message }).toEqual(
          {
            email,
            hashes: 1,
            verbs: ["users.findForLogin", "events.append"],
            answer: expect.objectContaining({ code: "invalid_credentials", status: 401, errors: undefined }),
            message: "Email or password is wrong.",
          },
        );
      }
    }
  });

  test("no failed login is recorded or answered before its hash has ended, for every kind of account", async () => {
    const steps: string[] = [];
    let recorded = Promise.withResolvers<void>();
    let isWatched = false;
    const store = interceptStore(makeStore(), (verb) => {
      if (!isWatched || verb !== "events.append") return;
      steps.push("recorded");
      recorded.resolve();
    });
    const { hasher } = countingHasher(async () => {
      if (!isWatched) return;
      // A flow that does not wait for the hash gets all the time that it needs to show that.
      await Promise.race([recorded.promise, turns(200)]);
      steps.push("hashed");
    });
    const { auth } = await fillAccounts(makeAuth({ store, password: { hasher }, ...unlimited }));
    isWatched = true;
    for (const email of ACCOUNTS) {
      steps.length = 0;
      recorded = Promise.withResolvers<void>();
      const code = await codeOf(auth.login({ email, password: "Wrong1password" }, CLIENT));
      steps.push(code);
      expect({ email, steps }).toEqual({ email, steps: ["hashed", "recorded", "invalid_credentials"] });
    }
  });

  test("a right password costs one hash too", async () => {
    const { auth, hashes } = await makeAccounts(makeStore);
    hashes.length = 0;
    await auth.login({ email: "known@example.com", password: PASSWORD }, CLIENT);
    expect(hashes).toEqual(["verify"]);
  });

  test("over HTTP the answers are byte-equal: status, headers but the date, body", async () => {
    const { auth } = await makeAccounts(makeStore);
    const server = createServer(toNodeHandler(createHandler(auth)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/login`;
    const answers = await Promise.all(
      ACCOUNTS.map(async (email) => {
        const body = JSON.stringify({ email, password: "Wrong1password" });
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        const headers = [...response.headers].filter(([name]) => name !== "date");
        return JSON.stringify([response.status, headers, await response.text()]);
      }),
    );
    server.close();
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("invalid_credentials");
  });

  test("a refusal by the account limit looks the same for known and unknown accounts, and costs no hash", async () => {
    const counting = countingHasher();
    const { auth } = makeAuth({ store: makeStore(), password: { hasher: counting.hasher } });
    const stranger = strangers();
    await auth.signup({ email: "known@example.com", password: PASSWORD }, stranger());
    const refusals = [];
    for (const email of ["known@example.com", "unknown@example.com"]) {
      const attempt = () =>
        auth.login({ email, password: "Wrong1password" }, stranger()).catch((error) => error);
      await Promise.all(times(10, attempt));
      counting.calls.length = 0;
      const thrown = await attempt();
      const { retryAfterSeconds: wait, ...error } = thrown;
      expect([wait >= 900, wait <= 960]).toEqual([true, true]); // a random part of the wait tells nothing
      refusals.push({ ...error, message: thrown.message, hashes: counting.calls.length });
    }
    expect(refusals[0]).toEqual(refusals[1]);
    expect(refusals[0]).toMatchObject({ code: "rate_limited", hashes: 0 });
  });
});

test("input that no account could have is refused before any lookup or hash", async () => {
  const { store, verbs } = countVerbs(STORES[0]?.[1]() as never);
  const counting = countingHasher();
  const { auth } = makeAuth({ store, password: { hasher: counting.hasher } });
  for (const input of [
    { email: "no address", password: "x" },
    { email: "a@b.example", password: "x".repeat(1025) },
  ]) {
    await expect(auth.login(input, CLIENT)).rejects.toMatchObject({ code: "invalid_input" });
  }
  expect([verbs, counting.calls]).toEqual([[], []]);
});

// On a database the files share a process, and so the modules that hold the real package.
describe.skipIf(databaseUnderTest)("a hash with older, cheaper parameters", () => {
  beforeEach(() => {
    work.length = 0;
  });

  test("is topped up to the work of a current one, right or wrong", async () => {
    const current = { memoryKiB: 19_456, passes: 2 };
    const goal = current.memoryKiB * current.passes;
    for (const cost of [
      { memoryKiB: 4096, passes: 3 },
      { memoryKiB: 19_456, passes: 1 },
      { memoryKiB: 64, passes: 1 },
      current,
    ]) {
      const stored = await argon2Hasher(cost).hash(PASSWORD);
      for (const [password, matches] of [
        [PASSWORD, true],
        ["Wrong1password", false],
      ] as const) {
        work.length = 0;
        expect(await argon2Hasher(current).verify(stored, password)).toBe(matches);
        expect(running.count).toBe(0); // the answer waited for all of it
        const spent = work.reduce((sum, { memory, passes }) => sum + memory * passes, 0);
        expect(Math.abs(spent - goal) / goal).toBeLessThan(0.01);
      }
    }
  });

  test("that a column cut is a wrong password at login, and the operator is told", async () => {
    const { auth, store, errors } = makeAuth({ password: {}, ...unlimited });
    const { user } = await auth.signup({ email: "known@example.com", password: PASSWORD }, CLIENT);
    const [whole] = await store.credentials.list(user.id, "password");
    if (!whole) throw new TypeError("No password");
    for (const [version, cut] of [1, 2, 40, whole.data.length].entries()) {
      const data = whole.data.slice(0, whole.data.length - cut);
      const { id } = whole;
      await store.credentials.replace({
        userId: user.id,
        id,
        expectedVersion: version,
        data,
        at: new Date(0),
      });
      work.length = 0;
      const login = auth.login({ email: "known@example.com", password: PASSWORD }, CLIENT);
      await expect(login).rejects.toMatchObject({ code: "invalid_credentials" });
      expect(work).toEqual([{ memory: 19_456, passes: 2 }]);
      expect(errors).toHaveLength(version + 1);
      expect(String(errors.at(-1))).toContain("A stored password hash cannot be read");
    }
  });

  test("that cannot be read costs a full hash and never matches", async () => {
    const hasher = argon2Hasher({ memoryKiB: 19_456, passes: 2 });
    const valid = await hasher.hash(PASSWORD);
    for (const stored of [
      "",
      "plain",
      PASSWORD,
      valid.replace("t=2", "t=4294967295"),
      valid.replace("m=19456", "m=4294967295"),
      valid.replace("argon2id", "argon2i"),
      valid.replace("v=19", "v=16"),
      `${valid}\n`,
      valid.replace("p=1", "p=0"),
      valid.slice(0, -1),
      valid.slice(0, -2),
      valid.slice(0, -30),
      valid.slice(0, valid.lastIndexOf("$") + 1),
    ]) {
      work.length = 0;
      expect(await hasher.verify(stored, PASSWORD)).toBe(false);
      expect(running.count).toBe(0);
      expect(work).toEqual([{ memory: 19_456, passes: 2 }]);
    }
  });
});
