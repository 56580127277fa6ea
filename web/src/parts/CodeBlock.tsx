import { CopyButton } from './CopyButton.tsx';

/** Lines to paste. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <div className="code">
      <pre tabIndex={0} aria-label={label}>
        {code}
      </pre>
      <CopyButton text={code} className="small" />
    </div>
  );
}
