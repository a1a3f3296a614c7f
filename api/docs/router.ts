import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { Router } from 'express';
// Its main file would run all of Swagger UI here: most of a second, and ten megabytes.
import getAbsoluteFSPath from 'swagger-ui-dist/absolute-path';
import { openApiOf } from '../openapi';
import { requestState } from '../request-state';
import { routes } from '../routes';

const assets: string = getAbsoluteFSPath();

/**
 * Addresses are relative to `/docs`, those that it calls, too: a proxy may have the API below a path of its own.
 * Swagger UI asks the public address of its makers for a demo; here it shows this API.
 */
const initializer = `window.onload = async () => {
  const spec = await (await fetch('openapi.json')).json();
  spec.servers = [{ url: location.pathname.replace(/docs\\/?$/, '') }];
  window.ui = SwaggerUIBundle({ spec, dom_id: '#swagger-ui', deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: 'StandaloneLayout', validatorUrl: null });
};`;

let description: { document: string; etag: string } | undefined;

/** The routes as OpenAPI has them. Made when it is first asked for: a sixth of a second that a start does without. */
function described(): { document: string; etag: string } {
  if (description) return description;
  const document = JSON.stringify(openApiOf(routes));
  description = { document, etag: `"${createHash('sha256').update(document).digest('base64url')}"` };
  return description;
}

/** `/openapi.json` and `/docs`, for every key; a browser asks for the key as the password of HTTP Basic. */
export function docsRouter(): Router {
  const router = Router({ strict: true });
  const page = readFileSync(join(assets, 'index.html'), 'utf8')
    .replaceAll(/(href|src)="\.?\/?(?!http)/g, '$1="docs/')
    .replace('<title>Swagger UI</title>', '<title>DataMCP API</title>');
  router.use(['/docs', '/openapi.json'], (_request, response, next) => {
    requestState(response).route = '/docs';
    // The same for everybody with a key, until the next release: a browser keeps it, and asks whether it still holds.
    response.set('Cache-Control', 'private, no-cache');
    next();
  });
  router.get('/openapi.json', (_request, response) => {
    const { document, etag } = described();
    response.set('ETag', etag).type('json').send(document);
  });
  router.get('/docs/swagger-initializer.js', (_request, response) => { response.type('js').send(initializer); });
  router.get(['/docs/', '/docs/index.html'], (_request, response) => { response.redirect(308, '../docs'); });
  router.get('/docs', (_request, response) => {
    // Swagger UI writes its own styles and draws with data images; scripts come from here only.
    response.set('Content-Security-Policy', "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'");
    response.type('html').send(page);
  });
  router.use('/docs', express.static(assets, { index: false, dotfiles: 'deny' }));
  return router;
}
