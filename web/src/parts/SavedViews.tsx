import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { ViewPage } from '../../../src/model/saved-view.ts';
import { keepView, removeView, setDefaultView, viewsQuery } from '../client/views.ts';
import type { SavedView } from '../client/views.ts';
import { parseSearch } from '../search-values.ts';
import { ConfirmButton } from './ConfirmButton.tsx';
import { Foreign } from './Foreign.tsx';
import { FormDialog, TextField } from './FormDialog.tsx';
import { useMay } from './use-may.ts';
import './SavedViews.css';

interface SavedViewsProps {
  readonly page: ViewPage;
  /** What the list without filters is called: "All traces". */
  readonly all: string;
  /** What the address asks for, as `viewSearch` writes it. */
  readonly search: string;
}

/** The views that are kept of a page: to open, to save what is asked for now, to rename, share and remove. */
export function SavedViews(props: SavedViewsProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const [saving, setSaving] = useState<'new' | SavedView>();
  const views = (useQuery(viewsQuery).data ?? []).filter(({ page }) => page === props.page);
  const current = views.find(({ search }) => search === props.search);
  useClosing(menu);
  const close = () => menu.current?.removeAttribute('open');
  return (
    <>
      <details className="views-menu" ref={menu}>
        <summary className="button">
          <span className="cut">
            {current === undefined ? 'Views' : <Foreign text={current.name} charactersMax={32} />}
          </span>
        </summary>
        <div className="views-list">
          <ul aria-label="Views">
            <li>
              <Link to={`/${props.page}`} search={{ view: 'all' }} onClick={close}>
                {props.all}
              </Link>
            </li>
            {views.map((view) => (
              <li key={view.id}>
                <Link
                  to={`/${view.page}`}
                  search={parseSearch(view.search)}
                  aria-current={view === current ? 'true' : undefined}
                  onClick={close}
                >
                  <span className="cut">
                    <Foreign text={view.name} charactersMax={60} />
                  </span>
                  <span className="faint">{noteOf(view)}</span>
                </Link>
              </li>
            ))}
          </ul>
          <div className="views-foot">
            {current === undefined ? (
              <button
                type="button"
                className="button small"
                disabled={props.search === ''}
                onClick={() => {
                  close();
                  setSaving('new');
                }}
              >
                Save as a view
              </button>
            ) : (
              <Actions view={current} onEdit={() => setSaving(current)} onDone={close} />
            )}
            {props.search === '' && current === undefined && (
              <span className="faint">Filter the list to save a view of it.</span>
            )}
          </div>
        </div>
      </details>
      {saving !== undefined && (
        <SaveDialog
          {...props}
          view={saving === 'new' ? undefined : saving}
          onClose={() => setSaving(undefined)}
        />
      )}
    </>
  );
}

function noteOf({ own, owner, shared, default: isDefault }: SavedView): string {
  const whose = own ? (shared ? 'shared' : '') : `by ${owner}`;
  return [isDefault ? 'opens first' : '', whose].filter((each) => each !== '').join(' · ');
}

function Actions(props: {
  readonly view: SavedView;
  readonly onEdit: () => void;
  readonly onDone: () => void;
}) {
  const { view } = props;
  const queries = useQueryClient();
  const mayGovern = useMay('governance:write');
  const change = useMutation({
    mutationFn: async (what: 'default' | 'remove') => {
      if (what === 'remove') await removeView(view.id);
      else await setDefaultView(view.id, !view.default);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
      props.onDone();
    },
  });
  return (
    <>
      <button type="button" className="button small" onClick={() => change.mutate('default')}>
        {view.default ? 'Do not open first' : 'Open the page with it'}
      </button>
      {(view.own || mayGovern) && (
        <>
          <button type="button" className="button small" onClick={props.onEdit}>
            Rename or share
          </button>
          <ConfirmButton label="Delete" sure="Delete it" onSure={() => change.mutate('remove')} />
        </>
      )}
      {change.error !== null && (
        <span className="stop-text" role="alert">
          {change.error.message}
        </span>
      )}
    </>
  );
}

function SaveDialog(
  props: SavedViewsProps & { readonly view: SavedView | undefined; readonly onClose: () => void },
) {
  const { view, page, search, onClose } = props;
  const queries = useQueryClient();
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const [isDefault, setDefault] = useState(view?.default ?? false);
  const save = useMutation({
    mutationFn: () => keepView({ page, name, search, shared }, { id: view?.id, isDefault }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title={view === undefined ? 'Save as a view' : 'Change the view'}
      verb="Save"
      ready={name.trim() !== ''}
      sending={save}
      onSend={() => save.mutate()}
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} first />
      <label className="check">
        <input
          type="checkbox"
          checked={shared}
          onChange={(event) => setShared(event.target.checked)}
        />
        Share it with everyone of the project
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={isDefault}
          onChange={(event) => setDefault(event.target.checked)}
        />
        Open the page with it, for me
      </label>
    </FormDialog>
  );
}

/** A press elsewhere and Escape close the menu. */
function useClosing(menu: RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      if (menu.current?.contains(event.target as Node) === false)
        menu.current.removeAttribute('open');
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || menu.current?.open !== true) return;
      menu.current.removeAttribute('open');
      menu.current.querySelector('summary')?.focus();
      event.stopPropagation();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [menu]);
}
