import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { UserConfig } from 'vite';

const server = 'http://127.0.0.1:4318';

/**
 * The page is served under `default-src 'self'`: nothing may be inlined, neither scripts, nor styles,
 * nor `data:` fonts and images.
 */
const CONFIG = {
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox120', 'safari17.5'],
    sourcemap: false,
  },
  server: {
    proxy: { '/api': server, '/auth': server, '/health': server, '/v1': server },
  },
} satisfies UserConfig;

export default defineConfig(({ command }) => {
  // Whoever builds, also a test runner with its own NODE_ENV: what is built is what is shipped.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return CONFIG;
});
