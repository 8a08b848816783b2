import type { HttpHeaders, HttpRequest } from "../../contract/message.ts";
import type { PresentedTokens, RouteRow } from "../../contract/route.ts";
import type { CookieNames } from "./cookies.ts";
import type { PageCookies } from "./page-cookies.ts";
import type { TokenCookie } from "./token-cookie.ts";

/** How tokens come in and go out. Configuration alone decides it: no request can choose. */
export interface Transport {
  /** The names of the cookies. Bearer mode has none. */
  readonly cookieNames?: CookieNames;
  /** Only with the option `pages`. */
  readonly pageCookies?: PageCookies;
  /** Whether a request may do anything at all, by where it comes from. It is asked first. */
  admits(request: PlainHead): boolean;
  /** The tokens of a request. Each is read when a route asks for it. */
  tokensOf(request: HttpRequest): PresentedTokens;
  /** The JSON body of a request, and the tokens of cookies that the route takes with it. */
  inputOf(route: RouteRow, request: HttpRequest): unknown;
  /** The access token of a request to a route of the application, or throws the refusal. */
  accessToken(request: PlainHead, checks: { readonly checkOrigin: boolean }): string;
  /** The error as an answer shows it: it must not ask for a header that this transport refuses. */
  refusal(error: unknown): unknown;
  /**
   * The cookies of what a call of `auth` answered; null: those that end a session. Throws a `TypeError` for anything
   * else, and in bearer mode.
   */
  cookies(result: unknown, options?: CookieLifeOptions): readonly TokenCookie[];
  /** Turns the result of a route into body and cookies. The request says whether the browser forgets them. */
  deliver(route: RouteRow, result: unknown, request: HttpRequest): Delivery;
  /** The `Set-Cookie` values of a route's error. */
  afterFailure(route: RouteRow, error: unknown): readonly string[];
  /** Headers of every answer that must not be stored. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface CookieLifeOptions {
  /** False: the browser forgets the cookies when it closes, and those of every later refresh. Default true. */
  readonly remember?: boolean | undefined;
}

/** The method and headers of a request: they say where it comes from, and whether it may change something. */
export interface PlainHead {
  readonly method?: string | undefined;
  readonly headers: HttpHeaders;
}

export interface Delivery {
  readonly body: unknown;
  readonly setCookies: readonly string[];
}
