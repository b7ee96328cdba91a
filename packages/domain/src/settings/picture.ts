import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import decodeWebp, { init as initWebp } from "@jsquash/webp/decode.js";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { XMLBuilder, XMLParser } from "fast-xml-parser";
import { imageSize } from "image-size";
import { config } from "../config.ts";

/**
 * Makes a logo of what somebody uploads, a PNG or SVG; and a person's picture of a JPEG, PNG, GIF or WebP. Both are PNGs
 * that are drawn anew. What comes out holds pixels alone, so nothing that was hidden in the file (scripts, links, where a
 * photo was taken, bytes behind its end) gets to anybody. Loaded apart, because few endpoints draw: the library for it
 * has 2.5 MB.
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

/** The code of a library, which a function's bundle carries under a name of its own (infra/bundle/assets.ts). */
async function codeOf(bundled: string, installed: string): Promise<Buffer> {
  const { LAMBDA_TASK_ROOT: folder } = config();
  const found = folder && (await readFile(join(folder, bundled)).catch(() => undefined));
  return found || readFile(createRequire(import.meta.url).resolve(installed));
}

async function load(): Promise<void> {
  // Once in a process, also where this module is loaded anew.
  await initWasm(await codeOf("resvg.wasm", "@resvg/resvg-wasm/index_bg.wasm")).catch((error: unknown) => {
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

async function loaded(): Promise<void> {
  ready ??= load().catch((error: unknown) => {
    ready = undefined;
    throw error;
  });
  await ready;
}

/**
 * Draws an uploaded PNG or SVG anew, as a PNG that fits into 600 × 160.
 *
 * @throws PictureError when it is neither, damaged, empty, or takes too long to draw
 */
export async function toLogo(content: Buffer): Promise<Picture> {
  await loaded();
  const { isEmpty, ...picture } = content.subarray(0, PNG.length).equals(PNG)
    ? drawPng(content)
    : drawSvg(content);
  if (isEmpty) throw new PictureError("must be a picture on which something can be seen");
  return picture;
}

/** A person's picture, in pixels each way. */
const AVATAR = 256;
/** Of an uploaded one: 100 MB when it is unpacked. Phones take 12 million. */
const MAX_PIXELS = 25_000_000;

/** What a file is, by its content; what it is called or declared to be says nothing. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
};

/** What is done to a picture to stand upright (Exif 2.32, 4.6.4, Orientation), on its own size. */
const UPRIGHT: Readonly<Record<number, (size: Size) => string>> = {
  2: ({ width }) => `matrix(-1 0 0 1 ${width} 0)`,
  3: ({ width, height }) => `matrix(-1 0 0 -1 ${width} ${height})`,
  4: ({ height }) => `matrix(1 0 0 -1 0 ${height})`,
  5: () => "matrix(0 1 1 0 0 0)",
  6: ({ height }) => `matrix(0 1 -1 0 ${height} 0)`,
  7: ({ width, height }) => `matrix(0 -1 -1 0 ${height} ${width})`,
  8: ({ width }) => `matrix(0 -1 1 0 0 ${width})`,
};
const isTurned = (orientation: number) => orientation >= 5;

/** The size of a GIF's first picture, which may lie about that of the whole (GIF89a, 20 to 24). */
function firstFrame(gif: Buffer): Size | undefined {
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + tableBytes(gif[10] ?? 0);
  while (gif[at] === 0x21) {
    at += 2;
    for (let length = gif[at]; length; length = gif[at]) at += length + 1;
    at += 1;
  }
  if (gif[at] !== 0x2c || at + 10 > gif.length) return undefined;
  return { width: gif.readUInt16LE(at + 5), height: gif.readUInt16LE(at + 7) };
}

/** A chunk of a PNG: its length, type, data and checksum (PNG specification, 5.3). */
function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Pixels of four bytes as a PNG that is made fast, for who draws it. */
function toPng({ width, height, data }: Size & { readonly data: Uint8ClampedArray }): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const row = width * 4;
  const lines = Buffer.alloc((row + 1) * height);
  for (let y = 0; y < height; y++) lines.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  const pixels = deflateSync(lines, { level: 1 });
  return Buffer.concat([PNG, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", new Uint8Array())]);
}

/** What the decoder of WebP makes its answer of, as browsers have it. */
class Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    [this.data, this.width, this.height] = [data, width, height];
  }
}

let webp: Promise<(content: ArrayBuffer) => Promise<Size & { readonly data: Uint8ClampedArray }>> | undefined;

async function loadWebp() {
  Reflect.set(globalThis, "ImageData", Reflect.get(globalThis, "ImageData") ?? Pixels);
  const code = await codeOf("webp.wasm", "@jsquash/webp/codec/dec/webp_dec.wasm");
  await initWebp(await WebAssembly.compile(new Uint8Array(code)));
  return decodeWebp;
}

/** A WebP as a PNG, which is what can be drawn. @throws PictureError when it is damaged */
async function pngOfWebp(content: Buffer): Promise<Buffer> {
  webp ??= loadWebp().catch((error: unknown) => {
    webp = undefined;
    throw error;
  });
  const decode = await webp;
  const pixels = await decode(new Uint8Array(content).buffer).catch((error: unknown) => {
    throw new PictureError("must be a picture that can be drawn", { cause: error });
  });
  return toPng(pixels);
}

/** An uploaded file, as far as its head tells. */
function inspect(content: Buffer) {
  let found: ReturnType<typeof imageSize>;
  try {
    found = imageSize(content);
  } catch (error) {
    throw new PictureError("must be a JPEG, PNG, GIF or WebP", { cause: error });
  }
  const { type = "", width, height, orientation = 1 } = found;
  const mediaType = MEDIA_TYPES[type];
  if (!mediaType) throw new PictureError("must be a JPEG, PNG, GIF or WebP");
  const frame = type === "gif" ? firstFrame(content) : { width, height };
  for (const size of [{ width, height }, frame])
    if (!size || Math.min(size.width, size.height) < 1 || size.width * size.height > MAX_PIXELS)
      throw new PictureError("must be a picture of at most 25 million pixels");
  return { mediaType, size: { width, height }, orientation };
}

/**
 * Draws an uploaded JPEG, PNG, GIF (its first picture) or WebP anew, upright and cut to a square of 256 pixels.
 *
 * @throws PictureError when it is none of these, damaged, empty or too large
 */
export async function toAvatar(content: Buffer): Promise<Uint8Array> {
  const { mediaType, size, orientation } = inspect(content);
  await loaded();
  const isWebp = mediaType === "image/webp";
  let picture: Uint8Array = isWebp ? await pngOfWebp(content) : content;
  let type = isWebp ? "image/png" : mediaType;
  let { width, height } = isTurned(orientation) ? { width: size.height, height: size.width } : size;
  const turn = UPRIGHT[orientation]?.(size);
  const image = (attributes: string) =>
    `<image ${attributes} href="data:${type};base64,${Buffer.from(picture).toString("base64")}"/>`;
  const upright = (to: Size) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${to.width}" height="${to.height}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none"><g${turn ? ` transform="${turn}"` : ""}>${image(`width="${size.width}" height="${size.height}" preserveAspectRatio="none"`)}</g></svg>`;
  // Upright and no larger than is worth cutting; then by halves, because what is made smaller at once loses its lines.
  const scale = Math.min(1, (4 * AVATAR) / Math.min(width, height));
  const first = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const drawn = draw(upright(first), first);
  if (drawn.isEmpty) throw new PictureError("must be a picture on which something can be seen");
  [picture, type, { width, height }] = [drawn.png, "image/png", first];
  while (Math.min(width, height) > 2 * AVATAR) {
    const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
    picture = draw(asSvg(picture, half), half).png;
    ({ width, height } = half);
  }
  const square = `<svg xmlns="http://www.w3.org/2000/svg" width="${AVATAR}" height="${AVATAR}">${image(`width="${AVATAR}" height="${AVATAR}" preserveAspectRatio="xMidYMid slice"`)}</svg>`;
  return draw(square, { width: AVATAR, height: AVATAR }).png;
}
