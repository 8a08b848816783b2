import type { ReactNode } from "react";
import { visitor } from "@/lib/stage";

export default async function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" data-user={(await visitor())?.userId}>
      <body>{children}</body>
    </html>
  );
}
