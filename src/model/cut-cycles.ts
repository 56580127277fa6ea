/**
 * Parents without circles: in every circle the span with the least id becomes a root, so that whoever reads
 * the same spans, in whatever order, finds the same trees. A span that is its own parent is a root, too.
 * Maps span ids to parent ids; '' is a root's.
 */
export function cutCycles(parentOf: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const done = new Set<string>();
  let cut: Map<string, string> | undefined;
  for (const start of parentOf.keys()) {
    if (done.has(start)) continue;
    const path: string[] = [];
    const onPath = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && !done.has(at) && !onPath.has(at)) {
      onPath.add(at);
      path.push(at);
      at = parentOf.get(at);
    }
    if (at !== undefined && onPath.has(at)) {
      const circle = path.slice(path.indexOf(at));
      cut ??= new Map(parentOf);
      cut.set(
        circle.reduce((least, id) => (id < least ? id : least)),
        '',
      );
    }
    for (const id of path) done.add(id);
  }
  return cut ?? parentOf;
}
