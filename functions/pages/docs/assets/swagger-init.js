/* global SwaggerUIBundle */

/** Swagger UI would keep the typed password with the tokens, in the browser's storage and in the clear. */
const forgetPassword = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        authorizeOauth2: (original) => (payload) =>
          original({ ...payload, auth: { ...payload.auth, password: "" } }),
      },
    },
  },
});

/** Guides are to read, at /redoc; here they would stand above what is to try. */
const withoutGuides = (document) => ({
  ...document,
  tags: document.tags.filter((tag) => !tag["x-traitTag"]),
});

const root = document.getElementById("swagger-ui");

/** What people who don't use a mouse or don't see the page miss of it. */
function complete() {
  // A link within a button can't be reached; what it leads to, the button unfolds.
  for (const link of root.querySelectorAll("button a[href]")) link.removeAttribute("href");
  // After the title of the page comes the second level, then the third.
  for (const [headings, level] of [
    ["h3.opblock-tag", "2"],
    [".models h4", "2"],
    [".modal-ux h3", "2"],
    [".opblock h4, .modal-ux h4", "3"],
    [".opblock h5", "4"],
  ])
    for (const heading of root.querySelectorAll(`:is(${headings}):not([aria-level])`)) {
      heading.setAttribute("role", "heading");
      heading.setAttribute("aria-level", level);
    }
  // Code that is wider than its box is scrolled with the keyboard, too.
  for (const code of root.querySelectorAll("pre.microlight:not([tabindex])")) code.tabIndex = 0;
  for (const close of root.querySelectorAll(".close-modal:not([aria-label])"))
    close.setAttribute("aria-label", "Close");
  for (const dialog of root.querySelectorAll(".modal-ux:not([role])")) {
    dialog.setAttribute("role", "dialog");
    dialog.setAttribute("aria-modal", "true");
    dialog.setAttribute("aria-label", "Authorize");
  }
  // A button is called by what is written on it.
  for (const button of root.querySelectorAll('.modal-btn.authorize[aria-label^="Apply"]'))
    button.setAttribute("aria-label", "Authorize: apply given OAuth2 credentials");
  for (const about of root.querySelectorAll(".information-container:not([role])")) {
    about.setAttribute("role", "region");
    about.setAttribute("aria-label", "About the API");
  }
}
new MutationObserver(complete).observe(root, { childList: true, subtree: true });

const show = (source) =>
  SwaggerUIBundle({
    ...source,
    dom_id: "#swagger-ui",
    plugins: [forgetPassword],
    deepLinking: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });

fetch("/openapi.json")
  .then((answer) => answer.json())
  .then((document) => show({ spec: withoutGuides(document) }))
  // It says itself what is wrong with an address.
  .catch(() => show({ url: "/openapi.json" }));
