export interface SignupOptions<Fields = unknown, Parsed = undefined> {
  /**
   * The schema of your own fields at signup, of zod or another library with Standard Schema. A signup sends them as
   * `fields`: at most 4 KiB of JSON. `hooks.userCreated` gets what the schema makes of them, and is required with this
   * option. The library stores nothing of them. The schema must answer at once, without a promise.
   *
   * @example
   * ```ts
   * import { createAuth } from "sallyport";
   * import { kyselyStore, kyselyTransaction } from "sallyport/kysely";
   * import type { Kysely } from "kysely";
   * import * as z from "zod";
   *
   * interface Database {
   *   profiles: { user_id: string; name: string };
   * }
   * declare const db: Kysely<Database>;
   *
   * const auth = createAuth({
   *   secret: process.env["AUTH_SECRET"],
   *   store: kyselyStore(db),
   *   signup: {
   *     fields: z.strictObject({ name: z.string().trim().min(1, "Enter your name.").max(80) }),
   *     words: ["Enter your name."],
   *   },
   *   hooks: {
   *     userCreated: ({ user, tx, fields }) =>
   *       kyselyTransaction<Database>(tx)
   *         .insertInto("profiles")
   *         .values({ user_id: user.id, name: fields.name })
   *         .execute(),
   *   },
   * });
   * const input = { email: "ada@example.com", password: "Analytical1", fields: { name: "Ada" } };
   * await auth.signup(input, { ip: null });
   * ```
   */
  readonly fields?: FieldsSchema<Fields, Parsed> | undefined;
  /**
   * What the errors of these fields may show, word for word: sentences of your schema, and names of fields. Any other
   * sentence becomes "This is not valid.", and a path ends before any other name, since both may quote what a user
   * typed. A schema with Standard JSON Schema, such as one of zod, tells the names by itself. Lines of at most 200
   * characters.
   */
  readonly words?: readonly string[] | undefined;
}

/**
 * The part of Standard Schema (version 1) that this library uses. Schemas of zod have it, and those of others. `Input` is
 * what a signup sends, and `Output` is what `hooks.userCreated` gets.
 */
export interface FieldsSchema<Input = unknown, Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => FieldsVerdict<Output> | Promise<FieldsVerdict<Output>>;
    /** Only for the compiler. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** With `issues`, the fields are refused. */
export type FieldsVerdict<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly FieldsIssue[] };

export interface FieldsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The fields in the input of a signup. They may be left out if none of them is required. */
export type WithFields<Fields> = unknown extends Fields
  ? unknown
  : Readonly<Record<never, never>> extends Fields
    ? { readonly fields?: Fields | undefined }
    : { readonly fields: Fields };
