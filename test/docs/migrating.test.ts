import { hash as argon2 } from "@node-rs/argon2";
import { type Auth, type AuthStore, memoryStore } from "sallyport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, makeAuth, STORES, strangers } from "../support/harness.ts";
import { makeMailAuth, NEXT } from "../support/mailbox.ts";
import { userOf } from "../support/security-change.ts";
import {
  argon2Calls,
  bcryptLike,
  betterAuth,
  compare,
  EMAIL,
  loadPage,
  type OldHash,
  type OldUser,
  oldUser,
  PASSWORD,
} from "./support/migrating-page.ts";

// The hashers of docs/migrating.md, run as they stand: imported users sign in, and their hashes are renewed.

let page: Awaited<ReturnType<typeof loadPage>>;
beforeAll(async () => {
  page = await loadPage();
});
afterAll(() => page.remove());

const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;
const nextAddress = strangers();

const KINDS: readonly (readonly [name: string, old: () => OldHash, make: (password: string) => string])[] = [
  ["scrypt of Better Auth", () => page.betterAuthScrypt, betterAuth],
  ["bcrypt", () => page.bcrypt(compare, 12), bcryptLike],
];

async function storedHash(store: AuthStore): Promise<string | undefined> {
  return (await store.users.findForLogin(EMAIL.toLowerCase()))?.password?.data;
}

function signInWith(auth: Auth) {
  return (password: string, email = EMAIL) => codeOf(auth.login({ email, password }, nextAddress()));
}

describe.each(KINDS)("%s", (_name, old, make) => {
  test("an imported user signs in, a wrong password does not, and the first login renews the hash", async () => {
    for (const [, makeStore] of STORES) {
      const store = makeStore();
      const imported = make(PASSWORD);
      expect(await page.importUser(store, oldUser(imported), old().recognises)).toHaveProperty("imported");
      const { auth } = makeAuth({ store, password: { hasher: page.migratingHasher(old()) } });
      const signIn = signInWith(auth);

      expect(await signIn("hunter 3")).toBe("invalid_credentials");
      expect(await storedHash(store)).toBe(imported);
      expect(await signIn(PASSWORD)).toBe("fulfilled");
      const renewed = await storedHash(store);
      expect(renewed).toMatch(CURRENT);
      expect(await signIn(PASSWORD)).toBe("fulfilled");
      expect(await signIn("hunter 3")).toBe("invalid_credentials");
      expect(await storedHash(store)).toBe(renewed);
    }
  });

  test("once it is taken out, who was back signs in with the default hasher, and who was not is refused", async () => {
    const store = memoryStore();
    await page.importUser(store, oldUser(make(PASSWORD)), old().recognises);
    const late = oldUser(make(PASSWORD), { id: "7", email: "late@example.com" });
    await page.importUser(store, late, old().recognises);
    const during = makeAuth({ store, password: { hasher: page.migratingHasher(old()) } });
    expect(await signInWith(during.auth)(PASSWORD)).toBe("fulfilled");

    const { auth } = makeAuth({ store, password: {} });
    expect(await signInWith(auth)(PASSWORD)).toBe("fulfilled");
    expect(await signInWith(auth)(PASSWORD, late.email)).toBe("invalid_credentials");
  });

  test("each failed login costs one argon2id and one old hash, whoever it is for", async () => {
    const counted = { old: 0 };
    const watched: OldHash = {
      ...old(),
      verify: (stored, password) => {
        counted.old++;
        return old().verify(stored, password);
      },
    };
    const store = memoryStore();
    const accounts = [make(PASSWORD), await argon2(PASSWORD, COST), "unreadable", make("another one")];
    for (const [index, passwordHash] of accounts.entries())
      await page.importUser(
        store,
        oldUser(passwordHash, { id: "", email: `${index}@example.com` }),
        () => true,
      );
    const { auth } = makeAuth({ store, password: { hasher: page.migratingHasher(watched) } });
    for (const name of [...accounts.keys(), "nobody"]) {
      const before = [argon2Calls(), counted.old] as const;
      expect(await signInWith(auth)("wrong", `${name}@example.com`)).toBe("invalid_credentials");
      expect([name, argon2Calls() - before[0], counted.old - before[1]]).toEqual([name, 1, 1]);
    }
  });

  test("its decoy is one that it recognises, and nobody's password", async () => {
    expect(old().recognises(old().decoy)).toBe(true);
    for (const password of ["", "a", PASSWORD]) expect(await old().verify(old().decoy, password)).toBe(false);
  });
});

test("a password that only begins like the right one does not pass bcrypt, and one of 72 bytes does", async () => {
  const old = page.bcrypt(compare, 12);
  const longest = "é".repeat(36);
  expect(await compare(`${longest}!`, bcryptLike(longest))).toBe(true); // what the packages say
  expect(await old.verify(bcryptLike(longest), `${longest}!`)).toBe(false);
  expect(await old.verify(bcryptLike(longest), longest)).toBe(true);
});

test.each(["$2b$31$", "$2b$16$", "$2b$03$", "$2x$12$", "$2b$1$"])(
  "bcrypt refuses %s, which nobody meant",
  (prefix) => {
    const old = page.bcrypt(compare, 12);
    expect(old.recognises(`${prefix}${".".repeat(53)}`)).toBe(false);
    expect(old.recognises(`$2y$10$${".".repeat(53)}`)).toBe(true);
  },
);

describe("argon2id from elsewhere", () => {
  const DEARER = { memoryCost: 65_536, timeCost: 3, parallelism: 4 };
  const isArgon2id = (hash: string): boolean => hash.startsWith("$argon2id$v=19$");

  test("it goes in as it is, and stays where hashing is as dear", async () => {
    const store = memoryStore();
    const imported = await argon2(PASSWORD, DEARER);
    await page.importUser(store, oldUser(imported), isArgon2id);
    const password = { hashing: { memoryKiB: 65_536, passes: 3 } }; // as the page says
    const { auth } = makeAuth({ store, password });
    expect(await signInWith(auth)("hunter 3")).toBe("invalid_credentials");
    expect(await signInWith(auth)(PASSWORD)).toBe("fulfilled");
    expect(await storedHash(store)).toBe(imported);
  });

  test("with the defaults, the first login makes it one of the defaults", async () => {
    const store = memoryStore();
    await page.importUser(store, oldUser(await argon2(PASSWORD, DEARER)), isArgon2id);
    const { auth } = makeAuth({ store, password: {} });
    expect(await signInWith(auth)(PASSWORD)).toBe("fulfilled");
    expect(await storedHash(store)).toMatch(CURRENT);
    expect(await signInWith(auth)(PASSWORD)).toBe("fulfilled");
  });
});

describe("an application that turns mail on", () => {
  const ADA = EMAIL.toLowerCase();
  const isKnown = (): boolean => true;
  const HERE = { ip: null };

  /** Users of before, and the same store with a mailer. */
  async function switched(users: readonly Partial<OldUser>[], options = {}) {
    const store = memoryStore();
    const { ctx } = makeAuth();
    const hash = await ctx.hasher.hash(PASSWORD);
    for (const user of users) await page.importUser(store, oldUser(hash, user), isKnown);
    return makeMailAuth({ store, ...options });
  }

  test("a user whose address the old system has proven signs in as before", async () => {
    const { auth } = await switched([{ emailVerifiedAt: new Date(0) }]);
    expect((await auth.login({ email: ADA, password: PASSWORD }, HERE)).status).toBe("signed_in");
  });

  test("a user whose address was never proven answers a mail once, and is in", async () => {
    const { auth, arrive } = await switched([{ emailVerifiedAt: null }]);
    const asked = await auth.login({ email: ADA, password: PASSWORD }, HERE);
    expect(asked).toMatchObject({ status: "challenge", kind: "email" });
    const { challengeToken } = asked as unknown as { challengeToken: string };
    const [mail] = await arrive();
    expect(mail).toMatchObject({ kind: "login", to: "Ada.Lovelace@example.com" });
    const entered = await auth.challenges.email({ challengeToken, code: mail?.code ?? "" }, HERE);
    expect(entered).toMatchObject({ status: "signed_in", user: { emailVerified: true } });
    expect((await auth.login({ email: ADA, password: PASSWORD }, HERE)).status).toBe("signed_in");
  });

  test("with later, that user signs in as before, and proves the address at will", async () => {
    const email = { verification: "later" } as const;
    const { auth, arrive } = await switched([{ emailVerifiedAt: null }], { email });
    const entered = await auth.login({ email: ADA, password: PASSWORD }, HERE);
    if (entered.status !== "signed_in") throw new TypeError(entered.status);
    const { challengeToken } = await auth.email.requestVerification(entered.accessToken, HERE);
    const code = (await arrive()).at(-1)?.code ?? "";
    const { user } = await auth.email.verify(entered.accessToken, { challengeToken, code }, HERE);
    expect(user.emailVerified).toBe(true);
  });

  test("a user without a password has none until a reset, which proves the address as well", async () => {
    const { auth, store, reset } = await switched([{ emailVerifiedAt: null }]);
    const { id } = await userOf(store, ADA);
    for (const held of await store.credentials.list(id)) await store.credentials.remove(id, held.id);
    expect(await codeOf(auth.login({ email: ADA, password: PASSWORD }, HERE))).toBe("invalid_credentials");
    const { mail } = await reset(ADA);
    await auth.password.reset({ link: mail.link, password: NEXT }, HERE);
    expect(await auth.login({ email: ADA, password: NEXT }, HERE)).toMatchObject({
      status: "signed_in",
      user: { emailVerified: true },
    });
  });
});
