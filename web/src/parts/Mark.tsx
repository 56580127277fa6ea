/** The mark: a signal with two aspects. */
export function Mark() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
      <rect
        x="5"
        y="1"
        width="8"
        height="16"
        rx="4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
      <circle cx="9" cy="5.4" r="2" fill="var(--stop)" />
      <circle cx="9" cy="12.4" r="2" fill="var(--clear)" />
    </svg>
  );
}
