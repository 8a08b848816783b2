import type { RouteRow } from "../../contract/route.ts";
import { headerReference, type Json } from "./json.ts";
import type { Mode } from "./modes.ts";
import { inlineSchema } from "./schemas.ts";

const LOCAL_PATH = "A path of the site, outside of the base path. Anything else counts as absent";

/** What a form may have besides the fields of the JSON. */
const OF_FORMS: Json = {
  returnTo: { description: `Where a success leads. ${LOCAL_PATH}`, type: "string", maxLength: 2048 },
  form: { description: `Where a refusal leads. ${LOCAL_PATH}`, type: "string", maxLength: 2048 },
};

/** The form that a row takes beside JSON, if the handler has pages. */
export function formContent({ accepts, input }: RouteRow, mode: Mode): Json {
  if (!accepts || !input || !mode.takesForms) return {};
  const { properties, required = [], ...rest } = inlineSchema(input, mode);
  // A cookie may have the token of the challenge, and each own field has a name such as `fields.name`.
  const { fields, ...own } = Object(properties) as Json;
  const names = (required as readonly string[]).filter((name) => name !== "challengeToken");
  const schema = {
    ...rest,
    properties: { ...own, ...OF_FORMS },
    ...(fields !== undefined && { patternProperties: { "^fields\\.": { type: "string" } } }),
    ...(names.length > 0 && { required: names }),
  };
  return { "application/x-www-form-urlencoded": { schema } };
}

/** The answer to a form. A refusal is such an answer, too. */
export function formResponse({ accepts }: RouteRow, mode: Mode): Json {
  if (!accepts || !mode.takesForms) return {};
  const headers = {
    ...headerReference("Location"),
    ...headerReference("Set-Cookie"),
    ...mode.privateHeaders,
  };
  return { 303: { description: "To a form: the next page, or the form again with `error`", headers } };
}
