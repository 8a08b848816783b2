import { createAuth, memoryStore, type PasswordHasher } from "sallyport";
import { expect, test, vi } from "vitest";

// A platform without a binary: an edge function, or `node_modules` that was copied from another libc.
vi.mock("@node-rs/argon2", () => {
  throw new Error("no binary for this platform");
});

const CLIENT = { ip: "192.0.2.1" };
const RIGHT = { email: "ada@example.com", password: "Correct1horse" };
const SECRET = "0f8c1d3b5a79e2460f8c1d3b5a79e246a1b2";
const plain: PasswordHasher = {
  name: "plain",
  hash: async (password) => password,
  verify: async (stored, password) => stored === password,
  needsRehash: () => false,
};

test("an application with a hasher of its own needs no binary", async () => {
  const auth = createAuth({ secret: SECRET, store: memoryStore(), password: { hasher: plain } });
  await auth.signup(RIGHT, CLIENT);
  expect((await auth.login(RIGHT, CLIENT)).status).toBe("signed_in");
});

test("a binary that cannot be loaded is reported at the start, and lets no password pass", async () => {
  const reported: unknown[] = [];
  const store = memoryStore();
  await createAuth({ secret: SECRET, store, password: { hasher: plain } }).signup(RIGHT, CLIENT);
  const auth = createAuth({ secret: SECRET, store, onError: (error) => reported.push(error) });
  await vi.waitUntil(() => reported.length > 0);
  expect(String((reported[0] as Error).cause ?? reported[0])).toContain("no binary");

  const signup = { ...RIGHT, email: "bob@example.com" };
  await expect(auth.login(RIGHT, CLIENT)).rejects.toMatchObject({ code: "internal_error" });
  await expect(auth.signup(signup, CLIENT)).rejects.toMatchObject({ code: "internal_error" });
});
