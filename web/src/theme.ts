export type Theme = 'system' | 'light' | 'dark';

const STORED = 'signalbox-theme';

/** The chosen theme; the page's `theme.js` has put it on the document before the first paint. */
export function currentTheme(): Theme {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, theme);
  } catch {
    // Storage may be forbidden; the choice then holds until the page is loaded again.
  }
}
