import { saveFile } from './save-file.ts';

export type CsvCell = string | number | null;

/** Rows as CSV (RFC 4180). A cell that a spreadsheet would take for a formula is led by an apostrophe. */
export function formatCsv(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('');
}

function formatCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Saves the rows as a file named for the title. */
export function downloadCsv(title: string, rows: readonly (readonly CsvCell[])[]): void {
  saveFile(title, 'csv', formatCsv(rows));
}
