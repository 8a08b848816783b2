/** What an address holds behind its `?`. A link of another site may have written it. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Sentences for codes. An address has codes alone, so no link can write a sentence on a page. */
const WORDS: Readonly<Record<string, string>> = {
  invalid_credentials: "Email or password is wrong.",
  invalid_input: "Please check what you typed.",
  weak_password: "Please choose a stronger password.",
  email_taken: "There is an account with this email. Sign in instead.",
  rate_limited: "Too many attempts.",
  overloaded: "We are busy. Please try again shortly.",
  unavailable: "The service does not answer. Please try again shortly.",
};

const RULES: Readonly<Record<string, string>> = {
  required: "Fill in every field.",
  invalid_email: "This is not an email address.",
  too_short: "Use at least 8 characters.",
  missing_upper: "Add an upper-case letter.",
  missing_lower: "Add a lower-case letter.",
  missing_digit: "Add a digit.",
  common_password: "Many people use this password.",
  repetitive: "Repeat less.",
  context_specific: "Leave your email and the name of this site out of it.",
};

/** The sentences for a refusal. None: there was no refusal. */
export function refusal(query: Query): readonly string[] {
  const [code] = all(query.error);
  if (code === undefined) return [];
  const [seconds = ""] = all(query.wait);
  const wait = /^\d{1,6}$/.test(seconds) ? [`Please wait ${seconds} seconds.`] : [];
  const rules = all(query.rule).flatMap((rule) => of(RULES, rule) ?? []);
  return [of(WORDS, code) ?? "This did not work. Please try again.", ...rules, ...wait];
}

/** Where to go afterwards. It is checked when the form brings it. */
export function returnTo(query: Query): string {
  return all(query.returnTo)[0] ?? "/notes";
}

function all(value: Query[string]): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

function of(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
