import type { z } from "zod";
import type { Auth } from "../api/auth.ts";
import type { AuthErrorCode } from "../errors.ts";
import type { HttpClient, HttpRequest } from "./message.ts";

/** One row of the HTTP contract. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the base path. A `{name}` stands for one segment. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  /** `bearer`: an access token. `refresh`: a refresh token. `either`: one of both. */
  readonly access: "public" | "bearer" | "refresh" | "either";
  readonly input?: z.ZodType;
  readonly query?: z.ZodObject;
  readonly status: number;
  /** None: the answer has no body. */
  readonly output?: z.ZodType;
  /** Default `no-store`. */
  readonly cacheControl?: string;
  readonly errors: readonly AuthErrorCode[];
  /** Whether a success brings tokens. */
  readonly issuesTokens?: true;
  /** Whether this success ended the session that asked for it. */
  endsOwnSession?(result: unknown): boolean;
  run(auth: Auth, request: KnownRequest): Promise<unknown>;
}

/** A request whose route and client are known, the client at least to have no address. */
export interface KnownRequest extends HttpRequest {
  readonly client: HttpClient & { readonly ip: string | null };
  /** What stands in place of each `{name}`, as it was sent. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly tokens: PresentedTokens;
}

/** Each throws, `invalid_token` for one, where the route needs the token and the request has none. */
export interface PresentedTokens {
  access(): string;
  refresh(): string;
  /** Of what is to end, at least one. */
  ending(): readonly string[];
  /** The fields of a login, the device token of the request among them. */
  login(): unknown;
}
