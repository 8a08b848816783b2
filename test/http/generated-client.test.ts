// What the committed contract is for: a stranger's tools make a typed client of it, which compiles and works.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Demo, startDemo } from "../examples/demo.ts";
import { MOUNTS, type Mount, openMailing } from "./servers.ts";

const run = promisify(execFile);
const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
// Inside of the repository, where the packages are found, and outside of what is committed.
const FOLDER = root(".cache/generated-client");
const PROGRAM = `${FOLDER}/program.ts`;

const SOURCE = `
import createClient from "openapi-fetch";
import type { components, paths } from "./auth.d.ts";

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });
const body = { email: "ada@example.com", password: "Correct1horse" };

const created = await client.POST("/auth/signup", { body });
const login = await client.POST("/auth/login", { body });
if (login.data?.status !== "signed_in") throw new TypeError("no sign-in");
const headers = { authorization: \`Bearer \${login.data.accessToken}\` };
const me = await client.GET("/auth/me", { headers });
const user: components["schemas"]["User"] | null | undefined = me.data?.user;
const stranger = await client.GET("/auth/me", { params: { query: { optional: "" } } });
const sessions = await client.GET("/auth/sessions", { headers });
const page = await client.GET("/auth/events", { headers, params: { query: { limit: 2 } } });
const wrong = await client.POST("/auth/login", { body: { ...body, password: "Wrong1horse" } });
const { refreshToken } = login.data;
const refreshed = await client.POST("/auth/refresh", { body: { refreshToken } });
const ended = await client.DELETE("/auth/sessions/{id}", {
  headers,
  params: { path: { id: login.data.session.id } },
});
const after = await client.GET("/auth/me", { headers });

console.log(
  JSON.stringify([
    created.response.status,
    user?.email,
    [stranger.data?.user, stranger.data?.renewable],
    sessions.data?.sessions.length,
    page.data?.events.map(({ type }) => type),
    wrong.error?.code,
    refreshed.data?.status,
    ended.response.status,
    after.error?.code,
  ]),
);
`;

/** The same for a server that mails. It is given a link once a mail has come. */
const WITH_MAIL = `
import createClient from "openapi-fetch";
import type { components, paths } from "./auth-mail.d.ts";

const [, , baseUrl = "", link] = process.argv;
const client = createClient<paths>({ baseUrl });
const email = "ada@example.com";

async function ask() {
  const signup = await client.POST("/auth/signup", { body: { email, password: "Correct1horse" } });
  if (signup.data?.status !== "check_email") throw new TypeError("no mail");
  const sent: components["schemas"]["MailSent"] = signup.data;
  const { challengeToken } = sent;
  const again = await client.POST("/auth/email/resend", { body: { challengeToken } });
  const wrong = await client.POST("/auth/signup/confirm", { body: { challengeToken, code: "no code" } });
  return [signup.response.status, again.data?.status, wrong.error?.code];
}

async function answer(link: string) {
  const entered = await client.POST("/auth/signup/confirm", { body: { link, password: "Another2staple" } });
  if (entered.data?.status !== "signed_in") throw new TypeError("no sign-in");
  const headers = { authorization: \`Bearer \${entered.data.accessToken}\` };
  const asked = await client.POST("/auth/email/verification", { headers });
  const verified = await client.POST("/auth/email/verification/confirm", { headers, body: { link } });
  const reset = await client.POST("/auth/password/reset", { body: { email } });
  const set = await client.POST("/auth/password/reset/confirm", { body: { link, password: "Third3password" } });
  return [
    entered.data.user.emailVerified,
    asked.data?.status,
    verified.error?.code,
    reset.data?.status,
    set.error?.code,
  ];
}

console.log(JSON.stringify(await (link ? answer(link) : ask())));
`;

let demo: Demo;
beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of ["auth", "auth-mail"]) {
    const contract = new URL(`../../docs/contracts/${name}.yaml`, import.meta.url);
    writeFileSync(`${FOLDER}/${name}.d.ts`, astToString(await openapiTS(contract)));
  }
  writeFileSync(PROGRAM, SOURCE);
  demo = await startDemo();
});
afterAll(async () => {
  await demo?.stop();
  rmSync(FOLDER, { recursive: true, force: true });
});

function complaints(): readonly string[] {
  const { config } = ts.readConfigFile(root("tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root("."));
  const program = ts.createProgram([PROGRAM], {
    ...options,
    isolatedDeclarations: false,
    declaration: false,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("a client generated from the contract compiles, and goes from sign-up to the end of a session", async () => {
  expect(complaints()).toEqual([]);
  const { stdout } = await run(process.execPath, [PROGRAM, demo.url]);
  expect(JSON.parse(stdout)).toEqual([
    201,
    "ada@example.com",
    [null, false],
    2,
    ["login", "signup"],
    "invalid_credentials",
    "signed_in",
    204,
    "session_revoked",
  ]);
});

test("so does one of a server that mails: it asks for a mail and answers it", async () => {
  writeFileSync(PROGRAM, WITH_MAIL);
  expect(complaints()).toEqual([]);
  const { deliver, baseUrl, close } = await openMailing(MOUNTS["node:http"] as Mount);
  const { origin } = new URL(baseUrl);
  const asked = await run(process.execPath, [PROGRAM, origin]);
  expect(JSON.parse(asked.stdout)).toEqual([202, "check_email", "invalid_code"]);
  const link = (await deliver("ada@example.com"))?.link?.split(".").at(-1) ?? "";
  const { stdout } = await run(process.execPath, [PROGRAM, origin, link]);
  expect(JSON.parse(stdout)).toEqual([true, "check_email", "invalid_code", "check_email", "invalid_code"]);
  await close();
});

test("the compiler holds its user to the contract", () => {
  writeFileSync(PROGRAM, SOURCE.replace("{ email:", "{ mail:"));
  expect(complaints().join("\n")).toContain("Property 'email' is missing");
});

test("what is committed is what the example serves", async () => {
  const { parse } = await import("yaml");
  const served = await (await fetch(`${demo.url}/auth/openapi.json`)).json();
  expect(parse(readFileSync(root("docs/contracts/auth.yaml"), "utf8"))).toEqual(served);
});
