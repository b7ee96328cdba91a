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

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  plugins: [forgetPassword],
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
