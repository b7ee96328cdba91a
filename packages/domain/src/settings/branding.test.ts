import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

test("a storage that does not answer is said to be away for a while, and nothing else", async () => {
  for (const [name, value] of Object.entries({
    REPORTS_BUCKET: "files",
    // Nobody listens there.
    AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1",
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
  }))
    vi.stubEnv(name, value);
  const { readLogo, update, uploadLogo } = await import("./branding.ts");
  const logo = `${"0".repeat(64)}.png`;
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  const away = { status: 503, message: expect.stringContaining("can't be reached right now") };
  await expect(readLogo(logo)).rejects.toMatchObject(away);
  await expect(update({ logo }, { full_name: "Ada" })).rejects.toMatchObject(away);
  const content = Buffer.from(svg).toString("base64");
  await expect(uploadLogo(content, "https://api.example.com")).rejects.toMatchObject(away);
});
