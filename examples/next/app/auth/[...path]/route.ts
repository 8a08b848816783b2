import { routes } from "@/lib/auth";

export const { GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE } = routes;
