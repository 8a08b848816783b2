import type { LoginChallenge } from "../../api/results.ts";
import type { ArrivingRequest, HttpRequest, HttpResponse } from "../../contract/message.ts";
import type { RouteRow } from "../../contract/route.ts";
import { AuthError } from "../../errors.ts";
import { shownError } from "../server/response.ts";
import type { PageCookies } from "../transport/page-cookies.ts";
import type { Delivery } from "../transport/transport.ts";
import { isForm } from "./form-body.ts";
import { withQuery } from "./local-path.ts";
import type { PagePaths } from "./pages-options.ts";
import { asJson, type PostedForm, postedForm } from "./posted-form.ts";
import { codesOf, refusalPage, seeOther } from "./redirects.ts";

/** How one request is read and answered. */
export interface Exchange {
  /** The request as the route reads it. */
  read(request: HttpRequest): HttpRequest;
  succeed(delivery: Delivery): HttpResponse;
  /** `failed` is the answer to a request that is no page's. */
  fail(error: unknown, failed: HttpResponse): HttpResponse;
}

/** The answers that pages need: redirects in place of JSON. */
export interface Pages {
  /** Null: the answer is JSON, as for any other client. */
  exchange(route: RouteRow, request: Pick<ArrivingRequest, "headers">): Exchange | null;
}

/** These stay problems: the request did not come from a form of the application, or not as one. */
const NOT_FROM_A_PAGE: readonly number[] = [403, 413, 415];

export function createPages({ paths, cookies }: PagesSource): Pages | null {
  if (!paths || !cookies) return null;
  return {
    exchange: (route, { headers }) =>
      route.accepts && isForm(headers) ? formExchange({ paths, cookies, route }) : null,
  };
}

/** What of a handler its pages are made of. */
export interface PagesSource {
  readonly paths: PagePaths | null;
  readonly cookies: PageCookies | undefined;
}

interface Of {
  readonly paths: PagePaths;
  readonly cookies: PageCookies;
  readonly route: RouteRow;
}

const NOTHING: PostedForm = { returnTo: null, form: null, input: {} };

function formExchange(of: Of): Exchange {
  let posted = NOTHING; // until the form is read, a refusal leads to the page of sign-ins
  return {
    read(request) {
      posted = postedForm(of.route, request, of.paths.publicPath);
      return asJson(request, { ...challengeField(of, request, posted), ...posted.input });
    },
    succeed: (delivery) => succeeded(of, posted, delivery),
    fail: (error, failed) => refused(of, posted, { error, failed }),
  };
}

/** The token that the sign-in before has left in a cookie. A form may name another. */
function challengeField(
  { route, cookies }: Of,
  request: HttpRequest,
  { input }: PostedForm,
): { readonly challengeToken?: string } {
  if (!route.takesChallenge || Object.hasOwn(input, "challengeToken")) return {};
  const challengeToken = cookies.challenge(request.headers);
  if (challengeToken === undefined) throw new AuthError("invalid_challenge");
  return { challengeToken };
}

type Asked = Pick<LoginChallenge, "kind" | "methods" | "challengeToken" | "expiresAt">;

function isChallenge(body: unknown): body is Asked {
  return typeof body === "object" && body !== null && "challengeToken" in body;
}

function succeeded(of: Of, { returnTo }: PostedForm, { body, setCookies }: Delivery): HttpResponse {
  const { paths, cookies, route } = of;
  if (isChallenge(body)) {
    const { challengeToken, expiresAt, kind, methods } = body;
    const asked = { kind: codesOf([kind]), method: codesOf(methods), returnTo: returnTo ? [returnTo] : [] };
    const kept = cookies.keepChallenge(challengeToken, expiresAt);
    return seeOther(withQuery(paths.challenge, asked), [...setCookies, kept]);
  }
  const ended = route.takesChallenge ? [cookies.endChallenge()] : [];
  const page = route.endsOwnSession?.(body) ? paths.signedOut : paths.home;
  return seeOther(returnTo ?? page, [...setCookies, ...ended]);
}

interface Failure {
  readonly error: unknown;
  readonly failed: HttpResponse;
}

function refused(of: Of, { returnTo, form }: PostedForm, { error, failed }: Failure): HttpResponse {
  if (NOT_FROM_A_PAGE.includes(failed.status)) return failed;
  const shown = shownError(error);
  const location = refusalPage({ page: pageOf(of, shown, form), returnTo, error: shown });
  return seeOther(location, endedBy(of, shown, failed.setCookies));
}

function pageOf({ paths, route }: Of, { code }: AuthError, form: string | null): string {
  if (code === "invalid_challenge") return paths.signIn; // the sign-in must begin again
  return form ?? (route.takesChallenge ? paths.challenge : paths.signIn);
}

function endedBy({ cookies }: Of, { code }: AuthError, lines: readonly string[]): readonly string[] {
  return code === "invalid_challenge" ? [...lines, cookies.endChallenge()] : lines;
}
