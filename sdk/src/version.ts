/** Name and version of the instrumentation scope; the version is held equal to the package's by a test. */
export const SCOPE_NAME = '@signalbox/sdk';
export const VERSION = '0.1.0';
