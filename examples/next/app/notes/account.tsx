"use client";

import { useEffect, useRef } from "react";
import type { PublicUser } from "sallyport";

/** It gets the user, and not the caller: React hands no function from the server to a client component. */
export function Account({ user }: { readonly user: PublicUser }) {
  const menu = useRef<HTMLDetailsElement>(null);

  // Without script the menu opens and closes by its summary alone.
  useEffect(() => {
    const close = (event: Event): void => {
      const isInside = event.target instanceof Node && menu.current?.contains(event.target);
      const isEscape = event instanceof KeyboardEvent && event.key === "Escape";
      if (menu.current && (event instanceof KeyboardEvent ? isEscape : !isInside)) menu.current.open = false;
    };
    for (const type of ["click", "keydown"]) document.addEventListener(type, close);
    return () => {
      for (const type of ["click", "keydown"]) document.removeEventListener(type, close);
    };
  }, []);

  return (
    <details ref={menu} className="menu">
      <summary aria-label="Account">{user.email.slice(0, 1).toUpperCase()}</summary>
      <div>
        <p className="small">{user.email}</p>
        <form method="post" action="/auth/logout">
          <button type="submit" className="button plain">
            Sign out
          </button>
        </form>
      </div>
    </details>
  );
}
