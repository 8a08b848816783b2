import type { LoginChallenge } from "../../api/auth.ts";
import { readJson } from "../../contract/body.ts";
import type { HttpHeaders, HttpRequest } from "../../contract/message.ts";
import { refuseUnknownField, requireNoFields } from "../../contract/request.ts";
import type { PresentedTokens, RouteRow } from "../../contract/route.ts";
import type { TokenKind } from "../../contract/token-fields.ts";
import { DEVICE_TOKEN_MS } from "../../domain/device-token.ts";
import { AuthError, type AuthErrorCode, isAuthError, sparesCookies } from "../../errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { asksForBrief, marked, readsBrief, withoutMarks } from "./brief.ts";
import { withoutChallenge } from "./challenge.ts";
import { type TokenCookies, tokenCookies } from "./cookies.ts";
import { isFromAllowedOrigin } from "./cross-site.ts";
import { assertIssued, type Issued } from "./issued.ts";
import { HINT, pageCookies, secondsUntil } from "./page-cookies.ts";
import type { TokenCookie } from "./token-cookie.ts";
import type { Delivery, PlainHead, Transport } from "./transport.ts";

export interface CookieOptions {
  /** The path of the routes, as browsers see it: the path of the cookies that only they need. */
  readonly publicPath: string;
  /** The middle of the names of the cookies. */
  readonly name: string;
  readonly origins: readonly string[];
  readonly insecureLocalhost: boolean;
  /** Whether forms may be sent, and sessions renewed on the way to a page. */
  readonly hasPages: boolean;
  readonly clock: Clock;
}

const ENDED: readonly AuthErrorCode[] = ["session_revoked", "session_expired"];

/** Tokens in cookies that no script can read, and in nothing else. */
export function cookieTransport({ origins, clock, ...of }: CookieOptions): Transport {
  const cookies = tokenCookies(of);
  const admits: Transport["admits"] = (request) => isFromAllowedOrigin(request, origins);
  return Object.freeze<Transport>({
    cookieNames: cookies.names,
    ...(of.hasPages && { pageCookies: pageCookies(cookies, clock) }),
    admits,
    tokensOf: (request) => tokensOf(cookies, request),
    inputOf: (route, request) => inputOf(cookies, route, request),
    accessToken(request, { checkOrigin }) {
      requireMethod(request);
      // As if it might change something, besides what it does.
      const heads = checkOrigin ? [request, { ...request, method: "POST" }] : [request];
      if (!heads.every(admits)) throw new AuthError("cross_site_request");
      refuseAuthorization(request.headers);
      return required(cookies.read(request.headers, "access"));
    },
    refusal: withoutChallenge,
    cookies(result, options = {}) {
      if (result !== null) assertIssued(result);
      return cookiesOf({ cookies, now: clock.now(), brief: readsBrief(options) }, result);
    },
    deliver: (route, result, request) => deliver(route, result, { cookies, now: clock.now(), request }),
    afterFailure: (route, error) => (isOver(route, error) ? ending(cookies).map(String) : []),
    headers: { vary: "Origin, Cookie" },
  });
}

function tokensOf(cookies: TokenCookies, request: HttpRequest): PresentedTokens {
  const { headers } = request;
  refuseAuthorization(headers);
  return {
    access: () => required(cookies.read(headers, "access")),
    refresh() {
      requireEmptyBody(request);
      return required(cookies.read(headers, "refresh"));
    },
    ending() {
      requireEmptyBody(request);
      // Every value of both names: a neighbour may have planted some, and only the flow knows which are genuine.
      const kinds = ["access", "refresh"] as const;
      const held = [...new Set(kinds.flatMap((kind) => cookies.readAll(headers, kind)))];
      return [required(held[0]), ...held.slice(1)];
    },
    hasRefreshCookie: () => cookies.readAll(headers, "refresh").length > 0,
  };
}

function required(token: string | undefined): string {
  if (token === undefined) throw new AuthError("token_missing");
  return token;
}

// Without it every request would look as if it may change something, and be refused as another site's.
function requireMethod({ method }: PlainHead): void {
  if (typeof method === "string") return;
  throw new TypeError('method is missing; on a server-rendered page it is "GET"');
}

// A request must not name its user in two ways: a check of one of them would miss the other.
function refuseAuthorization(headers: HttpHeaders): void {
  if (headers["authorization"] === undefined) return;
  throw new AuthError("malformed_request", {
    message: "Tokens travel in cookies here: send no Authorization header.",
  });
}

function requireEmptyBody(request: HttpRequest): void {
  if (request.body.kind !== "none") requireNoFields(readJson(request));
}

// A token of a cookie must not be in the body, too. The flow refuses an array.
function inputOf(cookies: TokenCookies, route: RouteRow, request: HttpRequest): unknown {
  const body = readJson(request);
  if (Array.isArray(body)) return body;
  const input = withoutMarks(route, body);
  const fields = Object.entries(route.takes);
  if (fields.some(([name]) => Object.hasOwn(input, name))) refuseUnknownField();
  const tokens = fields.map(([name, cookie]) => [name, readLeniently(cookies, cookie, request.headers)]);
  return { ...input, ...Object.fromEntries(tokens) };
}

// Such a token signs no user in. Two cookies of one name are ignored: a neighbour's must not stop a sign-in.
function readLeniently(cookies: TokenCookies, cookie: TokenKind, headers: HttpHeaders): string | undefined {
  try {
    return cookies.read(headers, cookie);
  } catch {
    return undefined;
  }
}

interface Writing {
  readonly cookies: TokenCookies;
  readonly now: Date;
  /** Whether the browser forgets the cookies when it closes. */
  readonly brief?: boolean;
}

interface Answering extends Writing {
  readonly request: HttpRequest;
}

function deliver(route: RouteRow, result: unknown, writing: Answering): Delivery {
  if (route.endsOwnSession?.(result))
    return { body: result, setCookies: cookiesOf(writing, null).map(String) };
  if (typeof result !== "object" || result === null) return { body: result, setCookies: [] };
  const { accessToken, refreshToken: _refresh, deviceToken: _device, ...body } = result as Answered;
  const { challengeToken } = body;
  if (accessToken === undefined && challengeToken === undefined) return { body, setCookies: [] };
  const brief = isBrief(route, writing);
  const token = challengeToken !== undefined && brief && { challengeToken: marked(challengeToken) };
  return { body: { ...body, ...token }, setCookies: cookiesOf({ ...writing, brief }, result).map(String) };
}

type Answered = Issued & Partial<Pick<LoginChallenge, "challengeToken">>;

/** A sign-in decides it. What continues a session keeps it as it is. */
function isBrief(route: RouteRow, { cookies, request }: Answering): boolean {
  return route.access === "public" ? asksForBrief(route, request) : cookies.isBrief(request.headers);
}

/** The cookies of a result, or with null those that end a session. Nothing else decides which cookies are set. */
function cookiesOf({ cookies, now, brief }: Writing, result: Issued | null): readonly TokenCookie[] {
  if (result === null) return ending(cookies);
  const make = (
    kind: TokenKind | "renew",
    token: string | undefined,
    end: Date | undefined,
  ): readonly TokenCookie[] => {
    if (token === undefined || end === undefined) return [];
    const seconds = secondsUntil(end, now);
    return [cookies.make(kind, token, brief && seconds > 0 ? "brief" : seconds)];
  };
  return [
    ...make("access", result.accessToken, result.accessTokenExpiresAt),
    ...make("refresh", result.refreshToken, result.refreshTokenExpiresAt),
    ...make("renew", cookies.hasHint && result.refreshToken ? HINT : undefined, result.refreshTokenExpiresAt),
    ...make("device", result.deviceToken, new Date(now.getTime() + DEVICE_TOKEN_MS)),
  ];
}

// `token_expired` does not end a session: a refresh follows. Nor does a failure of ours. Nor does a refresh token that
// is not ours: another application on this host may have set it. Nor does the late answer to a request from before the
// last sign-in or refresh: it would end the cookies that came with that one.
function isOver({ access }: RouteRow, error: unknown): boolean {
  if (!isAuthError(error) || sparesCookies(error)) return false;
  return ENDED.includes(error.code) || (access === "refresh" && error.code === "invalid_token");
}

/** Ends the cookies of the session. The cookie of the device stays. */
function ending(cookies: TokenCookies): readonly TokenCookie[] {
  const kinds = ["access", "refresh", ...(cookies.hasHint ? (["renew"] as const) : [])] as const;
  return kinds.map((kind) => cookies.make(kind, "", 0));
}
