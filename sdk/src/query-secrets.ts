/** Parameters of addresses that are secrets: those of clouds' signed addresses, and keys such as Google's `?key=`. */
export const SECRET_PARAMETERS: readonly string[] = [
  'AWSAccessKeyId',
  'Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
  'X-Goog-Signature',
  'access_token',
  'api-key',
  'apiKey',
  'api_key',
  'apikey',
  'client_secret',
  'key',
  'password',
  'secret',
  'sig',
  'token',
];

const REDACTED = 'REDACTED';

/** What a span says of an address with secrets in its query; nothing when there are none or it is no address. */
export function redactedAddress(
  path: string,
  origin: string,
): { readonly 'url.full'?: string; readonly 'url.query'?: string } {
  if (!path.includes('?') || !URL.canParse(path, origin)) return {};
  const url = new URL(path, origin);
  const secrets = SECRET_PARAMETERS.filter((name) => url.searchParams.has(name));
  if (secrets.length === 0) return {};
  for (const name of secrets) url.searchParams.set(name, REDACTED);
  return { 'url.full': url.href, 'url.query': url.search };
}
