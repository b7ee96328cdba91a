import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gif, JPEG, PNG, WEBP, withExif } from "../../packages/domain/src/settings/fixture/photo.ts";
import { PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { uploadPicture } from "../support/sample-calls.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { withinAMinute } from "../support/window.ts";

let cloud: TestCloud;
let storage: Storage;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});
beforeEach(() => storage.remove("uploads#"));

const set = async ({ api }: Pick<Person, "api">, upload_id: string) =>
  api.users.setAvatar({ body: { upload_id } });
/** Shows a picture of somebody; answers its address. */
async function show(person: Pick<Person, "api">, content: Buffer = JPEG, type?: string): Promise<string> {
  return (await set(person, await uploadPicture(person.api, content, type))).body().avatar_url;
}
const load = async (url: string) => {
  const answer = await fetch(url);
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
};

describe("a person's picture", () => {
  it.each([
    ["JPEG", JPEG, "image/jpeg"],
    ["PNG", PNG, "image/png"],
    ["GIF", gif(64, 48), "image/gif"],
    ["WebP", WEBP, "image/webp"],
    ["WebP that says it is a JPEG", WEBP, "image/jpeg"],
  ])("is uploaded as %s, drawn anew, and shown to all by its address", async (_, content, type) => {
    const person = await cloud.person("viewer");
    expect((await person.api.auth.me({})).body().avatar_url).toBeNull();
    const url = await show(person, content, type);
    expect(url).toMatch(/^http:\/\/.+\/api\/v1\/users\/avatars\/[0-9a-f]{64}\.png$/);
    expect((await person.api.auth.me({})).body().avatar_url).toBe(url);
    const found = await cloud.admin.api.users.get({ params: { user_id: person.id } });
    expect(found.body().avatar_url).toBe(url);
    const { status, headers, body } = await load(url);
    expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
      200,
      "image/png",
      "public, max-age=86400, immutable",
    ]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect([body.readUInt32BE(16), body.readUInt32BE(20)]).toEqual([256, 256]);
  });

  it("takes the place of the one before, and is removed, and both are gone", async () => {
    const person = await cloud.person("viewer");
    const [first, second] = [await show(person), await show(person, WEBP)];
    expect(first).not.toBe(second);
    expect([(await load(first)).status, (await load(second)).status]).toEqual([404, 200]);
    for (let n = 0; n < 2; n++) expect((await person.api.users.removeAvatar({})).status).toBe(200);
    expect((await load(second)).status).toBe(404);
    expect((await person.api.auth.me({})).body().avatar_url).toBeNull();
  });

  it("of many that are set at once leaves one", async () => {
    const person = await cloud.person("viewer");
    const ids = await Promise.all(Array.from({ length: 5 }, () => uploadPicture(person.api)));
    const answers = await Promise.all(ids.map((id) => set(person, id)));
    const urls = answers.flatMap((answer) => (answer.status === 200 ? [answer.body().avatar_url] : []));
    const statuses = await Promise.all(urls.map(async (url) => (await load(url)).status));
    const shown = (await person.api.auth.me({})).body().avatar_url;
    expect(urls.filter((_, n) => statuses[n] === 200)).toEqual([shown]);
  });

  it("goes with the account: closed by its owner, or removed by an admin", async () => {
    const own = await cloud.person("viewer");
    const first = await show(own);
    await own.api.account.close({ body: { password: PASSWORD } });
    const other = await cloud.person("viewer");
    const second = await show(other);
    await cloud.admin.api.users.remove({ params: { user_id: other.id } });
    expect([(await load(first)).status, (await load(second)).status]).toEqual([404, 404]);
  });

  it("holds nothing of where it was taken", async () => {
    const person = await cloud.person("viewer");
    const { body } = await load(await show(person, withExif(JPEG, 6, "Oak Street 7, 52.5 N 13.4 E")));
    expect(body.toString("latin1")).not.toContain("Oak Street");
  });
});

describe("an upload", () => {
  it("is of the size that was said, and of nothing else", async () => {
    const { api } = await cloud.person("viewer");
    const body = { bytes: JPEG.length, content_type: "image/jpeg" };
    const { upload_id, url, headers } = (await api.users.startAvatar({ body })).body();
    const put = async (address: string, content: Buffer) =>
      (await fetch(address, { method: "PUT", headers, body: new Uint8Array(content) })).status;
    expect(await put(url, Buffer.concat([JPEG, Buffer.alloc(1)]))).toBe(403);
    expect(await put(url.replace(upload_id, randomUUID()), JPEG)).toBe(403);
    expect((await set({ api }, upload_id)).status).toBe(422);
    expect(await put(url, JPEG)).toBe(200);
    expect((await set({ api }, upload_id)).status).toBe(200);
  });

  it.each([0, -1, 1.5, 5 * 1024 * 1024 + 1, "5" as unknown as number])(
    "of %j bytes is refused",
    async (bytes) => {
      const { status } = await cloud.viewer.api.users.startAvatar({ body: { bytes } });
      expect(status).toBe(422);
    },
  );

  it("is used up, also where it is no picture", async () => {
    const person = await cloud.person("viewer");
    const page = Buffer.from("<html><script>alert(1)</script></html>");
    for (const [content, status] of [
      [JPEG, 200],
      [page, 422],
      [JPEG.subarray(0, 300), 422],
    ] as const) {
      const id = await uploadPicture(person.api, content);
      const answer = await set(person, id);
      expect(answer.status).toBe(status);
      if (status === 422) expect(answer.raw).toMatchObject({ errors: [{ loc: ["body", "upload_id"] }] });
      expect((await set(person, id)).status).toBe(422);
    }
  });

  it("of somebody else can't be taken", async () => {
    const [one, other] = [await cloud.person("viewer"), await cloud.person("viewer")];
    expect((await set(other, await uploadPicture(one.api))).status).toBe(422);
    expect((await other.api.auth.me({})).body().avatar_url).toBeNull();
  });

  it("can be had ten times a minute", () =>
    withinAMinute(async () => {
      const { api } = await cloud.person("viewer");
      const statuses = [];
      for (let n = 0; n < 12; n++)
        statuses.push((await api.users.startAvatar({ body: { bytes: 5 } })).status);
      expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    }));

  it.each(["x.png", `${"a".repeat(64)}.png`, "..%2freports%2f1.png", `${"a".repeat(64)}.svg`])(
    "is not shown under the name %s",
    async (name) => {
      expect([404, 422]).toContain((await load(`${cloud.apiUrl}/api/v1/users/avatars/${name}`)).status);
    },
  );
});
