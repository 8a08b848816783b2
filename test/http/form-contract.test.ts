// The contract of a handler with pages: which forms its rows take, and what a form gets.
import { createAuth, memoryStore } from "sallyport";
import { createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import * as z from "zod";
import { cookieHandler } from "../support/cookies.ts";
import { pagesHandler } from "../support/form-browser.ts";
import { makeAuth, SECRET } from "../support/harness.ts";

const FORM = "application/x-www-form-urlencoded";

type Handler = ReturnType<typeof cookieHandler>;

async function contractOf({ dispatch }: Pick<Handler, "dispatch">) {
  const head = { method: "GET", target: "/auth/openapi.json", headers: {} };
  const { body } = await dispatch({ ...head, body: { kind: "none" }, client: { ip: null } });
  return JSON.parse(body ?? "");
}

const { auth } = makeAuth();

test("each row that takes a form says so, with its fields and its answer", async () => {
  const { paths } = await contractOf(pagesHandler(auth));
  const rows = Object.entries<Record<string, never>>(paths).flatMap(([path, methods]) =>
    Object.values<{
      requestBody?: { content: Record<string, { schema: { properties: object; required?: unknown } }> };
    }>(methods).flatMap(({ requestBody }) => {
      const form = requestBody?.content[FORM]?.schema;
      return form ? [[path, Object.keys(form.properties).sort(), form.required ?? []]] : [];
    }),
  );
  expect(rows).toEqual([
    ["/auth/signup", ["email", "form", "password", "remember", "returnTo"], ["email", "password"]],
    ["/auth/login", ["email", "form", "password", "remember", "returnTo"], ["email", "password"]],
    [
      "/auth/password",
      ["currentPassword", "form", "newPassword", "returnTo"],
      ["currentPassword", "newPassword"],
    ],
    ["/auth/logout", ["form", "returnTo"], []],
  ]);
  const led = paths["/auth/login"].post.responses[303];
  expect(Object.keys(led.headers)).toEqual(["Location", "Set-Cookie", "Vary"]);
  expect(paths["/auth/login"].post.requestBody.content["application/json"]).toBeDefined();
});

test("every reference of it leads somewhere", async () => {
  const document = await contractOf(pagesHandler(auth));
  for (const [, path = ""] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = path.split("/").reduce((at, name) => at?.[name], document);
    expect(found, path).toBeDefined();
  }
});

test("own fields have names such as fields.name", async () => {
  const own = createAuth({
    secret: SECRET,
    store: memoryStore(),
    signup: { fields: z.object({}) },
    hooks: { userCreated: () => {} },
    onWarning: () => {},
  });
  const { paths } = await contractOf(pagesHandler(own));
  const { schema } = paths["/auth/signup"].post.requestBody.content[FORM];
  expect(schema.patternProperties).toEqual({ "^fields\\.": { type: "string" } });
  expect(schema.properties.fields).toBeUndefined();
});

test("without pages no form is in it", async () => {
  for (const handler of [cookieHandler(auth), createHandler(auth)]) {
    const text = JSON.stringify(await contractOf(handler));
    expect(text).not.toContain(FORM);
    expect(text).not.toMatch(/"303"|Location|returnTo/);
  }
});
