// Builds sdk/dist: `esm/` and `cjs/` with their types, and `telemetry-pipeline.cjs`. That last file is OpenTelemetry's SDK in
// one piece: as the three hundred files that it is made of, it takes more than twice as long to load.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { rolldown } from 'rolldown';

const ROOT = path.join(import.meta.dirname, '..');
const SDK = path.join(ROOT, 'sdk');
const ESM = path.join(SDK, 'dist', 'esm');
const CJS = path.join(SDK, 'dist', 'cjs');
/** Loaded from the user's own installation: what is global there, and gRPC, which is loaded when it is used. */
const EXTERNAL = [/^@opentelemetry\/api(-logs)?$/, /-otlp-grpc$/, /otlp-grpc-exporter-base$/];

const manifest = JSON.parse(fs.readFileSync(path.join(SDK, 'package.json'), 'utf8'));
/** The source of each entry that package.json exports, by its name. */
const entries = Object.fromEntries(
  Object.values(manifest.exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => path.basename(entry.import.default, '.js'))
    .map((name) => [name, path.join(SDK, 'src', `${name}.ts`)]),
);

fs.rmSync(path.join(SDK, 'dist'), { recursive: true, force: true });
const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: SDK,
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
// Few files load faster than many; what is not used is still left out by a bundler, since they are ES modules.
const library = await rolldown({ input: entries, external: [/^[^./]/], platform: 'node' });
for (const [dir, format] of [
  [ESM, 'esm'],
  [CJS, 'cjs'],
]) {
  await library.write({
    dir,
    format,
    entryFileNames: '[name].js',
    chunkFileNames: 'part-[name].js',
    exports: 'named',
  });
}
fs.writeFileSync(path.join(CJS, 'package.json'), '{ "type": "commonjs" }\n');
for (const file of fs.readdirSync(ESM).filter((name) => name.endsWith('.d.ts'))) {
  const text = fs.readFileSync(path.join(ESM, file), 'utf8');
  const types = text.replaceAll(/(from |import\()'(\.\/[\w-]+)\.ts'/g, "$1'$2.js'");
  for (const folder of [ESM, CJS]) fs.writeFileSync(path.join(folder, file), types);
}

const pipeline = await rolldown({
  input: path.join(SDK, 'src', 'telemetry-pipeline.ts'),
  external: EXTERNAL,
  platform: 'node',
  // ES modules where a package has them: of those, what is not used is left out.
  resolve: {
    mainFields: ['module', 'main'],
    conditionNames: ['module', 'import', 'node', 'default'],
  },
});
await pipeline.write({
  file: path.join(SDK, 'dist', 'telemetry-pipeline.cjs'),
  format: 'cjs',
  exports: 'named',
  codeSplitting: false,
  // Names stay, for stack traces and for what asks a class for its name.
  minify: { compress: true, mangle: false, codegen: true },
  comments: { legal: true, annotation: false, jsdoc: false },
});
for (const name of ['LICENSE', 'NOTICE']) {
  fs.copyFileSync(path.join(ROOT, name), path.join(SDK, 'dist', name));
}
