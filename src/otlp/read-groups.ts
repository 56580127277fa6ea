import type { OriginDecoder, ResourceOrigin, ScopeOrigin } from './origin-decoder.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** One item (span, log record or metric) and where it comes from. One object, filled anew for each item. */
export interface GroupItem {
  resource: ResourceOrigin;
  scope: ScopeOrigin;
  start: number;
  end: number;
}

interface Range {
  start: number;
  end: number;
}

/**
 * Walks the shape that all three signals share: groups by resource (field 1 of the request; in it resource = 1,
 * scope groups = 2, schema URL = 3), in them groups by scope (scope = 1, items = 2, schema URL = 3). Fields may
 * come in any order, so each level is looked over before its items are read. Throws `MalformedError`.
 */
export function readGroups(
  buffer: Buffer,
  origins: OriginDecoder,
  project: string,
  visit: (item: GroupItem) => void,
): void {
  const reader = new ProtobufReader();
  reader.open(buffer, 0, buffer.length);
  while (reader.tag()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    reader.bytes();
    const group = lookOver(buffer, reader.start, reader.end);
    const resource = origins.resource(
      project,
      buffer,
      group.origin.start,
      group.origin.end,
      group.schemaUrl,
    );
    const scopes = new ProtobufReader();
    scopes.open(buffer, reader.start, reader.end);
    while (scopes.tag()) {
      if (scopes.field !== 2) {
        scopes.skip();
        continue;
      }
      scopes.bytes();
      readScope(buffer, scopes, { origins, project, resource, visit });
    }
  }
}

function readScope(
  buffer: Buffer,
  range: Range,
  context: {
    origins: OriginDecoder;
    project: string;
    resource: ResourceOrigin;
    visit: (item: GroupItem) => void;
  },
): void {
  const group = lookOver(buffer, range.start, range.end);
  const { origins, project, resource, visit } = context;
  const scope = origins.scope(
    project,
    buffer,
    group.origin.start,
    group.origin.end,
    group.schemaUrl,
  );
  const item: GroupItem = { resource, scope, start: 0, end: 0 };
  const reader = new ProtobufReader();
  reader.open(buffer, range.start, range.end);
  while (reader.tag()) {
    if (reader.field !== 2) {
      reader.skip();
      continue;
    }
    reader.bytes();
    item.start = reader.start;
    item.end = reader.end;
    visit(item);
  }
}

/** Finds a group's origin (field 1) and schema URL (field 3). */
function lookOver(
  buffer: Buffer,
  start: number,
  end: number,
): { origin: Range; schemaUrl: string } {
  const reader = new ProtobufReader();
  reader.open(buffer, start, end);
  const origin: Range = { start, end: start };
  let schemaUrl = '';
  while (reader.tag()) {
    if (reader.field === 1) {
      reader.bytes();
      origin.start = reader.start;
      origin.end = reader.end;
    } else if (reader.field === 3) {
      reader.bytes();
      schemaUrl = buffer.toString('utf8', reader.start, reader.end);
    } else reader.skip();
  }
  return { origin, schemaUrl };
}
