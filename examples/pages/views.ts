import { html, type Markup } from "./html.ts";
import { words } from "./words.ts";

/** A whole page around its main part. */
export function documentOf(main: Markup): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Pages without script</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a href="/">Sallyport</a> <nav><a href="/account">Your account</a></nav></header>
<main>${main}</main>
</body>
</html>
`;
  return markup;
}

export function homePage(): Markup {
  return html`<h1>Pages without script</h1>
<p>Anyone may read this page. No page here has a script: your browser sends the forms, and the answers are redirects.</p>
<p><a class="button" href="/account">Your account</a></p>`;
}

export function signInPage(url: URL): Markup {
  // Escaped here, and checked by the library when the form brings it.
  const returnTo = url.searchParams.get("returnTo") ?? "/account";
  return html`<h1>Sign in</h1>
${refusal(url)}
<form method="post" action="/auth/login">
<label>Email <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<label class="choice"><input name="remember" type="checkbox" value="false"> Others use this computer</label>
<input name="returnTo" type="hidden" value="${returnTo}">
<button>Sign in</button>
<button class="quiet" formaction="/auth/signup">Create an account</button>
</form>`;
}

export function accountPage(email: string, url: URL): Markup {
  return html`<h1>Your account</h1>
${refusal(url)}
<p>You are ${email}.</p>
<form method="post" action="/auth/password">
<h2>Change your password</h2>
<input autocomplete="username" value="${email}" readonly hidden>
<label>Password <input name="currentPassword" type="password" autocomplete="current-password" required></label>
<label>New password <input name="newPassword" type="password" autocomplete="new-password" required></label>
<input name="form" type="hidden" value="/account">
<button>Change it</button>
</form>
<form method="post" action="/auth/logout">
<input name="form" type="hidden" value="/account">
<button class="quiet">Sign out</button>
</form>`;
}

function refusal(url: URL): Markup {
  const sentences = words(url);
  return sentences.length === 0 ? html`` : html`<p role="alert">${sentences.join(" ")}</p>`;
}
