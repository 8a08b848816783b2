// Classes: secrets in messages (Django CVE-2018-16984); a parser that quotes its input, a driver that quotes its values.
import { inspect } from "node:util";
import {
  AuthError,
  type AuthErrorCode,
  type AuthOptions,
  createAuth,
  isAuthError,
  memoryStore,
  type SignedIn,
} from "sallyport";
import { createHandler, problemResponse } from "sallyport/http";
import { describe, expect, test } from "vitest";
import { EVERY_CALL, goesOnAfter } from "../../support/every-call.ts";
import { faultyPorts } from "../../support/faulty-ports.ts";
import { CLIENT, EMAIL, makeAuth, PASSWORD, SECRET, times } from "../../support/harness.ts";
import { MARK, MARKED_LETTERS, markIn } from "../../support/marked.ts";
import { ed25519 } from "../../support/signing-keys.ts";

const right = { email: EMAIL, password: PASSWORD };

/** All that a caller is told, whatever went wrong. */
const SENTENCES: Readonly<Record<AuthErrorCode, readonly [status: number, sentence: string]>> = {
  malformed_request: [400, "The request could not be understood."],
  invalid_credentials: [401, "Email or password is wrong."],
  invalid_token: [401, "The token is not valid."],
  token_missing: [401, "No token was sent."],
  invalid_challenge: [401, "This sign-in has expired. Begin again."],
  token_expired: [401, "The token has expired."],
  session_revoked: [401, "The session was ended."],
  session_expired: [401, "The session has expired."],
  forbidden: [403, "You are not allowed to do this."],
  reauthentication_required: [403, "Enter your password again to do this."],
  cross_site_request: [403, "Cross-site request refused."],
  not_found: [404, "There is nothing here."],
  method_not_allowed: [405, "This method is not allowed here."],
  request_timeout: [408, "The request did not arrive in time."],
  email_taken: [409, "An account with this email already exists."],
  payload_too_large: [413, "The request body is too large."],
  unsupported_media_type: [415, "The request body must be application/json."],
  invalid_input: [422, "Some fields are not valid."],
  invalid_code: [422, "The code or link is wrong, used or too old."],
  weak_password: [422, "The password is too weak."],
  rate_limited: [429, "Too many attempts. Try again later."],
  internal_error: [500, "Something went wrong on our side."],
  invalid_configuration: [500, "The authentication library is not configured correctly."],
  overloaded: [503, "The service is busy. Try again shortly."],
  unavailable: [503, "The service is not available at the moment. Try again shortly."],
};

/** Over HTTP a body or a query may be wrong in these ways, too. */
const MALFORMED = [
  "A query parameter is there twice.",
  "The body was read before: mount auth before body parsers.",
  "A JSON body is needed.",
  "The body is not valid JSON.",
  "The body must be a JSON object.",
];

/** What code of others throws: each with marks in every place that anyone may read. */
const HOSTILE: Readonly<Record<string, () => unknown>> = {
  "an error": () => new TypeError(MARK),
  "an error of a driver": () =>
    Object.assign(new Error(`Duplicate entry '${MARK}'`, { cause: MARK }), {
      name: MARK,
      code: MARK,
      detail: `Key (email)=(${MARK}) already exists.`,
      sql: `insert into ${MARK}`,
      parameters: [MARK],
      errors: [{ path: MARK, code: MARK, message: MARK }],
      retryAfterSeconds: MARK,
    }),
  "an error that looks like ours": () =>
    Object.assign(new Error(MARK), {
      name: "AuthError",
      code: "invalid_credentials",
      status: 401,
      errors: [MARK],
    }),
  "several errors": () => new AggregateError([new Error(MARK)], MARK),
  "a text": () => MARK,
  "an object that writes itself": () => ({ message: MARK, toString: () => MARK, toJSON: () => MARK }),
  "an error that throws when it is read": () =>
    Object.defineProperty(new Error(), "message", {
      get: () => {
        throw new TypeError(MARK);
      },
    }),
  nothing: () => undefined,
};

/** The error holds its sentence and its codes, and nothing else that anyone can read. Its cause is the operator's. */
function expectConstant(error: unknown): AuthError {
  if (!isAuthError(error)) throw new TypeError(`Not an AuthError: ${inspect(error)}`);
  const { code, errors, retryAfterSeconds } = error;
  const [status, sentence] = SENTENCES[code];
  expect({ message: error.message, text: String(error), status: error.status }).toEqual({
    message: sentence,
    text: `AuthError: ${sentence}`,
    status,
  });
  const visible = { name: "AuthError", code, status, errors, retryAfterSeconds };
  expect(JSON.parse(JSON.stringify(error))).toEqual(JSON.parse(JSON.stringify(visible)));
  const names = Reflect.ownKeys(error).filter((key) => typeof key === "string" && key !== "cause");
  expect(names.sort()).toEqual([...Object.keys(visible), "message", "stack"].sort());
  for (const key of Object.getOwnPropertySymbols(error)) expect(Reflect.get(error, key)).toBe(true);
  expect(Object.getPrototypeOf(error)).toBe(AuthError.prototype);
  expect(Reflect.ownKeys(AuthError.prototype)).toEqual(["constructor"]);
  expect(retryAfterSeconds === undefined || Number.isInteger(retryAfterSeconds)).toBe(true);
  for (const field of errors ?? []) {
    expect(Object.keys(field).sort()).toEqual(["code", "message", "path"]);
    expect(field.code).toMatch(/^[a-z_]+$/);
    expect(field.message).toMatch(/^[A-Z"][ -~]+$/);
  }
  const { cause: _operators, ...own } = Object.getOwnPropertyDescriptors(error);
  expect(markIn(inspect(own, { depth: 9, showHidden: true }))).toBeNull();
  return error;
}

async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new TypeError("It did not fail");
}

type Settled = { readonly answer: unknown } | { readonly error: unknown };

function outcomeOf(call: Promise<unknown>): Promise<Settled> {
  return call.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
}

/** The call went on: its answer has no mark, and the operator alone hears of the fault. */
function expectMarkless(outcome: Settled, reported: readonly unknown[]): void {
  expect(Object.keys(outcome)).toEqual(["answer"]);
  expect(markIn(inspect(outcome, { depth: 9 }))).toBeNull();
  expect(reported).toHaveLength(1);
  expect(expectConstant(reported[0]).code).toBe("unavailable");
}

describe.each(Object.entries(HOSTILE))("when a port throws %s", (_what, fault) => {
  test.each(Object.entries(EVERY_CALL))(
    "at any step, %s tells its caller a constant sentence, or nothing of the fault",
    async (_name, named) => {
      for (let at = 1; ; at++) {
        const ports = faultyPorts(memoryStore(), fault);
        const harness = makeAuth(ports.options);
        const auth = ports.callsOf(harness);
        const made = named.isFirst ? ({} as SignedIn) : await harness.auth.signup(right, CLIENT);
        await named.before?.(harness.auth, made);
        ports.failAt(at);
        const outcome = await outcomeOf(named.call(auth, made));
        if (ports.seen.length < at) break;
        await new Promise((resolve) => setImmediate(resolve));
        const step = ports.seen[at - 1] as string;
        if (goesOnAfter(step, named)) expectMarkless(outcome, harness.errors);
        else if ("error" in outcome) expectConstant(outcome.error);
        else throw new TypeError(`${step} failed, and the call did not`);
        expect(markIn(JSON.stringify(harness.sink.events))).toBeNull();
        await auth.close();
      }
    },
  );
});

test("every call that gets hostile input fails with a constant sentence", async () => {
  const { auth, sink } = makeAuth({ password: undefined });
  const { accessToken, refreshToken, deviceToken, session } = await auth.signup(right, CLIENT);
  const nowhere = { ip: null };
  const texts = [
    MARK,
    MARKED_LETTERS,
    `${MARKED_LETTERS}@example.com`,
    `${MARK}@example.com`,
    { [MARK]: MARK },
    [MARK],
  ];
  for (const text of texts as string[]) {
    const input = { email: text, password: text };
    for (const call of [
      () => auth.signup({ ...input, [MARK]: MARK } as never, nowhere),
      () => auth.signup({ email: "b@example.com", password: text, userId: text } as never, nowhere),
      () => auth.signup(text as never, nowhere),
      () => auth.login(input, nowhere),
      () => auth.login({ ...right, password: text }, nowhere),
      () => auth.login({ email: EMAIL, password: `${text}`, deviceToken }, nowhere),
      () => auth.login({ ...input, deviceToken: text }, nowhere),
      () => auth.login({ ...right, [MARK]: MARK } as never, nowhere),
      () => auth.login(right, { ip: text }),
      () => auth.login(right, { ip: null, userAgent: { [MARK]: MARK } as never }),
      () => auth.refresh(text, nowhere),
      () => auth.refresh(`${refreshToken}${text}`, nowhere),
      () => auth.logout(text),
      () => auth.verifyToken(text),
      () => auth.verifyToken(`${accessToken}${text}`),
      () => auth.verifyToken(accessToken, { userId: text }),
      () => auth.verifyToken(accessToken, { [MARK]: text } as never),
      () => auth.getUser(text),
      () => auth.reauthenticate(accessToken, { password: text }, nowhere),
      () => auth.reauthenticate(text, { password: text }, nowhere),
      () => auth.reauthenticate(accessToken, { [MARK]: text } as never, nowhere),
      () => auth.password.change(accessToken, { currentPassword: text, newPassword: text }, nowhere),
      () =>
        auth.password.change(
          accessToken,
          { currentPassword: PASSWORD, newPassword: MARK.slice(0, 3) },
          nowhere,
        ),
      () => auth.sessions.list(text),
      () => auth.sessions.revoke(accessToken, text),
      () => auth.sessions.revokeOthers(text),
      () => auth.events.list(accessToken, { cursor: text }),
      () => auth.events.list(accessToken, { limit: text } as never),
      () => auth.events.recordCrossSite({ ip: text }),
      () => auth.requireFresh({ authenticatedAt: new Date(0) }, text as never),
      () => auth.requireFresh({ authenticatedAt: text } as never),
      () => auth.users.disable(text),
      () => auth.users.enable(text),
      () => auth.users.delete(text),
      () => auth.purge({ maxMs: text } as never),
    ])
      expectConstant(await failureOf(call));
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(markIn(JSON.stringify(sink.events))).toBeNull();
  expect(sink.events.some(({ sessionId }) => sessionId === session.id)).toBe(true);
});

test("wherever a JSON body breaks off or breaks, the answer is a constant sentence", async () => {
  const { auth } = makeAuth();
  const handler = createHandler(auth);
  const body = `{"email":"${MARKED_LETTERS}","password":"${MARK}","deviceToken":"${MARK}"}`;
  const broken = [
    ...times(body.length, (end) => body.slice(0, end)),
    ...times(body.length, (at) => `${body.slice(0, at)}${MARK}${body.slice(at)}`),
    ...times(body.length, (at) => `${body.slice(0, at)}\u0000${body.slice(at + 1)}`),
    `${body}${MARK}`,
    MARK,
    JSON.stringify(MARK),
    JSON.stringify([MARK]),
    JSON.stringify({ [MARK]: MARK }),
  ];
  const headers = { "content-type": "application/json" };
  const titles = new Set<string>();
  for (const [index, text] of broken.entries()) {
    const bytes = new TextEncoder().encode(text);
    const sent =
      text === ""
        ? ({ kind: "none" } as const)
        : index % 2
          ? ({ kind: "bytes", bytes } as const)
          : ({ kind: "parsed", value: bytes } as const);
    const client = { ip: null };
    const answer = await handler.dispatch({
      method: "POST",
      target: "/auth/login",
      headers,
      body: sent,
      client,
    });
    expect(markIn(inspect(answer))).toBeNull();
    const problem = JSON.parse(answer.body ?? "null");
    const [status, sentence] = SENTENCES[problem.code as AuthErrorCode];
    expect(answer.status).toBe(status);
    expect([sentence, ...(problem.code === "malformed_request" ? MALFORMED : [])]).toContain(problem.title);
    expect(["type", "title", "status", "code", "errors", "retryAfterSeconds"]).toEqual(
      expect.arrayContaining(Object.keys(problem)),
    );
    titles.add(problem.title);
  }
  expect([...titles].sort()).toEqual(
    [
      "A JSON body is needed.",
      "The body is not valid JSON.",
      "The body must be a JSON object.",
      "Some fields are not valid.",
    ].sort(),
  );
});

test("marks in a path, a query, a method, a header and a cookie are in no answer", async () => {
  const { auth } = makeAuth();
  const bearer = createHandler(auth);
  const cookie = createHandler(auth, { transport: "cookie", origins: ["https://app.example"] });
  const client = { ip: null };
  const name = "authorization";
  const requests = [
    { method: "GET", target: `/auth/${MARKED_LETTERS}`, headers: {} },
    { method: MARKED_LETTERS, target: "/auth/me", headers: {} },
    {
      method: "GET",
      target: `/auth/events?cursor=${MARKED_LETTERS}`,
      headers: { [name]: `Bearer ${MARKED_LETTERS}` },
    },
    { method: "GET", target: `/auth/events?${MARKED_LETTERS}=1&${MARKED_LETTERS}=2`, headers: {} },
    { method: "GET", target: "/auth/me", headers: { [name]: MARKED_LETTERS } },
    { method: "GET", target: "/auth/me", headers: { cookie: `__Host-sp-access=${MARKED_LETTERS}` } },
    { method: "POST", target: "/auth/login", headers: { origin: `https://${MARKED_LETTERS}.example` } },
    { method: "POST", target: "/auth/login", headers: { "content-type": MARKED_LETTERS } },
    { method: "DELETE", target: `/auth/sessions/${MARKED_LETTERS}`, headers: {} },
  ];
  for (const handler of [bearer, cookie]) {
    for (const request of requests) {
      const answer = await handler.dispatch({ ...request, body: { kind: "none" }, client });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(markIn(inspect(answer))).toBeNull();
    }
  }
});

test("what is wrong inside is in no answer over HTTP", () => {
  const faults = [
    new AuthError("invalid_configuration", { message: MARK, cause: MARK }),
    new AuthError("internal_error", { message: MARK, cause: new Error(MARK) }),
    ...Object.values(HOSTILE).map((fault) => fault()),
  ];
  for (const fault of faults) {
    const answer = problemResponse(fault);
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body ?? "null")).toMatchObject({
      code: "internal_error",
      title: SENTENCES.internal_error[1],
    });
    expect(markIn(inspect(answer))).toBeNull();
  }
});

test("a refused configuration names the option and repeats no key", async () => {
  const key = ed25519();
  const options: readonly Partial<AuthOptions>[] = [
    { secret: MARKED_LETTERS },
    { secret: [SECRET, MARKED_LETTERS] },
    { secret: `-----BEGIN PUBLIC KEY-----\n${MARKED_LETTERS}\n-----END PUBLIC KEY-----` },
    { secret: { [MARK]: MARK } as never },
    { signingKeys: [MARKED_LETTERS] as never },
    { signingKeys: [{ ...key, d: MARKED_LETTERS }] },
    { signingKeys: [{ ...key, d: MARK }] },
    { signingKeys: [{ ...key, kty: MARK }] },
    { signingKeys: [{ ...key, x: MARKED_LETTERS }] },
    { store: MARK as never },
    { clock: { now: () => MARK as never } },
    { session: { accessTtl: MARK as never } },
    { limits: { login: { address: MARK as never } } },
  ];
  for (const wrong of options) {
    const error = await failureOf(() => createAuth({ secret: SECRET, store: memoryStore(), ...wrong }));
    expect(isAuthError(error) && error.code).toBe("invalid_configuration");
    const { cause: _operators, ...own } = Object.getOwnPropertyDescriptors(error as AuthError);
    expect({ wrong, piece: markIn(inspect(own, { depth: 9 })) }).toEqual({ wrong, piece: null });
  }
});
