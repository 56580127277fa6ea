/** Whether lists and objects stand within each other more than `levels` deep; it looks no further than that. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels <= 0) return true;
  const members = Array.isArray(value) ? (value as unknown[]) : Object.values(value);
  return members.some((member) => isDeeperThan(member, levels - 1));
}
