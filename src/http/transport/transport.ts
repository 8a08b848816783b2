import type { HttpHeaders, HttpRequest } from "../../contract/message.ts";
import type { PresentedTokens, Route } from "../../contract/route.ts";
import type { CookieNames } from "./cookies.ts";

/** How tokens come in and go out. A handler has one, by configuration alone: no request can choose. */
export interface Transport {
  /** What the cookies are called. None in bearer mode. */
  readonly cookieNames?: CookieNames;
  /** Whether a request may do anything at all, by where it comes from. Asked before anything else. */
  admits(request: RequestHead): boolean;
  /** The tokens that a request holds, as far as a route asks for them. */
  tokensOf(request: HttpRequest): PresentedTokens;
  /** The access token of a request to a route of the application. Throws what refuses it. */
  accessToken(request: RequestHead): string;
  /** What a route's result becomes outside. */
  deliver(route: Route, result: unknown): Delivery;
  /** `Set-Cookie` values that go with an error of a route. */
  afterFailure(route: Route, error: unknown): readonly string[];
  /** Of every answer that nobody may keep. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What says where a request comes from, and whether it may change something. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly headers: HttpHeaders;
}

export interface Delivery {
  readonly body: unknown;
  readonly setCookies: readonly string[];
}
