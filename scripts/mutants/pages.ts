import type { Edit } from "./mutant.ts";

const FORMS = "test/http/forms.test.ts";
const RETURN_TO = "test/http/return-to.test.ts";
const RENEWAL = "test/http/renewal.test.ts";
const LOCAL_PATH = "src/http/pages/local-path.ts";
const PAGES = "src/http/pages/pages.ts";

/** Of pages without script. They belong to no single guarantee. */
export const FORM_ROUTES: readonly Edit[] = [
  {
    edit: "dot segments leave a second slash",
    file: LOCAL_PATH,
    from: "return isSame && path.length",
    to: "return path.length",
    stoppedBy: RETURN_TO,
  },
  {
    edit: "a next page below the routes",
    file: LOCAL_PATH,
    from: " && !isBelow(url.pathname, publicPath)",
    to: "",
    stoppedBy: RETURN_TO,
  },
  {
    edit: "the routes in another spelling",
    file: LOCAL_PATH,
    from: "const tidy = new URL(decoded.",
    to: "const tidy = new URL(pathname.",
    stoppedBy: RETURN_TO,
  },
  {
    edit: "a next page with a backslash",
    file: LOCAL_PATH,
    from: "[\\x21-\\x5b\\x5d-\\x7e",
    to: "[\\x21-\\x7e",
    stoppedBy: RETURN_TO,
  },
  {
    edit: "the page of a refusal is not checked",
    file: "src/http/pages/posted-form.ts",
    from: "form: localPath(form, publicPath)",
    to: "form: form ?? null",
    stoppedBy: RETURN_TO,
  },
  {
    edit: "the last of two fields counts",
    file: "src/http/pages/form-body.ts",
    from: '  if (fields.size < pairs.length) throw malformed("A field is there twice.");\n',
    to: "",
    stoppedBy: FORMS,
  },
  {
    edit: "an address has texts of the application",
    file: "src/http/pages/redirects.ts",
    from: '(CODE.test(name) ? name : "invalid")',
    to: "name",
    stoppedBy: FORMS,
  },
  {
    edit: "a form of another kind leads back",
    file: PAGES,
    from: "readonly number[] = [403, 413, 415];",
    to: "readonly number[] = [403];",
    stoppedBy: FORMS,
  },
  {
    edit: "an expired challenge asks for its code again",
    file: PAGES,
    from: '  if (code === "invalid_challenge") return paths.signIn; // the sign-in must begin again\n',
    to: "",
    stoppedBy: FORMS,
  },
  {
    edit: "one of two challenges counts",
    file: "src/http/transport/page-cookies.ts",
    from: "return tokens.length === 1 ? tokens[0] : undefined;",
    to: "return tokens[0];",
    stoppedBy: FORMS,
  },
  {
    edit: "a live session is rotated by every tab",
    file: "src/http/pages/renew-rows.ts",
    from: "(await isLive(auth, tokens)) ? null : auth.refresh(tokens.refresh(), client),",
    to: "auth.refresh(tokens.refresh(), client),",
    stoppedBy: RENEWAL,
  },
  {
    edit: "a planted refresh cookie signs in",
    file: PAGES,
    from: "if (of.isRenewal && !of.cookies.mayRenew(request.headers))",
    to: "if (false)",
    stoppedBy: RENEWAL,
  },
  {
    edit: "a hint that leads to nothing stays",
    file: PAGES,
    from: "...(isUseless ? [cookies.endHint()] : []),",
    to: "",
    stoppedBy: RENEWAL,
  },
  {
    edit: "the next page is markup",
    file: "src/http/pages/renew-page.ts",
    from: 'value="${escaped(returnTo)}"',
    to: 'value="${returnTo}"',
    stoppedBy: RENEWAL,
  },
  {
    edit: "a late answer ends the hint of the next sign-in",
    file: PAGES,
    from: " && !sparesCookies(error);",
    to: ";",
    stoppedBy: RENEWAL,
  },
  {
    edit: "a page that is prepared ahead posts",
    file: "src/http/pages/renew-page.ts",
    from: "document.prerendering?",
    to: "false?",
    stoppedBy: RENEWAL,
  },
  {
    edit: "the hint outlives the session",
    file: "src/http/transport/cookie-transport.ts",
    from: '...(cookies.hasHint ? (["renew"] as const) : [])',
    to: "",
    stoppedBy: FORMS,
  },
];
