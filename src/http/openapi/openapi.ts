import * as z from "zod";
import type { Route } from "../../contract/route.ts";
import { components, problemOutput } from "../../contract/shapes.ts";
import { type AuthErrorCode, statusOf } from "../../errors.ts";
import type { CookieNames } from "../transport/cookies.ts";
import {
  COOKIE_HEADERS,
  cookieRow,
  cookieSchemes,
  type DocumentedRoute,
  type Json,
  withoutTokens,
} from "./openapi-cookies.ts";

const ALWAYS: readonly AuthErrorCode[] = ["internal_error", "unavailable"];

export interface ContractOptions {
  readonly basePath: string;
  /** None: tokens travel in the header and in bodies. */
  readonly cookieNames?: CookieNames | undefined;
}

/** `GET /openapi.json`: the contract, made once from the table that it describes. */
export function contractRoute(routes: readonly Route[], options: ContractOptions): Route {
  const route: Route = {
    method: "GET",
    path: "/openapi.json",
    name: "contract",
    summary: "This contract, as OpenAPI 3.1",
    access: "public",
    status: 200,
    output: z.record(z.string(), z.unknown()),
    cacheControl: "public, max-age=3600",
    errors: [],
    run: async () => document,
  };
  const document = openApiDocument([...routes, route], options);
  return route;
}

/** The OpenAPI 3.1 document of a route table. */
function openApiDocument(routes: readonly Route[], { basePath, cookieNames }: ContractOptions): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of cookieNames ? routes.map(cookieRow) : routes) {
    const path = `${basePath}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sallyport",
      version: "1",
      description: "Signup, login, sessions and audit trail. Errors are RFC 9457 problems.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [{ name: "auth", description: "Accounts and their sessions" }],
    paths,
    components: {
      securitySchemes: cookieNames ? cookieSchemes(cookieNames) : BEARER_SCHEME,
      headers: { ...HEADERS, ...(cookieNames && COOKIE_HEADERS) },
      schemas: cookieNames ? withoutTokens(componentSchemas()) : componentSchemas(),
    },
  };
}

function operation(route: DocumentedRoute): Json {
  return {
    operationId: route.name,
    summary: route.summary,
    tags: ["auth"],
    security: route.security ?? SECURITY[route.access],
    ...parameters(route),
    ...(route.input && {
      requestBody: { required: route.access !== "either", content: json(route.input) },
    }),
    responses: { ...success(route), ...failures(route) },
  };
}

const BEARER_SCHEME: Json = { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } };

// Of `either` the second has no header: what stands in its place is in the body.
const SECURITY: Readonly<Record<Route["access"], readonly Json[]>> = {
  public: [],
  refresh: [],
  bearer: [{ bearer: [] }],
  either: [{ bearer: [] }, {}],
};

function success({ status, output, errors, headers }: DocumentedRoute): Json {
  const all = { ...(isLimited(errors) && LIMIT_HEADERS), ...headers };
  return {
    [status]: {
      description: output ? "Done" : "Done; no body",
      ...(Object.keys(all).length > 0 && { headers: all }),
      ...(output && { content: json(output) }),
    },
  };
}

function failures({ errors, unauthorizedHeaders }: DocumentedRoute): Json {
  const codesByStatus = new Map<number, AuthErrorCode[]>();
  for (const code of [...errors, ...ALWAYS]) {
    const status = statusOf(code);
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...codesByStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\``).join(", "),
        ...failureHeaders(status, {
          ...(isLimited(errors) && !UNCOUNTED.includes(status) && LIMIT_HEADERS),
          ...(status === 401 && unauthorizedHeaders),
        }),
        content: { "application/problem+json": { schema: reference(problemOutput) } },
      },
    ]),
  );
}

const headerReference = (name: string): Json => ({ [name]: { $ref: `#/components/headers/${name}` } });
const LIMIT_HEADERS: Json = { ...headerReference("RateLimit"), ...headerReference("RateLimit-Policy") };
const HEADERS: Json = {
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

/** Refused before anything is counted. */
const UNCOUNTED: readonly number[] = [400, 403, 413, 415];

function isLimited(errors: readonly AuthErrorCode[]): boolean {
  return errors.includes("rate_limited");
}

function failureHeaders(status: number, others: Json): { readonly headers?: Json } {
  const retry = status === 429 || status === 503 ? headerReference("Retry-After") : {};
  const headers = { ...retry, ...others };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

function parameters({ path, query }: Route): { readonly parameters?: readonly Json[] } {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", format: "uuid" },
  }));
  const all = [...inPath, ...(query ? queryParameters(query) : [])];
  return all.length > 0 ? { parameters: all } : {};
}

function queryParameters(query: z.ZodObject): readonly Json[] {
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description, ...rest } = jsonSchema(schema as z.ZodType);
    return { name, in: "query", required: false, description, schema: rest };
  });
}

function json(schema: z.ZodType): Json {
  return { "application/json": { schema: reference(schema) } };
}

function reference(schema: z.ZodType): Json {
  const id = components.get(schema)?.id;
  return id ? { $ref: `#/components/schemas/${id}` } : jsonSchema(schema);
}

function componentSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(components, {
    target: "draft-2020-12",
    io: "input",
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIds(schema)]));
}

function jsonSchema(schema: z.ZodType): Json {
  return withoutIds(z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" }));
}

// OpenAPI names schemas by their place: `$id` and `$schema` would be second names.
function withoutIds({ $id: _id, $schema: _schema, id: _name, ...rest }: Record<string, unknown>): Json {
  return rest;
}
