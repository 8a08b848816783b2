import type { Auth } from "../../api/auth.ts";
import type { LoginChallenge, MailSent } from "../../api/results.ts";
import type { ArrivingRequest, HttpRequest, HttpResponse } from "../../contract/message.ts";
import { queryOf } from "../../contract/request.ts";
import type { RouteRow } from "../../contract/route.ts";
import { AuthError, sparesCookies } from "../../errors.ts";
import { shownError } from "../server/response.ts";
import type { PageCookies } from "../transport/page-cookies.ts";
import type { Delivery } from "../transport/transport.ts";
import { isForm } from "./form-body.ts";
import { localPath, withQuery } from "./local-path.ts";
import type { PagesSource } from "./page-links.ts";
import type { PagePaths } from "./pages-options.ts";
import { asJson, type PostedForm, postedForm } from "./posted-form.ts";
import { codesOf, refusalPage, seeOther } from "./redirects.ts";
import { renewPage } from "./renew-page.ts";
import { RENEW_PATH, renewRows } from "./renew-rows.ts";

/** How one request is read and answered. */
export interface Exchange {
  /** The request as the route reads it. */
  read(request: HttpRequest): HttpRequest;
  succeed(delivery: Delivery): HttpResponse;
  /** `failed` is the answer to a request that is no page's. */
  fail(error: unknown, failed: HttpResponse): HttpResponse;
}

/** The answers that pages need: redirects in place of JSON, and the page that renews a session. */
export interface Pages {
  readonly rows: readonly RouteRow[];
  /** Null: the answer is JSON, as for any other client. */
  exchange(route: RouteRow, request: Pick<ArrivingRequest, "headers" | "target">): Exchange | null;
}

/** These stay problems: the request did not come from a form of the application, or not as one. */
const NOT_FROM_A_PAGE: readonly number[] = [403, 413, 415];

export function createPages(auth: Auth, { paths, cookies }: PagesSource): Pages | null {
  if (!paths || !cookies) return null;
  const { look, renew } = renewRows(auth);
  return {
    rows: [look, renew],
    exchange(route, request) {
      const of = { paths, cookies, route, isRenewal: route === look || route === renew };
      if (route === look) return lookExchange(of, request);
      const takesForm = route.accepts === "form only" || (route.accepts && isForm(request.headers));
      return takesForm ? formExchange(of) : null;
    },
  };
}

interface Of {
  readonly paths: PagePaths;
  readonly cookies: PageCookies;
  readonly route: RouteRow;
  readonly isRenewal: boolean;
}

const NOTHING: PostedForm = { returnTo: null, form: null, input: {} };

function formExchange(of: Of): Exchange {
  let posted = NOTHING; // until the form is read, a refusal leads to the page of sign-ins
  return {
    read(request) {
      posted = postedForm(of.route, request, of.paths.publicPath);
      // A neighbour can plant a refresh cookie, to sign a visitor in to an account of its own. It cannot plant the hint.
      if (of.isRenewal && !of.cookies.mayRenew(request.headers)) throw new AuthError("token_missing");
      const input = of.route.takesChallenge ? withoutEmpty(posted.input) : posted.input;
      return asJson(request, { ...challengeField(of, request, input), ...input });
    },
    succeed: (delivery) => succeeded(of, posted, delivery),
    fail: (error, failed) => refused(of, posted, { error, failed }),
  };
}

function lookExchange(of: Of, { headers, target }: Pick<ArrivingRequest, "headers" | "target">): Exchange {
  const { home, signIn, publicPath } = of.paths;
  const values = queryOf(target).getAll("returnTo");
  const returnTo = values.length === 1 ? localPath(values[0], publicPath) : null;
  return {
    read: (request) => request,
    succeed({ body }) {
      if (body === true) return seeOther(returnTo ?? home); // a session lives, says the row
      if (of.cookies.mayRenew(headers)) return renewPage(`${publicPath}${RENEW_PATH}`, returnTo);
      return seeOther(refusalPage({ page: signIn, returnTo, error: null }));
    },
    fail: (error, failed) => refused(of, { ...NOTHING, returnTo }, { error, failed }),
  };
}

/** One form may have a field for each way to answer. One that is left empty is no answer. */
function withoutEmpty(input: PostedForm["input"]): PostedForm["input"] {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ""));
}

/** The token that the answer before has left in a cookie. A form may name another. */
function challengeField(
  { route, cookies }: Of,
  request: HttpRequest,
  input: PostedForm["input"],
): { readonly challengeToken?: string } {
  if (!route.takesChallenge || Object.hasOwn(input, "challengeToken")) return {};
  const hasLink = Object.hasOwn(input, "link");
  // What stands beside the link in its place: a new password, or the session.
  if (hasLink && (Object.hasOwn(input, "password") || route.access === "bearer")) return {};
  const challengeToken = cookies.challenge(request.headers);
  if (challengeToken !== undefined) return { challengeToken };
  throw new AuthError(hasLink ? "invalid_code" : "invalid_challenge"); // with a link it is another browser
}

type Asked = Pick<MailSent, "challengeToken" | "expiresAt"> & Partial<LoginChallenge>;

/** What waits for an answer: a sign-in, or a mail. */
function isAsked(body: unknown): body is Asked {
  const { status }: { readonly status?: unknown } = Object(body);
  return status === "challenge" || status === "check_email";
}

function succeeded(of: Of, posted: PostedForm, { body, setCookies }: Delivery): HttpResponse {
  const { paths, cookies, route } = of;
  if (isAsked(body)) {
    const kept = cookies.keepChallenge(body.challengeToken, body.expiresAt);
    return seeOther(pageThatAsks(of, posted, body), [...setCookies, kept]);
  }
  const ended = route.takesChallenge ? [cookies.endChallenge()] : [];
  const page = route.endsOwnSession?.(body) ? paths.signedOut : paths.home;
  return seeOther(posted.returnTo ?? page, [...setCookies, ...ended]);
}

/** The page with the form of the answer. After one more sending of a mail, the visitor is there already. */
function pageThatAsks({ paths, route }: Of, { returnTo }: PostedForm, asked: Asked): string {
  const { kind = route.mails, methods = [] } = asked;
  if (kind === undefined) return returnTo ?? paths.challenge;
  const query = { kind: codesOf([kind]), method: codesOf(methods), returnTo: returnTo ? [returnTo] : [] };
  return withQuery(paths.challenge, query);
}

interface Failure {
  readonly error: unknown;
  readonly failed: HttpResponse;
}

function refused(of: Of, { returnTo, form }: PostedForm, { error, failed }: Failure): HttpResponse {
  if (NOT_FROM_A_PAGE.includes(failed.status)) return failed;
  const shown = shownError(error);
  // Without a session the visitor signs in, as anyone does. There is nothing to explain.
  const isOver = of.isRenewal && shown.status === 401;
  const page = pageOf(of, shown, form);
  const location = refusalPage({ page, returnTo, error: isOver ? null : shown });
  return seeOther(location, endedBy(of, shown, failed.setCookies));
}

function pageOf({ paths, route }: Of, { code }: AuthError, form: string | null): string {
  if (code === "invalid_challenge") return paths.signIn; // the sign-in must begin again
  return form ?? (route.takesChallenge ? paths.challenge : paths.signIn);
}

/** A hint that led to nothing must go: the next page would send the visitor round again. */
function endedBy({ cookies, isRenewal }: Of, error: AuthError, lines: readonly string[]): readonly string[] {
  // A late answer must not end the hint of the sign-in that came in between.
  const isUseless = isRenewal && error.status === 401 && !sparesCookies(error);
  const own = [
    ...(isUseless ? [cookies.endHint()] : []),
    ...(error.code === "invalid_challenge" ? [cookies.endChallenge()] : []),
  ];
  return [...new Set([...lines, ...own])];
}
