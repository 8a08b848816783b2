import { type NextRequest, NextResponse } from "next/server";

/** Saves strangers a page that would only lead them on. It guards nothing: each page, route and action asks by itself. */
export function proxy(request: NextRequest): NextResponse {
  const names = request.cookies.getAll().map(({ name }) => name);
  const mayBeSignedIn = names.some((name) => /sp-(?:access|renew)$/.test(name));
  if (mayBeSignedIn || request.method !== "GET") return NextResponse.next();
  const signIn = request.nextUrl.clone();
  signIn.pathname = "/sign-in";
  signIn.search = String(new URLSearchParams({ returnTo: request.nextUrl.pathname }));
  return NextResponse.redirect(signIn);
}

export const config = { matcher: "/notes/:path*" };
