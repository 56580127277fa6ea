import type { SavedView, ViewPage } from '../model/saved-view.ts';
import type { AuditEntry } from './audit-log.ts';

/** Views that people keep, and with which of them a page opens for whom. */
export interface SavedViewStore {
  /** A person's own and those that are shared with the project; by page, then name, then owner. */
  list(project: string, userId: string): Promise<readonly SavedView[]>;
  get(project: string, id: string): Promise<SavedView | undefined>;
  /**
   * Writes nothing when the owner has one of the name on the page (`taken`) or `ownMax` of them already (`full`), however
   * many ask at once.
   */
  create(view: SavedView, entry: AuditEntry, ownMax: number): Promise<'created' | 'taken' | 'full'>;
  /** Resolves to false, and writes nothing, when the owner has another of the name, or it is gone. */
  replace(view: SavedView, entry: AuditEntry): Promise<boolean>;
  /** Also as anyone's default. */
  remove(project: string, id: string, entry: AuditEntry): Promise<boolean>;

  /** The ids of the views with which pages open for a person. */
  listDefaults(project: string, userId: string): Promise<ReadonlyMap<ViewPage, string>>;
  /** Undefined: the page opens as it is. */
  setDefault(
    choice: { readonly project: string; readonly userId: string; readonly page: ViewPage },
    viewId: string | undefined,
    entry: AuditEntry,
  ): Promise<void>;
}
