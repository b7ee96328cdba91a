import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { XMLBuilder, XMLParser } from "fast-xml-parser";
import { config } from "../config.ts";

/**
 * Makes a logo of what somebody uploads: a PNG, drawn anew from a PNG or SVG. What comes out holds pixels alone, so
 * nothing that was hidden in the file (scripts, links, metadata, bytes behind its end) gets to anybody. Loaded apart,
 * because one endpoint alone draws: the library for it has 2.5 MB.
 */

/** What a logo fits into: mails and pages show it 40 pixels high, screens and printers four times as fine. */
const BOX = { width: 600, height: 160 };
/** Of a PNG, as its header says: 64 MB when it is unpacked. */
const MAX_SIDE = 4_096;
/** Of an SVG: a logo has some dozens. */
const MAX_ELEMENTS = 2_000;
const MAX_REFERENCES = 200;

export interface Picture {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture that can't be a logo. The message follows the field's name: "must be …". */
export class PictureError extends Error {
  override readonly name = "PictureError";
}

let ready: Promise<void> | undefined;

/** A function's bundle carries the library's code as `resvg.wasm` (infra/bundle/assets.ts). */
async function load(): Promise<void> {
  const { LAMBDA_TASK_ROOT: folder } = config();
  const bundled = folder && (await readFile(join(folder, "resvg.wasm")).catch(() => undefined));
  const code = bundled || readFile(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm"));
  // Once in a process, also where this module is loaded anew.
  await initWasm(await code).catch((error: unknown) => {
    if (!/^Already initialized/.test(String(error instanceof Error ? error.message : error))) throw error;
  });
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size that fits into the box; of pixels never more than there are. */
function fit({ width, height }: Size, most = Infinity): Size {
  const scale = Math.min(BOX.width / width, BOX.height / height, most);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Draws an SVG as large as it fits into the box, or as it is.
 *
 * @throws PictureError when it can't be drawn
 */
function draw(svg: string, size?: Size): Picture & { readonly isEmpty: boolean } {
  const font = { loadSystemFonts: false };
  let resvg: InstanceType<typeof Resvg> | undefined;
  try {
    resvg = new Resvg(svg, { font });
    // How large it says that it is, which may be anything.
    const { width: value } = size ?? fit(resvg);
    resvg.free();
    resvg = new Resvg(svg, { font, fitTo: { mode: "width", value } });
    const image = resvg.render();
    const { width, height } = image;
    const isEmpty = !image.pixels.some((value, n) => n % 4 === 3 && value > 0);
    return { png: image.asPng(), width, height, isEmpty };
  } catch (error) {
    throw new PictureError("must be a picture that can be drawn", { cause: error });
  } finally {
    resvg?.free();
  }
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG as an SVG that holds nothing else. */
const asSvg = (png: Uint8Array, { width, height }: Size) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><image width="${width}" height="${height}" preserveAspectRatio="none" href="data:image/png;base64,${Buffer.from(png).toString("base64")}"/></svg>`;

function drawPng(content: Buffer) {
  // Signature, then IHDR, which begins with both sides (PNG specification, 11.2.1).
  if (content.length < 33 || content.toString("latin1", 12, 16) !== "IHDR")
    throw new PictureError("must be a whole PNG");
  const size = { width: content.readUInt32BE(16), height: content.readUInt32BE(20) };
  if (Math.min(size.width, size.height) === 0 || Math.max(size.width, size.height) > MAX_SIDE)
    throw new PictureError(`must be a PNG of at most ${MAX_SIDE} pixels each way`);
  const target = fit(size, 1);
  let png: Uint8Array = content;
  // By halves: what is made smaller at once loses its thin lines.
  for (let { width, height } = size; width > 2 * target.width && height > 2 * target.height; ) {
    [width, height] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    ({ png } = draw(asSvg(png, { width, height }), { width, height }));
  }
  return draw(asSvg(png, target), target);
}

/** A node as the parser gives it: its name as key of its children, its attributes beside them. */
type Node = Readonly<Record<string, unknown>>;
const ATTRIBUTES = ":@";

/** Shapes, groups, gradients, and what clips them. Texts would need a typeface, filters a time without bound. */
const ALLOWED = new Set(
  "svg g path rect circle ellipse line polyline polygon defs symbol use linearGradient radialGradient stop clipPath mask style".split(
    " ",
  ),
);
/** Left out without a word: they show nothing. */
const INVISIBLE = new Set(["title", "desc", "metadata", "#text"]);

const nameOf = (node: Node) => Object.keys(node).find((key) => key !== ATTRIBUTES) ?? "";
const attributesOf = (node: Node): Readonly<Record<string, string>> => Object(node[ATTRIBUTES]);
const childrenOf = (node: Node): readonly Node[] => {
  const children = node[nameOf(node)];
  return Array.isArray(children) ? children : [];
};

/** Elements that are drawn by others. Gradients are not among them: they draw nothing. */
function references(node: Node): string[] {
  const {
    "clip-path": clip = "",
    mask = "",
    style = "",
    href = "",
    "xlink:href": link = href,
  } = attributesOf(node);
  const styles = style.split(";").filter((declaration) => /^\s*(clip-path|mask)\s*:/i.test(declaration));
  const urls = [clip, mask, ...styles].flatMap((value) => /url\(\s*["']?#([^"')]+)/i.exec(value)?.[1] ?? []);
  return nameOf(node) === "use" ? [...urls, link.replace("#", "")] : urls;
}

/** What a style sheet may not do: it could refer as attributes do, and load what is elsewhere. */
const REFERRING_STYLE = /(clip-path|mask|filter)\s*:|@import|@font-face/i;

/** The elements of an SVG that may be drawn. */
function shapes(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => {
    const name = nameOf(node);
    // A namespace's own elements are an editor's notes.
    if (INVISIBLE.has(name) || name.startsWith("?") || name.includes(":")) return [];
    if (name === "text") throw new PictureError("must not have texts: convert them to paths first");
    if (!ALLOWED.has(name)) throw new PictureError(`must be made of shapes; it has <${name.slice(0, 40)}>`);
    if (name !== "style") return [{ ...node, [name]: shapes(childrenOf(node)) }];
    if (REFERRING_STYLE.test(JSON.stringify(childrenOf(node))))
      throw new PictureError("must have no clip-path, mask, filter or import in its style sheet");
    return [node];
  });
}

const withDescendants = (node: Node): Node[] => [node, ...childrenOf(node).flatMap(withDescendants)];

/**
 * Refuses what takes long to draw. What is drawn by another element draws no third one: a kilobyte could be millions of
 * shapes otherwise.
 */
function checkEffort(nodes: readonly Node[]): void {
  const all = nodes.flatMap(withDescendants);
  const referring = all.filter((node) => references(node).length > 0);
  if (all.length > MAX_ELEMENTS || referring.length > MAX_REFERENCES)
    throw new PictureError("must be simpler: it has too many elements");
  const targets = new Set(referring.flatMap(references));
  const drawn = all.filter((node) => targets.has(attributesOf(node).id ?? ""));
  if (drawn.flatMap(withDescendants).some((node) => references(node).length > 0))
    throw new PictureError("must be simpler: what it refers to refers further");
}

/** Entities stay as they are written: those of a DTD, which is left out, are unknown to who draws. */
const XML = { preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: "", processEntities: false };

function drawSvg(content: Buffer) {
  let nodes: readonly Node[];
  try {
    nodes = new XMLParser({ ...XML, parseTagValue: false, parseAttributeValue: false }).parse(content);
  } catch (error) {
    throw new PictureError("must be a PNG or an SVG", { cause: error });
  }
  const roots = nodes.filter((node) => nameOf(node) === "svg");
  if (roots.length !== 1) throw new PictureError("must be a PNG or an SVG");
  const drawable = shapes(roots);
  checkEffort(drawable);
  return draw(new XMLBuilder(XML).build(drawable));
}

/**
 * Draws an uploaded PNG or SVG anew, as a PNG that fits into 600 × 160.
 *
 * @throws PictureError when it is neither, damaged, empty, or takes too long to draw
 */
export async function toLogo(content: Buffer): Promise<Picture> {
  ready ??= load().catch((error: unknown) => {
    ready = undefined;
    throw error;
  });
  await ready;
  const { isEmpty, ...picture } = content.subarray(0, PNG.length).equals(PNG)
    ? drawPng(content)
    : drawSvg(content);
  if (isEmpty) throw new PictureError("must be a picture on which something can be seen");
  return picture;
}
