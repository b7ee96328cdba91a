/* global Redoc */
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

const root = document.getElementById("redoc");

/** What people who don't use a mouse or don't see the page miss of it. */
function complete() {
  // Code that is wider than the page is scrolled with the keyboard, too.
  for (const code of root.querySelectorAll("pre:not([tabindex])")) code.tabIndex = 0;
  // Entries of the menu are called by what is written on them: the method, too, and what they hold, unfolded.
  for (const entry of root.querySelectorAll('[role="menuitem"][aria-label]'))
    entry.removeAttribute("aria-label");
  // Below the second level Redoc goes on with the fifth.
  for (const heading of root.querySelectorAll("h5:not([aria-level])")) {
    heading.setAttribute("role", "heading");
    heading.setAttribute("aria-level", "3");
  }
}

Redoc.init(
  "/openapi.json",
  {
    hideHostname: true,
    nativeScrollbars: true,
    // Answers show what they look like, and the menu what there is.
    expandResponses: "200,201",
    jsonSampleExpandLevel: 4,
    theme: {
      typography: {
        fontFamily: FONT,
        headings: { fontFamily: FONT },
        code: { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" },
      },
    },
  },
  root,
  () => {
    complete();
    // What is unfolded later.
    new MutationObserver(complete).observe(root, { childList: true, subtree: true });
  },
);
