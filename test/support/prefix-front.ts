import { request as httpRequest, type RequestListener } from "node:http";

/** How a front changes the beginning of a path: nginx does it by a `proxy_pass` with a path. */
export interface Rewriting {
  readonly from: string;
  readonly to: string;
}

/**
 * A proxy of `node:http` in front of a server on this port. A path that begins with `from` begins with `to` behind it.
 * No other path has anything behind it.
 */
export function prefixFront(port: number, { from, to }: Rewriting): RequestListener {
  return (request, response) => {
    const { method = "GET", url = "", rawHeaders } = request;
    const path = url.startsWith(from) ? to + url.slice(from.length) : `/nothing-is-here${url}`;
    const inner = httpRequest(
      { host: "127.0.0.1", port, method, path, headers: rawHeaders, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    inner.on("error", () => response.destroy());
    request.pipe(inner);
  };
}
