import { createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import { cookieHandler } from "../support/cookies.ts";
import { makeAuth } from "../support/harness.ts";
import { fetchServer } from "../support/http.ts";
import { routes } from "../support/routes.ts";

/** The routes whose success brings tokens, and those that may end the session of the caller. */
const BRINGING = ["signup", "login", "reauthenticate", "changePassword", "refresh"];
const ENDING = ["logout", "revokeSession"];

const server = fetchServer(createHandler(makeAuth().auth));

test("the contract is served, cacheable, and describes every route of the table", async () => {
  const answer = await server.send({ target: "/auth/openapi.json" });
  expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "public, max-age=3600"]);
  const document = JSON.parse(answer.body);
  expect(document.openapi).toBe("3.1.0");
  for (const route of routes) {
    const operation = document.paths[`/auth${route.path}`][route.method.toLowerCase()];
    expect(Object.keys(operation.responses)).toContain(String(route.status));
    const security = {
      ...{ public: [], refresh: [], bearer: [{ bearer: [] }] },
      ...{ optional: [{ bearer: [] }, {}], either: [{ bearer: [] }, {}] },
    };
    expect(operation.security).toEqual(security[route.access]);
    expect(operation.requestBody?.required).toBe(route.input && route.access !== "either");
    expect(JSON.stringify(operation.responses)).not.toMatch(/Set-Cookie|cross_site_request/);
  }
});

/** What is different in cookie mode. A bearer contract that said any of it, or this one the other's, would lie. */
test("the contract of cookie mode says what cookies bring and take, and no body does", async () => {
  const { dispatch } = cookieHandler(makeAuth().auth);
  const { body } = await dispatch({
    method: "GET",
    target: "/auth/openapi.json",
    headers: {},
    body: { kind: "none" },
    client: { ip: null },
  });
  const document = JSON.parse(body ?? "");
  expect(body).not.toMatch(/"(?:accessToken|refreshToken|deviceToken|RefreshRequest|bearer)"/);
  const securityOf = {
    public: [],
    bearer: [{ access: [] }],
    optional: [{ access: [] }, {}],
    refresh: [{ refresh: [] }],
    either: [{ refresh: [] }, { access: [] }],
  };
  for (const { path, method, name, access, status, errors, ...route } of routes) {
    const { security, requestBody, responses } = document.paths[`/auth${path}`][method.toLowerCase()];
    const takesTokens = access === "refresh" || access === "either";
    const setsCookies = (code: number) => Object.keys(responses[code]?.headers ?? {}).includes("Set-Cookie");
    expect({
      name,
      security,
      body: requestBody?.required,
      set: setsCookies(status),
      ended: setsCookies(401),
    }).toEqual({
      name,
      security: securityOf[access],
      body: route.input && !takesTokens ? true : undefined,
      set: BRINGING.includes(name) || ENDING.includes(name),
      ended: errors.includes("session_revoked"),
    });
    expect(Object.hasOwn(responses, 403)).toBe(method !== "GET");
    expect(responses[400].description).toContain("malformed_request");
  }
});

test("every reference in the contract leads somewhere", async () => {
  const text = (await server.send({ target: "/auth/openapi.json" })).body;
  const document = JSON.parse(text);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    (match) => match[1] as string,
  );
  expect(references.length).toBeGreaterThan(10);
  for (const name of references) expect(document.components.schemas).toHaveProperty(name);
});
