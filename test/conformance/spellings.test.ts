// Classes: case-folded, accented and look-alike addresses (Django CVE-2019-19844); collations that hold two
// texts for one. What one database takes for two accounts, every other one must too. The rule itself, over all of
// Unicode: test/domain/email-spellings.test.ts.
import { createHash } from "node:crypto";
import { type AuthOptions, type AuthStore, memoryStore } from "sallyport";
import { migrate } from "sallyport/kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalEmail } from "../../src/domain/email.ts";
import { HOSTILE_TEXTS, sampleUser } from "../../src/testing/store/samples.ts";
import { databaseUnderTest } from "../support/database-under-test.ts";
import { createDatabase, type TestDatabase } from "../support/databases.ts";
import { CLIENT, codeOf, makeAuth, PASSWORD, STORES } from "../support/harness.ts";
import { allSpellings, LOOKALIKES, type Spelling, sampleOf } from "../support/spellings.ts";

const unlimited: Partial<AuthOptions> = {
  limits: { login: { address: false, account: false }, signup: { address: false, account: false } },
};
const spellings = [...allSpellings(), ...LOOKALIKES];
/** Some of every kind. The column below holds all of them. */
const sample = [...sampleOf(spellings, 2), ...LOOKALIKES];
const places = {
  "local part": (text: string) => `x${text}@example.com`,
  domain: (text: string) => `x@x${text}.example`,
};

describe.each(STORES)("on %s", (name, makeStore) => {
  test("canonical addresses are one account exactly when they are the same bytes", async () => {
    const addresses = sample
      .flatMap(({ text, folded }) => Object.values(places).flatMap((place) => [place(text), place(folded)]))
      .flatMap((address) => canonicalEmail(address) ?? []);
    expect(await takenOf(makeStore(), addresses)).toEqual(repeats(addresses));
  });

  test("whatever is written in place of a canonical address is told apart byte by byte", async () => {
    const texts = sample.flatMap(({ text, folded }) => [`x${text}`, `x${folded}`]);
    expect(await takenOf(makeStore(), texts)).toEqual(repeats(texts));
  });

  test("signing up and in knows one account for one canonical address, for every kind of spelling", async () => {
    const verdicts = await verdictsOn(makeStore(), sample);
    expect(new Set(verdicts.flat())).toEqual(
      new Set(["fulfilled", "email_taken", "invalid_input", "invalid_credentials"]),
    );
    expect(verdicts).toEqual(verdictsByRule(sample));
  });

  test("a hostile email or password that signs up signs in, and no other text does", async () => {
    const verdicts = await hostileOn(makeStore());
    expect(verdicts.filter(([signup]) => signup === "fulfilled").length).toBeGreaterThan(20);
    for (const [signup, login, other] of verdicts) {
      expect(["fulfilled", "email_taken", "invalid_input", "weak_password"]).toContain(signup);
      if (signup === "fulfilled") expect(login).toBe("fulfilled");
      expect(["fulfilled", "invalid_credentials", "invalid_input"]).toContain(login);
      expect(["invalid_credentials", "invalid_input"]).toContain(other);
    }
    if (name !== "memory") expect(verdicts).toEqual(await hostileOn(memoryStore()));
  });
});

describe("the column of canonical addresses", () => {
  const CHUNK = 1_000;
  const texts = [...new Set(spellings.flatMap(({ text, folded }) => [`x${text}`, `x${folded}`]))];
  let database: TestDatabase;

  beforeAll(async () => {
    database = databaseUnderTest ?? (await createDatabase("node-sqlite"));
    await migrate(database.db);
    await database.db.deleteFrom("auth_users").execute();
  });
  afterAll(async () => {
    if (!databaseUnderTest) await database.drop();
  });

  test("holds every folding of every character of Unicode beside it, and finds each alone", async () => {
    expect(texts.length).toBeGreaterThan(30_000);
    for (let start = 0; start < texts.length; start += CHUNK) {
      await database.db
        .insertInto("auth_users")
        .values(texts.slice(start, start + CHUNK).map(row))
        .execute();
    }
    for (let start = 0; start < texts.length; start += CHUNK) {
      const wanted = texts.slice(start, start + CHUNK);
      const found = await database.db
        .selectFrom("auth_users")
        .select("email_canonical as text")
        .where("email_canonical", "in", wanted)
        .execute();
      // What another spelling also finds would be one too many.
      expect(hashOf(found.map(({ text }) => text).sort())).toBe(hashOf(wanted.sort()));
    }
    const { count } = await database.db
      .selectFrom("auth_users")
      .select(({ fn }) => fn.countAll().as("count"))
      .executeTakeFirstOrThrow();
    expect(Number(count)).toBe(texts.length);
  });

  function row(text: string): Record<string, unknown> {
    const { id, status, epoch, createdAt } = sampleUser();
    const at = ["postgres", "pglite"].includes(database.ref.kind)
      ? createdAt.toISOString()
      : createdAt.getTime();
    return { id, email: "", email_canonical: text, status, epoch, created_at: at, updated_at: at };
  }
});

/** Which of them were taken when their turn came. Each that was not is then found, and nobody else. */
async function takenOf(store: AuthStore, addresses: readonly string[]): Promise<boolean[]> {
  const taken: boolean[] = [];
  for (let start = 0; start < addresses.length; start += 200) {
    const chunk = addresses.slice(start, start + 200);
    const answers = await store.transaction(async (tx) => {
      const created: boolean[] = [];
      for (const emailCanonical of chunk) {
        const user = sampleUser({ emailCanonical });
        const isNew = await tx.users.create(user);
        created.push(isNew);
        const found = await tx.users.findForLogin(emailCanonical);
        if (found?.user.emailCanonical !== emailCanonical || (isNew && found.user.id !== user.id)) {
          throw new TypeError(`${JSON.stringify(emailCanonical)} finds another one`);
        }
      }
      return created;
    });
    taken.push(...answers.map((isNew) => !isNew));
  }
  return taken;
}

function repeats(texts: readonly string[]): boolean[] {
  const seen = new Set<string>();
  return texts.map((text) => seen.has(text) || !seen.add(text));
}

/** How signing up with the one spelling and then the other ends, and signing in with the other. */
async function verdictsOn(store: AuthStore, pairs: readonly Spelling[]): Promise<string[][]> {
  const { auth } = makeAuth({ store, ...unlimited });
  const verdicts: string[][] = [];
  for (const { text, folded } of pairs) {
    for (const place of Object.values(places)) {
      const [one, other] = [place(text), place(folded)];
      verdicts.push([
        await codeOf(auth.signup({ email: one, password: PASSWORD }, CLIENT)),
        await codeOf(auth.login({ email: other, password: PASSWORD }, CLIENT)),
        await codeOf(auth.signup({ email: other, password: PASSWORD }, CLIENT)),
      ]);
    }
  }
  return verdicts;
}

/** The same by the canonical addresses alone, whatever a database makes of their letters. */
function verdictsByRule(pairs: readonly Spelling[]): string[][] {
  const taken = new Set<string>();
  const signup = (email: string | null): string => {
    if (email === null) return "invalid_input";
    if (taken.has(email)) return "email_taken";
    taken.add(email);
    return "fulfilled";
  };
  const login = (email: string | null): string => {
    if (email === null) return "invalid_input";
    return taken.has(email) ? "fulfilled" : "invalid_credentials";
  };
  return pairs.flatMap(({ text, folded }) =>
    Object.values(places).map((place) => {
      const [one, other] = [canonicalEmail(place(text)), canonicalEmail(place(folded))] as const;
      return [signup(one), login(other), signup(other)];
    }),
  );
}

async function hostileOn(store: AuthStore): Promise<string[][]> {
  const { auth } = makeAuth({ store, ...unlimited });
  const texts = [...HOSTILE_TEXTS, "\0", "a\0b", "\ud800", "x".repeat(100_000), "\u{10ffff}"];
  const verdicts: string[][] = [];
  const attempts = texts.flatMap((text, index) => [
    ...[text, `${text}@example.com`, `ada@${text}`].map((email) => ({ email, password: PASSWORD })),
    ...[text, `${PASSWORD}${text}`].map((password, variant) => ({
      email: `ada${index}-${variant}@example.com`,
      password,
    })),
  ]);
  for (const attempt of attempts) {
    verdicts.push([
      await codeOf(auth.signup(attempt, CLIENT)),
      await codeOf(auth.login(attempt, CLIENT)),
      await codeOf(auth.login({ ...attempt, password: `${attempt.password} ` }, CLIENT)),
    ]);
  }
  return verdicts;
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
