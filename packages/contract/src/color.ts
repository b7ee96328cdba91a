/** A color as the web writes it: `#1f6f50`. */
export type Color = `#${string}`;

/** A text of this form as a color. */
export const toColor = (text: string): Color => `#${text.slice(1)}`;

/** Red, green and blue, each from 0 to 1. */
export function channels(color: Color): readonly [red: number, green: number, blue: number] {
  const channel = (at: number) => Number.parseInt(color.slice(at, at + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}

/** A color mixed with white: `share` of it, from 0 to 1. Transparency would do the same, but not on every printer. */
export function tint(color: Color, share: number): Color {
  const mixed = channels(color).map((channel) =>
    Math.round(255 - (255 - channel * 255) * share)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${mixed.join("")}`;
}

/** Relative luminance by WCAG 2: 0 for black, 1 for white. */
export function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What text needs (WCAG 2, 1.4.3 AA). */
export const LEAST_CONTRAST = 4.5;

/** Mixes a color with another one: `share` of the other, from 0 to 1. */
export function mix(color: Color, other: Color, share: number): Color {
  const others = channels(other);
  const mixed = channels(color).map((channel, n) =>
    Math.round(255 * (channel + ((others[n] ?? 0) - channel) * share))
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${mixed.join("")}`;
}

const STEPS = 100;

/**
 * A color, or what is nearest to it on the way to another one and can be read on a ground.
 *
 * @param towards black for a light ground, white for a dark one
 */
export function legible(color: Color, ground: Color, towards: Color): Color {
  for (let step = 0; step < STEPS; step++) {
    const candidate = mix(color, towards, step / STEPS);
    if (contrast(luminance(candidate), luminance(ground)) >= LEAST_CONTRAST) return candidate;
  }
  return towards;
}

/** Contrast ratio of two luminances by WCAG 2: from 1 to 21. */
export const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
