/** What the pages say of a code. An address has codes alone, so no link can write a sentence on a page. */
const WORDS: Readonly<Record<string, string>> = {
  invalid_credentials: "Email or password is wrong.",
  invalid_input: "Some fields are not valid.",
  weak_password: "This password is not strong enough.",
  email_taken: "There is an account with this email.",
  token_missing: "Sign in first.",
  rate_limited: "Too many attempts. Try again later.",
  overloaded: "The service is busy. Try again shortly.",
  unavailable: "The service is not available. Try again shortly.",
};

const RULES: Readonly<Record<string, string>> = {
  required: "A field is empty.",
  invalid_email: "The email has no valid form.",
  too_short: "Use more characters.",
  missing_upper: "Add an upper-case letter.",
  missing_lower: "Add a lower-case letter.",
  missing_digit: "Add a digit.",
  repetitive: "Use more different characters.",
  common_password: "This password is a common one.",
};

/** The sentences for a refusal. None: there was no refusal. */
export function words({ searchParams }: URL): readonly string[] {
  const code = searchParams.get("error");
  if (code === null) return [];
  const rules = searchParams.getAll("rule").flatMap((rule) => of(RULES, rule) ?? []);
  const seconds = searchParams.get("wait");
  const wait = seconds !== null && /^\d{1,6}$/.test(seconds) ? [`Wait ${seconds} seconds.`] : [];
  return [of(WORDS, code) ?? "This did not work. Try again.", ...rules, ...wait];
}

function of(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
