import type {
  Auth,
  ChallengesApi,
  ClientInfo,
  EmailApi,
  EventsApi,
  MailApi,
  PasswordApi,
  SessionsApi,
  UsersApi,
} from "./api/auth.ts";
import type { Context, Flow } from "./context.ts";
import type { Route } from "./contract/route.ts";
import { warningOf } from "./domain/warnings.ts";
import { AuthError, isAuthError } from "./errors.ts";
import { answerEmail } from "./flows/account/answer-email.ts";
import { confirmSignup } from "./flows/account/confirm-signup.ts";
import { getUser } from "./flows/account/get-user.ts";
import { login } from "./flows/account/login.ts";
import { reauthenticate } from "./flows/account/reauthenticate.ts";
import { requireFresh } from "./flows/account/require-fresh.ts";
import { signup } from "./flows/account/signup.ts";
import { verifyToken } from "./flows/account/verify-token.ts";
import { requestVerification } from "./flows/email/request-verification.ts";
import { verifyEmail } from "./flows/email/verify-email.ts";
import { listEvents } from "./flows/events/list-events.ts";
import { recordCrossSite } from "./flows/events/record-cross-site.ts";
import { resendMail } from "./flows/mail/resend-mail.ts";
import { deleteUser } from "./flows/operators/delete-user.ts";
import { deliverMail } from "./flows/operators/deliver-mail.ts";
import { disableUser } from "./flows/operators/disable-user.ts";
import { enableUser } from "./flows/operators/enable-user.ts";
import { health } from "./flows/operators/health.ts";
import { listDeadMail } from "./flows/operators/list-dead-mail.ts";
import { purge } from "./flows/operators/purge.ts";
import { retryMail } from "./flows/operators/retry-mail.ts";
import { changePassword } from "./flows/password/change-password.ts";
import { requestReset } from "./flows/password/request-reset.ts";
import { resetPassword } from "./flows/password/reset-password.ts";
import { listSessions } from "./flows/sessions/list-sessions.ts";
import { logout } from "./flows/sessions/logout.ts";
import { refresh } from "./flows/sessions/refresh.ts";
import { revokeOtherSessions } from "./flows/sessions/revoke-other-sessions.ts";
import { revokeOwnSession } from "./flows/sessions/revoke-own-session.ts";
import type { Postman } from "./kit/postman/postman.ts";
import { breather } from "./lib/breather.ts";

/** The client of a call without one: a job or a script has no address. */
const NO_ADDRESS: ClientInfo = Object.freeze({ ip: null });

interface Parts {
  readonly routes: readonly Route[];
  /** Null: there is no mailer. */
  readonly postman: Postman | null;
}

type Call = <Request, Result>(flow: Flow<Request, Result>, request: Request) => Promise<Result>;

/** Makes the public calls over a context. Here the positional arguments become requests. */
export function bindFlows(ctx: Context, { routes = [], postman = null }: Partial<Parts> = {}): Auth {
  const call = caller(ctx);
  const close = (): Promise<void> => call(closeAll, postman);
  return Object.freeze<Auth>({
    signup: (input, client) => call(signup, { input, client }),
    confirmSignup: (input, client) => call(confirmSignup, { input, client }),
    login: (input, client) => call(login, { input, client }),
    refresh: (token, client) => call(refresh, { token, client }),
    logout: (token, client = NO_ADDRESS) => call(logout, { token, client }),
    verifyToken: (token, input, onRead) => call(verifyToken, { token, input, onRead }),
    reauthenticate: (token, input, client) => call(reauthenticate, { token, input, client }),
    requireFresh: (principal, maxAge) => requireFresh(ctx, principal, maxAge),
    getUser: (token, client = NO_ADDRESS) => call(getUser, { token, client }),
    ...mailedCalls(call),
    sessions: Object.freeze<SessionsApi>({
      list: (token, client = NO_ADDRESS) => call(listSessions, { token, client }),
      revoke: (token, input, client = NO_ADDRESS) => call(revokeOwnSession, { token, input, client }),
      revokeOthers: (token, client = NO_ADDRESS) => call(revokeOtherSessions, { token, client }),
    }),
    events: Object.freeze<EventsApi>({
      list: (token, input = {}, client = NO_ADDRESS) => call(listEvents, { token, input, client }),
      recordCrossSite: (client) => call(recordCrossSite, { client }),
    }),
    ...operatorApis(ctx, call, postman),
    purge: (input = {}) => call(purge, { input }),
    health: () => call(health, undefined),
    jwks: () => ctx.signer.jwks,
    warn: (code) => ctx.warn(warningOf(code)),
    clock: ctx.clock,
    hasSignupFields: ctx.settings.signup.fields !== undefined,
    routes,
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** The calls of operators, but for those of `Auth` itself, and the mail that a user asks for again. */
function operatorApis(ctx: Context, call: Call, postman: Postman | null): Pick<Auth, "users" | "mail"> {
  return {
    users: Object.freeze<UsersApi>({
      disable: (input, client = NO_ADDRESS) => call(disableUser, { input, client }),
      enable: (input, client = NO_ADDRESS) => call(enableUser, { input, client }),
      delete: (input, client = NO_ADDRESS) => call(deleteUser, { input, client }),
    }),
    mail: Object.freeze<MailApi>({
      enabled: ctx.mail !== null,
      resend: (input, client) => call(resendMail, { input, client }),
      deliver: (input = {}) => call(deliverMail, { input, postman }),
      dead: (input = {}) => call(listDeadMail, { input }),
      retry: (input) => call(retryMail, { input }),
    }),
  };
}

/** The calls about a password and an address. */
function mailedCalls(call: Call): Pick<Auth, "password" | "email" | "challenges"> {
  return {
    password: Object.freeze<PasswordApi>({
      change: (token, input, client) => call(changePassword, { token, input, client }),
      requestReset: (input, client) => call(requestReset, { input, client }),
      reset: (input, client) => call(resetPassword, { input, client }),
    }),
    email: Object.freeze<EmailApi>({
      requestVerification: (token, client) => call(requestVerification, { token, client }),
      verify: (token, input, client) => call(verifyEmail, { token, input, client }),
    }),
    challenges: Object.freeze<ChallengesApi>({
      email: (input, client) => call(answerEmail, { input, client }),
    }),
  };
}

/** Runs flows. Now and then it lets the event loop turn first: a loop over calls must not stop the process. */
function caller(ctx: Context): Call {
  const breathe = breather();
  return (flow, request) => {
    const turn = breathe();
    return turn ? turn.then(() => run(ctx, flow, request)) : run(ctx, flow, request);
  };
}

async function closeAll(ctx: Context, postman: Postman | null): Promise<void> {
  // The mails that are being sent need the store once more.
  await postman?.stop();
  await Promise.all([ctx.store.close(), ctx.limiter.close?.()]);
}

/** Runs a flow. It rejects with an `AuthError` and nothing else, and it reports faults to the operator. */
export function run<Request, Result>(
  ctx: Context,
  flow: Flow<Request, Result>,
  request: Request,
): Promise<Result> {
  // No `await` here: `verifyToken` is called for each request of the application.
  return flow(ctx, request).catch((thrown) => surface(ctx, thrown));
}

function surface(ctx: Context, thrown: unknown): never {
  const error = isAuthError(thrown) ? thrown : new AuthError("internal_error", { cause: thrown });
  if (error.cause !== undefined || error.status === 500) ctx.report(error);
  throw error;
}
