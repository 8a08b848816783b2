// Class: input that nobody thought of. Every route of the contract that the server itself publishes, asked with
// hostile values in every place that takes one, on each server. What comes back must be in the contract.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemOutput } from "../../src/contract/shapes.ts";
import type { Answer } from "../../src/testing/http/call.ts";
import { type Subject, subjectOf } from "../../src/testing/http/subject.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { EMAIL, PASSWORD } from "../support/harness.ts";
import { routes } from "../support/routes.ts";
import { type Attack, attack, type Known, type Operation, requestOf } from "./hostile.ts";
import { MOUNTS, type Mount, open } from "./servers.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
const RUNS = fuzzRuns(400);

/** What a parser in front may say of a body that no route of ours reads. */
const AT_THE_DOOR = ["400", "413", "415"];
const SERVERS: readonly (readonly [name: string, atTheDoor: readonly string[]])[] = [
  ["node:http", []],
  ["Express 5", []],
  ["Express 5, behind body parsers", AT_THE_DOOR],
  ["Fastify 5", []],
];

describe.each(SERVERS)("%s", (name, atTheDoor) => {
  let subject: Subject;
  let close: () => unknown;
  let operations: readonly Operation[];
  let known: Known;
  let sent = 0;
  const seen = new Set<string>();

  beforeAll(async () => {
    const server = await open(MOUNTS[name] as Mount);
    subject = subjectOf(server);
    close = server.close;
    operations = operationsOf(JSON.parse((await subject.send("/openapi.json")).body), subject.basePath);
    known = await signedIn(subject, EMAIL);
  });
  // It rejects when `onError` heard of a fault.
  afterAll(() => close());

  async function strike(drawn: Attack): Promise<void> {
    const operation = operations[drawn.operation % operations.length] as Operation;
    const newcomer = operation.path === "/signup" && { email: `newcomer${sent}@example.com` };
    const { path, sent: request } = requestOf(drawn, operation, { ...known, ...newcomer });
    if (sent++ % 3 === 0) await subject.advance(60_000); // limits are for others to try: here deep code is
    const answer = await subject.send(path, request);
    judge(answer, operation, atTheDoor);
    seen.add(`${operation.method} ${operation.path} ${answer.status}`);
    // Whatever ended the session, or may have: the next attack begins with a live one.
    if (sent % 50 === 0 || (answer.status < 300 && operation.method !== "GET"))
      known = await signedIn(subject, `user${sent}@example.com`);
  }

  test("hostile requests get answers of the contract, and no fault", async () => {
    const result = await fc.check(fc.asyncProperty(attack, strike), { seed: SEED, numRuns: RUNS });
    expect(result.failed, result.failed ? fc.defaultReportMessage(result) : "no finding").toBe(false);
  });

  test("they reach every route, down to its success", () => {
    const missed = operations.filter(
      ({ method, path }) => !["200", "201", "204"].some((status) => seen.has(`${method} ${path} ${status}`)),
    );
    expect(missed).toEqual([]);
  });
});

async function signedIn(subject: Subject, email: string): Promise<Known> {
  const { accessToken, refreshToken, deviceToken, session, user } = await subject.signUp(email);
  const { events } = JSON.parse((await subject.send("/events", { token: accessToken })).body);
  const passwords = { password: PASSWORD, currentPassword: PASSWORD, newPassword: "Another2staple" };
  const tokens = { accessToken, refreshToken, deviceToken };
  return { email, ...passwords, ...tokens, sessionId: session.id, userId: user.id, cursor: events[0].id };
}

/** Documented for its route, no fault, and of the shape that is documented. */
function judge(answer: Answer, operation: Operation, atTheDoor: readonly string[]): void {
  expect([...operation.statuses, ...atTheDoor]).toContain(String(answer.status));
  if (answer.status < 300) judgeSuccess(answer, operation);
  else judgeProblem(answer);
}

function judgeProblem({ status, body, headers }: Answer): void {
  const problem = problemOutput.parse(JSON.parse(body)) as { readonly code: string; readonly status: number };
  const type = Object.fromEntries(headers)["content-type"];
  expect([problem.status, type]).toEqual([status, "application/problem+json"]);
  if (status >= 500) expect(problem.code).toBe("overloaded");
}

function judgeSuccess({ body }: Answer, operation: Operation): void {
  const route = routes.find(({ method, path }) => method === operation.method && path === operation.path);
  if (route?.output) route.output.parse(JSON.parse(body));
  else expect([operation.path, body === ""]).toEqual([operation.path, operation.path !== "/openapi.json"]);
}

interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> };
}

interface Documented {
  readonly responses: object;
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
  };
}

function operationsOf({ paths, components }: Contract, basePath: string): readonly Operation[] {
  const fieldsOf = ({ requestBody }: Documented): readonly string[] => {
    const name = requestBody?.content["application/json"]?.schema.$ref.split("/").at(-1) ?? "";
    return Object.keys(components.schemas[name]?.properties ?? {});
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, documented]) => ({
      method: method.toUpperCase(),
      path: path.slice(basePath.length),
      fields: fieldsOf(documented),
      statuses: Object.keys(documented.responses),
    })),
  );
}
