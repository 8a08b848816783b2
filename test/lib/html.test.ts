import { expect, test } from "vitest";
import { html, htmlText } from "../../src/lib/html.ts";

test("a text is escaped between tags and in attributes, whatever it holds", () => {
  const text = `<script>alert("1")</script> & 'more'`;
  expect(htmlText(html`<p title="${text}">${text}</p>`)).toBe(
    `<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;</p>`,
  );
});

test("markup stands in markup as it is, alone and in lists, and null stands for nothing", () => {
  const rows = ["a", "<b>"].map((row) => html`<li>${row}</li>`);
  expect(htmlText(html`<ul>${rows}${null}</ul>`)).toBe("<ul><li>a</li><li>&lt;b&gt;</li></ul>");
});

test("an object that only looks like markup is not taken for it", () => {
  const forged = { markup: "<script>", toString: () => "<script>" };
  expect(htmlText(html`<p>${forged as never}</p>`)).not.toContain("<script>");
});
