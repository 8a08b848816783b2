import type { Mail, Mailer } from "sallyport";
import { html, type Markup } from "../pages/html.ts";

const MOST = 50;

/** A mailer for development: its mails are on a page, and go nowhere else. */
export interface Inbox extends Mailer {
  /** Newest first. */
  readonly mails: readonly Mail[];
}

export function createInbox(): Inbox {
  const mails: Mail[] = [];
  return {
    mails,
    async send(mail) {
      mails.unshift(mail);
      mails.length = Math.min(mails.length, MOST);
    },
  };
}

/** The page of the inbox, as a mail program shows mails: the texts, with their links. */
export function inboxPage({ mails }: Inbox): string {
  const all = mails.map(mailOf);
  const list =
    all.length === 0 ? html`<p>No mail yet.</p>` : { markup: all.map(({ markup }) => markup).join("") };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Inbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a href="/">Acme</a> <a href="/dev/mail">Look again</a></header>
<main>
<h1>Inbox</h1>
<p>Of this machine, for development. Every mail of the application is here, to every address.</p>
${list}
</main>
</body>
</html>
`.markup;
}

function mailOf({ to, subject, text, link }: Mail): Markup {
  const action = link === null ? html`` : html`<p><a class="button" href="${link}">Open the link</a></p>`;
  return html`<article>
<h2>${subject}</h2>
<p>To ${to}</p>
<pre>${text}</pre>
${action}
</article>
`;
}
