import { register } from 'node:module';

register(new URL('./strip-types.js', import.meta.url));
