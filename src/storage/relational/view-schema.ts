/** Tables of saved views, as parts of `ControlSchema`. */
export interface ViewSchema {
  saved_views: {
    id: string;
    project: string;
    owner_id: string;
    owner_name: string;
    page: string;
    name: string;
    search: string;
    /** 0 or 1. */
    shared: number;
    created_at_ms: number;
    updated_at_ms: number;
  };
  default_views: { project: string; user_id: string; page: string; view_id: string };
}
