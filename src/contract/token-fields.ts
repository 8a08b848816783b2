import * as z from "zod/mini";
import { built } from "../api/schema.ts";

/** The kinds of tokens. In cookie mode each has a cookie of its own. */
export type TokenKind = "access" | "refresh" | "device";

/** The fields of a body that are tokens, and the cookie of each. */
export type TokenFields = Readonly<Record<string, TokenKind>>;

const cookies = z.registry<{ readonly cookie: TokenKind }>();

/** Marks the schema of a field as a token. In cookie mode a cookie holds it, and no body has the field. */
export function tokenField<Schema extends z.ZodMiniType>(cookie: TokenKind, schema: Schema): Schema {
  cookies.add(schema, { cookie });
  return schema;
}

/** The schema of what is sent. What a flow makes of it afterwards has no other fields. */
export function sentSchema(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const whole = built(schema);
  return whole instanceof z.ZodMiniPipe ? sentSchema(whole.def.in) : whole;
}

/** The token fields of an object, or of all members of a union. */
export function tokenFieldsOf(described: z.core.$ZodType | undefined): TokenFields {
  const schema = sentSchema(described);
  if (schema instanceof z.ZodMiniUnion) return Object.assign({}, ...schema.def.options.map(tokenFieldsOf));
  if (!(schema instanceof z.ZodMiniObject)) return {};
  const fields = Object.entries(schema.shape).map(([name, field]) => [name, cookies.get(field)?.cookie]);
  const marked = fields.filter(([, cookie]) => cookie !== undefined);
  // Cookie mode knows the fields by these names: a token under another name would stay in the body.
  const misnamed = marked.find(([name, cookie]) => name !== `${cookie}Token`);
  if (misnamed) throw new TypeError(`A token field must be named ${misnamed[1]}Token, not ${misnamed[0]}`);
  return Object.fromEntries(marked);
}

/** Whether a body has the token of a challenge. It is no token of a session: it stays in bodies, in both modes. */
export function takesChallenge(described: z.core.$ZodType | undefined): boolean {
  const schema = sentSchema(described);
  if (schema instanceof z.ZodMiniUnion) return schema.def.options.some(takesChallenge);
  return schema instanceof z.ZodMiniObject && Object.hasOwn(schema.shape, "challengeToken");
}
