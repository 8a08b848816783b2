import type { MailContent, MailWords } from "../../api/mail.ts";
import { type Html, html, htmlText } from "../../lib/html.ts";
import { directionOf } from "../../lib/locale.ts";
import { autofillLine } from "./layout-text.ts";

const FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";

/** The colours on a light screen. Each text stands on its ground with a contrast of at least 4.5. */
const PAPER = "#f4f5f7";
const CARD = "#ffffff";
const INK = "#1b1f24";
const SOFT_INK = "#57606a";
const LINE = "#d8dee4";
const WELL = "#f0f2f5";
const ACCENT = "#0b5cad";
const ON_ACCENT = "#ffffff";

/** A mail as a whole HTML document. It loads nothing: no image, no font, no style sheet. */
export function layoutHtml(content: MailContent, words: MailWords): string {
  const document = html`<!doctype html>
<html lang="${content.locale}" dir="${directionOf(content.locale)}">
${head(words.subject)}
<body class="paper" style="margin:0;padding:0;background-color:${PAPER};-webkit-text-size-adjust:100%">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="paper" style="background-color:${PAPER}">
<tr><td align="center" style="padding:32px 12px;word-break:break-word">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:544px">
<tr><td class="soft" style="padding:0 4px 16px;font:600 15px/1.4 ${FONT};color:${SOFT_INK}">${content.application}</td></tr>
<tr><td class="card" style="padding:36px 32px 24px;background-color:${CARD};border:1px solid ${LINE};border-radius:12px;font:16px/1.6 ${FONT};color:${INK}">
${message(content, words)}
</td></tr>
${closing(content)}
</table>
</td></tr>
</table>
</body>
</html>
`;
  return htmlText(document);
}

/** Inline styles are those of a light screen. Programs with dark mode read these rules; the others keep light. */
function head(subject: string): Html {
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${subject}</title>
<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (max-width:420px){.card{padding:28px 20px 16px!important}.code{font-size:28px!important;letter-spacing:4px!important}.wide{width:100%!important}.button a{display:block!important;padding:14px 12px!important}}
@media (prefers-color-scheme:dark){
.paper{background-color:#0f1216!important}
.card{background-color:#181c22!important;border-color:#2f363f!important;color:#e8ebef!important}
.soft{color:#a3adb8!important}
.well{background-color:#232932!important;border-color:#3a424d!important;color:#f2f4f7!important}
.rule{border-color:#2f363f!important}
.link{color:#8ec5ff!important}
.button,.button a{background-color:#8ec5ff!important;color:#0b1a2b!important}
}
</style>
</head>`;
}

function message(content: MailContent, words: MailWords): Html {
  return html`<h1 style="margin:0 0 16px;font:700 24px/1.3 ${FONT}">${words.heading}</h1>
${words.intro.map((line) => html`<p style="margin:0 0 16px">${linked(line, content)}</p>\n`)}${button(content, words)}${code(content, words)}${token(content, words)}${outro(content, words)}`;
}

/** A cell with a ground of its own: programs that ignore the padding of a link still show a button. */
function button({ link, page }: MailContent, { button: label }: MailWords): Html | null {
  if (label === undefined) return null;
  return html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" class="wide" style="margin:24px 0"><tr>
<td class="button" bgcolor="${ACCENT}" style="background-color:${ACCENT};border-radius:8px;mso-padding-alt:14px 28px"><a href="${link ?? page}" style="display:inline-block;padding:14px 28px;font:600 16px/1.25 ${FONT};color:${ON_ACCENT};text-align:center;text-decoration:none;border-radius:8px">${label}</a></td>
</tr></table>
`;
}

function code({ code: digits }: MailContent, words: MailWords): Html | null {
  if (digits === null) return null;
  return html`<p style="margin:0 0 8px">${words.code ?? ""}</p>
<p class="well code" dir="ltr" style="margin:0 0 24px;padding:14px 12px;background-color:${WELL};border:1px solid ${LINE};border-radius:8px;font:700 32px/1.25 ${MONO};letter-spacing:6px;text-align:center">${digits}</p>
`;
}

function token(content: MailContent, words: MailWords): Html | null {
  const { token: text } = content;
  if (text === null) return null;
  return html`<p class="soft" style="margin:0 0 8px;font-size:14px;color:${SOFT_INK}">${linked(words.paste ?? "", content)}</p>
<p class="well" dir="ltr" style="margin:0 0 24px;padding:10px 12px;background-color:${WELL};border:1px solid ${LINE};border-radius:8px;font:13px/1.5 ${MONO};word-break:break-all">${text}</p>
`;
}

function outro(content: MailContent, { outro: lines }: MailWords): Html | null {
  if (lines.length === 0) return null;
  return html`<div class="rule" style="margin-top:24px;border-top:1px solid ${LINE};padding-top:20px">
${lines.map((line) => html`<p class="soft" style="margin:0 0 12px;font-size:14px;color:${SOFT_INK}">${linked(line, content)}</p>\n`)}</div>`;
}

/** The line, in which the page of the application is a link. */
function linked(line: string, { page }: MailContent): readonly Html[] {
  const [before = "", ...others] = line.split(page);
  const link = html`<a class="link" href="${page}" style="color:${ACCENT}">${page}</a>`;
  return [html`${before}`, ...others.flatMap((after) => [link, html`${after}`])];
}

function closing(content: MailContent): Html | null {
  const line = autofillLine(content);
  if (line === null) return null;
  return html`<tr><td class="soft" dir="ltr" style="padding:16px 4px 0;font:12px/1.4 ${MONO};color:${SOFT_INK}">${line}</td></tr>`;
}
