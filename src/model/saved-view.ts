/** Views of lists that people keep: a page with its filters under a name. Types alone. */

export const VIEW_PAGES = ['traces', 'runs', 'conversations'] as const;
export type ViewPage = (typeof VIEW_PAGES)[number];

export interface SavedView {
  readonly id: string;
  readonly project: string;
  /** Who made it. */
  readonly ownerId: string;
  readonly ownerName: string;
  readonly page: ViewPage;
  /** An owner has each name once on a page. */
  readonly name: string;
  /** What the page's address says after `?`. */
  readonly search: string;
  /** Everyone of the project sees it; else its owner alone. */
  readonly shared: boolean;
  /** Milliseconds since 1970 UTC. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}
