import type { MailContent, MailWords } from "../../api/mail.ts";

/** A mail as plain text. Paragraphs are not wrapped: a phone wraps them where it needs to. */
export function layoutText(content: MailContent, words: MailWords): string {
  const blocks = [
    words.heading,
    ...words.intro,
    actionOf(content, words),
    ...under(words.code, content.code),
    ...under(words.paste, content.token),
    ...words.outro,
    autofillLine(content),
  ];
  return `${blocks.filter((block) => block !== null).join("\n\n")}\n`;
}

function actionOf({ link, page }: MailContent, { button }: MailWords): string | null {
  return button === undefined ? null : `${button}:\n${link ?? page}`;
}

/** A value on a line of its own, below its sentence. */
function under(sentence: string | undefined, value: string | null): readonly string[] {
  return value === null ? [] : [sentence ?? "", value];
}

/** Mail programs offer the code to pages of this host alone. It is the last line. */
export function autofillLine({ host, code }: Pick<MailContent, "host" | "code">): string | null {
  return code === null ? null : `@${host} #${code}`;
}
