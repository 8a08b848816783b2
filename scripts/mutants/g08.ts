import type { Edit } from "./mutant.ts";

const ERRORS = "test/security/secrets/errors.test.ts";
const VIEWS = "test/security/secrets/views.test.ts";

export const G8: readonly Edit[] = [
  {
    edit: "the name of an unknown field in the message",
    file: "src/kit/input.ts",
    from: 'message: unknownField(path === "" ? schema : undefined) };',
    to: 'message: `There is an unknown field here: ${issue.keys.join(", ")}.` };',
    stoppedBy: ERRORS,
  },
  {
    edit: "a value in the message of the application's schema",
    file: "src/kit/signup-fields.ts",
    from: "shown.has(message) ? message : NOT_VALID",
    to: "String(message)",
    stoppedBy: "test/flows/signup-fields.test.ts",
  },
  {
    edit: "the parser's message in the answer",
    file: "src/contract/body.ts",
    from: "  } catch {\n    throw malformed(`The body is not valid ${name}.`);",
    to: "  } catch (error) {\n    throw malformed((error as Error).message);",
    stoppedBy: ERRORS,
  },
  {
    edit: "the cause in the message",
    file: "src/errors.ts",
    from: "super(details.message ?? message,",
    to: "super(details.message ?? `${message} ${(details.cause as Error | undefined)?.message}`,",
    stoppedBy: ERRORS,
  },
  {
    edit: "the fields of the cause in the error",
    file: "src/errors.ts",
    from: "    this.errors = details.errors;",
    to: "    this.errors = details.errors ?? (details.cause as AuthError | undefined)?.errors;",
    stoppedBy: ERRORS,
  },
  {
    edit: "the hook's message in the error",
    file: "src/kit/custom-claims.ts",
    from: "{ cause: answer.error }",
    to: "{ cause: answer.error, message: `hooks.claims: ${(answer.error as Error | undefined)?.message}` }",
    stoppedBy: ERRORS,
  },
  {
    edit: "the message of any fault in the error",
    file: "src/bind-flows.ts",
    from: 'new AuthError("internal_error", { cause: thrown })',
    to: 'new AuthError("internal_error", { cause: thrown, message: String((thrown as Error | undefined)?.message) })',
    stoppedBy: ERRORS,
  },
  {
    edit: "the message of any fault in the event",
    file: "src/kit/attempt.ts",
    from: '(isAuthError(error) ? error.code : "internal_error")',
    to: "(isAuthError(error) ? error.code : String((error as Error | undefined)?.message))",
    stoppedBy: ERRORS,
  },
  {
    edit: "what is wrong with the configuration, over HTTP",
    file: "src/http/server/response.ts",
    from: "isAuthError(thrown) && thrown.status !== 500 ?",
    to: "isAuthError(thrown) ?",
    stoppedBy: ERRORS,
  },
  {
    edit: "the secret in the error that refuses it",
    file: "src/config/secrets.ts",
    from: "return weakness && `${weakness}",
    to: "return weakness && `${secret} ${weakness}",
    stoppedBy: ERRORS,
  },
  {
    edit: "every column of a user",
    file: "src/kit/views.ts",
    from: "    id: user.id,\n",
    to: "    ...user,\n",
    stoppedBy: VIEWS,
  },
  {
    edit: "every column of a session",
    file: "src/kit/views.ts",
    from: "    id: session.id,\n",
    to: "    ...session,\n",
    stoppedBy: VIEWS,
  },
  {
    edit: "every column of an event",
    file: "src/kit/views.ts",
    from: "    id: event.id,\n",
    to: "    ...event,\n",
    stoppedBy: VIEWS,
  },
  {
    edit: "every claim in the principal",
    file: "src/tokens/principal.ts",
    from: "    userId: claims.sub as UserId,\n",
    to: "    ...claims,\n    userId: claims.sub as UserId,\n",
    stoppedBy: VIEWS,
  },
  {
    edit: "the private half in the key set",
    file: "src/adapters/jwt/jwt-signer.ts",
    from: "{ kty, crv, x, ...(y && { y }), kid, alg",
    to: '{ ...key.export({ format: "jwk" }), kid, alg',
    stoppedBy: VIEWS,
  },
  {
    edit: "the driver's message in the error",
    file: "src/kit/fail-closed.ts",
    from: 'new AuthError("unavailable", { cause: thrown })',
    to: 'new AuthError("unavailable", { cause: thrown, message: `The store failed: ${(thrown as Error | undefined)?.message}` })',
    stoppedBy: ERRORS,
  },
];
