import type { Edit } from "./mutant.ts";

const ROUTES = "test/http/mail.test.ts";
const FORMS = "test/http/mail-forms.test.ts";
const CLIENT = "test/client/mail.test.ts";

export const MAIL_ROUTES: readonly Edit[] = [
  {
    edit: "mail has routes without a mailer",
    file: "src/contract/mail.ts",
    from: "  if (!auth.mail.enabled) return [];\n",
    to: "",
    stoppedBy: ROUTES,
  },
  {
    edit: "a sign-up that waits for its mail looks like a new account",
    file: "src/http/server/dispatch.ts",
    from: 'mailed && result === "check_email" ? MAILED_STATUS : status',
    to: "status",
    stoppedBy: "test/http/mail-enumeration.test.ts",
  },
  {
    edit: "the answer to a mail brings no token of a cookie",
    file: "src/contract/token-fields.ts",
    from: "whole instanceof z.ZodMiniPipe ? sentSchema(whole.def.in) : whole",
    to: "whole",
    stoppedBy: CLIENT,
  },
  {
    edit: "the mark of a brief sign-in reaches the seal of a challenge",
    file: "src/http/transport/brief.ts",
    from: "isMarked(challengeToken) ? { ...input, challengeToken: unmarked(challengeToken) } : input",
    to: "input",
    stoppedBy: ROUTES,
  },
  {
    edit: "any language of a list is that of the mail",
    file: "src/http/server/telling-headers.ts",
    from: "weight > (best?.weight ?? 0)",
    to: "weight > 0",
    stoppedBy: ROUTES,
  },
  {
    edit: "the challenge in a cookie stands beside a new password",
    file: "src/http/pages/pages.ts",
    from: '  if (hasLink && (Object.hasOwn(input, "password") || route.access === "bearer")) return {};\n',
    to: "",
    stoppedBy: FORMS,
  },
  {
    edit: "a mail that is sent again ends its challenge",
    file: "src/http/pages/pages.ts",
    from: 'status === "challenge" || status === "check_email"',
    to: 'status === "challenge"',
    stoppedBy: FORMS,
  },
  {
    edit: "the token of a link stays in the address bar",
    file: "src/client/mail-link.ts",
    from: '  if (clean !== href) history.replaceState(history.state, "", clean);\n',
    to: "",
    stoppedBy: CLIENT,
  },
  {
    edit: "an answered mail is kept in the browser",
    file: "src/client/mail.ts",
    from: "    forget(purpose);\n",
    to: "",
    stoppedBy: CLIENT,
  },
  {
    edit: "a confirmation leaves the session of its browser alive",
    file: "src/client/mail.ts",
    from: 'begin("signup/confirm", proof)',
    to: 'enter("signup/confirm", proof)',
    stoppedBy: CLIENT,
  },
];
