// In place of `next/navigation`.

export class Redirected extends TypeError {
  readonly url: string;
  constructor(url: string) {
    super(`NEXT_REDIRECT ${url}`);
    this.url = url;
  }
}

/** As in Next.js: an error that Next.js turns into a redirect. */
export function redirect(url: string): never {
  throw new Redirected(url);
}
