import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { call } from "./demo.ts";
import { behavesAsProcess, run, started, useFolder } from "./server-process.ts";

const CREDENTIALS = { email: "ada@example.com", password: "Correct1horse" };

const folder = useFolder();

behavesAsProcess("express", "npm run demo");

test("a first start makes a secret that nobody else can read; a second one knows the tokens of the first", async () => {
  const first = run("express");
  const signup = await call(`${await started(first)}/auth/signup`, "POST", { body: CREDENTIALS });
  expect(signup.status).toBe(201);
  const token = signup.json.accessToken;
  const file = join(folder(), ".data", "secret");
  expect(statSync(join(folder(), ".data")).mode & 0o777).toBe(0o700);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const secret = readFileSync(file, "utf8");
  expect(secret).toMatch(/^[\w-]{43}$/);
  first.child.kill("SIGTERM");
  expect(await first.exit).toBe(0);

  const second = run("express");
  const url = await started(second);
  expect((await call(`${url}/auth/me`, "GET", { token })).json.user.email).toBe(CREDENTIALS.email);
  expect(readFileSync(file, "utf8")).toBe(secret);
  second.child.kill("SIGINT");
  expect(await second.exit).toBe(0);
  expect(first.errors() + second.errors()).toBe("");
});

const NO_POSTGRES_URL = /^DATABASE_URL must be a URL that begins with postgres:\/\/\n$/;

test.each([
  ["a secret that is too short", { SALLYPORT_SECRET: "short" }, /^.*secret.*\n$/],
  ["an empty secret", { SALLYPORT_SECRET: "" }, /^.*secret.*\n$/],
  ["an invalid port", { PORT: "http" }, /^PORT is not a port: http\n$/],
  [
    "a database that does not answer",
    { DATABASE_URL: "postgres://ada:hunter2@127.0.0.1:1/none" },
    /^DATABASE_URL: connect ECONNREFUSED 127\.0\.0\.1:1\n$/,
  ],
  ["a database of another kind", { DATABASE_URL: "mysql://ada:hunter2@127.0.0.1/app" }, NO_POSTGRES_URL],
  ["an invalid URL", { DATABASE_URL: "postgres://ada:hunter2@127.0.0.1:99999/app" }, NO_POSTGRES_URL],
])("%s stops the start with one line, and no password in it", async (_what, env, line) => {
  const server = run("express", env);
  expect(await server.exit).toBe(1);
  expect(server.errors()).toMatch(line);
  expect(server.output()).toBe("");
});
