import type { Context } from "hono";

/**
 * Makes an answer that Hono sends as it is. Over the headers of an answer, Hono writes those that middleware has set
 * before it: a cookie of the application would replace ours, and its `Cache-Control` the `no-store`. So these headers get
 * ours first. Cookies and `Vary` of both stay.
 */
export function answerOf(c: Context, answer: Response): Response {
  const before = c.res.headers;
  for (const [name, value] of answer.headers) {
    if (name === "set-cookie" || name === "vary") before.append(name, value);
    else before.set(name, value);
  }
  return answer;
}
