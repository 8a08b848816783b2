import { BEYOND } from "./beyond.ts";
import { OWN_ROUTES } from "./callers.ts";
import { G1 } from "./g01.ts";
import { G2 } from "./g02.ts";
import { G3 } from "./g03.ts";
import { G4 } from "./g04.ts";
import { G5 } from "./g05.ts";
import { G6 } from "./g06.ts";
import { G7 } from "./g07.ts";
import { G8 } from "./g08.ts";
import { G9 } from "./g09.ts";
import { G10 } from "./g10.ts";
import { G11 } from "./g11.ts";
import { G12 } from "./g12.ts";
import { MAIL } from "./mail.ts";
import { MAIL_ROUTES } from "./mail-routes.ts";
import type { Edit, Guarantee, Mutant } from "./mutant.ts";
import { FORM_ROUTES } from "./pages.ts";
import { POSTMAN } from "./postman.ts";
import { PROOFS } from "./proofs.ts";

const BY_GUARANTEE: readonly (readonly [guarantee: Guarantee, edits: readonly Edit[]])[] = [
  ["G1", G1],
  ["G2", G2],
  ["G3", G3],
  ["G4", G4],
  ["G5", G5],
  ["G6", G6],
  ["G7", G7],
  ["G8", G8],
  ["G9", G9],
  ["G10", G10],
  ["G11", G11],
  ["G12", G12],
  [
    "Beyond the twelve",
    [...BEYOND, ...OWN_ROUTES, ...FORM_ROUTES, ...MAIL, ...MAIL_ROUTES, ...POSTMAN, ...PROOFS],
  ],
];

export const MUTANTS: readonly Mutant[] = BY_GUARANTEE.flatMap(([guarantee, edits]) =>
  edits.map((edit) => ({ guarantee, ...edit })),
);
