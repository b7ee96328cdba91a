export * as Settings from "./api.ts";
export * as Branding from "./branding.ts";
export {
  type Brand,
  brandOf,
  DARK,
  drawAvatar,
  loadBrand,
  loadPageBrand,
  logoPath,
  pngSize,
  readLogo,
  themeCss,
  themePath,
} from "./branding.ts";
export { loadSettings, settingsOf, settingsRequest } from "./read.ts";
