/**
 * One step from an empty database to the tables of `schema.ts`. A step that was released is never edited: its checksum
 * stands in every database that took it.
 * `{text}` orders by bytes on both engines; `{identity}` is a key that the engine counts up.
 */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
  readonly sqlite?: readonly string[];
  readonly postgres?: readonly string[];
}
