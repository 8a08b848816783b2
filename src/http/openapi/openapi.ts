import * as z from "zod/mini";
import { built } from "../../api/schema.ts";
import { defineRoute, type RouteRow } from "../../contract/route.ts";
import type { CookieNames } from "../transport/cookies.ts";
import { formContent } from "./forms.ts";
import { type Json, unlessEmpty } from "./json.ts";
import { bearerMode, cookieMode, type Mode } from "./modes.ts";
import { HEADERS, responses } from "./responses.ts";
import { inlineSchema, jsonContent, referredSchemas } from "./schemas.ts";

export interface ContractOptions {
  /** The path of the routes, as browsers see it. */
  readonly publicPath: string;
  /** Without them, tokens travel in the header and in bodies. */
  readonly cookieNames?: CookieNames | undefined;
  /** Whether the handler has pages. */
  readonly takesForms: boolean;
}

/** `GET /openapi.json`: the contract of these rows and of this one. The first request makes it, once. */
export function contractRoute(
  rows: readonly RouteRow[],
  { publicPath, cookieNames, takesForms }: ContractOptions,
): RouteRow {
  const mode = cookieNames ? cookieMode(cookieNames, takesForms) : bearerMode;
  let document: Json | undefined;
  const row = defineRoute({
    method: "GET",
    path: "/openapi.json",
    name: "contract",
    summary: "This contract, as OpenAPI 3.1",
    access: "public",
    status: 200,
    output: z.record(z.string(), z.unknown()),
    cacheControl: "public, max-age=3600",
    errors: [],
    run: async () => {
      document ??= openApiDocument(pathsOf([...rows, row], publicPath, mode), mode);
      return document;
    },
  });
  return row;
}

function openApiDocument(paths: Json, mode: Mode): Json {
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
      securitySchemes: mode.securitySchemes,
      headers: { ...HEADERS, ...mode.headers },
      schemas: referredSchemas(paths, mode),
    },
  };
}

function pathsOf(rows: readonly RouteRow[], publicPath: string, mode: Mode): Json {
  const paths: Record<string, Json> = {};
  for (const row of rows) {
    const path = `${publicPath}${row.path}`;
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operation(row, mode) };
  }
  return paths;
}

function operation(row: RouteRow, mode: Mode): Json {
  return {
    operationId: row.name,
    summary: row.summary,
    tags: ["auth"],
    security: mode.security[row.access],
    ...parameters(row, mode),
    ...unlessEmpty("requestBody", requestBody(row, mode)),
    responses: responses(row, mode),
  };
}

function requestBody(row: RouteRow, mode: Mode): Json {
  const { input, takes, access } = row;
  if (!input) return {};
  const form = formContent(row, mode);
  const { properties } = inlineSchema(input, mode);
  const isInCookies = properties && Object.keys(takes).length > 0 && Object.keys(properties).length === 0;
  if (isInCookies) return unlessEmpty("content", form);
  return { required: access !== "either", content: { ...jsonContent(input, mode), ...form } };
}

function parameters(row: RouteRow, mode: Mode): Json {
  const inPath = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => {
    const schema = row.parameters[name];
    return { name, in: "path", required: true, ...(schema && described(schema, mode)) };
  });
  const query = built(row.query);
  const inQuery = Object.entries(query instanceof z.ZodMiniObject ? query.shape : {}).map(
    ([name, schema]) => ({
      name,
      in: "query",
      required: false,
      ...described(schema, mode),
    }),
  );
  const all = [...inPath, ...inQuery];
  return all.length > 0 ? { parameters: all } : {};
}

function described(schema: z.core.$ZodType, mode: Mode): Json {
  const { description, ...rest } = inlineSchema(schema, mode);
  // A list is one parameter: a parameter that is there twice is refused.
  return { description, ...(rest["type"] === "array" && { explode: false }), schema: rest };
}
