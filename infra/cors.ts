const defaults = "http://localhost:5173,http://localhost:3000";

/**
 * The web origins that may call the API from a browser: `BACKEND_CORS_ORIGINS`, comma separated or a JSON array.
 * Throws when an entry is no origin: a wildcard would let any page use a signed-in visitor's session.
 */
export function corsOrigins(setting = process.env.BACKEND_CORS_ORIGINS || defaults): string[] {
  const entries: unknown = setting.trim().startsWith("[") ? JSON.parse(setting) : setting.split(",");
  if (!Array.isArray(entries)) throw new Error("BACKEND_CORS_ORIGINS: must be a list of origins");
  return entries.map((entry) => {
    const origin = String(entry).trim().replace(/\/$/, "");
    if (!/^https?:\/\/[^*]+$/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error(
        `BACKEND_CORS_ORIGINS: "${origin}" is no origin; write one like https://app.example.com`,
      );
    }
    return origin;
  });
}
