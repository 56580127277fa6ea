import { register } from 'node:module';

// What is measured is what runs: with `--import` of this module, sources are taken as they were built. Compiled as they
// are loaded, every function that another makes would be given its name anew, which is no part of the product.
const HOOKS = `
const SOURCE = new RegExp('/src/((?:[^/]+/)*[^/]+)[.]ts$');
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const url = found.url.split('?')[0];
  if (!url.startsWith(ROOT) || !SOURCE.test(url)) return found;
  return { ...found, url: url.replace(SOURCE, '/dist/$1.js'), format: 'module' };
}
`;
const root = new URL('../../src/', import.meta.url).href;
const code = `const ROOT = ${JSON.stringify(root)};${HOOKS}`;
register(`data:text/javascript,${encodeURIComponent(code)}`);
