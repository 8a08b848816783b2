import { readFileSync } from "node:fs";
import { createAuth, memoryStore } from "sallyport";
import { expect, test } from "vitest";
import { signedIn } from "../support/harness.ts";
import { sallyport } from "./support.ts";

test("secret prints one secret of 32 random bytes, and nothing else", async () => {
  const { code, stdout, stderr } = await sallyport("secret");
  expect(code).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
  expect(Buffer.from(stdout.trim(), "base64url")).toHaveLength(32);
});

test("createAuth takes the secret as it was printed", async () => {
  const secret = (await sallyport("secret")).stdout.trim();
  await using auth = createAuth({ secret, store: memoryStore() });
  const client = { ip: "192.0.2.1" };
  const { user, accessToken } = signedIn(
    await auth.signup({ email: "ada@example.com", password: "Difference-Engine-1" }, client),
  );
  expect((await auth.verifyToken(accessToken)).userId).toBe(user.id);
});

test("1,000 secrets are 1,000 different secrets", async () => {
  const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => sallyport("secret")));
  expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1_000);
});

test.each(["--help", "-h"])("%s explains every command on stdout", async (flag) => {
  const { code, stdout, stderr } = await sallyport(flag);
  expect(code).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^Usage: sallyport/);
  for (const command of ["secret", "keys", "migrate", "mail", "purge"]) expect(stdout).toContain(command);
  expect(stdout).toContain("--version");
});

test("without arguments the usage goes to stderr, with exit code 2: a script must not take it for a secret", async () => {
  const { code, stdout, stderr } = await sallyport();
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toBe((await sallyport("--help")).stdout);
});

test("--version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(await sallyport("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test.each([
  ["an unknown command", ["hunter2hunter2"]],
  ["a name that every object has", ["constructor"]],
  ["an unknown option", ["--secret"]],
  ["an empty command", [""]],
  ["an argument too many", ["secret", "hunter2hunter2"]],
])("%s is one line on stderr that names --help and repeats nothing, with exit code 2", async (_, argv) => {
  const { code, stdout, stderr } = await sallyport(...argv);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^sallyport: [^\n]*--help\n$/);
  expect(stderr).not.toContain("hunter2");
  expect(stderr).not.toContain("constructor");
});
