/** One shape of secret. `pattern` is global; `value` names the group that is the secret when the match is more than it. */
export interface SecretRule {
  readonly type: string;
  readonly pattern: RegExp;
  readonly value?: true;
  /** A last look at what matched; the shape alone would take too much. */
  readonly accept?: (value: string, before: string) => boolean;
}

const mixed = (value: string): boolean => /\d/.test(value) && /[A-Za-z]/.test(value);

/** Shannon entropy in bits per character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / text.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}

/** Words before a hexadecimal digest that say that it is one: commits and checksums are no secrets. */
const DIGEST_BEFORE =
  /(?:commit|sha-?\d{0,3}|md5|digest|checksum|hash|tree|parent|head|blob|index|integrity|rev(?:ision)?)["'\s:=@/-]{1,4}$/i;
/** Random text of 64 characters reaches 5 bits and more; words that were joined stay below. */
const ENTROPY_MIN = 4.3;
const HEX_ENTROPY_MIN = 3;

const isRandomHex = (value: string, before: string): boolean =>
  !DIGEST_BEFORE.test(before) && entropyOf(value.toLowerCase()) >= HEX_ENTROPY_MIN && mixed(value);

function isRandomText(value: string, before: string): boolean {
  if (DIGEST_BEFORE.test(before)) return false;
  const digits = value.replaceAll(/\D/g, '').length;
  return digits >= 3 && /[a-z]/.test(value) && /[A-Z]/.test(value) && isDense(value);
}

// A long text is judged by its beginning, so that the judgement stays cheap.
const isDense = (value: string): boolean => entropyOf(value.slice(0, 256)) >= ENTROPY_MIN;

/** What stands where a secret would, but is none: variables, marks of omission, samples. */
const PLACEHOLDER =
  /^(?:[<[{(*]|\$|%|x{3,}|\.{3}|process\.|os\.|env\.|your[-_]|my[-_]?(?:api|secret|token)|null|none|true|false|undefined|redacted|example|changeme|placeholder|string|required|optional)/i;

const isAssigned = (value: string, before: string): boolean => {
  if (PLACEHOLDER.test(value)) return false;
  const quoted = /["'`]$/.test(before);
  if (quoted) return !/^[a-z]+(?:[ _-][a-z]+)*$/.test(value) || /passw/i.test(before);
  // Without quotes it may be code: names and calls are no secrets, digits and signs among letters are.
  if (/[()[\]{}]/.test(value)) return false;
  if (/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(value)) return false;
  return (mixed(value) && value.length >= 8) || /[A-Z_]*PASSW[A-Z_]*=$/.test(before);
};

const DATABASES =
  'postgres|postgresql|mysql|mariadb|mongodb|mongodb\\+srv|redis|rediss|amqp|amqps|mssql|sqlserver|clickhouse|nats|kafka|ldap|ldaps|smtp|smtps|ftp|sftp';

/**
 * Shapes that providers give their secrets, the particular before the general: where two overlap the first wins.
 * Quantifiers are bounded and alternatives begin with letters of their own, so that a text is read in linear time.
 */
export const SECRET_RULES: readonly SecretRule[] = [
  { type: 'anthropic_key', pattern: /\bsk-ant-[a-z0-9]{2,12}-[\w-]{20,250}/g },
  { type: 'langfuse_key', pattern: /\bsk-lf-[0-9a-f]{8}-[0-9a-f-]{20,36}/g },
  { type: 'openai_key', pattern: /\bsk-(?:proj|svcacct|admin|or-v1)-[\w-]{20,300}/g },
  { type: 'openai_key', pattern: /\bsk-[A-Za-z0-9]{32,100}\b/g, accept: mixed },
  { type: 'github_token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255})/g },
  {
    type: 'gitlab_token',
    pattern: /\bgl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas)-[\w.-]{20,300}/g,
  },
  { type: 'slack_token', pattern: /\b(?:xox[abeoprs]|xapp-\d)-[\w-]{10,250}/g, accept: mixed },
  {
    type: 'slack_webhook',
    pattern: /\bhooks\.slack\.com\/(?:services|workflows)\/[\w/]{20,200}/g,
  },
  { type: 'aws_access_key', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g },
  { type: 'gcp_key', pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { type: 'gcp_token', pattern: /\b(?:ya29\.[\w-]{20,500}|GOCSPX-[\w-]{28})/g },
  {
    type: 'azure_key',
    pattern: /\b(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,120}={0,2})/g,
    value: true,
  },
  { type: 'azure_secret', pattern: /(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}/g },
  { type: 'stripe_key', pattern: /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,250}/g },
  { type: 'stripe_webhook', pattern: /\bwhsec_[A-Za-z0-9+/=]{24,100}/g },
  { type: 'npm_token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { type: 'pypi_token', pattern: /\bpypi-[\w-]{50,500}/g },
  { type: 'huggingface_token', pattern: /\bhf_[A-Za-z0-9]{30,60}\b/g },
  { type: 'sendgrid_key', pattern: /\bSG\.[\w-]{22}\.[\w-]{43}/g },
  { type: 'vault_token', pattern: /\bhv[sbr]\.[\w-]{24,300}/g },
  { type: 'digitalocean_token', pattern: /\bdo[opr]_v1_[0-9a-f]{64}\b/g },
  { type: 'databricks_token', pattern: /\bdapi[0-9a-f]{32}\b/g },
  { type: 'signalbox_key', pattern: /\bsbx_[\w-]{20,100}/g },
  {
    type: 'jwt',
    pattern: /\beyJ[\w-]{8,4096}\.eyJ[\w-]{8,16384}\.[\w-]{10,2048}/g,
  },
  {
    type: 'bearer',
    pattern: /\bbearer\s{1,4}([A-Za-z0-9._~+/-]{16,4096}={0,2})/gi,
    value: true,
    accept: mixed,
  },
  {
    type: 'authorization',
    pattern:
      /\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:basic|token|apikey)\s{1,4}([\w.~+/=-]{8,4096})/gi,
    value: true,
  },
  {
    type: 'database_url',
    pattern: new RegExp(`\\b(?:${DATABASES})://[^\\s/@:'"<>]{0,256}:([^\\s@/'"<>]{1,256})@`, 'gi'),
    value: true,
    accept: (value) => !PLACEHOLDER.test(value),
  },
  {
    type: 'url_credentials',
    pattern: /\bhttps?:\/\/[^\s/@:'"<>]{0,256}:([^\s@/'"<>]{1,256})@/gi,
    value: true,
    accept: (value) => !PLACEHOLDER.test(value),
  },
  {
    type: 'url_credentials',
    pattern: /\bhttps?:\/\/([\w.~-]{20,256})@/gi,
    value: true,
    accept: mixed,
  },
  {
    type: 'url_parameter',
    pattern:
      /[?&](?:api[_-]?key|access[_-]?token|auth[_-]?token|token|sig|signature|secret|password|key)=([\w.~%+/-]{8,2048}=?)/gi,
    value: true,
    accept: (value) => !PLACEHOLDER.test(value) && mixed(value),
  },
  {
    type: 'secret',
    pattern:
      /(?:api[_-]?key|secret(?:[_-]?(?:access[_-]?)?key)?|(?:access|auth|refresh|id|bot|session|api|deploy)[_-]?token|_token|passw(?:or)?d|passphrase|private[_-]?key|access[_-]?key|client[_-]?secret|credentials?)["'`]?\s{0,4}(?:=>|:=|[:=])\s{0,4}["'`]?([^\s"'`,;&<>]{6,512})/gi,
    value: true,
    accept: isAssigned,
  },
  {
    type: 'hex',
    pattern: /(?<![0-9A-Za-z])[0-9a-fA-F]{40,4096}(?![0-9A-Za-z])/g,
    accept: isRandomHex,
  },
  {
    type: 'high_entropy',
    pattern: /(?<![\w+/-])[A-Za-z0-9_-]{40,100000}(?![\w+/])/g,
    accept: isRandomText,
  },
  {
    type: 'high_entropy',
    pattern: /(?<![\w+/-])[A-Za-z0-9+/]{40,100000}={1,2}(?![\w+/=])/g,
    accept: isRandomText,
  },
];
