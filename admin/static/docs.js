// In a file of its own, so that the page's content policy can forbid scripts written into it.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  validatorUrl: null,
  persistAuthorization: false,
});
