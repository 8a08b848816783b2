import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { inConsumer, type Output, program } from "./installed.ts";

const sallyport = (...args: string[]): Promise<Output> =>
  inConsumer("npx", "--no-install", "sallyport", ...args);

test("migrate makes the tables of the installed package, and its store works on them", async () => {
  const path = join(inject("consumer"), "migrated.db");
  const first = await sallyport("migrate", "--url", `sqlite:${path}`);
  expect(first.stdout).toMatch(/\nMigrated from nothing to version 6\.\n$/);
  expect((await sallyport("migrate", "--url", `sqlite:${path}`)).stdout).toBe(
    "Nothing to do: the tables are at version 6.\n",
  );
  expect(await program("round-trip.js", "kysely", path)).toBe("kysely: ok");
  expect((await sallyport("purge", "--url", `sqlite:${path}`)).stdout).toMatch(/^Deleted 0 rows;/);
});

test.each([
  ["pg", "postgres://ada:hunter2@localhost/app"],
  ["mysql2", "mysql://ada:hunter2@localhost/app"],
])("without %s the command says what to install", async (name, url) => {
  const migrate = inConsumer(join("node_modules", ".bin", "sallyport"), "migrate", "--url", url);
  await expect(migrate).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: `sallyport: ${name} is not installed: npm install ${name}\n`,
  });
});

describe("the package alone, where nothing else can be loaded", () => {
  const home = join(inject("consumer"), "../alone/node_modules/sallyport");
  const cli = join(home, "dist/cli.js");
  beforeAll(() => cp(join(inject("consumer"), "node_modules/sallyport"), home, { recursive: true }));

  test("makes secrets and explains itself", async () => {
    expect(await program(cli, "secret")).toMatch(/^[\w-]{43}$/);
    expect(await program(cli, "migrate", "--help")).toMatch(/^Usage: sallyport migrate/);
  });

  test("says that migrate needs kysely", async () => {
    await expect(program(cli, "migrate", "--url", "sqlite:never-made.db")).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: "sallyport: kysely is not installed: npm install kysely\n",
    });
  });
});
