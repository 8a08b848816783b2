import { createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import { routes } from "../../src/http/routes.ts";
import { makeAuth } from "../support/harness.ts";
import { fetchServer } from "../support/http.ts";

const server = fetchServer(createHandler(makeAuth().auth));

test("the contract is served, cacheable, and describes every route of the table", async () => {
  const answer = await server.send({ target: "/auth/openapi.json" });
  expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "public, max-age=3600"]);
  const document = JSON.parse(answer.body);
  expect(document.openapi).toBe("3.1.0");
  for (const route of routes) {
    const operation = document.paths[`/auth${route.path}`][route.method.toLowerCase()];
    expect(Object.keys(operation.responses)).toContain(String(route.status));
    const security = { public: [], refresh: [], bearer: [{ bearer: [] }], either: [{ bearer: [] }, {}] };
    expect(operation.security).toEqual(security[route.access]);
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
