/** Markup that `html` made. Nothing else makes it, so every text in it is escaped. */
export interface Html {
  readonly [MARKUP]: string;
}

const MARKUP: unique symbol = Symbol("markup");

/** A text is escaped. Markup and lists of markup stand as they are. Null stands for nothing. */
export type HtmlPart = string | Html | readonly Html[] | null;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Makes markup from a template. A part stands between tags, or in an attribute with quotes around it: never in a
 * `style` or `script` element, where escapes are no escapes.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const markup = strings.map((literal, index) => literal + markupOf(parts[index] ?? null)).join("");
  return Object.freeze({ [MARKUP]: markup });
}

/** The text of markup, to be sent. */
export function htmlText(markup: Html): string {
  return markup[MARKUP];
}

function markupOf(part: HtmlPart): string {
  if (part === null) return "";
  if (typeof part === "string") return part.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
  return "map" in part ? part.map(htmlText).join("") : htmlText(part);
}
