// Renders every mail of the library to files, to look at them in a browser: `npm run mails -- folder`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { html, htmlText } from "../src/lib/html.ts";
import { sampleMails } from "./sample-mails.ts";

const folder = resolve(process.argv[2] ?? ".cache/mails");
mkdirSync(folder, { recursive: true });

const mails = sampleMails();
for (const { kind, subject, text, html: markup } of mails) {
  writeFileSync(join(folder, `${kind}.html`), markup);
  writeFileSync(join(folder, `${kind}.txt`), `Subject: ${subject}\n\n${text}`);
}

const index = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mails</title>
<style>
body{font:15px system-ui,sans-serif;margin:24px}
iframe{border:1px solid #888;width:100%;height:640px}
section{display:inline-block;width:390px;margin:0 16px 24px 0;vertical-align:top}
</style>
<h1>${String(mails.length)} mails</h1>
${mails.map(
  ({ kind, subject }) =>
    html`<section><h2>${kind}</h2><p>${subject} (<a href="${kind}.txt">text</a>, <a href="${kind}.html">HTML</a>)</p><iframe src="${kind}.html" title="${kind}"></iframe></section>\n`,
)}</html>
`;
writeFileSync(join(folder, "index.html"), htmlText(index));
console.log(`${mails.length} mails: ${pathToFileURL(join(folder, "index.html"))}`);
