import { type Query, refusal, returnTo } from "@/lib/words";

interface Props {
  /** The auth route that takes the form. */
  readonly action: "/auth/login" | "/auth/signup";
  /** The page with this form: a refusal leads back to it. */
  readonly page: string;
  readonly button: string;
  readonly query: Query;
}

/** A plain form. The browser posts it to the auth routes, with and without script. */
export function Credentials({ action, page, button, query }: Props) {
  const sentences = refusal(query);
  const isNew = action === "/auth/signup";
  return (
    <form method="post" action={action}>
      {sentences.length > 0 && (
        <p role="alert" id="refusal">
          {sentences.join(" ")}
        </p>
      )}
      <label>
        Email
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          aria-describedby={isNew ? "rule" : undefined}
          required
        />
      </label>
      {isNew && (
        <p className="quiet small" id="rule">
          8 characters with upper case, lower case and a digit, or 15 of any kind.
        </p>
      )}
      <input name="form" type="hidden" value={page} />
      <input name="returnTo" type="hidden" value={returnTo(query)} />
      <button type="submit" className="button">
        {button}
      </button>
    </form>
  );
}
