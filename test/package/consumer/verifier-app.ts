// A service that has no database, on a runtime that is not Node: a fetch handler.
import { createVerifier, isAuthError } from "sallyport/verifier";

interface Claims {
  readonly roles: readonly string[];
}

export const verifier = createVerifier<Claims>({
  jwksUrl: "https://accounts.example/auth/jwks.json",
  issuer: "https://accounts.example",
  audience: "https://api.example",
  cacheMaxAge: "5m",
  requireClaims: true,
  fetch: (url, init) => fetch(url, init),
});

export const service = {
  async fetch(request: Request): Promise<Response> {
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    try {
      const { userId, claims, expiresAt } = await verifier.verify(token);
      return Response.json({
        userId,
        isAdmin: claims.roles.includes("admin"),
        until: expiresAt.toISOString(),
      });
    } catch (error) {
      if (!isAuthError(error)) throw error;
      return Response.json({ code: error.code }, { status: error.status });
    }
  },
};
