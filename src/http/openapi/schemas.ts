import * as z from "zod/mini";
import { components } from "../../contract/described.ts";
import { REMEMBER, takesRemember } from "../../contract/remember.ts";
import { tokenFieldsOf } from "../../contract/token-fields.ts";
import type { Json } from "./json.ts";
import type { Mode } from "./modes.ts";

type Settings = Parameters<typeof z.toJSONSchema>[1];

/** A schema as content of a body: by its name, if it has one. */
export function jsonContent(schema: z.core.$ZodType, mode: Mode): Json {
  return { "application/json": { schema: reference(schema, mode) } };
}

export function reference(schema: z.core.$ZodType, mode: Mode): Json {
  const id = components.get(schema)?.id;
  return id ? { $ref: `#/components/schemas/${id}` } : inlineSchema(schema, mode);
}

export function inlineSchema(schema: z.core.$ZodType, mode: Mode): Json {
  return withoutIds(z.toJSONSchema(schema, settingsOf(mode)));
}

/** The named schemas that a part of the document refers to, directly or not. */
export function referredSchemas(part: Json, mode: Mode): Json {
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(components, { ...settingsOf(mode), uri });
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, id = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (found.has(id)) continue;
      found.add(id);
      visit(withoutIds(schemas[id] ?? {}));
    }
  };
  visit(part);
  const referred = Object.entries(schemas).filter(([id]) => found.has(id));
  return Object.fromEntries(referred.map(([id, schema]) => [id, withoutIds(schema)]));
}

function settingsOf({ hasTokensInBodies }: Mode): Settings {
  const override = hasTokensInBodies ? {} : { override: forCookies };
  return { target: "draft-2020-12", io: "input", ...override };
}

// Cookies hold the tokens, and `remember` says how long the browser keeps them.
const forCookies: NonNullable<NonNullable<Settings>["override"]> = ({ zodSchema, jsonSchema }) => {
  const tokens = tokenFieldsOf(zodSchema);
  const { properties, required } = jsonSchema;
  if (!properties) return;
  const isKept = (name: string): boolean => !Object.hasOwn(tokens, name);
  const kept = Object.entries(properties).filter(([name]) => isKept(name));
  const added = takesRemember(zodSchema) ? { remember: REMEMBER } : {};
  Object.assign(jsonSchema, { properties: { ...Object.fromEntries(kept), ...added } });
  if (required) Object.assign(jsonSchema, { required: required.filter(isKept) });
};

// OpenAPI names schemas by their place: `$id` and `$schema` would be second names.
function withoutIds({ $id: _id, $schema: _schema, id: _name, ...rest }: Record<string, unknown>): Json {
  return rest;
}
