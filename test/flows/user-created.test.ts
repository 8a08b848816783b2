// Class: half-made accounts, where the application's own row is missing, or stays without its user.
import { AuthError, type AuthStore, type UserCreated } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import { describe, expect, test } from "vitest";
import { sampleToken } from "../../src/testing/store/samples.ts";
import {
  CALLERS,
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  STORES,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
const unlimited = {
  login: { address: false, account: false },
  signup: { address: false, account: false },
} as const;

/** A row of the application, as far as the port has one. */
function ownRow({ user }: Pick<UserCreated, "user">) {
  return sampleToken({ userId: user.id, hash: `profile of ${user.id}`, createdAt: user.createdAt });
}

/** A store that undoes the first run of every transaction and runs it again, as a database may ask for. */
function runTwice(store: AuthStore): AuthStore {
  const undone = new TypeError("deadlock");
  return {
    ...store,
    transaction: async (work) => {
      const first = store.transaction(async (tx) => {
        await work(tx);
        throw undone;
      });
      await first.catch((error) => {
        if (error !== undone) throw error;
      });
      return store.transaction(work);
    },
  };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("the hook sees the user in the transaction, once their password is there and before their session", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const seen: unknown[] = [];
    const userCreated = async ({ user, tx }: UserCreated) => {
      verbs.push("hook");
      const record = await tx.users.findForLogin(EMAIL);
      seen.push(user, record?.user.id, record?.password?.userId);
      await tx.tokens.issue(ownRow({ user }));
    };
    const { auth } = makeAuth({ store, hooks: { userCreated } });
    const { user } = await auth.signup({ ...right, email: "ADA@example.com" }, CLIENT);
    expect(seen).toEqual([user, user.id, user.id]);
    expect(verbs).toEqual([
      "begin",
      "users.create",
      "credentials.add",
      "hook",
      "users.findForLogin",
      "tokens.issue",
      "sessions.revokeOldest",
      "sessions.create",
      "events.append",
      "commit",
    ]);
    const { hash, createdAt } = ownRow({ user });
    expect(await store.tokens.find("password_reset", hash, createdAt)).not.toBeNull();
  });

  const unavailable = new AuthError("unavailable", { cause: "the application's own" });
  const plan = (): Error => new RangeError("no plan");
  const faults: Record<string, { fault: () => unknown; code: string; cause?: unknown }> = {
    throws: {
      fault: () => {
        throw plan();
      },
      code: "internal_error",
      cause: plan(),
    },
    rejects: { fault: () => Promise.reject(plan()), code: "internal_error", cause: plan() },
    "throws nothing": { fault: () => Promise.reject(undefined), code: "internal_error" },
    refuses: { fault: () => Promise.reject(new AuthError("forbidden")), code: "forbidden" },
    "is down": { fault: () => Promise.reject(unavailable), code: "unavailable", cause: unavailable.cause },
  };

  test.each(Object.entries(faults))(
    "a hook that %s leaves no user, one failure event, and the email free",
    async (_fault, { fault, code, cause }) => {
      let broken = true;
      const userCreated = async (created: UserCreated) => {
        await created.tx.tokens.issue(ownRow(created));
        if (broken) await fault();
      };
      const { auth, store, sink, errors } = makeAuth({ store: makeStore(), hooks: { userCreated } });
      const error = await auth.signup(right, CLIENT).catch((thrown) => thrown);
      expect([error.code, error.cause]).toEqual([code, cause]);
      expect(await store.users.findForLogin(EMAIL)).toBeNull();
      expect(sink.events).toMatchObject([{ type: "signup", outcome: "failure", reason: code, userId: null }]);
      expect(errors).toEqual(code === "forbidden" ? [] : [error]);

      broken = false;
      const { user } = await auth.signup(right, CLIENT);
      expect((await store.events.list({ userId: user.id, limit: 10 })).map(({ outcome }) => outcome)).toEqual(
        ["success"],
      );
    },
  );

  test("what the hook throws reaches the store as it is, and what the store makes of it stays", async () => {
    const thrown = new RangeError("deadlock");
    const seen: unknown[] = [];
    const inner = makeStore();
    const answering = (answer: (error: unknown) => never): AuthStore => ({
      ...inner,
      transaction: (work) =>
        inner.transaction(work).catch((error) => {
          seen.push(error);
          return answer(error);
        }),
    });
    const hooks = { userCreated: () => Promise.reject(thrown) };
    const plain = answering((error) => {
      throw error;
    });
    expect(await codeOf(makeAuth({ store: plain, hooks }).auth.signup(right, CLIENT))).toBe("internal_error");
    const judging = answering((cause) => {
      throw new AuthError("unavailable", { cause });
    });
    expect(await codeOf(makeAuth({ store: judging, hooks }).auth.signup(right, CLIENT))).toBe("unavailable");
    expect(seen).toEqual([thrown, thrown]);
    expect(seen.every((error) => error === thrown)).toBe(true);
  });

  test("a verb that fails inside the hook undoes the signup, even when the hook goes on", async () => {
    const userCreated = async ({ user, tx }: UserCreated) => {
      await tx.tokens.issue(ownRow({ user }));
      await tx.tokens.issue(ownRow({ user })).catch(() => undefined); // the key is taken
    };
    const { auth, store, sink } = makeAuth({ store: makeStore(), hooks: { userCreated } });
    expect(await codeOf(auth.signup(right, CLIENT))).toBe("internal_error");
    expect(await store.users.findForLogin(EMAIL)).toBeNull();
    expect(sink.events).toMatchObject([{ outcome: "failure", reason: "internal_error" }]);
  });

  test("a transaction that is run again runs the hook again, and one user and one row are the result", async () => {
    const store = makeStore();
    const runs: string[] = [];
    const userCreated = async (created: UserCreated) => {
      runs.push(created.user.id);
      await created.tx.tokens.issue(ownRow(created));
      (created.user as { email: string }).email = "changed by the hook";
    };
    const { auth, sink } = makeAuth({ store: runTwice(store), hooks: { userCreated } });
    const { user } = await auth.signup(right, CLIENT);
    expect(runs).toEqual([user.id, user.id]);
    expect(user.email).toBe(EMAIL);
    expect(await store.tokens.revokeAll(user.id)).toBe(1);
    expect(sink.events.map(({ outcome }) => outcome)).toEqual(["success"]);
    expect(await store.events.list({ userId: user.id, limit: 10 })).toHaveLength(1);
  });

  test("the outer store is refused inside the hook, at once", async () => {
    const store = makeStore();
    const { auth } = makeAuth({ store, hooks: { userCreated: () => store.users.findForLogin(EMAIL) } });
    expect(await codeOf(auth.signup(right, CLIENT))).toBe("internal_error");
    const nested = makeAuth({
      store,
      hooks: { userCreated: () => auth.login(right, CLIENT) },
      limits: unlimited,
    });
    expect(await codeOf(nested.auth.signup(right, CLIENT))).toBe("internal_error");
    expect(await store.users.findForLogin(EMAIL)).toBeNull();
  });

  test("it runs for no signup that fails before, and for no login", async () => {
    const runs: string[] = [];
    const hooks = { userCreated: ({ user }: UserCreated) => runs.push(user.id) };
    const { auth } = makeAuth({ store: makeStore(), hooks, limits: unlimited });
    const stranger = strangers();
    const calls = times(CALLERS, () => auth.signup(right, stranger()));
    expect(await tally(calls)).toEqual({ fulfilled: 1, email_taken: CALLERS - 1 });
    await codeOf(auth.signup({ ...right, email: "bob@example.com", password: "weak" }, CLIENT));
    await auth.login(right, CLIENT);
    expect(runs).toHaveLength(1);
  });
});

test("SQLite runs the signup again when a statement of the hook found the database busy", async () => {
  let runs = 0;
  const userCreated = async (created: UserCreated) => {
    await created.tx.tokens.issue(ownRow(created));
    if (++runs < 3) throw Object.assign(new TypeError("database is locked"), { errcode: 5 });
  };
  const { auth, store, sink } = makeAuth({ store: sqliteStore(":memory:"), hooks: { userCreated } });
  const { user } = await auth.signup(right, CLIENT);
  expect(runs).toBe(3);
  expect(await store.tokens.revokeAll(user.id)).toBe(1);
  expect(sink.events.map(({ outcome }) => outcome)).toEqual(["success"]);
});
