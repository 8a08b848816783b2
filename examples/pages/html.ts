/** Text that is markup already. Anything else is escaped. */
export interface Markup {
  readonly markup: string;
}

/** Markup in which every value is escaped, in texts and in quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Markup)[]): Markup {
  return { markup: String.raw({ raw: parts }, ...values.map(written)) };
}

function written(value: string | Markup): string {
  if (typeof value === "object") return value.markup;
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
