import type { Migration } from './migration.ts';

/** Views that people keep, and those with which pages open. */
export const views: Migration = {
  number: 8,
  name: 'saved views',
  statements: [
    `CREATE TABLE saved_views (
      id {text} PRIMARY KEY,
      project {text} NOT NULL,
      owner_id {text} NOT NULL,
      owner_name {text} NOT NULL,
      page {text} NOT NULL,
      name {text} NOT NULL,
      search {text} NOT NULL,
      shared INTEGER NOT NULL,
      created_at_ms BIGINT NOT NULL,
      updated_at_ms BIGINT NOT NULL,
      UNIQUE (project, owner_id, page, name)
    )`,
    `CREATE TABLE default_views (
      project {text} NOT NULL,
      user_id {text} NOT NULL,
      page {text} NOT NULL,
      view_id {text} NOT NULL REFERENCES saved_views (id),
      PRIMARY KEY (project, user_id, page)
    )`,
    'CREATE INDEX default_views_by_view ON default_views (view_id)',
  ],
};
