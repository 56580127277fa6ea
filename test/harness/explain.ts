import type { Engine } from '../../src/storage/clickhouse/engine.ts';

/** The plan of the last statement with `part` in it that the call sends, with the indexes it uses. */
export async function explainLast(
  engine: Engine,
  part: string,
  call: (engine: Engine) => Promise<unknown>,
): Promise<string> {
  let statement = '';
  await call({
    ...engine,
    query: (text) => {
      if (text.includes(part)) statement = text;
      return engine.query(text);
    },
  });
  const plan = await engine.query<{ explain: string }>(
    `EXPLAIN indexes = 1, actions = 1 ${statement}`,
  );
  return plan.map((row) => row.explain).join('\n');
}

/** Granules that are left after an index, and those before it, where the plan first names it. */
export function granules(plan: string, index: string): { read: number; of: number } {
  const at = plan.indexOf(index);
  if (at < 0) throw new Error(`the plan does not use ${index}:\n${plan}`);
  const [, read, of] = /Granules: (\d+)\/(\d+)/.exec(plan.slice(at))!;
  return { read: Number(read), of: Number(of) };
}
