import { malformed } from "../../contract/body.ts";
import type { HttpRequest } from "../../contract/message.ts";
import type { RouteRow } from "../../contract/route.ts";
import { type FormFields, formFields } from "./form-body.ts";
import { localPath } from "./local-path.ts";

/** A form, taken apart. */
export interface PostedForm {
  /** Where a success leads. Null: the form names no path of this site. */
  readonly returnTo: string | null;
  /** Where a refusal leads, in the same way. */
  readonly form: string | null;
  /** The fields of the JSON body. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Names of the application's own fields at signup: `fields.name` is `name` in `fields`. */
const OWN = "fields.";

export function postedForm(route: RouteRow, request: HttpRequest, publicPath: string): PostedForm {
  const { returnTo, form, ...fields } = formFields(request);
  return {
    returnTo: localPath(returnTo, publicPath),
    form: localPath(form, publicPath),
    input: { ...coreFields(route, fields), ...ownFields(fields) },
  };
}

/** The same request with JSON in place of the form: from here on, one is as good as the other. */
export function asJson(request: HttpRequest, input: PostedForm["input"]): HttpRequest {
  const headers = { ...request.headers, "content-type": "application/json" };
  return { ...request, headers, body: { kind: "parsed", value: input } };
}

function coreFields({ takesRemember }: RouteRow, fields: FormFields): Readonly<Record<string, unknown>> {
  const core = Object.entries(fields).filter(([name]) => !name.startsWith(OWN));
  return Object.fromEntries(
    core.map(([name, text]) => [name, takesRemember && name === "remember" ? asBoolean(text) : text]),
  );
}

function ownFields(fields: FormFields): { readonly fields?: FormFields } {
  const own = Object.entries(fields).filter(([name]) => name.startsWith(OWN));
  if (own.length === 0) return {};
  if (Object.hasOwn(fields, "fields")) throw malformed("Own fields have names such as fields.name.");
  return { fields: Object.fromEntries(own.map(([name, text]) => [name.slice(OWN.length), text])) };
}

/** Any other text is no answer, and is refused as in JSON. */
function asBoolean(text: string): boolean | string {
  return text === "true" || (text === "false" ? false : text);
}
