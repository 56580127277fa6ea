import type { Approval } from '../../model/approval.ts';

/** The page behind a link in a notice: what is asked, and one button. */
export function confirmPage(approval: Approval, decision: 'approve' | 'deny'): string {
  const verb = decision === 'approve' ? 'Approve' : 'Deny';
  const risk = approval.injectionRisk
    ? '<p><strong>Its arguments look like an injection.</strong></p>'
    : '';
  return pageOf(
    `${verb} this call?`,
    `<p><code>${escaped(approval.agent)}</code> asks to call <code>${escaped(approval.tool)}</code> with</p>
<pre>${escaped(pretty(approval.paramsJson))}</pre>${risk}
<form method="post"><button>${verb}</button></form>`,
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
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}pre{background:#f4f4f5;padding:1rem;overflow:auto;white-space:pre-wrap}button{font:inherit;padding:.5rem 1.5rem}</style>
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
