/** Only to read paths by. No request goes there. */
const HERE = "http://here.invalid";

const MAX_LENGTH = 2048;

/** One slash, then neither a second one, nor a backslash, a space or a control character anywhere. */
const PLAIN = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e\u{a1}-\u{10ffff}]*$/u;

/**
 * A path of this site as browsers read it, with its query and fragment. Null for anything else: for another origin, for
 * a path below `publicPath`, which would lead round in a circle, and for more than 2 KiB.
 */
export function localPath(typed: unknown, publicPath: string): string | null {
  if (typeof typed !== "string" || typed.length > MAX_LENGTH || !PLAIN.test(typed)) return null;
  const url = URL.parse(typed, HERE);
  if (url?.origin !== HERE) return null;
  const path = url.href.slice(HERE.length);
  // Dot segments are gone now, and may have left a second slash: `/..//evil.example`.
  const isSame = URL.parse(path, HERE)?.href === url.href;
  return isSame && path.length <= MAX_LENGTH && !isBelow(url.pathname, publicPath) ? path : null;
}

/** The same path with these parameters, in place of those of the same names. */
export function withQuery(path: string, parameters: Parameters): string {
  const url = new URL(path, HERE);
  for (const name of Object.keys(parameters)) url.searchParams.delete(name);
  const pairs = Object.entries(parameters).flatMap(([name, values]) => values.map((value) => [name, value]));
  for (const [name = "", value = ""] of pairs) url.searchParams.append(name, value);
  return url.href.slice(HERE.length);
}

/** No value: the parameter goes. */
type Parameters = Readonly<Record<string, readonly string[]>>;

/** Routes are matched by their exact text. But a proxy in front may decode it, tidy it up, or ignore its case. */
function isBelow(pathname: string, publicPath: string): boolean {
  const decoded = pathname.replaceAll(/%[2-7][\da-f]/gi, (byte) => decodeURIComponent(byte));
  const tidy = new URL(decoded.replaceAll(/[/\\]+/g, "/"), HERE).pathname;
  return `${tidy}/`.toLowerCase().startsWith(`${publicPath}/`.toLowerCase());
}
