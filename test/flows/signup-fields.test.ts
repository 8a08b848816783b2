// Classes: mass assignment, enumeration by the fields of a form, input in errors, a check that fails open.
import {
  type Auth,
  type AuthOptions,
  type AuthStore,
  createAuth,
  type FieldsIssue,
  type FieldsSchema,
  type SignupInput,
  type SignupInputWith,
  type UserCreated,
} from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, SECRET, STORES, strangers } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

const profile = z.object({
  name: z.string().trim().min(2, "Use at least 2 letters."),
  age: z.int().optional(),
});
const right = { email: EMAIL, password: PASSWORD };
const unlimited = { signup: { address: false, account: false } } as const;
const everything: FieldsSchema = schemaOf((value) => ({ value }));

function schemaOf(validate: (value: unknown) => unknown): FieldsSchema {
  return { "~standard": { version: 1, vendor: "test", validate } } as FieldsSchema;
}

const refusing = (...issues: readonly FieldsIssue[]): FieldsSchema => schemaOf(() => ({ issues }));

/** The harness with any schema, and the fields that its hook got. */
function withFields(fields: FieldsSchema, options: Partial<AuthOptions> = {}, more: object = {}) {
  const got: unknown[] = [];
  const userCreated = (created: UserCreated<unknown>): void => void got.push(created.fields);
  const made = makeAuth({
    limits: unlimited,
    ...options,
    signup: { fields, ...more },
    hooks: { userCreated },
  } as object);
  const signup = (own: unknown, email = EMAIL) =>
    made.auth.signup({ email, password: PASSWORD, fields: own } as SignupInput, CLIENT);
  return { ...made, got, signup };
}

async function errorsOf(call: Promise<unknown>): Promise<readonly string[]> {
  const error = await call.then(
    () => ({ code: "fulfilled" }),
    (thrown) => thrown,
  );
  return [
    error.code,
    ...(error.errors ?? []).map((at: { path: string; code: string }) => `${at.path}: ${at.code}`),
  ];
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("the hook gets what the schema makes of the fields, and nothing of them is stored", async () => {
    const { signup, got, store, sink } = withFields(profile, { store: makeStore() });
    const { user } = await signup({
      name: "  Ada Lovelace ",
      age: 36,
      id: "7",
      status: "disabled",
      epoch: 9,
    });
    expect(got).toEqual([{ name: "Ada Lovelace", age: 36 }]);
    expect(user).toMatchObject({ email: EMAIL });
    const stored = [
      await store.users.findForLogin(EMAIL),
      await store.events.list({ userId: user.id, limit: 9 }),
    ];
    expect(stored[0]).toMatchObject({ user: { id: user.id, status: "active", epoch: 0 } });
    expect(JSON.stringify([stored, sink.events])).not.toMatch(/Lovelace|"age"/);
  });

  test("refused fields create nothing, count nothing and leave no event, be the email taken or free", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { signup, got, sink, ctx } = withFields(profile, { store });
    await signup({ name: "Ada" });
    const events = sink.events.length;
    verbs.length = 0;
    for (const email of [EMAIL, "free@example.com"]) {
      expect(await errorsOf(signup({ name: "A", age: 0.5 }, email))).toEqual([
        "invalid_input",
        "fields.name: invalid_field",
        "fields.age: invalid_field",
      ]);
    }
    expect([verbs, sink.events.length, got.length, ctx.hasher.load().running]).toEqual([[], events, 1, 0]);
  });
});

test("the fields are read before any wait: what the caller changes later reaches neither schema nor hook", async () => {
  const { auth, got } = withFields(profile);
  const changing = { email: "bob@example.com", password: PASSWORD, fields: { name: "Bob" } as object };
  const signingUp = auth.signup(changing as SignupInput, CLIENT);
  changing.fields = { name: "B".repeat(5000) };
  await signingUp;
  expect(got).toEqual([{ name: "Bob" }]);
});

test("missing fields count as none, so the schema names each that it requires", async () => {
  const { auth, got } = withFields(profile);
  const bare = (input: object) => auth.signup({ ...right, ...input }, CLIENT);
  expect(await errorsOf(bare({}))).toEqual(["invalid_input", "fields.name: invalid_field"]);
  expect(await errorsOf(bare({ fields: undefined }))).toEqual([
    "invalid_input",
    "fields.name: invalid_field",
  ]);
  const optional = withFields(profile.partial());
  await optional.auth.signup(right, CLIENT);
  expect([got, optional.got]).toEqual([[], [{}]]);
});

test("all mistakes come at once: of the email, the fields and the password", async () => {
  const { auth } = withFields(profile);
  const input = { email: "ada", password: "weak", fields: { name: "A" }, name: "Ada" };
  expect(await errorsOf(auth.signup(input as SignupInput, CLIENT))).toEqual([
    "invalid_input",
    "email: invalid_email",
    ": unknown_field",
    "fields.name: invalid_field",
    "password: too_short",
    "password: missing_upper",
    "password: missing_digit",
  ]);
});

test("an unknown field is refused, with the names of the known ones", async () => {
  const messageOf = async (auth: Pick<Auth, "signup">) => {
    const input = { ...right, name: "Ada", fields: { name: "Ada" } };
    const error = await auth.signup(input as SignupInput, CLIENT).catch((thrown) => thrown);
    return error.errors.map(({ message }: { message: string }) => message);
  };
  expect(await messageOf(makeAuth().auth)).toEqual([
    "There is an unknown field here. Known fields: email, password.",
  ]);
  expect(await messageOf(withFields(profile).auth)).toEqual([
    "There is an unknown field here. Known fields: email, password, fields.",
  ]);
});

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

describe("before the schema is asked", () => {
  test.each([
    ["null", null, "invalid_type"],
    ["a text", "name=Ada", "invalid_type"],
    ["a list", [{ name: "Ada" }], "invalid_type"],
    ["a date", new Date(0), "invalid_type"],
    ["a Map", new Map([["name", "Ada"]]), "invalid_type"],
    ["a cycle", cycle, "invalid_type"],
    ["a BigInt", { name: 1n }, "invalid_type"],
    ["more than 4 KiB", { name: "x".repeat(4096) }, "too_long"],
    ["more than 4 KiB in two bytes each", { name: "é".repeat(2048) }, "too_long"],
    ["16 levels below the object", { name: nested(16) }, "too_deep"],
    ["10,000 levels", { name: nested(1500) }, "too_deep"],
    ["a NUL", { name: "A\0da" }, "unsupported_characters"],
    ["half a character", { deep: [{ name: "\ud800" }] }, "unsupported_characters"],
    ["a NUL in a name", { "A\0": 1 }, "unsupported_characters"],
    ["__proto__", JSON.parse('{"__proto__": {"isAdmin": true}}'), "unsupported_characters"],
    ["__proto__ inside", JSON.parse('{"a": [{"__proto__": 1}]}'), "unsupported_characters"],
    ["constructor", { constructor: { prototype: {} } }, "unsupported_characters"],
  ])("%s is refused", async (_what, fields, code) => {
    const { signup, got } = withFields(everything);
    expect(await errorsOf(signup(fields))).toEqual(["invalid_input", `fields: ${code}`]);
    expect(got).toEqual([]);
  });

  test("what fits reaches it, as a copy", async () => {
    const { signup, got } = withFields(everything);
    const fields = { name: "x".repeat(4096 - '{"name":""}'.length), toJSON: undefined };
    await signup(fields);
    await signup({ name: nested(15) }, "deep@example.com");
    expect(got).toEqual([{ name: fields.name }, { name: nested(15) }]);
    expect(got[0]).not.toBe(fields);
  });
});

describe("a schema fails closed", () => {
  test.each([
    ["answers with a promise that rejects", () => Promise.reject(new TypeError("late")), /promise/],
    ["answers with a promise of a success", async (value: unknown) => ({ value }), /promise/],
    ["never answers", () => new Promise(() => {}), /promise/],
    ["answers with nothing", () => undefined, /./],
    ["answers with null", () => null, /./],
    ["answers with true", () => true, /./],
    ["answers with an empty object", () => ({}), /Standard Schema/],
    ["answers with issues that are no list", () => ({ issues: "none", value: 1 }), /Standard Schema/],
  ])("one that %s", async (_what, validate, cause) => {
    const { signup, got, errors, store } = withFields(schemaOf(validate));
    const error = await signup({ name: "Ada" }).catch((thrown) => thrown);
    expect([error.code, got, errors]).toEqual(["internal_error", [], [error]]);
    expect(String(error.cause)).toMatch(cause);
    expect(await store.users.findForLogin(EMAIL)).toBeNull();
  });

  test("one that throws, with its own error as the cause", async () => {
    const thrown = new RangeError("the schema failed");
    const { signup, got, errors } = withFields(
      schemaOf(() => {
        throw thrown;
      }),
    );
    expect(await codeOf(signup({}))).toBe("internal_error");
    expect([got, (errors as Error[]).map(({ cause }) => cause)]).toEqual([[], [thrown]]);
  });

  test("one with a list of no issues refuses, too", async () => {
    expect(await errorsOf(withFields(refusing()).signup({}))).toEqual([
      "invalid_input",
      "fields: invalid_field",
    ]);
  });

  test("an asynchronous schema of zod is refused", async () => {
    const later = z.object({ name: z.string().refine(async () => true) });
    expect(await codeOf(withFields(later).signup({ name: "Ada" }))).toBe("internal_error");
  });
});

describe("errors hold no input", () => {
  const fields = {
    name: "Augusta",
    note: 'a "quoted" \\ note ',
    tags: [{ label: "x" }],
    prefs: { Augusta: 1 },
  };
  const errorsWith = async (schema: FieldsSchema, options: object = {}): Promise<unknown> => {
    const error = await withFields(schema, {}, options)
      .signup(fields)
      .catch((thrown) => thrown);
    expect(error.cause).toBeUndefined();
    return error.errors;
  };
  const shown = { words: ["name", "tags", "label", "Use at least 8 letters.", "prénom"] };

  test.each([
    ["as it was typed", ({ name }: typeof fields) => `must be a number (was ${name})`],
    ["in quotes", ({ name }: typeof fields) => `Expected number but received "${name}"`],
    ["in the quotes of JSON", ({ note }: typeof fields) => `was ${JSON.stringify(note)}`],
    ["trimmed", ({ note }: typeof fields) => `was ${note.trim()}`],
    ["in capitals", ({ name }: typeof fields) => `was ${name.toUpperCase()}`],
    ["in part", ({ name }: typeof fields) => `begins with ${name.slice(0, 3)}`],
    ["as its key", ({ prefs }: typeof fields) => `Unrecognized key: ${Object.keys(prefs)[0]}`],
    ["at the end of a known sentence", ({ name }: typeof fields) => `Use at least 8 letters. ${name}`],
    ["as an object", ({ name }: typeof fields) => ({ toString: () => name }) as unknown as string],
    ["nothing", () => undefined as unknown as string],
  ])("a message that quotes the input %s", async (_how, messageOf) => {
    const schema = schemaOf((value) => ({ issues: [{ message: messageOf(value as typeof fields) }] }));
    expect(await errorsWith(schema, shown)).toEqual([
      { path: "fields", code: "invalid_field", message: "This is not valid." },
    ]);
  });

  test("a sentence of the application is shown, word for word", async () => {
    const schema = refusing({ message: "Use at least 8 letters." }, { message: "use at least 8 letters." });
    const messages = [{ message: "Use at least 8 letters." }, { message: "This is not valid." }];
    expect(await errorsWith(schema, shown)).toMatchObject(messages);
    expect(await errorsWith(schema)).toMatchObject(messages.map(() => messages[1]));
  });

  test.each([
    [["name"], "fields.name"],
    [["tags", 0, { key: "label" }], "fields.tags.0.label"],
    [["tags", "0"], "fields.tags.0"],
    [["tags", 1], "fields.tags"], // no place of the list
    [["tags", "length"], "fields.tags"],
    [["name", 4711], "fields.name"],
    [[4711], "fields"],
    [["prénom"], "fields.prénom"],
    [["prefs", "Augusta"], "fields"],
    [["tags", "<img src=x>", "label"], "fields.tags"],
    [[Symbol("name")], "fields"],
    [["__proto__"], "fields"],
    [["constructor"], "fields"],
  ])("the path %j ends before a name that the application has not written", async (path, told) => {
    const schema = refusing({ message: "No.", path });
    expect(await errorsWith(schema, shown)).toMatchObject([{ path: told }]);
  });

  test("a schema of zod tells the names of its fields, and none of a record's", async () => {
    const schema = z.object({
      name: z.string().max(3),
      note: z.date().optional(),
      tags: z.array(z.object({ label: z.string().min(2) })),
      prefs: z.record(z.string(), z.string()),
    });
    const paths = ["fields.name", "fields.note", "fields.tags.0.label", "fields.prefs"];
    expect(await errorsWith(schema)).toMatchObject(paths.map((path) => ({ path })));
  });

  test("a schema that cannot be told as JSON Schema is none the worse", async () => {
    const jsonSchema = {
      input: () => {
        throw new TypeError("not supported");
      },
    };
    const issues = [{ message: "No.", path: ["name"] }];
    const standard = { version: 1, vendor: "test", validate: () => ({ issues }), jsonSchema };
    expect(await errorsWith({ "~standard": standard } as FieldsSchema)).toMatchObject([{ path: "fields" }]);
  });

  test("at most 20 of them", async () => {
    const issues = Array.from({ length: 500 }, () => ({ message: "No." }));
    expect(await errorsOf(withFields(refusing(...issues)).signup({}))).toHaveLength(21);
  });
});

test("refused fields use up no attempt, and accepted ones do", async () => {
  const { signup, auth } = withFields(profile, { limits: { signup: { address: "2/1m", account: false } } });
  for (let call = 0; call < 5; call++) expect(await codeOf(signup({ name: "A" }))).toBe("invalid_input");
  expect(await codeOf(signup({ name: "Ada" }))).toBe("fulfilled");
  expect(await codeOf(signup({ name: "Ada" }))).toBe("email_taken");
  expect(await codeOf(signup({ name: "Ada" }))).toBe("rate_limited");
  const stranger = strangers();
  expect(await codeOf(auth.signup({ ...right, fields: { name: "A" } } as SignupInput, stranger()))).toBe(
    "invalid_input",
  );
});

test("a schema that is a function works, and one without a hook does not start", () => {
  const callable = Object.assign(() => {}, everything);
  const start = (signup: object, hooks: object = {}) => makeAuth({ signup, hooks } as Partial<AuthOptions>);
  expect(start({ fields: callable }, { userCreated: () => {} }).auth.hasSignupFields).toBe(true);
  expect(makeAuth().auth.hasSignupFields).toBe(false);
  expect(() => start({ fields: everything })).toThrow(/signup\.fields: needs hooks\.userCreated/);
  for (const fields of [null, {}, () => {}, { "~standard": { version: 2, validate: () => {} } }, z])
    expect(() => start({ fields }, { userCreated: () => {} })).toThrow(/signup\.fields: must be a schema/);
  for (const words of ["name", [""], ["two\nlines"], ["x".repeat(201)], [7], Array(1001).fill("x")])
    expect(() => start({ fields: everything, words }, { userCreated: () => {} })).toThrow(/signup\.words/);
  expect(() => start({ field: everything })).toThrow(/signup\.field: no such option/);
  expect(() => start([])).toThrow(/signup: must be a plain object/);
});

test("the compiler knows the fields from the schema", () => {
  const base = {
    secret: SECRET,
    store: undefined as unknown as AuthStore,
    password: { hasher: insecureTestHasher() },
  };
  const trimmed = z.object({ name: z.string(), since: z.string().transform((text) => new Date(text)) });
  const make = () =>
    createAuth({
      ...base,
      signup: { fields: trimmed },
      hooks: {
        claims: ({ user }) => ({ mail: user.email }),
        userCreated: ({ fields }) => {
          expectTypeOf(fields).toEqualTypeOf<{ name: string; since: Date }>();
        },
      },
    });
  type Made = ReturnType<typeof make>;
  expectTypeOf<Made>().toEqualTypeOf<
    Auth<{ mail: string }, SignupInputWith<{ name: string; since: string }>>
  >();
  const asPlain = (made: Made): Auth<{ mail: string }> => made;
  expectTypeOf<Parameters<Made["signup"]>[0]["fields"]>().toEqualTypeOf<{ name: string; since: string }>();
  expectTypeOf<SignupInputWith<{ name?: string }>["fields"]>().toEqualTypeOf<{ name?: string } | undefined>();
  expectTypeOf<UserCreated["fields"]>().toBeUndefined();
  expectTypeOf<SignupInput>().not.toHaveProperty("fields");
  // @ts-expect-error: a required field of the application is missing
  const incomplete: Parameters<Made["signup"]>[0] = { ...right, fields: { name: "Ada" } };
  // @ts-expect-error: the fields themselves are missing
  const without: Parameters<Made["signup"]>[0] = right;
  expect([incomplete.email, without.email, asPlain.length]).toEqual([EMAIL, EMAIL, 1]);
});
