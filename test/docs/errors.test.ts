import { globSync } from "node:fs";
import { AuthError, type AuthErrorCode } from "sallyport";
import { createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import { EVENTS, FAILURE_REASONS } from "../../src/domain/vocabulary.ts";
import { statusOf } from "../../src/errors.ts";
import { CLIENT, makeAuth, PASSWORD, times } from "../support/harness.ts";
import { codeBlock, codeSpans, readPage, rootPath, section, tableRows } from "./support/pages.ts";

const PAGE = "docs/errors.md";
const code = (cell: string | undefined): string => codeSpans(cell ?? "")[0] ?? "";

const CODES = tableRows(section(PAGE, "Codes")).map(([name, status, , , retry]) => ({
  code: code(name) as AuthErrorCode,
  status: Number(status),
  retry,
}));
const FIELD_CODES = tableRows(section(PAGE, "Field errors")).map(
  ([path, name]) => `${code(path)}: ${code(name)}`,
);

test("every code of the library is documented, and no other", () => {
  const type = /export type AuthErrorCode =([^;]+);/.exec(readPage("src/errors.ts"))?.[1] ?? "";
  const declared = [...type.matchAll(/"(\w+)"/g)].map((match) => match[1]);
  expect(declared.length).toBeGreaterThan(15);
  expect(CODES.map((row) => row.code).sort()).toEqual(declared.sort());
});

test.each(CODES)(
  "$code has its true status, and says truly whether to try again",
  ({ code, status, retry }) => {
    expect(status).toBe(statusOf(code));
    const waits = code === "rate_limited" || new AuthError(code).retryAfterSeconds !== undefined;
    expect(retry).toBe(waits ? "yes" : "no");
  },
);

test("the waiting times of the page are those of the code", () => {
  expect(new AuthError("overloaded").retryAfterSeconds).toBe(1);
  expect(new AuthError("unavailable").retryAfterSeconds).toBe(5);
  expect(section(PAGE, "Codes")).toContain("`overloaded` says 1 second\nand `unavailable` 5.");
});

test("every field error of the page occurs, at its field", async () => {
  const seen = await provokeFieldErrors();
  expect(FIELD_CODES.filter((row) => !seen.has(row))).toEqual([]);
  expect([...seen].filter((found) => !FIELD_CODES.includes(found))).toEqual([]);
});

test("no field code of the source is missing from the page", () => {
  const sources = [
    "src/kit/input.ts",
    "src/api/input-fields.ts",
    "src/api/input-schemas.ts",
    "src/kit/check-new-password.ts",
    "src/domain/password-policy.ts",
    "src/flows/account/require-fresh.ts",
    "src/contract/request.ts",
  ].map(readPage);
  const literals = sources.flatMap((source) => [
    ...source.matchAll(/(?:\bcode: |\bfail\(\s*|addIssue\(issue, |\? )"([a-z_]+)"/g),
  ]);
  const codes = new Set(literals.map((match) => match[1] as string).filter((name) => name !== "custom"));
  expect(codes.size).toBeGreaterThan(10);
  const documented = FIELD_CODES.map((row) => row.split(": ")[1]);
  expect([...codes].filter((name) => !documented.includes(name))).toEqual([]);
});

/** Every way to fail at a field that the page knows of, as `path: code`. */
async function provokeFieldErrors(): Promise<ReadonlySet<string>> {
  const { auth } = makeAuth({
    limits: { login: { address: false }, signup: { address: false } },
  });
  const breached = makeAuth({ password: { isBreached: () => true } });
  const refusing = ownFieldsOf(() => ({ issues: [{ message: "No.", path: ["name"] }] }));
  const email = "ada@example.com";
  const { accessToken } = await auth.signup({ email, password: PASSWORD }, CLIENT);
  const weak = ["a", "A", "Password1", "ada@example.com", "a".repeat(15)];
  const malformed: unknown[] = [
    {},
    { email: 1, password: 1 },
    { email: "nobody", password: "a\0" },
    { email, password: "x".repeat(1025) },
    { email, password: PASSWORD, admin: true },
    "text",
  ];
  const attempts = [
    ...weak.map((password) => auth.signup({ email, password }, CLIENT)),
    auth.purge({ maxMs: -1 }),
    ...malformed.map((input) => auth.signup(input as never, CLIENT)),
    breached.auth.signup({ email, password: PASSWORD }, CLIENT),
    ...["text", { name: "x".repeat(5000) }, { name: times(1, () => deep(16)) }, { "a\0": 1 }, {}].map(
      (fields) => refusing.auth.signup({ email, password: PASSWORD, fields } as never, CLIENT),
    ),
    auth.login({ email, password: PASSWORD }, { ip: "unknown" }),
    ...[0, 101, 1.5].map((limit) => auth.events.list(accessToken, { limit })),
    auth.events.list(accessToken, { cursor: "x" }),
    ...["type", "outcome"].flatMap((field) =>
      ["login", [], ["x"], times(50, () => "x")].map((words) =>
        auth.events.list(accessToken, { [field]: words } as never),
      ),
    ),
    auth.confirmSignup({ code: "1" } as never, CLIENT),
    auth.confirmSignup({ challengeToken: 1, code: "1" } as never, CLIENT),
    auth.password.reset({ challengeToken: "1", link: "1", password: PASSWORD } as never, CLIENT),
    Promise.resolve({ authenticatedAt: new Date(0) }).then((old) => auth.requireFresh(old, "soon" as never)),
  ];
  const errors = await Promise.all(
    attempts.map((attempt: Promise<unknown>) => attempt.catch((error) => error)),
  );
  const handler = createHandler(auth);
  const request = new Request("http://localhost/auth/refresh", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const problem = await (await handler(request, CLIENT)).json();
  return new Set([...errors, problem].flatMap(fieldsOf));
}

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

/** The application's own fields, with this schema. */
function ownFieldsOf(validate: (value: unknown) => unknown): ReturnType<typeof makeAuth> {
  const fields = { "~standard": { version: 1, vendor: "test", validate } };
  return makeAuth({ signup: { fields, words: ["name"] }, hooks: { userCreated: () => {} } } as object);
}

function fieldsOf({ errors }: Pick<AuthError, "errors">): readonly string[] {
  if (!errors) throw new TypeError("An attempt did not fail at a field");
  return errors.map(({ path, code }) => `${path}: ${code}`).filter((field) => !/\.[1-9]/.test(field));
}

test("the passwords of a change have the codes that the page says", async () => {
  const { auth } = makeAuth({ limits: { reauthenticate: { address: false, session: false } } });
  const { accessToken } = await auth.signup({ email: "ada@example.com", password: PASSWORD }, CLIENT);
  const codesOf = async (field: string, value: unknown): Promise<readonly string[]> => {
    const input = { currentPassword: PASSWORD, newPassword: "Another2horse", [field]: value };
    const call = auth.password.change(accessToken, input, CLIENT);
    return call.then(
      () => [],
      (error) => (error.code === "invalid_credentials" ? [] : fieldsOf(error)),
    );
  };
  const ofPassword = FIELD_CODES.filter((row) => row.startsWith("password: "));
  const values = ["", 1, "x".repeat(1025), "a\0", "A", "a", "a".repeat(15), "Password1", "ada@example.com"];
  for (const [field, documented] of [
    ["currentPassword", ofPassword.slice(0, 4)],
    ["newPassword", ofPassword.filter((row) => !row.includes("breached"))],
  ] as const) {
    const seen = await Promise.all([undefined, ...values].map((value) => codesOf(field, value)));
    const found = new Set(seen.flat().map((row) => row.replace(`${field}: `, "password: ")));
    expect([...found].sort()).toEqual([...documented].sort());
  }
});

test("the problem of the page is the problem that a handler sends", async () => {
  const handler = createHandler(makeAuth().auth);
  const bytes = new TextEncoder().encode('{"email":"ada@example.com","password":"Correct-horse"}');
  const { status, headers, body } = await handler.dispatch({
    method: "POST",
    target: "/auth/signup",
    headers: { "content-type": "application/json" },
    body: { kind: "bytes", bytes },
    client: CLIENT,
  });
  expect([status, headers["content-type"]]).toEqual([422, "application/problem+json"]);
  expect(JSON.parse(body ?? "")).toEqual(JSON.parse(codeBlock(PAGE, "json", "tag:sallyport,2026:problem")));
});

test("the members of a problem are those of the page", () => {
  const members = tableRows(section(PAGE, "Over HTTP")).map(([name]) => code(name));
  const source = readPage("src/contract/shapes.ts");
  const declared = /export const problemOutput[^{]+\{(.*?)\n {2}\}\)/s.exec(source)?.[1] ?? "";
  expect(members).toEqual([...declared.matchAll(/^ {4}(\w+):/gm)].map((match) => match[1]));
});

const REASONS = tableRows(section(PAGE, "Reasons in events")).map(
  ([types = "", outcome = "", reasons = ""]) => ({
    types: codeSpans(types),
    outcome: codeSpans(outcome)[0] ?? "",
    text: reasons,
    reasons: codeSpans(reasons),
  }),
);

test("every type of event is documented with each outcome that it may have, once, and no other", () => {
  const listed = REASONS.flatMap(({ types, outcome }) => types.map((type) => `${type}: ${outcome}`));
  const declared = Object.entries(EVENTS).flatMap(([type, outcomes]) =>
    outcomes.map((outcome) => `${type}: ${outcome}`),
  );
  expect(declared.length).toBeGreaterThan(20);
  expect([...listed].sort()).toEqual(declared.sort());
});

test("a success has no reason but the kind of a mail, and every other outcome has one", () => {
  for (const { types, outcome, text, reasons } of REASONS) {
    if (types.includes("mail") && outcome === "success")
      expect([text.slice(0, 35), reasons]).toEqual(["The [kind of the mail](mail.md#the-", []]);
    else if (outcome === "success") expect([text[0], reasons]).toEqual(["–", []]);
    else expect([text, reasons.length > 0]).toEqual([text, true]);
  }
});

test("every reason of an event is documented, and no other", () => {
  const listed = (isChallenge: boolean): readonly string[] =>
    REASONS.filter(({ outcome }) => (outcome === "challenged") === isChallenge).flatMap((row) => row.reasons);
  // Beside its own words, a failure has the code of the error that ended it.
  const codes = [
    ...["email_taken", "weak_password", "overloaded", "unavailable", "internal_error"],
    ...[
      "invalid_token",
      "session_revoked",
      "session_expired",
      "rate_limited",
      "cross_site_request",
      "not_found",
    ],
  ];
  expect([...new Set(listed(false))].sort()).toEqual([...Object.keys(FAILURE_REASONS), ...codes].sort());
  const { gates } = makeAuth().ctx;
  expect([...new Set(listed(true))].sort()).toEqual(gates.map(({ kind }) => kind).sort());
});

test("no word of the vocabulary is one that no code says", () => {
  const files = globSync("src/{flows,kit,gates}/**/*.ts", { cwd: rootPath(".") });
  const source = files.map((file) => readPage(file)).join("\n");
  const unused = [...Object.keys(EVENTS), ...Object.keys(FAILURE_REASONS)].filter(
    (word) => !source.includes(`"${word}"`),
  );
  expect(unused).toEqual([]);
});
