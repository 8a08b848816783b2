// What the committed contract is for: a stranger's tools make a typed client of it, which compiles and works.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Demo, startDemo } from "../examples/demo.ts";

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

let demo: Demo;
beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  const contract = new URL("../../docs/contracts/auth.yaml", import.meta.url);
  writeFileSync(`${FOLDER}/auth.d.ts`, astToString(await openapiTS(contract)));
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

test("the compiler holds its user to the contract", () => {
  writeFileSync(PROGRAM, SOURCE.replace("{ email:", "{ mail:"));
  expect(complaints().join("\n")).toContain("Property 'email' is missing");
});

test("what is committed is what the example serves", async () => {
  const { parse } = await import("yaml");
  const served = await (await fetch(`${demo.url}/auth/openapi.json`)).json();
  expect(parse(readFileSync(root("docs/contracts/auth.yaml"), "utf8"))).toEqual(served);
});
