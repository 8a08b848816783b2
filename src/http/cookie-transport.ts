import type { Refreshed, SignedIn } from "../auth.ts";
import { AuthError, type AuthErrorCode, isAuthError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { readJson } from "./body.ts";
import { type CookieJar, cookieJar, type TokenCookie } from "./cookies.ts";
import { isSameSite } from "./cross-site.ts";
import type { HttpHeaders, HttpRequest } from "./message.ts";
import type { PresentedTokens, Route } from "./route.ts";
import { requireNoFields } from "./routes/request.ts";
import type { Delivery, Transport } from "./transport.ts";

export interface CookieOptions {
  readonly basePath: string;
  readonly origins: readonly string[];
  readonly insecureLocalhost: boolean;
  readonly clock: Clock;
}

const DEVICE_SECONDS = 180 * 24 * 60 * 60;
const ENDED: readonly AuthErrorCode[] = ["session_revoked", "session_expired"];

/** Tokens in cookies that no script can read, and in nothing else. */
export function cookieTransport({ origins, clock, ...of }: CookieOptions): Transport {
  const jar = cookieJar(of);
  const admits: Transport["admits"] = (request) => isSameSite(request, origins);
  return Object.freeze<Transport>({
    cookieNames: jar.names,
    admits,
    tokensOf: (request) => tokensOf(jar, request),
    accessToken(request) {
      if (!admits(request)) throw new AuthError("cross_site_request");
      refuseAuthorization(request.headers);
      return required(jar.read(request.headers, "access"));
    },
    deliver: (route, result) => deliver(route, result, { jar, now: clock.now() }),
    afterFailure: (route, error) => (isOver(route, error) ? clearSession(jar) : []),
    headers: { vary: "Origin, Cookie" },
  });
}

function tokensOf(jar: CookieJar, request: HttpRequest): PresentedTokens {
  const { headers } = request;
  refuseAuthorization(headers);
  return {
    access: () => required(jar.read(headers, "access")),
    refresh() {
      requireEmptyBody(request);
      return required(jar.read(headers, "refresh"));
    },
    ending() {
      requireEmptyBody(request);
      const [refresh, access] = [jar.read(headers, "refresh"), jar.read(headers, "access")];
      // Both: a neighbour may have planted the one, and then they are of two sessions.
      return [
        required(refresh ?? access),
        ...(refresh !== undefined && access !== undefined ? [access] : []),
      ];
    },
    login: () => withDeviceToken(readJson(request), deviceToken(jar, headers)),
  };
}

function required(token: string | undefined): string {
  if (token === undefined) throw new AuthError("invalid_token");
  return token;
}

// Two ways to say who one is would be one too many: whoever checks the one must not be passed by the other.
function refuseAuthorization(headers: HttpHeaders): void {
  if (headers["authorization"] === undefined) return;
  throw new AuthError("malformed_request", {
    message: "Tokens travel in cookies here: send no Authorization header.",
  });
}

function requireEmptyBody(request: HttpRequest): void {
  if (request.body.kind !== "none") requireNoFields(readJson(request));
}

// It lets nobody in: two of them are none, so that a neighbour's cookie keeps nobody from signing in.
function deviceToken(jar: CookieJar, headers: HttpHeaders): string | undefined {
  try {
    return jar.read(headers, "device");
  } catch {
    return undefined;
  }
}

function withDeviceToken(input: unknown, deviceToken: string | undefined): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  if (Object.hasOwn(input, "deviceToken")) requireNoFields(input);
  return { ...input, deviceToken };
}

interface Writing {
  readonly jar: CookieJar;
  readonly now: Date;
}

type Issued = Partial<SignedIn>;

function deliver(route: Route, result: unknown, writing: Writing): Delivery {
  if (route.endsOwnSession?.(result)) return { body: result, setCookies: clearSession(writing.jar) };
  if (typeof result !== "object" || result === null) return { body: result, setCookies: [] };
  const { accessToken: _access, refreshToken: _refresh, deviceToken: _device, ...body } = result as Issued;
  return { body, setCookies: issuedCookies(result, writing) };
}

function issuedCookies(issued: Issued, { jar, now }: Writing): readonly string[] {
  const until = (end: Date) => Math.max(0, Math.floor((end.getTime() - now.getTime()) / 1000));
  const cookies: string[] = [];
  const add = (cookie: TokenCookie, token: string, seconds: number) =>
    cookies.push(jar.write(cookie, token, seconds));
  if (issued.accessToken !== undefined)
    add("access", issued.accessToken, until((issued as Refreshed).accessTokenExpiresAt));
  if (issued.refreshToken !== undefined)
    add("refresh", issued.refreshToken, until((issued as Refreshed).refreshTokenExpiresAt));
  if (issued.deviceToken !== undefined) add("device", issued.deviceToken, DEVICE_SECONDS);
  return cookies;
}

// Not `token_expired`: a refresh follows. Nor a failure of ours: the session may well be alive.
function isOver({ name }: Route, error: unknown): boolean {
  if (!isAuthError(error)) return false;
  return ENDED.includes(error.code) || (name === "refresh" && error.code === "invalid_token");
}

/** The device stays known. */
function clearSession(jar: CookieJar): readonly string[] {
  return [jar.write("access", "", 0), jar.write("refresh", "", 0)];
}
