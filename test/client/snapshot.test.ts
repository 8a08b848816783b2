// What a page shows of who is signed in: one object until something changes, and every listener is told.
import type { ClientSnapshot, PublicUser } from "sallyport/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EMAIL, PASSWORD, times } from "../support/harness.ts";
import { CREDENTIALS, fakeStorage, makeWorld, type World } from "./support.ts";

const GRACE = { email: "grace@example.com", password: PASSWORD };

let world: World;
let page: EventTarget;
beforeEach(async () => {
  world = await makeWorld();
  page = new EventTarget();
  vi.stubGlobal("location", { href: `${world.origin}/page` });
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await world.close();
});

const shown = ({ state, user }: ClientSnapshot) => [state, user?.email ?? null];
/** As the browser does when another tab has stored something. */
const spread = async (): Promise<void> => {
  page.dispatchEvent(new Event("storage"));
  await Promise.resolve();
};

test("it is one object until something changes, and a change is told once", async () => {
  const client = world.tab();
  const seen: ClientSnapshot[] = [];
  client.subscribe(() => seen.push(client.snapshot()));
  expect(client.snapshot()).toBe(client.snapshot());
  expect(shown(client.snapshot())).toEqual(["signed_out", null]);

  await client.signup(CREDENTIALS);
  const signedIn = client.snapshot();
  expect(shown(signedIn)).toEqual(["signed_in", EMAIL]);
  const { user } = await client.me();
  expect([user, user === signedIn.user]).toEqual([signedIn.user, false]);
  await client.refresh();
  await client.sessions.list();
  await client.reauthenticate({ password: PASSWORD });
  expect(client.snapshot()).toBe(signedIn);

  await client.password.change({ currentPassword: PASSWORD, newPassword: "Another2horse" });
  expect(client.snapshot()).not.toBe(signedIn);
  expect(shown(client.snapshot())).toEqual(["signed_in", EMAIL]);
  await client.logout();
  expect(seen.map(shown)).toEqual([
    ["signed_in", EMAIL],
    ["signed_in", EMAIL],
    ["signed_out", null],
  ]);
  expect(Object.isFrozen(signedIn)).toBe(true);
});

test("another content of the same user is a change", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const before = client.snapshot();
  let told = 0;
  client.subscribe(() => told++);
  world.intercept = async (request) => {
    const { user, ...rest } = (await (await fetch(request)).json()) as { readonly user: PublicUser };
    return Response.json({ ...rest, user: { ...user, emailVerified: true } });
  };
  for (const _ of [1, 2]) await client.me();
  expect([before.user?.emailVerified, client.snapshot().user?.emailVerified, told]).toEqual([false, true, 1]);
});

test("after a reload the state is known, and the user when `me` has answered", async () => {
  const storage = fakeStorage();
  await world.tab({ storage }).signup(CREDENTIALS);
  const client = world.tab({ storage });
  let told = 0;
  client.subscribe(() => told++);
  expect([shown(client.snapshot()), told]).toEqual([["signed_in", null], 0]);
  await client.me();
  expect([shown(client.snapshot()), told]).toEqual([["signed_in", EMAIL], 1]);
});

test("a sign-out in another tab empties the user, and another user's sign-in does not show the first", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage }));
  const seen: unknown[] = [];
  one?.subscribe(() => seen.push(shown(one.snapshot())));
  await one?.signup(CREDENTIALS);
  await other?.logout();
  await spread();
  await other?.signup(GRACE);
  await spread();
  await one?.me();
  expect(seen).toEqual([
    ["signed_in", EMAIL],
    ["signed_out", null],
    ["signed_in", null],
    ["signed_in", GRACE.email],
  ]);
});

test("a page that looks before the event comes keeps no listener from being told", async () => {
  const storage = fakeStorage();
  const [one, other] = [world.tab({ storage }), world.tab({ storage })];
  await one.signup(CREDENTIALS);
  let told = 0;
  one.subscribe(() => told++);
  await other.logout();
  expect(shown(one.snapshot())).toEqual(["signed_out", null]);
  await spread();
  expect(told).toBe(1);
});

test("an answer of `me` that comes after another user's sign-in is not shown", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage, locks: null }));
  await other?.signup(GRACE);
  await one?.signup(CREDENTIALS);
  world.intercept = async (request) => {
    if (!request.url.endsWith("/me")) return undefined;
    const late = await fetch(request);
    await other?.login(GRACE);
    return late;
  };
  await one?.me().catch(() => {});
  expect(one && shown(one.snapshot())).toEqual(["signed_in", null]);
});

test("a listener that throws, or ends others while it is called, harms no other", async () => {
  const thrown: unknown[] = [];
  const { queueMicrotask } = globalThis;
  vi.stubGlobal("queueMicrotask", (work: () => void) =>
    queueMicrotask(() => {
      try {
        work();
      } catch (error) {
        thrown.push(error);
      }
    }),
  );
  const calls: string[] = [];
  const client = world.tab({ onChange: (state) => calls.push(state) });
  const failure = new Error("of the page");
  const repeated = (): unknown => calls.push("repeated");
  client.subscribe(() => {
    throw failure;
  });
  const stops = ["first", "second"].map((name) =>
    client.subscribe(() => {
      calls.push(name);
      for (const stop of stops) stop();
    }),
  );
  client.subscribe(repeated);
  const stopOne = client.subscribe(repeated);
  client.subscribe(() => calls.push("last"));
  expect((await client.signup(CREDENTIALS)).status).toBe("signed_in");
  expect(calls).toEqual(["first", "repeated", "repeated", "last", "signed_in"]);
  expect(thrown).toEqual([failure]);
  stopOne();
  calls.length = 0;
  await client.logout();
  expect(calls).toEqual(["repeated", "last", "signed_out"]);
});

test("`onChange` is told of the signed-in user alone, not of what `me` says", async () => {
  const storage = fakeStorage();
  const told: string[] = [];
  const client = world.tab({ storage, onChange: (state) => told.push(state) });
  await client.signup(CREDENTIALS);
  const again = world.tab({ storage, onChange: (state) => told.push(`again ${state}`) });
  again.subscribe(() => {});
  await again.me();
  await again.refresh();
  expect(told).toEqual(["signed_in"]);
});
