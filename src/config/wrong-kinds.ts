import { isPlainObject } from "../lib/plain-object.ts";
import { isObject } from "./fields.ts";

/** The options that hold options. A dot leads one deeper; `*` stands for each name. */
const GROUPS: readonly string[] = [
  "",
  "limits",
  "limits.*",
  "session",
  "session.check",
  "password",
  "password.policy",
  "password.hashing",
  "retention",
  "signup",
  "hooks",
  "mail",
  "mail.ttl",
  "mail.notices",
  "email",
  "features",
];

/** The groups of options that are objects of the wrong kind. The schema takes them for empty groups. */
export function findWrongKinds(raw: unknown): readonly string[] {
  return GROUPS.flatMap((path) => reach(raw, path === "" ? [] : path.split("."), ""));
}

function reach(value: unknown, [name, ...deeper]: readonly string[], path: string): readonly string[] {
  if (!isObject(value)) return []; // the schema refuses it
  if (name === undefined) {
    return isPlainObject(value)
      ? []
      : [`${path || "options"}: must be a plain object; is an \`await\` missing?`];
  }
  const names = name === "*" ? Object.keys(value) : [name];
  return names.flatMap((key) => reach(value[key], deeper, path ? `${path}.${key}` : key));
}
