import { MAILED_STATUS, type RouteRow } from "../../contract/route.ts";
import { problemOutput } from "../../contract/shapes.ts";
import { type AuthErrorCode, statusOf } from "../../errors.ts";
import { formResponse } from "./forms.ts";
import { headerReference, type Json, unlessEmpty } from "./json.ts";
import type { Mode } from "./modes.ts";
import { jsonContent, reference } from "./schemas.ts";

const ALWAYS: readonly AuthErrorCode[] = ["internal_error", "unavailable"];

const LIMIT_HEADERS: Json = { ...headerReference("RateLimit"), ...headerReference("RateLimit-Policy") };

/** The headers of responses, in both modes. */
export const HEADERS: Json = {
  RateLimit: {
    description:
      "What is left of the client address's rule: `r` attempts; `t` seconds until its window ends or, with none left, until there are more",
    schema: { type: "string", examples: ['"address";r=4;t=60'] },
  },
  "RateLimit-Policy": {
    description: "The client address's rule: `q` attempts in `w` seconds",
    schema: { type: "string", examples: ['"address";q=5;w=60'] },
  },
  "Retry-After": { description: "Whole seconds", schema: { type: "integer", minimum: 1 } },
};

/** The statuses of requests that are refused before anything is counted. */
const UNCOUNTED: readonly number[] = [400, 403, 408, 413, 415];

const RETRIED: readonly number[] = [429, 503];

/** Every answer of a route, by its status. */
export function responses(row: RouteRow, mode: Mode): Json {
  return { ...success(row, mode), ...formResponse(row, mode), ...failures(row, mode) };
}

function success(row: RouteRow, mode: Mode): Json {
  const { status, output, mailed, cacheControl } = row;
  const headers = {
    ...limitHeaders(row),
    ...mode.successHeaders(row),
    ...(cacheControl === undefined && mode.privateHeaders),
  };
  const mailHeaders = { ...limitHeaders(row), ...mode.privateHeaders };
  return {
    [status]: {
      description: output ? "Done" : "Done; no body",
      ...unlessEmpty("headers", headers),
      ...(output && { content: jsonContent(output, mode) }),
    },
    ...(mailed && {
      [MAILED_STATUS]: {
        description: "A mail is on its way, if the address may get one; nothing is done yet",
        ...unlessEmpty("headers", mailHeaders),
        content: jsonContent(mailed, mode),
      },
    }),
  };
}

function failures(row: RouteRow, mode: Mode): Json {
  const codes = new Set([...row.errors, ...mode.addedErrors(row), ...ALWAYS]);
  const statuses = new Set([...codes].map(statusOf));
  const content = { "application/problem+json": { schema: reference(problemOutput, mode) } };
  const failure = (status: number): Json => ({
    description: [...codes]
      .filter((code) => statusOf(code) === status)
      .map((code) => `\`${code}\``)
      .join(", "),
    ...unlessEmpty("headers", failureHeaders(row, status, mode)),
    content,
  });
  return Object.fromEntries([...statuses].map((status) => [status, failure(status)]));
}

function failureHeaders(row: RouteRow, status: number, mode: Mode): Json {
  return {
    ...(RETRIED.includes(status) && headerReference("Retry-After")),
    ...(!UNCOUNTED.includes(status) && limitHeaders(row)),
    ...(status === 401 && mode.unauthorizedHeaders(row)),
    ...mode.privateHeaders,
  };
}

function limitHeaders({ errors, limitedBy }: RouteRow): Json {
  return errors.includes("rate_limited") && limitedBy !== "session" ? LIMIT_HEADERS : {};
}
