let adopted: Uint8Array | undefined;
let view: DataView | undefined;

/**
 * Makes `source` the buffer of which several bytes are read at once from now on. Decoders work through one
 * request for long; making a view for every short-lived buffer would cost more than it saves.
 */
export function adoptForViewing(source: Uint8Array): void {
  adopted = source;
  view = new DataView(source.buffer, source.byteOffset, source.byteLength);
}

/** The view of the adopted buffer; undefined for any other. */
export function viewOf(source: Uint8Array): DataView | undefined {
  return source === adopted ? view : undefined;
}

/** Lets the adopted buffer go. */
export function forgetView(): void {
  adopted = undefined;
  view = undefined;
}
