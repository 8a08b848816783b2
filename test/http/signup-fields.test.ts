// The application's own fields over HTTP: in both modes, in the contract, through our client and a generated one.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import createClient from "openapi-fetch";
import openapiTS, { astToString } from "openapi-typescript";
import { createAuth, memoryStore } from "sallyport";
import { createAuthClient } from "sallyport/client";
import { type AuthHandler, createHandler } from "sallyport/http";
import { insecureTestHasher } from "sallyport/testing";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { EMAIL, makeAuth, PASSWORD, SECRET } from "../support/harness.ts";

const ORIGIN = "https://app.example";
const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const FOLDER = root(".cache/generated-fields");
const right = { email: EMAIL, password: PASSWORD };
const profile = z.object({ name: z.string().min(2, "Use at least 2 letters.") });

const got: unknown[] = [];
const auth = createAuth({
  secret: SECRET,
  store: memoryStore(),
  password: { hasher: insecureTestHasher() },
  limits: { signup: { address: false, account: false } },
  signup: { fields: profile, words: ["Use at least 2 letters."] },
  hooks: { userCreated: ({ fields }) => void got.push(fields.name) },
  onWarning: () => {},
});
const bearer = createHandler(auth);
const cookie = createHandler(auth, { transport: "cookie", origins: [ORIGIN] });

async function post(handler: AuthHandler, body: object): Promise<{ status: number; body: string }> {
  const headers = { "content-type": "application/json", origin: ORIGIN };
  const request = new Request(`${ORIGIN}/auth/signup`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  const response = await handler(request, { ip: null });
  return { status: response.status, body: await response.text() };
}

interface Contract {
  readonly paths: Record<string, { readonly post: { readonly requestBody: { readonly content: object } } }>;
  readonly components: { readonly schemas: Record<string, { readonly properties: Record<string, unknown> }> };
}

async function contractOf(handler: AuthHandler): Promise<Contract> {
  const response = await handler(new Request(`${ORIGIN}/auth/openapi.json`), { ip: null });
  return (await response.json()) as Contract;
}

describe.each([
  ["bearer", bearer],
  ["cookie", cookie],
] as const)("in %s mode", (mode, handler) => {
  test("fields reach the hook; refused ones are a problem with their path, and no input", async () => {
    got.length = 0;
    const email = `${mode}@example.com`;
    expect((await post(handler, { ...right, email, fields: { name: "Ada" } })).status).toBe(201);
    expect(got).toEqual(["Ada"]);
    const refused = await post(handler, { ...right, fields: { name: "☃" } });
    expect(JSON.parse(refused.body)).toMatchObject({
      status: 422,
      code: "invalid_input",
      errors: [{ path: "fields.name", code: "invalid_field", message: "Use at least 2 letters." }],
    });
    expect(refused.body).not.toContain("☃");
  });

  test.each(["id", "status", "emailVerifiedAt", "__proto__", "userId"])(
    "a field %j beside the known ones is refused, and inside of `fields` it sets nothing",
    async (name) => {
      const text = `{"${name}": "disabled"}`;
      const beside = await post(handler, { ...right, ...JSON.parse(text), fields: { name: "Ada" } });
      const sent = JSON.stringify({ ...right, fields: { name: "Ada" } });
      const raw = sent.replace('"fields":{', `"fields":{${text.slice(1, -1)},`);
      const request = new Request(`${ORIGIN}/auth/signup`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: ORIGIN },
        body: raw.replace(EMAIL, `${mode}.${name.toLowerCase()}@example.com`),
      });
      const inside = await handler(request, { ip: null });
      const answer = await inside.text();
      if (name !== "__proto__") expect(JSON.parse(beside.body).errors[0].code).toBe("unknown_field");
      expect(inside.status).toBe(name === "__proto__" ? 422 : 201);
      expect(answer).not.toContain("disabled");
    },
  );

  test("the contract has an open object by that name, and only then", async () => {
    const { paths, components } = await contractOf(handler);
    const { content } = paths["/auth/signup"]?.post.requestBody ?? {};
    expect(content).toEqual({
      "application/json": { schema: { $ref: "#/components/schemas/SignupRequest" } },
    });
    const { properties, required } = components.schemas["SignupRequest"] as never as Record<string, object>;
    expect(properties).toMatchObject({ fields: { type: "object", additionalProperties: true } });
    expect(required).toEqual(["email", "password"]);
    const others = await contractOf(createHandler(makeAuth().auth));
    expect(JSON.stringify(others)).not.toMatch(/SignupRequest|"fields"/);
  });
});

test("our client sends them, and names the refused field", async () => {
  got.length = 0;
  const client = createAuthClient({
    basePath: `${ORIGIN}/auth`,
    fetch: (request) => bearer(request, { ip: null }),
  });
  const input = { ...right, email: "client@example.com" };
  const error = await client.signup({ ...input, fields: { name: "A" } }).catch((thrown) => thrown);
  expect([error.code, error.errors]).toMatchObject(["invalid_input", [{ path: "fields.name" }]]);
  expect(await client.signup({ ...input, fields: { name: "Ada" } })).toMatchObject({ status: "signed_in" });
  expect(got).toEqual(["Ada"]);
});

describe("a generated client", () => {
  beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

  async function complaints(fields: string): Promise<string> {
    writeFileSync(`${FOLDER}/auth.d.ts`, astToString(await openapiTS((await contractOf(bearer)) as never)));
    writeFileSync(
      `${FOLDER}/program.ts`,
      `import createClient from "openapi-fetch";
       import type { paths } from "./auth.d.ts";
       const client = createClient<paths>({ baseUrl: "" });
       const body = { email: "a", password: "b", fields: ${fields} };
       export const created: unknown = await client.POST("/auth/signup", { body });`,
    );
    const { config } = ts.readConfigFile(root("tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root("."));
    const program = ts.createProgram([`${FOLDER}/program.ts`], { ...options, isolatedDeclarations: false });
    const found = ts.getPreEmitDiagnostics(program);
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join("\n");
  }

  test("compiles with any object, and with nothing else", async () => {
    expect(await complaints('{ name: "Ada", deep: [{ age: 36 }] }')).toBe("");
    expect(await complaints('"Ada"')).toContain("is not assignable");
  });

  test("signs up", async () => {
    const fetchIt = async (request: Request) => bearer(request, { ip: null });
    const client = createClient<Record<string, never>>({ baseUrl: ORIGIN, fetch: fetchIt });
    const body = { ...right, email: "generated@example.com", fields: { name: "Ada" } };
    const { response } = await client.POST("/auth/signup" as never, { body } as never);
    expect(response.status).toBe(201);
  });
});
