const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export type Respelling = readonly [name: string, text: string];

/** What a lenient reader takes for the token: another text each time, and none of them is the token. */
export function respellings(token: string): Respelling[] {
  const dot = token.indexOf(".");
  const candidates: Respelling[] = [
    ["padding", `${token}=`],
    ["more padding", `${token}==`],
    ["a space before", ` ${token}`],
    ["a line after", `${token}\n`],
    ["a tab within", `${token.slice(0, 30)}\t${token.slice(30)}`],
    ["a NUL after", `${token}\0`],
    ["a byte order mark before", `\u{feff}${token}`],
    ["a zero-width space within", `${token.slice(0, 30)}\u{200b}${token.slice(30)}`],
    ["full-width letters", fullWidth(token)],
    ["its scheme before", `Bearer ${token}`],
    ["quotes around", `"${token}"`],
    ["capitals", token.toUpperCase()],
    ["small letters", token.toLowerCase()],
    ["base64's own alphabet", token.replaceAll("-", "+").replaceAll("_", "/")],
    ["percent signs", `${token.slice(0, -1)}%${token.charCodeAt(token.length - 1).toString(16)}`],
    ["padding of its header", dot < 0 ? token : `${token.slice(0, dot)}=${token.slice(dot)}`],
    ["a dot after", `${token}.`],
    ...looseEndings(token).map((text, index): Respelling => [`loose ending ${index + 1}`, text]),
  ];
  return candidates.filter(([, text]) => text !== token);
}

/** The same bytes to a decoder that ignores the bits which the last character does not need. */
export function looseEndings(token: string): string[] {
  const bytes = Buffer.from(token.slice(token.lastIndexOf(".") + 1), "base64url");
  const spellings = [...ALPHABET].map((last) => token.slice(0, -1) + last);
  return spellings.filter((text) => {
    const read = Buffer.from(text.slice(text.lastIndexOf(".") + 1), "base64url");
    return text !== token && read.equals(bytes);
  });
}

function fullWidth(token: string): string {
  return token.replace(/[A-Za-z0-9]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0));
}
