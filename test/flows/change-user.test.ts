import type { AuthStore, UserId } from "sallyport";
import { describe, expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  /** A store in which somebody else changes the user between each read and each change, `rivals` times. */
  function contested(inner: AuthStore, rivals: number): { store: AuthStore; begun: () => number } {
    let begun = 0;
    const store = interceptStore(inner, async (verb) => {
      if (verb !== "begin" || begun++ >= rivals) return;
      const user = (await inner.users.findForLogin(EMAIL))?.user;
      if (user) await inner.users.change(user.id, user.epoch, { at: user.createdAt });
    });
    return { store, begun: () => begun };
  }

  async function signedUp(inner: AuthStore): Promise<UserId> {
    return (await makeAuth({ store: inner }).auth.signup(right, CLIENT)).user.id;
  }

  test("who loses against another change reads afresh, and tries again", async () => {
    const inner = makeStore();
    const id = await signedUp(inner);
    const { store, begun } = contested(inner, 2);
    const { auth, sink } = makeAuth({ store });
    await auth.users.disable(id);
    expect(begun()).toBe(3);
    expect(await inner.users.find(id)).toMatchObject({ status: "disabled", epoch: 3 });
    expect(sink.events.map((event) => event.type)).toEqual(["disable"]);
  });

  test("who loses twenty times is told `unavailable`, and has changed nothing", async () => {
    const inner = makeStore();
    const id = await signedUp(inner);
    for (const verb of ["disable", "delete"] as const) {
      const { store, begun } = contested(inner, 100);
      const { auth, sink } = makeAuth({ store });
      expect(await codeOf(auth.users[verb](id))).toBe("unavailable");
      expect(begun()).toBe(20);
      expect(sink.events).toEqual([]);
    }
    expect(await inner.users.find(id)).toMatchObject({ status: "active", epoch: 40 });
    expect((await inner.events.list({ userId: id, limit: 10 })).map(({ type }) => type)).toEqual(["signup"]);
  });

  test("a user who is deleted between read and change is not found", async () => {
    const inner = makeStore();
    const id = await signedUp(inner);
    const store = interceptStore(inner, async (verb) => {
      if (verb === "begin") await inner.users.remove(id, "hmac:pseudonym");
    });
    expect(await codeOf(makeAuth({ store }).auth.users.disable(id))).toBe("not_found");
  });

  test("a wrong client is refused before anything is looked up", async () => {
    const { auth, store } = makeAuth({ store: makeStore() });
    const { user } = await auth.signup(right, CLIENT);
    for (const verb of ["disable", "enable", "delete"] as const) {
      expect(await codeOf(auth.users[verb](user.id, { ip: "here" }))).toBe("invalid_input");
    }
    expect(await store.users.find(user.id)).toMatchObject({ status: "active", epoch: 0 });
  });

  test("a deleted user's email is free, and their sessions, password and tokens are gone", async () => {
    const { auth, store } = makeAuth({ store: makeStore() });
    const { user, session } = await auth.signup(right, CLIENT);
    await auth.users.delete(user.id);
    expect(await store.users.find(user.id)).toBeNull();
    expect(await store.sessions.find(session.id)).toBeNull();
    expect(await store.credentials.findByIdentifier("password", user.id)).toBeNull();
    expect(await codeOf(auth.login(right, CLIENT))).toBe("invalid_credentials");
    expect((await auth.signup(right, CLIENT)).user.id).not.toBe(user.id);
  });
});
