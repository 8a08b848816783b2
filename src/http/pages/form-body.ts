import { type BodyFormat, isOfType, malformed, readBody } from "../../contract/body.ts";
import type { HttpHeaders, HttpRequest } from "../../contract/message.ts";
import { AuthError } from "../../errors.ts";

const FORM: BodyFormat = {
  mediaType: "application/x-www-form-urlencoded",
  name: "form",
  read: (text) => fieldsOf(text),
};

/** The fields of a form. Each is a text. */
export type FormFields = Readonly<Record<string, string>>;

/** Whether a request says that it is a form. One without fields has no body. */
export function isForm(headers: HttpHeaders): boolean {
  return isOfType(headers, FORM);
}

/** Throws `malformed_request` for a field that is there twice, and for what is not UTF-8. */
export function formFields(request: HttpRequest): FormFields {
  if (!isForm(request.headers))
    throw new AuthError("unsupported_media_type", { message: "The request body must be a form." });
  if (request.body.kind === "none") return {};
  const fields = readBody(request, FORM);
  // A parser in front makes a list of a field that is there twice, and an object of `a[b]`.
  if (!isOfTexts(fields)) throw malformed("Each field of a form must be there once.");
  return fields;
}

function isOfTexts(fields: object): fields is FormFields {
  return !Array.isArray(fields) && Object.values(fields).every((value) => typeof value === "string");
}

// `URLSearchParams` would replace bytes that are not UTF-8: two passwords could become one.
function fieldsOf(text: string): FormFields {
  const pairs = text.split("&").filter((pair) => pair !== "");
  const fields = new Map(pairs.map((pair) => pairOf(pair)));
  if (fields.size < pairs.length) throw malformed("A field is there twice.");
  return Object.fromEntries(fields);
}

function pairOf(pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf("=");
  return at < 0 ? [decoded(pair), ""] : [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " ")); // throws for what is not UTF-8
}
