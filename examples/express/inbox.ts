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
    all.length === 0
      ? html`<p class="empty">No mail yet.</p>`
      : { markup: all.map(({ markup }) => markup).join("") };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Inbox · Sallyport demo</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/theme.css">
<link rel="stylesheet" href="/controls.css">
<link rel="stylesheet" href="/rows.css">
<link rel="stylesheet" href="/screens.css">
</head>
<body>
<header class="bar">
<div class="bar-inner">
<a class="brand" href="/">
<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
<path class="gate-wall" d="M4 30V14a12 12 0 0 1 24 0v16z" />
<path class="gate-way" d="M9 30V15a7 7 0 0 1 7-7v22z" />
<path class="gate-door" d="M18.5 8.4A7 7 0 0 1 23 15v12l-4.5 3z" />
</svg>
Sallyport <span>demo</span>
</a>
<a class="button quiet" href="/dev/mail">Look again</a>
</div>
</header>
<main>
<section class="screen inbox">
<h1>Inbox</h1>
<p class="lead">The mails of this demo to every address, newest first. They go nowhere else.</p>
${list}
</section>
</main>
</body>
</html>
`.markup;
}

function mailOf({ to, subject, text, link, code }: Mail): Markup {
  const number = code === null ? html`` : html`<p>Code <strong class="mail-code">${code}</strong></p>`;
  const action = link === null ? html`` : html`<p><a class="button" href="${link}">Open the link</a></p>`;
  return html`<article class="card mail">
<h2>${subject}</h2>
<p class="row-detail">To ${to}</p>
${number}
${action}
<pre>${text}</pre>
</article>
`;
}
