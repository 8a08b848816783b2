import type { Metadata } from "next";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = { title: "Notes", description: "A small application with Sallyport" };

/** It asks for no user: Next.js does not render a layout again on the way from one of its pages to the next. */
export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
