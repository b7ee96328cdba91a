import { crc32, deflateSync } from "node:zlib";
import { Resvg } from "@resvg/resvg-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gif, JPEG, PNG, WEBP, withExif } from "./fixture/photo.ts";
import { PictureError, toAvatar, toLogo } from "./picture.ts";

const svg = (content: string, attributes = 'width="300" height="100"') =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);

const SQUARE = '<rect width="90" height="90" fill="#1f6f50"/>';

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG of one color (RGBA), followed by what does not belong there. */
function png(width: number, height: number, color: readonly number[], trailer = ""): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const row = Buffer.from([0, ...Array.from({ length: width }, () => color).flat()]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from("Comment\0<script>alert(1)</script>")),
    chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    chunk("IEND", Buffer.alloc(0)),
    Buffer.from(trailer),
  ]);
}

const RED = [200, 0, 0, 255];

describe("a logo", () => {
  test.each([
    ["SVG of its own size", svg(SQUARE), 480, 160],
    ["SVG with a view box alone", svg(SQUARE, 'viewBox="0 0 100 100"'), 160, 160],
    [
      "SVG that says it is enormous",
      svg('<rect width="1e9" height="1e9"/>', 'width="1000000000" height="1000000000"'),
      160,
      160,
    ],
    ["wide PNG", png(1200, 100, RED), 600, 50],
    ["small PNG stays small", png(30, 10, RED), 30, 10],
    ["one pixel", png(1, 1, RED), 1, 1],
    ["tall PNG", png(10, 400, RED), 4, 160],
  ])("is a PNG that fits into 600 × 160: %s", async (_, content, width, height) => {
    const logo = await toLogo(content);
    expect(logo).toMatchObject({ width, height });
    const again = Buffer.from(logo.png);
    expect(again.readUInt32BE(16)).toBe(width);
    expect(again.readUInt32BE(20)).toBe(height);
  });

  test("holds nothing of the file but what is seen", async () => {
    const { png: drawn } = await toLogo(png(60, 20, RED, "PK<?php evil(); ?>"));
    for (const hidden of ["script", "php", "tEXt"]) expect(Buffer.from(drawn).includes(hidden)).toBe(false);
  });

  test("leaves out what drawing programs note", async () => {
    const content = Buffer.from(`<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- by hand -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:sodipodi="urn:x" viewBox="0 0 10 10">
<title>Us</title><desc>We</desc><metadata><a/></metadata><sodipodi:namedview><b/></sodipodi:namedview>
<style>.a{fill:#c00}</style>
<defs><linearGradient id="g"><stop offset="0" stop-color="#000"/><stop offset="1" stop-color="#fff"/></linearGradient>
<clipPath id="c"><rect width="5" height="5"/></clipPath><symbol id="s" viewBox="0 0 1 1"><path class="a" d="M0 0h1v1z"/></symbol></defs>
<g clip-path="url(#c)"><rect width="10" height="10" fill="url(#g)"/></g><use href="#s" width="4" height="4"/>
</svg>`);
    await expect(toLogo(content)).resolves.toMatchObject({ width: 160, height: 160 });
  });
});

/** Each refers to the one before ten times: 10 to the power of the levels. */
const bomb = (levels: number) =>
  `<defs><g id="l0">${SQUARE}</g>${Array.from(
    { length: levels },
    (_, n) => `<g id="l${n + 1}">${`<use href="#l${n}"/>`.repeat(10)}</g>`,
  ).join("")}</defs><use href="#l${levels}"/>`;

describe("what is refused", () => {
  test.each<[string, Buffer, RegExp]>([
    ["nothing", Buffer.alloc(0), /PNG or an SVG/],
    ["text", Buffer.from("hello"), /PNG or an SVG/],
    ["a web page", Buffer.from("<!doctype html><html><body>hi</body></html>"), /PNG or an SVG/],
    ["a JPEG", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /PNG or an SVG/],
    ["a broken SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><path d="'), /must be/],
    ["no size", svg(SQUARE, 'width="0" height="0"'), /can be drawn/],
    ["nothing to see", svg(""), /can be seen/],
    ["a transparent PNG", png(20, 20, [0, 0, 0, 0]), /can be seen/],
    ["a script", svg(`${SQUARE}<script>alert(1)</script>`), /<script>/],
    ["a page within", svg(`<foreignObject><p>hi</p></foreignObject>`), /<foreignObject>/],
    ["a picture of elsewhere", svg('<image href="http://169.254.169.254/latest/meta-data"/>'), /<image>/],
    ["a picture of the disk", svg('<image href="file:///etc/passwd"/>'), /<image>/],
    ["a text", svg("<text>Us</text>"), /convert them to paths/],
    ["a filter", svg('<filter id="f"><feGaussianBlur stdDeviation="1e6"/></filter>'), /<filter>/],
    [
      "a style from elsewhere",
      svg(`<style>@import url(http://example.com/a.css);</style>${SQUARE}`),
      /style sheet/,
    ],
    ["a style that clips", svg(`<style>g{clip-path:url(#a)}</style>${SQUARE}`), /style sheet/],
    ["shapes without end", svg(bomb(8)), /refers further/],
    ["one that draws itself", svg('<g id="a"><use href="#a"/></g>'), /refers further/],
    [
      "clips of clips",
      svg('<clipPath id="a"><g style="fill:#000;clip-path:url(#a)"/></clipPath><g clip-path="url(#a)"/>'),
      /refers further/,
    ],
    ["too many shapes", svg("<g/>".repeat(3_000)), /too many/],
    [
      "entities",
      Buffer.from(
        `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="&b;"/></svg>`,
      ),
      /must be/,
    ],
    [
      "two roots",
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/><svg xmlns="http://www.w3.org/2000/svg"/>'),
      /PNG or an SVG/,
    ],
    ["half a PNG", png(60, 20, RED).subarray(0, 40), /must be/],
    ["a PNG of another length", png(60, 20, RED).fill(0, 60, 90), /must be/],
    [
      "a PNG of gigabytes",
      (() => {
        const big = png(2, 2, RED);
        big.writeUInt32BE(60_000, 16);
        big.writeUInt32BE(60_000, 20);
        return big;
      })(),
      /4096 pixels/,
    ],
  ])("%s", async (_, content, message) => {
    await expect(toLogo(content)).rejects.toThrow(message);
    await expect(toLogo(content)).rejects.toBeInstanceOf(PictureError);
  });

  test("whatever bytes come: a logo, or a sentence", async () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(png(40, 20, RED), svg(`<g id="a">${SQUARE}</g><use href="#a"/>`)),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      )
      .map(([content, changes]) => {
        const copy = Buffer.from(content);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        async (content) => {
          try {
            const { width, height } = await toLogo(content);
            expect(width).toBeLessThanOrEqual(600);
            expect(height).toBeLessThanOrEqual(160);
          } catch (error) {
            expect(error).toBeInstanceOf(PictureError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The color of a picture of 256 pixels each way, at a place from 0 to 1. */
function colorAt(picture: Uint8Array, x: number, y: number): string {
  const href = `data:image/png;base64,${Buffer.from(picture).toString("base64")}`;
  const resvg = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><image width="256" height="256" href="${href}"/></svg>`,
  );
  const { pixels } = resvg.render();
  const at = (Math.floor(y * 255) * 256 + Math.floor(x * 255)) * 4;
  const [red = 0, , blue = 0] = pixels.subarray(at, at + 3);
  return red > 150 && blue < 100 ? "red" : blue > 150 && red < 100 ? "blue" : "else";
}
const sizeOf = (picture: Uint8Array) => {
  const header = Buffer.from(picture);
  return [header.toString("latin1", 1, 4), header.readUInt32BE(16), header.readUInt32BE(20)];
};
/** What stands left, right, above and below. */
const sides = (picture: Uint8Array) =>
  [
    [0.1, 0.5],
    [0.9, 0.5],
    [0.5, 0.1],
    [0.5, 0.9],
  ].map(([x = 0, y = 0]) => colorAt(picture, x, y));

describe("a person's picture", () => {
  test.each([
    ["JPEG", JPEG],
    ["WebP", WEBP],
    ["PNG", PNG],
    ["GIF", gif(64, 48)],
    ["GIF of few pixels", gif(2, 2)],
  ])("is made of a %s: a square PNG, the same picture", async (_, content) => {
    const picture = await toAvatar(content);
    expect(sizeOf(picture)).toEqual(["PNG", 256, 256]);
    expect(sides(picture).slice(0, 2)).toEqual(["red", "blue"]);
  });

  test("holds nothing of what was hidden in the file", async () => {
    const files = [
      withExif(JPEG, 1, "Oak Street 7"),
      Buffer.concat([JPEG, Buffer.from("Oak Street 7")]),
      png(64, 64, RED, "Oak Street 7"),
    ];
    for (const file of files) {
      const picture = Buffer.from(await toAvatar(file)).toString("latin1");
      expect(picture).not.toContain("Oak Street");
      expect(picture).not.toContain("script");
      expect(picture).not.toContain("tEXt");
    }
  });

  // Red is at the left of what is stored: where it is shown, by what the file says of itself (Exif 2.32, Orientation).
  test.each([
    [1, "left"],
    [2, "right"],
    [3, "right"],
    [4, "left"],
    [5, "above"],
    [6, "above"],
    [7, "below"],
    [8, "below"],
  ])("stands upright: orientation %i shows red %s", async (orientation, where) => {
    const [left, right, above, below] = sides(await toAvatar(withExif(JPEG, orientation, "")));
    const found = { left, right, above, below };
    expect(found[where as keyof typeof found]).toBe("red");
    const opposite = { left: right, right: left, above: below, below: above };
    expect(opposite[where as keyof typeof found]).toBe("blue");
  });

  test.each([
    ["a text", Buffer.from("hello")],
    ["nothing", Buffer.alloc(0)],
    ["an SVG", svg(SQUARE)],
    ["a page that says it is a GIF", Buffer.from("GIF89a<script>alert(1)</script>")],
    ["half a JPEG", JPEG.subarray(0, 300)],
    ["half a WebP", WEBP.subarray(0, 200)],
    ["half a PNG", PNG.subarray(0, 100)],
    ["a PNG that unpacks to 4 GB", png(1, 1, RED).fill(0x7f, 16, 24)],
    ["a GIF that says so of its first picture", gif(2, 2, { width: 65_535, height: 65_535 })],
    ["a picture on which nothing can be seen", png(64, 64, [0, 0, 0, 0])],
  ])("is not made of %s", async (_, content) => {
    await expect(toAvatar(content)).rejects.toThrow(PictureError);
    // And the next one is.
    expect(sizeOf(await toAvatar(JPEG))).toEqual(["PNG", 256, 256]);
  });

  test("is refused or made of any bytes, in any state of a file", async () => {
    const files = fc.constantFrom(JPEG, WEBP, PNG, gif(16, 16));
    const damage = fc.array(fc.tuple(fc.nat(900), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(files, damage, async (file, changes) => {
        const content = Buffer.from(file);
        for (const [at, byte] of changes) if (at < content.length) content[at] = byte;
        const made = await toAvatar(content).then(sizeOf, (error: unknown) => error);
        if (made instanceof Error) expect(made).toBeInstanceOf(PictureError);
        else expect(made).toEqual(["PNG", 256, 256]);
      }),
      { numRuns: 60 },
    );
  });
});
