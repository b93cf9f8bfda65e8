/** The one function of amaro that is used here; the package ships no types. */
declare module "amaro" {
  export function transformSync(
    source: string,
    options: { readonly mode: "strip-only" },
  ): { readonly code: string };
}
