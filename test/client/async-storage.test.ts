// Phones: a storage that answers later, fails, or is cut off when the system stops the app.
import type { AuthProblem } from "sallyport/client";
import { type AsyncStorage, asyncStorage } from "sallyport/client-storage";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, EMAIL, PASSWORD, tally, times } from "../support/harness.ts";
import { CREDENTIALS, count, makeWorld, REFRESH, type World } from "./support.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Step = "getItem" | "setItem" | "removeItem";

/** A disk: what is in `items` outlives the app. `before` is awaited before an operation happens. */
interface Disk extends AsyncStorage {
  readonly items: Map<string, string>;
  readonly log: Step[];
  before(step: Step, value?: string): Promise<void> | void;
}

function disk(items: ReadonlyMap<string, string> = new Map()): Disk {
  const kept = new Map(items);
  const made: Disk = {
    items: kept,
    log: [],
    before: () => {},
    getItem: async (key) => {
      made.log.push("getItem");
      await made.before("getItem");
      return kept.get(key) ?? null;
    },
    setItem: async (key, value) => {
      made.log.push("setItem");
      await made.before("setItem", value);
      kept.set(key, value);
    },
    removeItem: async (key) => {
      made.log.push("removeItem");
      await made.before("removeItem");
      kept.delete(key);
    },
  };
  return made;
}

const open = (on: AsyncStorage) => world.tab({ storage: asyncStorage(on) });
const only = (on: Disk): { readonly session?: { readonly refresh: string } } =>
  JSON.parse([...on.items.values()][0] ?? "{}");

test("a restart finds the session, with one read for all calls that come at once", async () => {
  const first = disk();
  await open(first).signup(CREDENTIALS);
  const second = disk(first.items);
  const gate = Promise.withResolvers<void>();
  second.before = () => gate.promise;
  const client = open(second);
  world.clock.advance("25h");
  const told: string[] = [];
  client.subscribe(() => told.push(client.state()));
  expect([client.state(), client.snapshot()]).toEqual(["unknown", { state: "unknown", user: null }]);
  const calls = times(10, () => [client.me(), client.fetch(`${world.origin}/notes`)]).flat();
  expect([client.state(), second.log]).toEqual(["unknown", ["getItem"]]);
  gate.resolve();
  expect(await tally(calls)).toEqual({ fulfilled: 20 });
  expect([count(world.calls, REFRESH), second.log]).toEqual([1, ["getItem", "setItem"]]);
  expect(told[0]).toBe("signed_in");
  expect(client.snapshot().user?.email).toBe(EMAIL);
});

test("a phone without a session is told so after the read, in a call and to the listeners", async () => {
  const told: string[] = [];
  const client = world.tab({ storage: asyncStorage(disk()), onChange: (state) => told.push(state) });
  expect(client.state()).toBe("unknown");
  expect(await codeOf(client.me())).toBe("token_missing");
  expect([client.state(), told]).toEqual(["signed_out", ["signed_out"]]);
});

test("a call resolves after its change is on the disk, whatever the call", async () => {
  const slow = disk();
  const client = open(slow);
  const newPassword = "Another2horse";
  const calls: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
    ["signup", () => client.signup(CREDENTIALS)],
    ["refresh", () => client.refresh()],
    ["a call that refreshes", () => client.sessions.list()],
    ["a fetch that refreshes", () => client.fetch(`${world.origin}/notes`)],
    ["reauthenticate", () => client.reauthenticate({ password: PASSWORD })],
    ["password.change", () => client.password.change({ currentPassword: PASSWORD, newPassword })],
    ["login", () => client.login({ email: EMAIL, password: newPassword })],
    ["logout", () => client.logout()],
  ];
  for (const [name, call] of calls) {
    const [writes, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    slow.before = async (step) => {
      if (step !== "setItem") return;
      writes.resolve();
      await gate.promise;
    };
    if (name.endsWith("refreshes")) world.clock.advance("25h");
    const before = [...slow.items.values()][0];
    let isDone = false;
    const calling = call().finally(() => {
      isDone = true;
    });
    await writes.promise;
    // As long as everything else takes.
    await fetch(`${world.origin}/nothing`).then((response) => response.text());
    expect([name, isDone, [...slow.items.values()][0] === before]).toEqual([name, false, true]);
    gate.resolve();
    await calling;
    expect([name, [...slow.items.values()][0] === before]).toEqual([name, false]);
  }
  expect(only(slow).session).toBeUndefined();
});

test("writes come one after the other: a quick later one does not lose to a slow earlier one", async () => {
  const odd = disk(new Map([["key", "0"]]));
  const gate = Promise.withResolvers<void>();
  odd.before = (step, value) => (step === "setItem" && value === "1" ? gate.promise : undefined);
  const storage = asyncStorage(odd);
  const done = storage.around?.("key", async () => {
    storage.setItem("key", "1");
    storage.setItem("key", "2");
    return storage.getItem("key");
  });
  await expect.poll(() => odd.log.length).toBe(2);
  expect(odd.items.get("key")).toBe("0");
  gate.resolve();
  expect([await done, odd.items.get("key"), odd.log]).toEqual(["2", "2", ["getItem", "setItem", "setItem"]]);
});

test("a read that fails is named, writes nothing, and is tried again by the next call", async () => {
  const first = disk();
  await open(first).signup(CREDENTIALS);
  const locked = disk(first.items);
  const cause = new Error("the phone is locked");
  locked.before = (step) => (step === "getItem" ? Promise.reject(cause) : undefined);
  const client = open(locked);
  world.calls.length = 0;
  const calls = [
    client.me(),
    client.refresh(),
    client.login(CREDENTIALS),
    client.fetch(`${world.origin}/notes`),
  ];
  for (const call of calls) {
    const problem = await call.catch((error: AuthProblem) => error);
    expect(problem).toMatchObject({ name: "AuthProblem", code: "storage_failed", status: 0, cause });
  }
  expect([client.state(), world.calls, locked.items]).toEqual(["unknown", [], first.items]);
  locked.before = () => {};
  expect((await client.me()).user.email).toBe(EMAIL);
});

test("a storage that throws at once is one that fails", async () => {
  const broken = (): never => {
    throw new TypeError("no such module");
  };
  const client = open({ getItem: broken, setItem: broken, removeItem: broken });
  for (const _ of [1, 2]) expect(await codeOf(client.me())).toBe("storage_failed");
  const readable = open({ getItem: async () => null, setItem: broken, removeItem: broken });
  await readable.signup(CREDENTIALS);
  expect((await readable.me()).user.email).toBe(EMAIL);
});

test("after a write that fails no used token stays on the disk, the session goes on, and the next write counts", async () => {
  const full = disk();
  const client = open(full);
  await client.signup(CREDENTIALS);
  full.before = (step) => (step === "setItem" ? Promise.reject(new Error("the disk is full")) : undefined);
  await client.refresh();
  expect([full.items.size, full.log.at(-1)]).toEqual([0, "removeItem"]);
  expect((await client.me()).user.email).toBe(EMAIL);
  full.before = () => {};
  await client.refresh();
  expect((await open(disk(full.items)).me()).user.email).toBe(EMAIL);
});

/** What is on the disk if the system stops the app at this moment of a refresh. */
test.each([
  ["before the request", "signed_in"],
  ["when the server has rotated", "signed_out"],
  ["while the new token is written", "signed_out"],
  ["when the call has resolved", "signed_in"],
] as const)("stopped %s, the next start is %s, and no other session is harmed", async (moment, state) => {
  const phone = disk();
  const client = open(phone);
  await client.signup(CREDENTIALS);
  const other = open(disk());
  await other.login(CREDENTIALS);
  const copies = new Map([["before the request", new Map(phone.items)]]);
  const note = (name: string) => copies.set(name, new Map(phone.items));
  world.intercept = async (request) => {
    if (!request.url.endsWith("/refresh")) return undefined;
    const answer = await fetch(request);
    note("when the server has rotated");
    return answer;
  };
  phone.before = (step) => void (step === "setItem" && note("while the new token is written"));
  await client.refresh();
  // The new token is used once: a grace would otherwise forgive the old one.
  await client.refresh();
  note("when the call has resolved");
  world.intercept = undefined;
  const left = moment === "when the call has resolved" ? phone.items : copies.get("before the request");
  const stopped = moment === "before the request" ? await freshCopy() : left;
  world.clock.advance("25h");
  const restarted = open(disk(stopped));
  const code = await codeOf(restarted.me());
  expect([restarted.state(), code]).toEqual([state, state === "signed_in" ? "fulfilled" : "session_revoked"]);
  expect((await other.me()).user.email).toBe(EMAIL);
});

/** A disk whose app never sent its refresh. */
async function freshCopy(): Promise<ReadonlyMap<string, string>> {
  const phone = disk();
  await open(phone).login(CREDENTIALS);
  return phone.items;
}
