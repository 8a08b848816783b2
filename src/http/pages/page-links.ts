import type { RequestHead } from "../caller/request-head.ts";
import { arrivedHeaders } from "../server/arrived-headers.ts";
import type { PageCookies } from "../transport/page-cookies.ts";
import { localPath, withQuery } from "./local-path.ts";
import type { PagePaths } from "./pages-options.ts";
import { RENEW_PATH } from "./renew-rows.ts";

/** Where a page of the application sends a visitor without a session. */
interface PageLinks {
  signInUrl(request: RequestHead, returnTo: string): string;
  renewUrl(request: RequestHead, returnTo: string): string | null;
}

/** What of a handler its pages are made of. */
export interface PagesSource {
  readonly paths: PagePaths | null;
  readonly cookies: PageCookies | undefined;
}

export function pageLinks({ paths, cookies }: PagesSource): PageLinks {
  if (!paths || !cookies) return { signInUrl: noPages, renewUrl: noPages };
  const { publicPath, signIn } = paths;
  const link = (page: string, returnTo: string): string => {
    const path = localPath(returnTo, publicPath);
    return path === null ? page : withQuery(page, { returnTo: [path] });
  };
  const renewUrl: PageLinks["renewUrl"] = (request, returnTo) =>
    cookies.mayRenew(arrivedHeaders(request)) ? link(`${publicPath}${RENEW_PATH}`, returnTo) : null;
  return {
    renewUrl,
    signInUrl: (request, returnTo) => renewUrl(request, returnTo) ?? link(signIn, returnTo),
  };
}

function noPages(): never {
  throw new TypeError("signInUrl and renewUrl: this handler has no pages; they need the option pages");
}
