/** Over the values from `low` to `high - 1`; all of them unless said. */

/** With the error of each addition carried along (Kahan, Neumaier), as Prometheus adds: the order does not show. */
export function sumOf(values: Float64Array, low = 0, high = values.length): number {
  let [total, carried] = [0, 0];
  for (let at = low; at < high; at++) {
    const value = values[at]!;
    const next = total + value;
    if (!Number.isFinite(next)) carried = 0;
    else if (Math.abs(total) >= Math.abs(value)) carried += total - next + value;
    else carried += value - next + total;
    total = next;
  }
  return total + carried;
}

export function meanOf(values: Float64Array, low = 0, high = values.length): number {
  const count = high - low;
  const total = sumOf(values, low, high);
  if (Number.isFinite(total)) return total / count;
  // Too large to add up, perhaps: the mean may be a number all the same.
  let mean = 0;
  for (let at = low; at < high; at++) mean += values[at]! / count;
  return mean;
}

/** Of the whole population, in one pass (Welford). */
export function varianceOf(values: Float64Array, low = 0, high = values.length): number {
  let [mean, squares] = [0, 0];
  for (let at = low; at < high; at++) {
    const distance = values[at]! - mean;
    mean += distance / (at - low + 1);
    squares += distance * (values[at]! - mean);
  }
  return squares / (high - low);
}
