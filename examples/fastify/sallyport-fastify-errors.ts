import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AuthError, type FieldError, isAuthError } from "sallyport";
import { problemResponse } from "sallyport/http";

/**
 * Answers what the library, Fastify's body parsers and its schemas refused:
 * `app.setErrorHandler(sendAuthErrors)`. Other errors are Fastify's.
 */
export async function sendAuthErrors(
  error: unknown,
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const refusal = isAuthError(error) ? error : fastifyRefusal(Object(error));
  if (!refusal) throw error;
  return sendProblem(reply, refusal);
}

/**
 * Answers errors before any hook or route, with `fastify({ frameworkErrors })`: a path that cannot be decoded, or
 * has too long a parameter, is 404.
 */
export function frameworkErrors(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const fault = new AuthError("internal_error");
  sendProblem(reply, error.statusCode === fault.status ? fault : new AuthError("not_found"));
}

function sendProblem(reply: FastifyReply, refusal: AuthError): FastifyReply {
  const { status, headers, body } = problemResponse(refusal);
  // Send bytes: to the type of a text, Fastify would add a charset.
  return reply
    .code(status)
    .headers(headers)
    .send(Buffer.from(body ?? ""));
}

const PARSER_CODES = ["malformed_request", "payload_too_large", "unsupported_media_type"] as const;

function fastifyRefusal({ code = "", statusCode, validation }: FastifyError): AuthError | undefined {
  if (validation) return new AuthError("invalid_input", { errors: validation.map(fieldError) });
  if (!/^FST_ERR_CTP_(?:BODY|EMPTY_JSON|INVALID)/.test(code)) return undefined;
  return PARSER_CODES.map((known) => new AuthError(known)).find(({ status }) => status === statusCode);
}

type Invalid = NonNullable<FastifyError["validation"]>[number];

const UNKNOWN = { code: "unknown_field", message: "There is an unknown field here." } as const;

/** One failed rule. The names of fields that no schema knows are input, and not repeated. */
function fieldError({ instancePath, keyword, params, schemaPath, message }: Invalid): FieldError {
  const missing = params["missingProperty"];
  const names = instancePath
    .split("/")
    .filter((name) => /^\d+$/.test(name) || schemaPath.includes(`/properties/${name}/`));
  const path = [...names, ...(typeof missing === "string" ? [missing] : [])].join(".");
  if (keyword === "additionalProperties") return { path, ...UNKNOWN };
  return { path, code: keyword, message: `This ${message ?? "is not valid"}.` };
}
