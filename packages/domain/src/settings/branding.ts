import { createHash } from "node:crypto";
import { type Color, legible, mix, toColor } from "@success-manager/contract/color";
import { type IfMatch, unavailable, unprocessable } from "@success-manager/contract/problem";
import {
  type BrandingSettings,
  type Logo,
  PALE,
  type SettingsAnswer,
  type SettingsChanges,
} from "@success-manager/contract/settings";
import { config } from "../config.ts";
import { readObject, writeObject } from "../table/index.ts";
import * as Settings from "./api.ts";
import { loadSettings, settingsOf } from "./read.ts";

/** How people see who asks and reports: what an admin has set (`/settings/branding`), else what the stage says. */
export interface Brand {
  /** `Extravis` */
  readonly organization: string;
  /** For text and areas on light ground; text on it is white. */
  readonly accent: Color;
  /** For text on dark ground. */
  readonly accentOnDark: Color;
  /** The name of the picture's file, for `readLogo` and `logoPath`. */
  readonly logo: string | undefined;
  /** Where answers to mails go, if not to the sender. */
  readonly replyTo: string | undefined;
  readonly footer: string | undefined;
}

const GREEN = "#1f6f50";
/** Of the product's own pages (site.css). */
const GREEN_ON_DARK = "#6fd0a5";
/** The ground of cards in the dark: pages and mails. */
export const DARK = "#171f1c";
const WHITE = "#ffffff";
const BLACK = "#000000";

/** What settings and stage come to. */
export function brandOf({
  organization_name,
  accent_color,
  logo,
  reply_to,
  footer_text,
}: BrandingSettings): Brand {
  const { ORGANIZATION, MAIL_REPLY_TO } = config();
  return {
    organization: organization_name ?? ORGANIZATION,
    accent: accent_color === null ? GREEN : toColor(accent_color),
    accentOnDark: accent_color === null ? GREEN_ON_DARK : legible(toColor(accent_color), DARK, WHITE),
    logo: logo ?? undefined,
    replyTo: reply_to ?? MAIL_REPLY_TO,
    footer: footer_text ?? undefined,
  };
}

/** The brand as of now, in one read of one unit. */
export const loadBrand = async (): Promise<Brand> => brandOf(await loadSettings("branding"));

/** The same for a page: also one that says that nothing works right now has a brand, that of the stage. */
export const loadPageBrand = (): Promise<Brand> =>
  loadBrand().catch(() => brandOf(settingsOf("branding", undefined)));

/** Where everybody can load a logo, below the origin of the API. */
export const logoPath = (logo: string) => `/survey/logos/${logo}`;

/** Where the colors of pages are, below the origin of the API; undefined where they are the pages' own. */
export const themePath = ({ accent }: Brand): string | undefined =>
  accent === GREEN ? undefined : `/survey/themes/${accent.slice(1)}.css`;

/** The colors of pages as a style sheet that follows site.css: all made of one, and legible whatever it is. */
export function themeCss(color: Color): string {
  const accent = legible(color, PALE, BLACK);
  const onDark = accent === GREEN ? GREEN_ON_DARK : legible(accent, DARK, WHITE);
  const theme = (colors: Readonly<Record<string, Color>>) =>
    `:root{${Object.entries(colors)
      .map(([name, value]) => `--${name}:${value}`)
      .join(";")}}`;
  const light = {
    accent,
    "accent-deep": mix(accent, BLACK, 0.2),
    "accent-soft": mix(accent, WHITE, 0.92),
    "on-accent": WHITE,
  } as const;
  const dark = {
    accent: onDark,
    "accent-deep": mix(onDark, WHITE, 0.2),
    "accent-soft": mix(DARK, accent, 0.2),
    "on-accent": legible(mix(accent, BLACK, 0.7), onDark, BLACK),
  } as const;
  return `${theme(light)}\n@media (prefers-color-scheme:dark){${theme(dark)}}\n`;
}

/** The sides of a PNG, in pixels, as its header says (PNG specification, 11.2.1). */
export function pngSize(png: Uint8Array): { readonly width: number; readonly height: number } {
  const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: header.getUint32(16), height: header.getUint32(20) };
}

const logoKey = (logo: string) => `branding/${logo}`;

/** Whatever keeps S3 from answering, the same may work in a while. */
function unreachable(): never {
  throw unavailable(60, "The storage for files can't be reached right now. Try again in a few minutes.");
}

/**
 * A picture that was uploaded; undefined when there is none of this name. Its name says what it holds: it never changes.
 *
 * @throws 503 when S3 does not answer
 */
export const readLogo = async (logo: string): Promise<Uint8Array | undefined> =>
  (await readObject(logoKey(logo), undefined, "files").catch(unreachable))?.content;

/**
 * Draws a person's picture anew, of what they have uploaded: a square PNG of 256 pixels.
 *
 * @throws 422 about the upload for what can't be one, with the reason
 */
export async function drawAvatar(content: Buffer): Promise<Uint8Array> {
  const { PictureError, toAvatar } = await import("./picture.ts");
  return toAvatar(content).catch((error: unknown) => {
    if (error instanceof PictureError) throw unprocessable("upload_id", error.message);
    throw error;
  });
}

/**
 * Changes how people see us.
 *
 * @throws as `Settings.update`; 422 for a logo that nobody has uploaded
 */
export async function update(
  changes: SettingsChanges<"branding">,
  actor: { readonly full_name: string },
  ifMatch?: IfMatch,
): Promise<SettingsAnswer<"branding">> {
  const { logo } = changes;
  if (logo && !(await readLogo(logo))) throw unprocessable("logo", "must be uploaded first");
  return Settings.update("branding", changes, actor, ifMatch);
}

/**
 * Draws an uploaded picture anew and keeps it, under the hash of what it holds: the same picture is kept once.
 *
 * @param content PNG or SVG, in Base64
 * @throws 422 for what can't be a logo, with the reason; 503 when S3 does not answer
 */
export async function uploadLogo(content: string, origin: string): Promise<Logo> {
  if (!config().REPORTS_BUCKET) throw unavailable(3600, "Storing files is not set up here. Ask an admin.");
  const { PictureError, toLogo } = await import("./picture.ts");
  const { png, width, height } = await toLogo(Buffer.from(content, "base64")).catch((error: unknown) => {
    if (error instanceof PictureError) throw unprocessable("content", error.message);
    throw error;
  });
  const logo = `${createHash("sha256").update(png).digest("hex")}.png`;
  // Not written where it is there already.
  await writeObject(logoKey(logo), png, undefined, "files").catch(unreachable);
  return { logo, url: `${origin}${logoPath(logo)}`, width, height, bytes: png.byteLength };
}
