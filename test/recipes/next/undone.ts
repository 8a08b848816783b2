import { request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";

/** What Next.js puts into `Vary` of every answer, for its own router. */
const OF_NEXT = /^(?:rsc|next-router-[\w-]+|next-url|accept-encoding)$/i;

/**
 * In front of `next start`: takes away what Next.js adds to every answer, and writes the length that it leaves out. What
 * is left is the answer of the contract.
 */
export function undone(port: number): RequestListener {
  return (request, response) => {
    const { method = "GET", url = "/", rawHeaders } = request;
    const options = { host: "127.0.0.1", port, method, path: url, headers: rawHeaders, agent: false };
    const inner = httpRequest(options, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      response.writeHead(answer.statusCode ?? 502, headersOf(answer, method === "HEAD" ? null : body));
      response.end(body);
    });
    inner.on("error", () => response.destroy());
    request.pipe(inner);
  };
}

function headersOf({ rawHeaders, statusCode }: IncomingMessage, body: Buffer | null): string[] {
  const lines: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = [rawHeaders[at], rawHeaders[at + 1]];
    if (/^(?:transfer-encoding|content-length)$/i.test(name)) continue;
    const told = /^vary$/i.test(name) ? withoutNext(value) : value;
    if (told !== "") lines.push(name, told);
  }
  const hasLength = body !== null && statusCode !== 204;
  return hasLength ? [...lines, "content-length", String(body.length)] : lines;
}

function withoutNext(value: string): string {
  return value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => !OF_NEXT.test(name))
    .join(", ");
}
