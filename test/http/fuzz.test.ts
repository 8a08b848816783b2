// Class: input that nobody thought of. Every route of the contract that the server itself publishes, asked with
// hostile values in every place that takes one, on each server. What comes back must be in the contract.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mailSentOutput, problemOutput } from "../../src/contract/shapes.ts";
import type { Answer } from "../../src/testing/http/call.ts";
import {
  type MailServerUnderTest,
  type MailSubject,
  mailSubjectOf,
} from "../../src/testing/http/mail/mail-subject.ts";
import { MAIL_ROUTES } from "../../src/testing/http/routes.ts";
import { type Subject, subjectOf } from "../../src/testing/http/subject.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { EMAIL, PASSWORD } from "../support/harness.ts";
import { mailRoutes, routes } from "../support/routes.ts";
import { type Attack, attack, type Known, type Operation, requestOf } from "./hostile.ts";
import { MOUNTS, type Mount, open, openMailing } from "./servers.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
const RUNS = fuzzRuns(400);

/** What a parser in front may say of a body that no route of ours reads. */
const AT_THE_DOOR = ["400", "413", "415"];
const SERVERS: readonly (readonly [name: string, mails: boolean, atTheDoor: readonly string[]])[] = [
  ["node:http", false, []],
  ["Express 5", false, []],
  ["Express 5, behind body parsers", false, AT_THE_DOOR],
  ["Fastify 5", false, []],
  ["node:http", true, []],
  ["Fastify 5", true, []],
];

/** Without a mailer they are not there, whatever is sent. */
const ABSENT: readonly Operation[] = MAIL_ROUTES.map(({ method, path, body = {} }) => ({
  method,
  path,
  fields: Object.keys(body),
  statuses: ["404"],
}));
/** A gate is asked for accounts of before the mailer only, and this server has none. */
const WITHOUT_SUCCESS = ["/challenges/email"];

describe.each(SERVERS)("%s, mails: %s", (name, mails, atTheDoor) => {
  let subject: Subject;
  let mailing: MailSubject | undefined;
  let close: () => unknown;
  let operations: readonly Operation[];
  let known: Known;
  let sent = 0;
  const seen = new Set<string>();

  beforeAll(async () => {
    const mount = MOUNTS[name] as Mount;
    const server = mails ? await openMailing(mount) : await open(mount);
    mailing = "deliver" in server ? mailSubjectOf(server as MailServerUnderTest) : undefined;
    subject = mailing ?? subjectOf(server);
    close = server.close;
    const documented = operationsOf(JSON.parse((await subject.send("/openapi.json")).body), subject.basePath);
    operations = mails ? documented : [...documented, ...ABSENT];
    known = await signedIn(subject, EMAIL);
  });
  // It rejects when `onError` heard of a fault.
  afterAll(() => close());

  async function strike(drawn: Attack): Promise<void> {
    const operation = operations[drawn.operation % operations.length] as Operation;
    const newcomer = `newcomer${sent}@example.com`;
    const held = { ...known, ...(operation.path === "/signup" && { email: newcomer }) };
    const shown = mailing ? await withMail(mailing, operation, { held, newcomer, turn: sent }) : held;
    const { path, sent: request } = requestOf(drawn, operation, shown);
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

  test("they reach every route, down to its success", async () => {
    // Chance leaves one out now and then. It is struck alone, as often as all were together.
    const again = fc.asyncProperty(attack, async (drawn) => {
      for (const operation of missed()) await strike({ ...drawn, operation: operations.indexOf(operation) });
    });
    await fc.assert(again, { seed: SEED, numRuns: RUNS });
    expect(missed()).toEqual([]);
  });

  function missed(): readonly Operation[] {
    return operations.filter((operation) => {
      if (!mails && ABSENT.includes(operation)) return !isReached(operation, ["404"]);
      if (WITHOUT_SUCCESS.includes(operation.path)) return !isReached(operation, ["422"]);
      return !isReached(operation, ["200", "201", "202", "204"]);
    });
  }

  function isReached({ method, path }: Operation, wanted: readonly string[]): boolean {
    return wanted.some((status) => seen.has(`${method} ${path} ${status}`));
  }
});

async function signedIn(subject: Subject, email: string): Promise<Known> {
  const { accessToken, refreshToken, deviceToken, session, user } = await subject.signUp(email);
  const { events } = JSON.parse((await subject.send("/events", { token: accessToken })).body);
  const passwords = { password: PASSWORD, currentPassword: PASSWORD, newPassword: "Another2staple" };
  const tokens = { accessToken, refreshToken, deviceToken };
  const ids = { sessionId: session.id, userId: user.id, cursor: events[0].id };
  return { email, ...passwords, ...tokens, ...ids, challengeToken: "", link: "", code: "" };
}

interface Holding {
  readonly held: Known;
  readonly newcomer: string;
  readonly turn: number;
}

/** By route: who is asked for a mail, and by which sets of fields it may be answered. */
const ANSWERS: Readonly<Record<string, readonly [asked: Asked, ...sets: readonly (readonly Half[])[]]>> = {
  "/signup/confirm": [
    "/signup",
    ["challengeToken", "code"],
    ["challengeToken", "link"],
    ["link", "password"],
  ],
  "/challenges/email": ["/signup", ["challengeToken", "code"], ["challengeToken", "link"]],
  "/email/resend": ["/password/reset", ["challengeToken"]],
  "/password/reset/confirm": [
    "/password/reset",
    ["link", "password"],
    ["challengeToken", "code", "password"],
  ],
  "/email/verification/confirm": ["/email/verification", ["link"], ["challengeToken", "code"]],
};
const HALVES = ["challengeToken", "code", "link", "password"] as const;

type Asked = "/signup" | "/password/reset" | "/email/verification";
type Half = (typeof HALVES)[number];

/** What the reader of a fresh mail holds, as far as the route takes it. */
async function withMail(
  mailing: MailSubject,
  { path }: Operation,
  { held, newcomer, turn }: Holding,
): Promise<Partial<Known>> {
  const answers = ANSWERS[path];
  if (!answers) return held;
  const [asked, ...sets] = answers;
  const email = asked === "/signup" ? newcomer : held.email;
  await mailing.advance(15 * 60_000); // the budget of the address is for others to try
  const challengeToken =
    asked === "/email/verification"
      ? JSON.parse((await mailing.post(asked, {}, { token: held.accessToken })).body).challengeToken
      : await mailing.ask(asked, email);
  const mail = { ...(await mailing.read(email)), challengeToken };
  const kept = sets[turn % sets.length] ?? [];
  const left = HALVES.filter((name) => !kept.includes(name));
  const all: Record<string, string> = { ...held, challengeToken, link: mail.link, code: mail.code };
  for (const name of left) delete all[name];
  return all;
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

function judgeSuccess({ body, status }: Answer, operation: Operation): void {
  const route = [...routes, ...mailRoutes].find(
    ({ method, path }) => method === operation.method && path === operation.path,
  );
  const output = status === 202 ? mailSentOutput : route?.output;
  if (output) output.parse(JSON.parse(body));
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
