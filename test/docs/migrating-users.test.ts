import { hash as argon2 } from "@node-rs/argon2";
import fc from "fast-check";
import { Kysely, sql } from "kysely";
import { isAuthError } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canonicalEmail } from "../../src/domain/email.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { CLIENT, codeOf, makeAuth } from "../support/harness.ts";
import {
  bcryptLike,
  compare,
  EMAIL,
  JOINED,
  loadPage,
  oldUser,
  PAGE,
  PASSWORD,
} from "./support/migrating-page.ts";
import { codeBlock, codeSpans, readPage, section, tableRows } from "./support/pages.ts";

// The import of docs/migrating.md, and the tokens of before.

let page: Awaited<ReturnType<typeof loadPage>>;
beforeAll(async () => {
  page = await loadPage();
});
afterAll(() => page.remove());

describe("the import", () => {
  const any = (): boolean => true;
  let harness: ReturnType<typeof makeAuth>;
  beforeEach(() => {
    harness = makeAuth({ password: { hasher: page.migratingHasher(page.bcrypt(compare, 12)) } });
  });

  test("keeps what it can: the id, the email as it was typed, the dates", async () => {
    const { auth, store } = harness;
    const old = oldUser(bcryptLike(PASSWORD));
    expect(await page.importUser(store, old, any)).toEqual({ imported: old.id });
    const result = await auth.login({ email: EMAIL, password: PASSWORD }, CLIENT);
    if (result.status !== "signed_in") throw new TypeError("A challenge was not expected");
    expect(result.user).toMatchObject({ id: old.id, email: EMAIL, emailVerified: true, createdAt: JOINED });
    expect((await auth.verifyToken(result.accessToken)).userId).toBe(old.id);
  });

  test("a disabled user stays out, as with a wrong password", async () => {
    await page.importUser(harness.store, oldUser(bcryptLike(PASSWORD), { isDisabled: true }), any);
    expect(await codeOf(harness.auth.login({ email: EMAIL, password: PASSWORD }, CLIENT))).toBe(
      "invalid_credentials",
    );
  });

  test("leaves who is there as they are, and of two spellings of one email takes the first", async () => {
    const { store } = harness;
    const old = oldUser(bcryptLike(PASSWORD));
    const outcomes = [
      await page.importUser(store, old, any),
      await page.importUser(store, { ...old, passwordHash: bcryptLike("a newer one") }, any),
      await page.importUser(store, { ...old, id: "42", email: EMAIL.toUpperCase() }, any),
      await page.importUser(store, { ...old, id: "43", email: "ada@bücher.example" }, any),
      await page.importUser(store, { ...old, id: "44", email: "eve@example.com" }, () => false),
      await page.importUser(store, { ...old, id: "44", email: "eve@example.com" }, any),
    ];
    const kept = await store.users.findForLogin(EMAIL.toLowerCase());
    expect([kept?.user.id, kept?.password?.data]).toEqual([old.id, old.passwordHash]);
    const [taken, email, hash] = [{ refused: "taken" }, { refused: "email" }, { refused: "hash" }];
    expect(outcomes).toEqual([
      { imported: old.id },
      taken,
      taken,
      email,
      hash,
      { imported: expect.any(String) },
    ]);
  });

  test("spells an email as the library does, or not at all", () => {
    const part = fc.stringMatching(/^[\w.!@+ßKé-]{0,12}$/);
    const typed = fc.oneof(
      fc.emailAddress(),
      fc.tuple(part, part).map((parts) => parts.join("@")),
      fc.string(),
    );
    fc.assert(
      fc.property(typed, (email) => {
        const spelt = page.canonical(email);
        if (spelt !== null) expect(spelt).toBe(canonicalEmail(email));
      }),
      { numRuns: fuzzRuns(1000) },
    );
    for (const email of [EMAIL, "o'brien+x@mail.example.co.uk", `${"a".repeat(64)}@b.example`])
      expect(page.canonical(email)).toBe(canonicalEmail(email));
    for (const email of [
      "a@b.xn--p1ai",
      "a@xn--bcher-kva.example",
      "a@127.0.0.1",
      `${"a".repeat(65)}@b.example`,
    ])
      expect(page.canonical(email)).toBe(null);
  });
});

test("the old system is asked about a token only if the library did not make it", async () => {
  const { auth, clock } = makeAuth();
  const { user, accessToken, refreshToken } = await auth.signup(
    { email: EMAIL, password: "Correct1horse" },
    CLIENT,
  );
  const asked: string[] = [];
  const readOld = async (token: string): Promise<string | null> => {
    asked.push(token);
    return token === "old" ? "42" : null;
  };
  expect(await page.userOf(auth, accessToken, readOld)).toBe(user.id);
  await auth.logout(refreshToken);
  expect(await codeOf(page.userOf(auth, accessToken, readOld))).toBe("session_revoked");
  clock.advance("25h");
  expect(await codeOf(page.userOf(auth, accessToken, readOld))).toBe("token_expired");
  expect(asked).toEqual([]);
  expect(await page.userOf(auth, "old", readOld)).toBe("42");
  const refused = await page.userOf(auth, "forged", readOld).catch((error) => error);
  expect([isAuthError(refused), refused.code]).toEqual([true, "invalid_token"]);
});

test("what is missing is said before anything else", () => {
  const [first] = [...readPage(PAGE).matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? "");
  expect(first).toBe("What is not there yet");
  expect(tableRows(section(PAGE, first ?? "")).length).toBeGreaterThan(5);
});

test("the count is of those who have not been back, and going back leaves nothing", async () => {
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(":memory:") });
  await migrate(db);
  const store = kyselyStore(db);
  const any = (): boolean => true;
  await page.importUser(store, oldUser(bcryptLike(PASSWORD)), any);
  await page.importUser(store, oldUser(await argon2(PASSWORD), { id: "2", email: "b@example.com" }), any);
  const { rows } = await sql.raw(codeBlock(PAGE, "sql", "count(*)")).execute(db);
  expect(rows.map((row) => Object.values(row as object))).toEqual([[1]]);

  await sql
    .raw(codeSpans(section(PAGE, "Back again")).find((span) => span.startsWith("delete")) ?? "")
    .execute(db);
  const left = await sql`select id from auth_users union all select id from auth_credentials`.execute(db);
  expect(left.rows).toEqual([]);
  await db.destroy();
});
