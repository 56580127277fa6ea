/**
 * The field of an item in which the JSON transcoder leaves the reason why the item cannot be kept, so that
 * one item of a wrong type costs itself and not its request. The highest field number there is.
 */
export const INVALID_FIELD = 536_870_911;
