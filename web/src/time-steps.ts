/** The starts of a histogram's steps, earliest first, those without anything included; milliseconds since 1970 UTC. */
export function timeStepsOf(counted: {
  readonly from: number;
  readonly to: number;
  readonly step_seconds: number;
}): number[] {
  const stepMs = counted.step_seconds * 1000;
  const timesMs: number[] = [];
  for (let at = Math.floor(counted.from / stepMs) * stepMs; at < counted.to; at += stepMs) {
    timesMs.push(at);
  }
  return timesMs;
}

/** A stretch that was dragged over, as a search. */
export function brushedRange(fromMs: number, toMs: number) {
  return {
    range: undefined,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
  };
}
