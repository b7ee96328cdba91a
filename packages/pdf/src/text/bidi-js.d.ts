/** The package describes an ES module; what Node loads is its CommonJS build, which is the function itself. */
declare module "bidi-js" {
  export interface Bidi {
    getEmbeddingLevels(
      text: string,
      base: "ltr" | "rtl" | "auto",
    ): { readonly levels: Uint8Array; readonly paragraphs: readonly { readonly level: number }[] };
    getMirroredCharacter(character: string): string | null;
  }
  // biome-ignore lint/style/noDefaultExport: it is what the package exports.
  export default function bidiFactory(): Bidi;
}
