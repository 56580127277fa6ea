import { trace } from '@opentelemetry/api';

/** What is looked at of Hono's context. */
interface HonoContext {
  readonly req: { readonly method: string; readonly routePath?: string; readonly path: string };
}

/**
 * A middleware for Hono that names the server span by the matched route: `app.use(honoRoute())`. The span itself
 * comes from the HTTP server below, with or without it.
 */
export function honoRoute(): (context: HonoContext, next: () => Promise<void>) => Promise<void> {
  return async ({ req }, next) => {
    await next();
    const route = req.routePath;
    const span = trace.getActiveSpan();
    if (span === undefined || route === undefined || route === '*' || route === '/*') return;
    span.setAttribute('http.route', route);
    span.updateName(`${req.method} ${route}`);
  };
}
