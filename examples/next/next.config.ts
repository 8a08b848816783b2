import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // The auth routes send headers of their own.
  headers: async () => [
    {
      source: "/((?!auth/).*)",
      headers: [
        {
          key: "content-security-policy",
          value: "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        },
        { key: "referrer-policy", value: "same-origin" },
        { key: "x-content-type-options", value: "nosniff" },
      ],
    },
  ],
};

export default config;
