import type { Approval } from '../../model/approval.ts';

/** The page behind a link in a notice: what is asked, why it may be dangerous, a reason and one button. */
export function confirmPage(
  approval: Approval,
  about: {
    readonly decision: 'approve' | 'deny';
    readonly dangers: readonly string[];
    /** Whether a reason was asked for and not given. */
    readonly isMissing?: boolean;
  },
): string {
  const verb = about.decision === 'approve' ? 'Approve' : 'Deny';
  const asks = about.decision === 'approve' && about.dangers.length > 0;
  const label = asks ? 'Why it may run, for the audit log' : 'Why (may be empty)';
  const missing = about.isMissing ? '<p role="alert"><strong>Say why it may run.</strong></p>' : '';
  const dangers = about.dangers.map((danger) => `<li>${escaped(danger)}</li>`).join('');
  const risk = dangers === '' ? '' : `<ul class="dangers">${dangers}</ul>`;
  return pageOf(
    `${verb} this call?`,
    `<p><code>${escaped(approval.agent)}</code> asks to call <code>${escaped(approval.tool)}</code> with</p>
<pre>${escaped(pretty(approval.paramsJson))}</pre>${risk}
${missing}<form method="post"><label for="reason">${label}</label>
<textarea id="reason" name="reason" rows="3" maxlength="2000"${asks ? ' required' : ''}></textarea>
<button>${verb}</button></form>`,
  );
}

export function donePage(approval: Approval): string {
  const by = approval.resolvedBy === null ? '' : ` by ${escaped(approval.resolvedBy)}`;
  return pageOf(
    `The call is ${escaped(approval.status)}${by}`,
    `<p><code>${escaped(approval.agent)}</code>: <code>${escaped(approval.tool)}</code></p>`,
  );
}

const pageOf = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}pre{background:#f4f4f5;padding:1rem;overflow:auto;white-space:pre-wrap}label,textarea{display:block;font:inherit;width:100%;box-sizing:border-box}textarea{margin:.25rem 0 1rem;padding:.5rem}.dangers{background:#fdecea;color:#7a1712;padding:1rem 1rem 1rem 2rem}button{font:inherit;padding:.5rem 1.5rem}</style>
</head><body><h1>${title}</h1>${body}</body></html>`;

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
