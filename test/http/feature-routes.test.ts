// The routes that features bring: served beside the core's own, in both modes, and in both contracts.
import type { Auth } from "sallyport";
import { type AuthHandler, createHandler } from "sallyport/http";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { component, described } from "../../src/contract/described.ts";
import { defineRoute, type RouteRow } from "../../src/contract/route.ts";
import { tokenField } from "../../src/contract/token-fields.ts";
import { CALLER, cookieHandler, ORIGIN } from "../support/cookies.ts";
import { codeOf, makeAuth } from "../support/harness.ts";

interface Answer {
  readonly name: string;
  readonly deviceToken?: string | undefined;
}

const output = component<{ readonly factor: string; readonly answer: Answer; readonly ip: string | null }>()(
  "PassedFactor",
  z.strictObject({
    factor: z.string(),
    answer: z.strictObject({ name: z.string(), deviceToken: z.optional(z.string()) }),
    ip: z.nullable(z.string()),
  }),
);
const input = component<Answer>()(
  "FactorAnswer",
  z.strictObject({ name: z.string(), deviceToken: tokenField("device", z.optional(z.string())) }),
);
const route = defineRoute({
  method: "POST",
  path: "/factors/{factor}/answer",
  parameters: { factor: z.enum(["totp", "passkey"]) },
  name: "answerFactor",
  summary: "Answer for one factor",
  access: "public",
  input,
  status: 200,
  output,
  errors: ["malformed_request", "invalid_input"],
  run: async ({ parameters, input, client }) => ({
    factor: parameters.factor,
    answer: input(),
    ip: client.ip,
  }),
});

test("a token field under another name than cookie mode knows is refused where the row is made", () => {
  const misnamed = z.strictObject({ nextToken: tokenField("refresh", z.string()) });
  const make = () =>
    defineRoute({
      ...({ method: "POST", path: "/next", name: "next", summary: "Next", access: "public" } as const),
      ...{ status: 200, output: misnamed, errors: [], run: async () => ({}) },
    });
  expect(make).toThrow(/must be named refreshToken, not nextToken/);
});

const { auth } = makeAuth();
const withRoutes = (...routes: readonly RouteRow[]): Auth => ({ ...auth, routes });

const HANDLERS: Readonly<Record<string, (auth: Auth) => AuthHandler>> = {
  bearer: (of) => createHandler(of),
  cookie: cookieHandler,
};
const hasTokens = { bearer: true, cookie: false };

describe.each(["bearer", "cookie"] as const)("in %s mode", (mode) => {
  const make = HANDLERS[mode] as (auth: Auth) => AuthHandler;
  const handler = make(withRoutes(route));
  const post = (path: string, body: object, cookie = ""): Promise<Response> => {
    const headers = { origin: ORIGIN, "content-type": "application/json", cookie };
    return handler(
      new Request(ORIGIN + path, { method: "POST", headers, body: JSON.stringify(body) }),
      CALLER,
    );
  };
  const contractOf = async (of: AuthHandler) =>
    (await of(new Request(`${ORIGIN}/auth/openapi.json`), CALLER)).json();

  test("it is served with the text of its path, its input and the client", async () => {
    const answer = await post("/auth/factors/totp/answer", { name: "phone" });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { factor: "totp", answer: { name: "phone" }, ip: CALLER.ip },
    ]);
    expect((await post("/auth/factors//answer", {})).status).toBe(404);
    expect((await post("/auth/factors/totp/other", {})).status).toBe(404);
  });

  test("its tokens come in cookies in cookie mode, and in the body in bearer mode", async () => {
    const path = "/auth/factors/totp/answer";
    const byCookie = await post(path, { name: "phone" }, "__Secure-sp-device=known");
    const { deviceToken } = ((await byCookie.json()) as { answer: Answer }).answer;
    expect(deviceToken).toBe(hasTokens[mode] ? undefined : "known");
    expect((await post(path, { name: "phone", deviceToken: "known" })).status).toBe(
      hasTokens[mode] ? 200 : 422,
    );
  });

  test("the contract describes it, its path parameter by the schema of the row", async () => {
    const document = await contractOf(handler);
    const operation = document.paths["/auth/factors/{factor}/answer"].post;
    expect(operation).toMatchObject({
      operationId: "answerFactor",
      parameters: [
        { name: "factor", in: "path", required: true, schema: { type: "string", enum: ["totp", "passkey"] } },
      ],
      requestBody: {
        content: { "application/json": { schema: { $ref: "#/components/schemas/FactorAnswer" } } },
      },
    });
    const fields = Object.keys(document.components.schemas.FactorAnswer.properties);
    expect(fields).toEqual(hasTokens[mode] ? ["name", "deviceToken"] : ["name"]);
  });

  test("the contract of an Auth without it says nothing of it", async () => {
    expect(JSON.stringify(await contractOf(make(auth)))).not.toMatch(/[fF]actor/);
  });

  test.each([
    ["the method and path of a core row", { method: "POST", path: "/login", parameters: {}, name: "other" }],
    ["the same path with another name in it", { method: "DELETE", path: "/sessions/{other}", name: "other" }],
    ["the route of the contract", { method: "GET", path: "/openapi.json", parameters: {}, name: "other" }],
    ["the name of a core row", { name: "login" }],
  ] as const)("%s is refused", async (_title, changed) => {
    const made = (async () => make(withRoutes({ ...route, ...changed })))();
    expect(await codeOf(made)).toBe("invalid_configuration");
  });

  test("one row twice is refused", async () => {
    const made = (async () => make(withRoutes(route, route)))();
    expect(await codeOf(made)).toBe("invalid_configuration");
  });
});

test("two rows may name the parameter of one path differently", async () => {
  const { input: _input, parameters: _parameters, ...rest } = route;
  const ofKey = { ...rest, method: "GET", path: "/keys/{key}", name: "readKey" } as const;
  const ofName = { ...rest, method: "DELETE", path: "/keys/{name}", name: "deleteKey" } as const;
  const rows = [
    defineRoute({ ...ofKey, parameters: { key: z.string() }, run: async ({ parameters }) => parameters }),
    defineRoute({ ...ofName, parameters: { name: z.string() }, run: async ({ parameters }) => parameters }),
  ];
  const handler = createHandler(withRoutes(...rows));
  const ask = async (method: string) =>
    (await handler(new Request(`${ORIGIN}/auth/keys/mine`, { method }), CALLER)).json();
  expect(await ask("GET")).toEqual({ key: "mine" });
  expect(await ask("DELETE")).toEqual({ name: "mine" });
});

test("what does not fit does not compile", () => {
  const { parameters: _parameters, input: _input, path: _path, ...rest } = route;
  const run = async () => null;
  // @ts-expect-error: the schema of `{id}` is missing
  defineRoute({ ...rest, path: "/things/{id}", run });
  // @ts-expect-error: the schema is of another name
  defineRoute({ ...rest, path: "/things/{id}", parameters: { key: z.string() }, run });
  // @ts-expect-error: there is no `{key}` in the path
  defineRoute({ ...rest, path: "/things", parameters: { key: z.string() }, run });

  interface Thing {
    readonly id: string;
    readonly kind: "small" | "large";
    readonly endedAt: Date | null;
  }
  const id = z.string();
  const kind = z.enum(["small", "large"]);
  const endedAt = z.nullable(z.iso.datetime());
  described<Thing>()(z.strictObject({ id, kind, endedAt }));
  // @ts-expect-error: a field is missing
  described<Thing>()(z.strictObject({ id, kind }));
  // @ts-expect-error: a field is too many
  described<Thing>()(z.strictObject({ id, kind, endedAt, other: z.optional(id) }));
  // @ts-expect-error: the text of a date may be null
  described<Thing>()(z.strictObject({ id, kind, endedAt: z.iso.datetime() }));
  // @ts-expect-error: one of two kinds is missing
  described<Thing>()(z.strictObject({ id, kind: z.literal("small"), endedAt }));
  // @ts-expect-error: not every text is a kind
  described<Thing>()(z.strictObject({ id, kind: z.string(), endedAt }));
});
