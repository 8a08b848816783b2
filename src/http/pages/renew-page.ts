import { createHash } from "node:crypto";
import type { HttpResponse } from "../../contract/message.ts";
import { NO_STORE } from "../server/response.ts";

// A page that the browser prepares before the user asks for it must wait: a post would change something.
const SCRIPT =
  "const go=()=>document.forms[0].submit();document.prerendering?" +
  'document.addEventListener("prerenderingchange",go,{once:true}):go()';

// The button is for browsers without script. With script it shows only if the form does not leave.
const STYLE =
  ":root{color-scheme:light dark}" +
  "body{display:grid;place-content:center;min-height:90vh;font:1.1em system-ui,sans-serif}" +
  "button{padding:.7em 1.6em;font:inherit}" +
  "@media(scripting){form{animation:wait 0s 1s backwards}}@keyframes wait{from{opacity:0}}";

const HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    `default-src 'none'; script-src ${sourceOf(SCRIPT)}; style-src ${sourceOf(STYLE)}; ` +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // Under `no-referrer`, browsers would hide the origin of the post.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "cache-control": NO_STORE,
});

/** The page that posts a renewal. A GET changes nothing, and a `Strict` cookie comes with a post of our own page. */
export function renewPage(action: string, returnTo: string | null): HttpResponse {
  const field = returnTo === null ? "" : `<input type="hidden" name="returnTo" value="${escaped(returnTo)}">`;
  const body =
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>One moment</title><style>${STYLE}</style>` +
    `<form method="post" action="${action}">${field}<button>Continue</button></form>` +
    `<script>${SCRIPT}</script></html>`;
  const headers = { ...HEADERS, "content-length": String(Buffer.byteLength(body)) };
  return { status: 200, headers, setCookies: [], body };
}

/** The one text that a policy allows (CSP Level 3, section 2.3.1). */
function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
