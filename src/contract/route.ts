import type * as z from "zod/mini";
import type { ClientInfo } from "../api/inputs.ts";
import type { ProofPurpose } from "../domain/vocabulary.ts";
import type { AuthErrorCode } from "../errors.ts";
import { takesRemember } from "./remember.ts";
import { type TokenFields, takesChallenge, tokenFieldsOf } from "./token-fields.ts";

declare const row: unique symbol;

/** The status of a success that is `check_email`. */
export const MAILED_STATUS = 202;

type Method = "GET" | "POST" | "DELETE";

/** An HTTP route that a feature brings. `createHandler` serves it; only features make one. */
export interface Route {
  readonly method: Method;
  /** Below the base path. A `{name}` stands for one segment. */
  readonly path: string;
  readonly [row]: true;
}

/** One row of the HTTP contract. `defineRoute` makes it. */
export interface RouteRow extends Route, Description {
  readonly input?: z.ZodMiniType;
  /** The schema of each `{name}` in the path. */
  readonly parameters: Readonly<Record<string, z.ZodMiniType>>;
  /** The tokens that the request brings, by the field that holds each in bearer mode. */
  readonly takes: TokenFields;
  /** Whether the body may have `remember` in cookie mode. */
  readonly takesRemember: boolean;
  /** Whether the body has a `challengeToken`. A form may leave it to a cookie. */
  readonly takesChallenge: boolean;
  /** The tokens that a success brings, in the same way. */
  readonly brings: TokenFields;
  /** Whether this success ended the session that asked for it. */
  endsOwnSession?(result: unknown): boolean;
  run(request: KnownRequest): Promise<unknown>;
}

interface Description {
  readonly method: Method;
  readonly name: string;
  readonly summary: string;
  /** `bearer`: an access token. `optional`: an access token or none. `refresh`: a refresh token. `either`: one of the two. */
  readonly access: "public" | "bearer" | "optional" | "refresh" | "either";
  /** An object: its fields are the parameters of the query. */
  readonly query?: z.ZodMiniType;
  readonly status: number;
  /** Without it the answer has no body. */
  readonly output?: z.ZodMiniType;
  /** If the result may be `check_email`: the output of that answer. Its status is 202, since nothing is done yet. */
  readonly mailed?: z.ZodMiniType;
  /** The purpose of the mail that it asks for. The page that follows a form is told it as `kind`. */
  readonly mails?: ProofPurpose;
  /** Default `no-store`. */
  readonly cacheControl?: string;
  readonly errors: readonly AuthErrorCode[];
  /** What it takes besides JSON, if the handler has `pages`. `form only`: a form, and no JSON. */
  readonly accepts?: "form" | "form only";
  /** The only rule that may refuse it. Default: the client address has a rule too, and the answer shows its rest. */
  readonly limitedBy?: "session";
}

type RouteDefinition<Path extends string, Input, Result> = Description &
  PathParameters<Path> & {
    readonly path: Path;
    readonly input?: z.ZodMiniType<unknown, Input>;
    run(request: KnownRequest<Input, NameIn<Path>>): Promise<Result>;
    endsOwnSession?(result: Result): boolean;
  };

type NameIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NameIn<Rest>
  : never;

type PathParameters<Path extends string> = [NameIn<Path>] extends [never]
  ? { readonly parameters?: never }
  : { readonly parameters: Readonly<Record<NameIn<Path>, z.ZodMiniType<string>>> };

/** Makes a row. The compiler asks for the schema of each `{name}`, and knows names and input in `run`. */
export function defineRoute<const Path extends string, Input, Result>(
  definition: RouteDefinition<Path, Input, Result>,
): RouteRow {
  const { input, output } = definition;
  const tokens = { takes: tokenFieldsOf(input), brings: tokenFieldsOf(output) };
  const derived = { ...tokens, takesRemember: takesRemember(input), takesChallenge: takesChallenge(input) };
  // The router calls `run` with the names of the row's own path, and with a body for the row's own flow.
  return Object.freeze({ parameters: {}, ...definition, ...derived }) as unknown as RouteRow;
}

/** Opens the routes of features. */
export function rowsOf(routes: readonly Route[]): readonly RouteRow[] {
  return routes as readonly RouteRow[]; // `defineRoute` made each
}

/** A request whose route and client are known. */
export interface KnownRequest<Input = unknown, Name extends string = string> {
  readonly client: ClientInfo;
  /** The request target as it was sent. */
  readonly target: string;
  /** The text in place of each `{name}`, as it was sent. */
  readonly parameters: Readonly<Record<Name, string>>;
  readonly tokens: PresentedTokens;
  /**
   * The JSON body, and the tokens of cookies that belong to it. `Input` names the flow that it is for. The
   * body is not checked yet: the flow does that.
   */
  input(): Input;
}

/** Each call throws `token_missing` if the request does not have the token. */
export interface PresentedTokens {
  access(): string;
  refresh(): string;
  /** The tokens whose sessions shall end: at least one. */
  ending(): readonly string[];
  /** Whether a refresh cookie came, of any value. It is not read. */
  hasRefreshCookie(): boolean;
}
