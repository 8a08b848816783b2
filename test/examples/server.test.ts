import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOCAL, smtpServer } from "../support/smtp-server.ts";
import { call } from "./demo.ts";
import { behavesAsProcess, run, signUp, started, useFolder } from "./server-process.ts";

const CREDENTIALS = { email: "ada@example.com", password: "Correct1horse" };

const folder = useFolder();

behavesAsProcess("express", "npm run demo");

test("a first start makes a secret that nobody else can read; a second one knows the tokens of the first", async () => {
  const first = run("express");
  const signup = await signUp(await started(first), CREDENTIALS);
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

test("with SMTP_URL the mail goes out, its code confirms the sign-up, and there is no inbox", async () => {
  const smtp = await smtpServer({ host: LOCAL });
  try {
    const server = run("express", {
      SMTP_URL: `smtp://${LOCAL}:${smtp.port}`,
      MAIL_FROM: "Ada <demo@acme.example>",
    });
    const url = await started(server);
    const { port } = new URL(url);
    const signup = await call(`${url}/auth/signup`, "POST", { body: CREDENTIALS });
    expect([signup.status, signup.json.status]).toEqual([202, "check_email"]);
    await expect.poll(() => smtp.deliveries, { timeout: 60_000 }).toHaveLength(1);
    const [{ from, to, message }] = smtp.deliveries as [(typeof smtp.deliveries)[number]];
    expect([from, to]).toEqual(["demo@acme.example", [CREDENTIALS.email]]);
    expect(message.text).toContain(`http://localhost:${port}/mail#sallyport=signup.`);
    const [, code] = /^@localhost #(\d{6})$/m.exec(message.text ?? "") ?? [];
    const { challengeToken } = signup.json;
    const confirmed = await call(`${url}/auth/signup/confirm`, "POST", { body: { challengeToken, code } });
    expect([confirmed.status, confirmed.json.user.emailVerified]).toEqual([201, true]);
    expect((await call(`${url}/mail`, "GET")).status).toBe(200);
    expect((await call(`${url}/dev/mail`, "GET")).status).toBe(404);
    expect((await call(`${url}/setup.js`, "GET")).body).toContain('delivery = "smtp"');
    server.child.kill("SIGTERM");
    expect([await server.exit, server.errors()]).toEqual([0, ""]);
  } finally {
    await smtp.close();
  }
});

test.each([
  ["another origin", { ORIGIN: "https://app.example" }],
  ["every address of the machine", { HOST: "0.0.0.0" }],
])("on %s there is no inbox that other people could read, and no mail", async (_what, env) => {
  const server = run("express", env);
  const output = () => server.output() + server.errors();
  await expect.poll(output).toContain("\n");
  const [, port] = /:(\d+)\n$/.exec(server.output()) ?? [];
  const url = `http://127.0.0.1:${port}`;
  expect((await call(`${url}/auth/signup`, "POST", { body: CREDENTIALS })).status).toBe(201);
  for (const path of ["/dev/mail", "/mail"]) expect((await call(url + path, "GET")).status).toBe(404);
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
  [
    "a mail server of another kind",
    { SMTP_URL: "http://ada:hunter2@127.0.0.1" },
    /^nodemailerMailer: url: (?!.*hunter2).*\n$/,
  ],
  ["a database of another kind", { DATABASE_URL: "mysql://ada:hunter2@127.0.0.1/app" }, NO_POSTGRES_URL],
  ["an invalid URL", { DATABASE_URL: "postgres://ada:hunter2@127.0.0.1:99999/app" }, NO_POSTGRES_URL],
])("%s stops the start with one line, and no password in it", async (_what, env, line) => {
  const server = run("express", env);
  expect(await server.exit).toBe(1);
  expect(server.errors()).toMatch(line);
  expect(server.output()).toBe("");
});
