import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAppAuth } from "../../examples/own-tables/auth.ts";
import { openDatabase } from "../../examples/own-tables/database.ts";
import { signedIn } from "../support/harness.ts";

const SECRET = "mQ8v-TzL4xKwR1sNf0YhJpB7uCeO3dGaI6kVbX9rHt2";
const ADA = { email: "ada@example.com", password: "Correct1horse" };

let db: Awaited<ReturnType<typeof openDatabase>>;
let auth: ReturnType<typeof createAppAuth>;
const told = vi.spyOn(console, "error");

beforeEach(async () => {
  told.mockReset().mockReturnValue();
  db = await openDatabase(":memory:");
  auth = createAppAuth(db, SECRET);
});

afterEach(async () => {
  await auth.close();
  await db.destroy();
});

test("a signup makes a user and their profile", async () => {
  const { user } = signedIn(await auth.signup(ADA, { ip: null }));
  expect(await db.selectFrom("profiles").selectAll().execute()).toEqual([
    { user_id: user.id, display_name: "ada" },
  ]);
});

test("a profile that cannot be written leaves no user, and the email stays free", async () => {
  await db.schema.alterTable("profiles").renameTo("elsewhere").execute();
  await expect(auth.signup(ADA, { ip: null })).rejects.toMatchObject({ code: "internal_error" });
  await expect.poll(() => told.mock.calls).toEqual([[expect.objectContaining({ code: "internal_error" })]]);
  expect(await count("auth_users")).toBe(0);
  expect(await count("auth_sessions")).toBe(0);
  await db.schema.alterTable("elsewhere").renameTo("profiles").execute();
  await auth.signup(ADA, { ip: null });
  expect(await count("auth_users")).toBe(1);
  expect(await count("profiles")).toBe(1);
});

test("deleting the user takes the profile along", async () => {
  const { user } = signedIn(await auth.signup(ADA, { ip: null }));
  await auth.users.delete(user.id);
  expect(await count("profiles")).toBe(0);
});

test("opening the database again finds everything in place", async () => {
  await auth.signup(ADA, { ip: null });
  const again = await openDatabase(":memory:");
  await again.destroy();
  expect(await count("profiles")).toBe(1);
});

test("the program runs as its README says", async () => {
  const program = ["--import", "./test/support/use-source.ts", "examples/own-tables/main.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  expect(stdout).toMatch(
    /after the signup: {3}\[\{"user_id":"[0-9a-f-]{36}","display_name":"ada\.\w{6}"\}\]/,
  );
  expect(stdout).toMatch(/after the deletion: \[\]/);
});

async function count(table: string): Promise<number> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.execute(db);
  return rows[0]?.rows ?? 0;
}
