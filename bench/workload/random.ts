export function randomBytes(random: () => number, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count);
  for (let i = 0; i < count; i++) bytes[i] = Math.floor(random() * 256);
  bytes[0]! |= 1;
  return bytes;
}
